//! Permissions that are ticked instead of written, on the page of a change and in a registration.

use muster::domain::identities::{IdentityState, ScopeList};
use muster::domain::requests::RequestState;

use super::Story;
use crate::app::{Browser, Page};

const LABORATORY: &str = "Observation?category=http://terminology.hl7.org/CodeSystem/observation-category|laboratory";

/// What stands in the field of permissions, each in its line.
fn written(page: &Page) -> Vec<String> {
    let document = scraper::Html::parse_document(&page.text);
    let selector = scraper::Selector::parse("textarea[name=scopes]").unwrap();
    let text: String = document.select(&selector).next().expect("no field of permissions").text().collect();
    text.split_whitespace().map(str::to_owned).collect()
}

fn version(page: &Page) -> String {
    page.text.split("name=\"version\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

/// An identity that has been approved for two permissions.
fn approved() -> (Story, Browser, String) {
    let story = Story::with(|row| {
        row.state = IdentityState::Requested;
        row.access_basis = Some(muster::domain::identities::AccessBasis::Treatment);
        row.purpose = Some("plans discharges".to_owned());
        // The start of the last day of March in the deployment's zone.
        row.expires_at = Some(crate::app::at("2027-03-31T05:00:00Z"));
    });
    super::approved(&story.app, story.identity.id, &["patient/Patient.rs", "patient/Encounter.rs"]);
    let browser = story.app.sign_in_as(&story.technical);
    let path = format!("/identities/{}/request", story.identity.id);
    (story, browser, path)
}

#[test]
fn what_is_ticked_is_written_into_the_permissions_and_nothing_is_ticked_for_anybody() {
    let (story, browser, path) = approved();
    let page = browser.get(&path);
    assert!(!page.text.contains("checked"), "{}", page.text);
    for words in
        ["Choose from lists", "Lab results", "One patient\u{2019}s, who is open in the app", "Look up and read"]
    {
        assert!(page.shows(words), "{words}: {}", page.readable());
    }
    let version = version(&page);
    let base = [("version", version.as_str()), ("scopes", "patient/Patient.rs\npatient/Encounter.rs"), ("step", "add")];
    let half = browser.post(&path, &[&base[..], &[("tick_of", LABORATORY)]].concat());
    assert_eq!(half.status, 422);
    for words in ["Choose whose records", "Tick what it may do with them"] {
        assert!(half.shows(words), "{words}: {}", half.readable());
    }
    assert!(half.text.contains("checked"), "what was ticked stays ticked");
    let ticks = [
        ("tick_whose", "patient"),
        ("tick_of", LABORATORY),
        ("tick_doing", "rs"),
        ("leave_out", "patient/Encounter.rs"),
    ];
    let added = browser.post(&path, &[&base[..], &ticks[..]].concat());
    assert_eq!(added.status, 200, "{}", added.readable());
    let laboratory = format!("patient/{}", LABORATORY.replace('?', ".rs?"));
    assert_eq!(written(&added), ["patient/Patient.rs", laboratory.as_str()]);
    assert!(!added.text.contains("checked"), "the ticks are used up");
    // A tick that was forgotten counts whatever button is pressed.
    let rest = [("until", "2027-05-31"), ("reason", "results are read on the ward")];
    let look = [("version", version.as_str()), ("scopes", "patient/Patient.rs"), ("step", "look")];
    let looked = browser.post(&path, &[&look[..], &ticks[..3], &rest[..]].concat());
    assert!(looked.status == 200 && looked.shows("Send for approval"), "{}", looked.readable());
    assert_eq!(written(&looked), ["patient/Patient.rs", laboratory.as_str()]);
    assert_eq!(story.scopes(ScopeList::Approved).len(), 2, "nothing changed by looking");
}

#[test]
fn what_was_edited_after_it_was_read_is_read_again_and_no_sign_is_rewritten() {
    let (_story, browser, path) = approved();
    let version = version(&browser.get(&path));
    let typed = |reason: &'static str| [("scopes", "patient/Patient.rs"), ("until", "2027-05-31"), ("reason", reason)];
    let page = browser.post(&path, &[&typed("first")[..], &[("version", &version), ("step", "look")]].concat());
    assert!(!page.shows("Not sent yet"), "{}", page.readable());
    let digest = page.text.split("name=\"digest\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let rest = [("version", version.as_str()), ("step", "send"), ("digest", digest.as_str())];
    let again = browser.post(&path, &[&typed("second")[..], &rest[..]].concat());
    assert!(again.status == 200 && again.shows("Not sent yet"), "{}", again.readable());
    // A sign that turns text around stays what it is in a control, and is refused each time.
    for _ in 0..2 {
        let odd = [("scopes", "system/Patient.rs?_id=\u{202e}5"), ("until", "2027-05-31"), ("reason", "odd")];
        let refused = browser.post(&path, &[&odd[..], &[("version", &version), ("step", "look")]].concat());
        assert_eq!(refused.status, 422, "{}", refused.readable());
        assert_eq!(written(&refused), ["system/Patient.rs?_id=\u{202e}5"]);
    }
}

#[test]
fn what_would_change_nothing_is_not_sent() {
    let (_story, browser, path) = approved();
    let version = version(&browser.get(&path));
    let typed = [
        ("version", version.as_str()),
        ("scopes", "patient/Encounter.rs patient/Patient.rs"),
        ("until", "2027-03-31"),
        ("reason", "again"),
        ("step", "look"),
    ];
    let same = browser.post(&path, &typed);
    assert!(same.status == 422 && same.shows("Nothing would change"), "{}", same.readable());
    let mut later = typed;
    later[2].1 = "2027-04-30";
    let longer = browser.post(&path, &later);
    assert!(longer.status == 200 && longer.shows("Send for approval"), "{}", longer.readable());
}

#[test]
fn the_page_before_sending_shows_every_fact_that_whoever_decides_reads() {
    let (story, browser, path) = approved();
    let version = version(&browser.get(&path));
    let typed = [
        ("version", version.as_str()),
        ("scopes", "patient/Patient.rs patient/Encounter.rs patient/Immunization.rs"),
        ("until", "2027-05-31"),
        ("reason", "vaccinations are asked for at admission"),
    ];
    let looked = browser.post(&path, &[&typed[..], &[("step", "look")]].concat());
    let digest = looked.text.split("name=\"digest\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let sent = browser.post(&path, &[&typed[..], &[("step", "send"), ("digest", &digest)]].concat());
    assert_eq!(sent.status, 303, "{}", sent.readable());
    let request = sent.location.trim_start_matches("/requests/").split('?').next().unwrap().to_owned();
    let owner = story.app.sign_in_as(&story.owner).get(&format!("/requests/{request}"));
    let facts = |page: &Page| {
        let document = scraper::Html::parse_document(&page.text);
        let rows = scraper::Selector::parse("section[aria-labelledby=facts] dl > div").unwrap();
        let rows: Vec<String> = document
            .select(&rows)
            .map(|row| row.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" "))
            .collect();
        assert!(rows.len() > 10, "{}", page.readable());
        rows
    };
    assert_eq!(facts(&looked), facts(&owner));
    assert_eq!(story.request(request.parse().unwrap()).state, RequestState::Open);
}
