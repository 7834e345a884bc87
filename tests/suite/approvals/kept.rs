//! What is typed is kept where it belongs, shown again where it cannot be, and no secret is kept at all.

use muster::actions::{requests, vendors};
use muster::domain::identities::OwnerAnswer;
use muster::domain::people::Role;
use muster::domain::requests::{RequestAnswer, RequestState};
use muster::store::request_drafts;

use super::{LAB, Story, by};
use crate::app::{NOW, Page, at};

const SECRET: &str = "the vendor sent client_secret=Zk3vQ9pX1mB7sT5yR2wL8nC4 by mail";

fn hidden(page: &Page, name: &str) -> String {
    page.text.split(&format!("name=\"{name}\" value=\"")).nth(1).expect(name).split('"').next().unwrap().to_owned()
}

#[test]
fn a_secret_in_a_reason_is_refused_where_it_is_typed_and_stays_on_its_page_only() {
    let story = Story::begin();
    let technical = story.app.sign_in_as(&story.technical);
    let path = format!("/identities/{}/request", story.identity.id);
    let version = hidden(&technical.get(&path), "version");
    let typed =
        [("version", version.as_str()), ("scopes", LAB), ("until", "2027-03-31"), ("reason", SECRET), ("step", "look")];
    let refused = technical.post(&path, &typed);
    assert!(refused.status == 422 && refused.shows("This seems to hold a password or a key"), "{}", refused.readable());
    assert!(refused.shows(SECRET), "what was typed is lost: {}", refused.readable());
    let mut pasted = typed;
    pasted[1].1 = "Zk3vQ9pX1mB7sT5yR2wL8nC4";
    pasted[3].1 = "needed";
    assert!(technical.post(&path, &pasted).shows("looks like a key and not like a permission"));

    let request = story.ask(LAB);
    let owner = story.app.sign_in_as(&story.owner);
    let page = owner.get(&format!("/requests/{request}"));
    let names = ["version", "identity_version", "digest"].map(|name| (name, hidden(&page, name)));
    let mut form: Vec<(&str, &str)> = names.iter().map(|(name, value)| (*name, value.as_str())).collect();
    form.extend([("answer", "approve"), ("reason", SECRET)]);
    let refused = owner.post(&format!("/requests/{request}"), &form);
    assert!(refused.status == 422 && refused.shows(SECRET), "{}", refused.readable());
    assert_eq!(story.state(request), RequestState::Open);
}

#[test]
fn not_even_a_draft_keeps_a_secret() {
    let story = Story::begin();
    let browser = story.app.sign_in_as(&story.technical);
    let draft = browser.post("/requests/new", &[]).location.strip_suffix("/what").unwrap().to_owned();
    let version = hidden(&browser.get(&format!("{draft}/permissions")), "version");
    let typed = [("version", version.as_str()), ("scopes", LAB), ("reason", SECRET), ("go", "later")];
    let refused = browser.post(&format!("{draft}/permissions"), &typed);
    assert!(refused.status == 422 && refused.shows(SECRET), "{}", refused.readable());
    let kept = request_drafts::of(&mut story.register().database.read().unwrap(), story.technical.0).unwrap();
    assert!(kept.iter().all(|draft| draft.fields.0.is_empty()), "{kept:?}");
    let mut harmless = typed;
    harmless[2].1 =
        "results are read on the ward; see https://tickets.example/nav?sys_id=9d385017c611228701d22104cc95c371";
    let saved = browser.post(&format!("{draft}/permissions"), &harmless);
    assert_eq!(saved.status, 303, "{}", saved.readable());
}

