//! The pages of a request, as a browser without JavaScript meets them.

use muster::domain::identities::{IdentityState, ScopeList};
use muster::domain::ids::Id;
use muster::domain::people::Role;
use muster::domain::requests::RequestState;

use super::{LAB, Story};
use crate::app::{Browser, NOW, Page, at};

/// The hidden fields and nothing else of the form that decides.
fn form(page: &Page) -> Vec<(String, String)> {
    ["version", "identity_version", "digest"]
        .iter()
        .map(|name| {
            let (_, rest) = page.text.split_once(&format!("name=\"{name}\" value=\"")).expect(name);
            ((*name).to_owned(), rest.split('"').next().unwrap().to_owned())
        })
        .collect()
}

fn send(browser: &Browser, path: &str, form: &[(String, String)], more: &[(&str, &str)]) -> Page {
    let mut fields: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    fields.extend_from_slice(more);
    browser.post(path, &fields)
}

/// Asks on the page, looks at what would be read, and sends it; answers the request.
fn ask(browser: &Browser, identity: Id, scopes: &str) -> Id {
    let path = format!("/identities/{identity}/request");
    let page = browser.get(&path);
    assert_eq!(page.status, 200, "{}", page.readable());
    let version = page.text.split("name=\"version\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let typed = [
        ("version", version.as_str()),
        ("scopes", scopes),
        ("until", "2027-03-31"),
        ("reason", "nurses read results on the ward"),
    ];
    let unseen = browser.post(&path, &[&typed[..], &[("step", "send")]].concat());
    assert!(unseen.status == 200 && unseen.shows("Send for approval"), "nothing is sent unread: {}", unseen.readable());
    let digest = unseen.text.split("name=\"digest\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let sent = browser.post(&path, &[&typed[..], &[("step", "send"), ("digest", digest.as_str())]].concat());
    assert_eq!(sent.status, 303, "{}", sent.readable());
    sent.location.trim_start_matches("/requests/").split('?').next().unwrap().parse().unwrap()
}

#[test]
fn from_the_mail_link_to_a_recorded_decision_it_is_three_clicks() {
    let story = Story::begin();
    let technical = story.app.sign_in_as(&story.technical);
    let request = ask(&technical, story.identity.id, LAB);
    let owner = story.app.sign_in_as(&story.owner);
    let tasks = owner.get("/tasks");
    assert!(tasks.shows("Decide what Discharge Planner may do"), "{}", tasks.readable());
    // The link of the mail leads by the task to the page of the request.
    let task = story.tasks(request)[0].id;
    let link = owner.get(&format!("/tasks/{task}"));
    assert_eq!((link.status, link.location.as_str()), (303, format!("/requests/{request}").as_str()));
    let page = owner.get(&format!("/requests/{request}"));
    for words in [
        "Discharge Planner asks to be let in",
        "lab results of one patient at a time",
        "If you say no, Discharge Planner cannot start.",
        "We cannot see use of this app.",
        "Nobody has written how to switch it off",
        "nurses read results on the ward",
        "Whose yes it takes: business owner",
    ] {
        assert!(page.shows(words), "{words}: {}", page.readable());
    }
    assert!(!page.text.contains("checked"), "nothing is chosen for anybody");
    // First click: the answer. Second: the button.
    let done = send(&owner, &format!("/requests/{request}"), &form(&page), &[("answer", "approve")]);
    assert_eq!(done.status, 303, "{}", done.readable());
    let receipt = owner.get(&done.location);
    for words in ["What was decided", "Approved until 31 Mar 2027", "Change my mind, until", "What was read"] {
        assert!(receipt.shows(words), "{words}: {}", receipt.readable());
    }
    assert_eq!(story.state(request), RequestState::Approved);
}

#[test]
fn a_form_sent_untouched_twice_or_from_an_old_page_records_one_decision_and_loses_nothing() {
    let story = Story::begin();
    let request = story.ask(LAB);
    let owner = story.app.sign_in_as(&story.owner);
    let path = format!("/requests/{request}");
    let page = owner.get(&path);
    let untouched = send(&owner, &path, &form(&page), &[]);
    assert!(untouched.status == 422 && untouched.shows("Choose one of the answers; nothing was recorded"));
    assert!(untouched.text.contains("<title>Error:"), "{}", untouched.text);
    assert_eq!(story.state(request), RequestState::Open);
    let first = send(&owner, &path, &form(&page), &[("answer", "approve")]);
    assert_eq!(first.status, 303);
    let again = send(&owner, &path, &form(&page), &[("answer", "refuse"), ("reason", "on second thoughts")]);
    assert_eq!(again.status, 409);
    for words in ["This was decided while you were reading", "approved the request", "on second thoughts"] {
        assert!(again.shows(words), "{words}: {}", again.readable());
    }
    let loaded =
        muster::store::request_decisions::of_request(&mut story.register().database.read().unwrap(), request).unwrap();
    assert_eq!(loaded.len(), 1);
}

#[test]
fn whoever_changed_the_identity_meanwhile_is_named_and_what_was_typed_is_kept() {
    let story = Story::begin();
    let request = story.ask(LAB);
    let owner = story.app.sign_in_as(&story.owner);
    let path = format!("/requests/{request}");
    let page = owner.get(&path);
    let before = story.now();
    let mut after = before.clone();
    after.purpose = Some("sells records".to_owned());
    after.version += 1;
    story
        .register()
        .change(&super::by(story.analyst.0, Role::SecurityAnalyst, at(NOW)), |work| {
            muster::store::identities::update(work.db, &after)?;
            work.record("identity.edit", "identity", after.id, Some(&before), Some(&after));
            Ok(())
        })
        .unwrap();
    let late = send(&owner, &path, &form(&page), &[("answer", "approve"), ("reason", "all good")]);
    assert_eq!(late.status, 409, "{}", late.readable());
    for words in ["This changed while you were reading", "changed Discharge Planner", "sells records", "all good"] {
        assert!(late.shows(words), "{words}: {}", late.readable());
    }
    assert_eq!(story.state(request), RequestState::Open);
    let now = send(&owner, &path, &form(&late), &[("answer", "approve")]);
    assert_eq!(now.status, 303);
}

#[test]
fn a_no_needs_a_ground_of_its_basis_and_stands_in_the_ledger() {
    let story = Story::with(|row| {
        row.state = IdentityState::Requested;
        row.access_basis = Some(muster::domain::identities::AccessBasis::PatientDirected);
        row.purpose = Some("patients read their results at home".to_owned());
    });
    let request = story.ask(LAB);
    let owner = story.app.sign_in_as(&story.owner);
    let path = format!("/requests/{request}");
    let page = owner.get(&path);
    assert!(page.shows("An unacceptable risk to the security of our systems") && page.shows("preventing harm"));
    assert!(!page.shows("It is not needed for its purpose"), "no ground against an app that a patient chose");
    for (more, words) in [
        (vec![("answer", "refuse")], "Choose the ground"),
        (vec![("answer", "refuse"), ("ground", "not_needed"), ("reason", "we do not want it")], "Choose the ground"),
        (vec![("answer", "refuse"), ("ground", "security_risk")], "Write your reason"),
        (vec![("answer", "approve"), ("ground", "security_risk")], "Remove the ground"),
    ] {
        let refused = send(&owner, &path, &form(&page), &more);
        assert!(refused.status == 422 && refused.shows(words), "{words}: {}", refused.readable());
    }
    let no = [("answer", "refuse"), ("ground", "security_risk"), ("reason", "its server leaks keys")];
    assert_eq!(send(&owner, &path, &form(&page), &no).status, 303);
    assert_eq!((story.state(request), story.now().state), (RequestState::Refused, IdentityState::Rejected));
    let auditor = story.app.sign_in(Role::Auditor);
    let ledger = auditor.get("/denials");
    for words in ["its server leaks keys", "42 CFR 422.119(e)", "Patient-directed", "45 CFR 171.203"] {
        assert!(ledger.shows(words), "{words}: {}", ledger.readable());
    }
    // Half an hour to change one's mind.
    let decision =
        muster::store::request_decisions::of_request(&mut story.register().database.read().unwrap(), request).unwrap();
    let receipt = owner.get(&format!("/decisions/{}", decision[0].id));
    let version = receipt.text.split("name=\"version\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let undo = format!("/decisions/{}/undo", decision[0].id);
    assert_eq!(owner.post(&undo, &[("version", version), ("reason", "it was another app")]).status, 303);
    assert_eq!((story.state(request), story.now().state), (RequestState::Open, IdentityState::Requested));
    assert!(auditor.get("/denials").shows("Nothing was refused"));
    let later = story.app.later(at(NOW).plus_seconds(40 * 60)).sign_in(&story.owner);
    let page = later.get(&path);
    assert_eq!(send(&later, &path, &form(&page), &no).status, 303);
}

#[test]
fn only_part_of_it_or_until_an_earlier_day_is_what_later_steps_decide_about() {
    let story = Story::begin();
    let request = story.ask("patient/Observation.rs\npatient/Condition.rs\nuser/Encounter.rs");
    let owner = story.app.sign_in_as(&story.owner);
    let path = format!("/requests/{request}");
    let page = owner.get(&path);
    for (more, words) in [
        (vec![("answer", "part"), ("reason", "less")], "Tick everything that it may have"),
        (vec![("answer", "part"), ("keep", "patient/Observation.rs")], "Write why only part of it"),
        (
            vec![("answer", "part"), ("keep", "patient/Observation.rs"), ("until", "2028-01-01"), ("reason", "x")],
            "Write a day no later than",
        ),
        (vec![("answer", "part"), ("keep", "system/*.rs"), ("reason", "x")], "This permission is not asked for"),
    ] {
        let refused = send(&owner, &path, &form(&page), &more);
        assert!(refused.status == 422 && refused.shows(words), "{words}: {}", refused.readable());
    }
    let part = [
        ("answer", "part"),
        ("keep", "patient/Observation.rs"),
        ("keep", "user/Encounter.rs"),
        ("until", "2027-01-31"),
        ("reason", "diagnoses are not needed"),
    ];
    assert_eq!(send(&owner, &path, &form(&page), &part).status, 303);
    let analyst = story.app.sign_in_as(&story.analyst);
    let page = analyst.get(&path);
    let text = page.readable();
    let (asked, left_out) = text.split_once("Asked for, and not given").expect("what was left out is not told");
    assert!(!asked.contains("illnesses and diagnoses") && page.shows("31 Jan 2027"), "{text}");
    assert!(left_out.contains("illnesses and diagnoses"), "{text}");
    assert_eq!(send(&analyst, &path, &form(&page), &[("answer", "approve")]).status, 303);
    let replica = story.app.later(at(NOW).plus_seconds(31 * 60));
    let second = replica.sign_in(&story.second);
    muster::actions::requests::apply(
        &story.app.at(at(NOW).plus_seconds(31 * 60)),
        &muster::actions::By::job("settle_requests", at(NOW).plus_seconds(31 * 60)),
        request,
    )
    .unwrap();
    assert_eq!(story.scopes(ScopeList::Approved), ["patient/Observation.rs", "user/Encounter.rs"]);
    let page = second.get(&path);
    assert!(page.shows("Record that it is set up"), "{}", page.readable());
    let hidden: Vec<(String, String)> = form_of_issue(&page);
    let wide = [("scopes", "patient/*.rs"), ("evidence", "done")];
    let refused = send(&second, &format!("{path}/issue"), &hidden, &wide);
    assert!(refused.status == 422 && refused.shows("goes beyond what was approved"), "{}", refused.readable());
    let right =
        [("scopes", "patient/Observation.read user/Encounter.rs"), ("evidence", "CHG-1"), ("client_id", "dp-1")];
    let issued = send(&second, &format!("{path}/issue"), &hidden, &right);
    assert_eq!(issued.status, 303, "{}", issued.readable());
    assert_eq!((story.now().state, story.now().client_id.as_deref()), (IdentityState::Active, Some("dp-1")));
    assert!(second.get(&path).shows("no import has confirmed it since"));
}

fn form_of_issue(page: &Page) -> Vec<(String, String)> {
    let (_, part) = page.text.split_once("/issue\"").unwrap();
    ["version", "identity_version"]
        .iter()
        .map(|name| {
            let (_, rest) = part.split_once(&format!("name=\"{name}\" value=\"")).expect(name);
            ((*name).to_owned(), rest.split('"').next().unwrap().to_owned())
        })
        .collect()
}

#[test]
fn somebody_without_authority_reads_the_page_and_the_reason_and_no_stranger_reads_it() {
    let story = Story::begin();
    let request = story.ask(LAB);
    let path = format!("/requests/{request}");
    let technical = story.app.sign_in_as(&story.technical).get(&path);
    assert!(
        technical.shows("You asked for this, so somebody else has to decide.") && !technical.shows("Your decision")
    );
    let analyst = story.app.sign_in_as(&story.analyst).get(&path);
    assert!(analyst.shows("The business owner of this identity decides now") && !analyst.shows("Your decision"));
    let auditor = story.app.sign_in(Role::Auditor).get(&path);
    assert!(auditor.status == 200 && auditor.shows("Auditors read and decide nothing."), "{}", auditor.readable());
    let stranger = story.app.sign_in(Role::Owner);
    assert_eq!(stranger.get(&path).status, 404);
    let form = [("version", "1"), ("identity_version", "1"), ("digest", ""), ("answer", "approve")];
    assert_eq!(stranger.post(&path, &form).status, 404);
    let deputy = story.app.sign_in_as(&story.deputy);
    assert!(deputy.get(&path).shows("Your decision"), "a deputy stands in");
}

#[test]
fn the_right_person_is_named_and_decides() {
    let story = Story::begin();
    let request = story.ask(LAB);
    let path = format!("/requests/{request}");
    let owner = story.app.sign_in_as(&story.owner);
    let page = owner.get(&path);
    let (ward, email) = story.app.account(Role::Owner);
    for (somebody, words) in [
        ("", "Write the name or the e-mail address"),
        ("nobody@hospital.example", "Nobody in the register has the address"),
        (story.technical.1.as_str(), "cannot decide this"),
        (story.owner.1.as_str(), "You named yourself"),
    ] {
        let more = [("answer", "pass_on"), ("somebody", somebody), ("reason", "the ward is theirs")];
        let refused = send(&owner, &path, &form(&page), &more);
        assert!(refused.status == 422 && refused.shows(words), "{somebody}: {}", refused.readable());
    }
    let more = [("answer", "pass_on"), ("somebody", email.as_str()), ("reason", "the ward is theirs")];
    assert_eq!(send(&owner, &path, &form(&page), &more).status, 303);
    let named = story.app.sign_in_as(&(ward, email));
    assert!(named.get("/tasks").shows("Decide what Discharge Planner may do"));
    let page = named.get(&path);
    assert_eq!(send(&named, &path, &form(&page), &[("answer", "approve")]).status, 303);
    assert_eq!(story.state(request), RequestState::Approved);
}

#[test]
fn what_cannot_be_asked_is_refused_with_what_to_write_and_everything_is_kept() {
    let story = Story::begin();
    let technical = story.app.sign_in_as(&story.technical);
    let path = format!("/identities/{}/request", story.identity.id);
    let version = story.now().version.to_string();
    let many = (0..500).map(|number| format!("patient/Observation.rs?code=a|{number}")).collect::<Vec<_>>().join("\n");
    let reason = "because the ward needs it";
    for (scopes, until, words) in [
        ("patient/Observation.sr", "2027-03-31", "patient/Observation.sr is no permission"),
        ("", "2027-03-31", "Write at least one permission"),
        (many.as_str(), "2027-03-31", "500 permissions are more than anybody can judge at once"),
        (LAB, "2020-01-01", "Write a day after today"),
        (LAB, "2031-01-01", "365 days at most"),
        ("system/*.rs", "2027-11-01", "180 days at most"),
        (LAB, "", "nothing is approved without an end"),
        (LAB, "31.3.2027", "Write the day as in 2027-03-31"),
    ] {
        let fields =
            [("version", version.as_str()), ("scopes", scopes), ("until", until), ("reason", reason), ("step", "look")];
        let page = technical.post(&path, &fields);
        assert!(page.status == 422 && page.shows(words), "{words}: {}", page.readable());
        assert!(page.shows(reason), "what was typed is kept");
    }
    let second = story.ask(LAB);
    let waiting = technical.get(&path);
    assert!(waiting.shows("A request about it waits already"), "{}", waiting.readable());
    let analyst = story.app.sign_in_as(&story.analyst);
    let taken = analyst
        .post(&format!("/requests/{second}/withdraw"), &[("version", "1"), ("withdraw_reason", "it was asked twice")]);
    assert_eq!(taken.status, 303, "{}", taken.readable());
    assert_eq!(story.state(second), RequestState::Withdrawn);
}