#[test]
fn whoever_is_signed_out_meanwhile_gets_back_what_they_wrote_and_the_way_to_its_page() {
    let story = Story::begin();
    let request = story.ask(LAB);
    let stranger = story.app.browser();
    let path = format!("/requests/{request}/withdraw");
    let same_origin = [("sec-fetch-site", "same-origin")];
    let typed =
        [("csrf", "gone"), ("withdraw_reason", "we found another way <b>"), ("password", "correct horse battery")];
    let page = stranger.post_bare(&path, &typed, &same_origin);
    assert_eq!(page.status, 401, "{}", page.readable());
    for words in ["What you wrote", "we found another way <b>", "Sign in and go back there"] {
        assert!(page.shows(words), "{words}: {}", page.readable());
    }
    assert!(!page.text.contains("battery") && !page.text.contains("<b>"), "{}", page.text);
    assert!(page.text.contains(&format!("/sign-in?next=%2Frequests%2F{request}")), "{}", page.text);
    // Another site does not get its text onto a page of ours.
    let foreign = stranger.post_bare(&path, &typed, &[("sec-fetch-site", "cross-site")]);
    assert!(!foreign.shows("we found another way"), "{}", foreign.readable());
}

#[test]
fn whoever_may_not_see_a_request_any_more_keeps_what_they_wrote() {
    let story = Story::begin();
    let request = story.ask(LAB);
    let other = story.app.sign_in(Role::Owner);
    let page =
        other.post(&format!("/requests/{request}"), &[("answer", "refuse"), ("reason", "it is not ours any more")]);
    assert_eq!(page.status, 404);
    for words in ["What you wrote", "Say no", "it is not ours any more"] {
        assert!(page.shows(words), "{words}: {}", page.readable());
    }
}

#[test]
fn the_same_answer_sent_twice_is_one_decision_and_leads_to_its_receipt() {
    let story = Story::begin();
    let request = story.ask(LAB);
    let reply = story.reply(request, RequestAnswer::Approve);
    let owner = by(story.owner.0, Role::Owner, at(NOW));
    let first = requests::decide(story.register(), &owner, &reply).unwrap();
    assert_eq!(requests::decide(story.register(), &owner, &reply).unwrap(), first);
    let mut other = reply.clone();
    other.reason = "and this is why".to_owned();
    assert!(requests::decide(story.register(), &owner, &other).is_err(), "another answer is no repetition");
    let decisions =
        muster::store::request_decisions::of_request(&mut story.register().database.read().unwrap(), request);
    assert_eq!(decisions.unwrap().len(), 1);
}

#[test]
fn a_yes_of_a_named_owner_accepts_that_they_own_it() {
    let story = Story::with(|row| {
        row.state = muster::domain::identities::IdentityState::Requested;
        row.access_basis = Some(muster::domain::identities::AccessBasis::Treatment);
        row.purpose = Some("plans discharges".to_owned());
        row.business_owner_answer = Some(OwnerAnswer::Waiting);
    });
    let request = story.ask(LAB);
    let owner = story.app.sign_in_as(&story.owner);
    let page = owner.get(&format!("/requests/{request}"));
    assert!(page.shows("You were named its business owner and have not answered that yet"), "{}", page.readable());
    assert!(page.shows("has not accepted yet"), "{}", page.readable());
    story.approve(request, (story.owner.0, Role::Owner)).unwrap();
    assert_eq!(story.now().business_owner_answer, Some(OwnerAnswer::Accepted));
}

#[test]
fn a_receipt_and_the_files_hold_what_was_read_with_its_facts() {
    let story = Story::begin();
    let request = story.ask(LAB);
    let decision = story.approve(request, (story.owner.0, Role::Owner)).unwrap();
    let owner = story.app.sign_in_as(&story.owner);
    let receipt = owner.get(&format!("/decisions/{decision}"));
    for words in ["Facts to decide by", "Nobody has written how to switch it off", "We cannot see use of this app."] {
        assert!(receipt.shows(words), "{words}: {}", receipt.readable());
    }
    let lines = owner.get("/requests.jsonl");
    let line: serde_json::Value = serde_json::from_str(lines.text.lines().next().unwrap()).unwrap();
    assert_eq!(line["scopes"], serde_json::json!([LAB]));
    assert_eq!(line["decisions"][0]["answer"], "approve");
    assert_eq!(line["decisions"][0]["decided_by_id"], story.owner.0.to_string());
    let facts = line["decisions"][0]["sheet"]["facts"].as_array().unwrap();
    assert!(facts.iter().any(|fact| fact["label"] == "Business owner"), "{facts:?}");
    let table = owner.get("/requests.csv");
    assert!(table.text.lines().next().unwrap().ends_with("version,scopes,kept_scopes,decisions"), "{}", table.text);
    assert!(!table.text.contains("Facts to decide by") && table.text.contains(LAB), "{}", table.text);
    // People stand in what is kept by their ids.
    let name = owner.get("/account").readable();
    let logged =
        muster::store::request_decisions::find(&mut story.register().database.read().unwrap(), decision).unwrap();
    let stored = serde_json::to_string(&logged.sheet.0).unwrap();
    assert!(stored.contains(&story.owner.0.to_string()) && !name.is_empty());
    assert!(!stored.contains(&story.owner.1), "{stored}");
}

#[test]
fn requests_are_found_by_name_and_by_number() {
    let story = Story::begin();
    let request = story.ask(LAB);
    let number = story.request(request).reference();
    let browser = story.app.sign_in_as(&story.technical);
    for found in ["discharge", number.as_str(), number.trim_start_matches("R-")] {
        let page = browser.get(&format!("/requests?q={found}"));
        assert!(page.shows("Discharge Planner"), "{found}: {}", page.readable());
    }
    assert!(browser.get("/requests?q=100%25").shows("No request matches"));
}

#[test]
fn an_agreement_with_the_vendor_stands_among_the_facts_and_without_one_that_runs_security_decides_too() {
    for (baa, stages) in [("2027-06-30", 1), ("2026-10-31", 2), ("", 2)] {
        let story = Story::with(|row| {
            row.state = muster::domain::identities::IdentityState::Requested;
            row.access_basis = Some(muster::domain::identities::AccessBasis::BusinessAssociate);
            row.purpose = Some("calls patients after discharge".to_owned());
        });
        let draft = vendors::VendorDraft {
            name: "Alder Health".to_owned(),
            contract_reference: "C-9".to_owned(),
            baa_reference: if baa.is_empty() { String::new() } else { "BAA-17".to_owned() },
            baa_ends_on: baa.to_owned(),
            ..vendors::VendorDraft::default()
        };
        let administrator = by(story.administrator.0, Role::Administrator, at(NOW));
        let vendor = vendors::add(story.register(), &administrator, &draft).unwrap();
        let mut row = story.now();
        row.vendor_id = Some(vendor);
        row.version += 1;
        let change = |work: &mut muster::actions::Work<'_>| Ok(muster::store::identities::update(work.db, &row)?);
        story.register().change(&administrator, change).unwrap();
        let asking = muster::actions::requests::Asking { until: "2027-01-31".to_owned(), ..super::asking(LAB) };
        let request = story.ask_as(story.technical.0, Role::Owner, &asking).unwrap();
        let mut db = story.register().database.read().unwrap();
        let found = muster::store::request_stages::of_request(&mut db, request).unwrap();
        drop(db);
        assert_eq!(found.len(), stages, "{baa}");
        let page = story.app.sign_in_as(&story.owner).get(&format!("/requests/{request}"));
        assert!(page.shows("Contract with Alder Health: C-9"), "{}", page.readable());
        let said = match baa {
            "2027-06-30" => "Business associate agreement with Alder Health: BAA-17, last day 30 Jun 2027",
            "2026-10-31" => "BAA-17, has ended: its last day was 31 Oct 2026",
            _ => "no agreement with one is on record that still runs",
        };
        assert!(page.shows(said), "{said}: {}", page.readable());
    }
}
