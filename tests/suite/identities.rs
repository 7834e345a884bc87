//! Registering, editing and owning one identity.

use muster::domain::identities::{IdentityState, OwnerAnswer, ScopeList};
use muster::domain::ids::Id;
use muster::domain::people::Role;
use muster::domain::tasks::{TaskAnswer, TaskKind, TaskState};
use muster::store::identities::{self, Identity};
use muster::store::{identity_parts, tasks};

use crate::app::{Browser, Page, TestApp};

/// A form that is right.
const FORM: &[(&str, &str)] = &[
    ("kind", "smart_app"),
    ("name", "Growth chart"),
    ("exists", "yes"),
    ("environment", "production"),
    ("client_id", "growth-chart"),
    ("purpose", "Shows how a child grows."),
    ("scopes", "launch\r\npatient/Observation.rs"),
    ("redirect_uris", "https://growth.example/callback"),
    ("grant_types", "authorization_code"),
    ("launch_types", "launch-ehr"),
    ("expires_on", "2027-02-03"),
    ("review_interval_days", "365"),
];

/// The form with some fields changed.
pub fn form<'a>(changed: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut all: Vec<(&str, &str)> =
        FORM.iter().copied().filter(|(name, _)| !changed.iter().any(|(other, _)| other == name)).collect();
    all.extend_from_slice(changed);
    all
}

/// Registers through the page and answers the id.
pub fn registered(browser: &Browser, changed: &[(&str, &str)]) -> Id {
    let page = browser.post("/identities/new", &form(changed));
    assert_eq!(page.status, 303, "{}", page.readable());
    let path = page.location.strip_suffix("?done=registered").unwrap();
    path.strip_prefix("/identities/").unwrap().parse().unwrap()
}

fn stored(app: &TestApp, id: Id) -> Identity {
    identities::find(&mut app.register.database.read().unwrap(), id).unwrap()
}

fn scopes(app: &TestApp, id: Id, list: ScopeList) -> Vec<String> {
    let rows = identity_parts::scopes(&mut app.register.database.read().unwrap(), id).unwrap();
    rows.into_iter().filter(|row| row.list == list).map(|row| row.scope).collect()
}

/// The value of an input of a page.
fn input(page: &Page, name: &str) -> String {
    let document = scraper::Html::parse_document(&page.text);
    let selector = scraper::Selector::parse(&format!("[name={name}]")).unwrap();
    let element = document.select(&selector).next().unwrap();
    match element.value().attr("value") {
        Some(value) => value.to_owned(),
        None => element.text().collect::<String>().trim().to_owned(),
    }
}

#[test]
fn an_identity_that_works_already_is_active_with_nothing_approved() {
    let app = TestApp::start();
    let analyst = app.sign_in(Role::SecurityAnalyst);
    let before = app.audit_size();
    let id = registered(&analyst, &[]);
    assert_eq!(app.audit_size(), before + 1);
    assert_eq!(stored(&app, id).state, IdentityState::Active);
    assert_eq!(scopes(&app, id, ScopeList::Issued), ["launch", "patient/Observation.rs"]);
    assert!(scopes(&app, id, ScopeList::Approved).is_empty());
    let page = analyst.get(&format!("/identities/{id}"));
    assert_eq!(page.status, 200);
    for text in [
        "Shows how a child grows.",
        "Next review 23 Nov 2027. Expires in 72 days, on 3 Feb 2027.",
        "Issued beyond what is approved",
        "Nobody has written how this is stopped",
        "We can\u{2019}t see use of this identity.",
        "Registered by hand",
    ] {
        assert!(page.shows(text), "{text} is missing in {}", page.readable());
    }
    assert!(!page.shows("Never used"));
}

#[test]
fn what_is_only_asked_for_becomes_a_request() {
    let app = TestApp::start();
    let id = registered(&app.sign_in(Role::SecurityAnalyst), &[("exists", "no")]);
    assert_eq!(stored(&app, id).state, IdentityState::Requested);
    assert_eq!(scopes(&app, id, ScopeList::Requested), ["launch", "patient/Observation.rs"]);
    assert!(scopes(&app, id, ScopeList::Issued).is_empty());
}

#[test]
fn a_refused_form_keeps_what_was_typed_and_names_every_fault() {
    let app = TestApp::start();
    let analyst = app.sign_in(Role::SecurityAnalyst);
    let size = app.audit_size();
    let page = analyst.post("/identities/new", &form(&[("name", ""), ("redirect_uris", "/relative <b>")]));
    assert_eq!(page.status, 422);
    assert!(page.text.contains("<title>Error: "));
    assert!(page.shows("Write a name"));
    assert!(page.shows("is not absolute"));
    assert_eq!(input(&page, "redirect_uris"), "/relative <b>");
    assert_eq!(input(&page, "purpose"), "Shows how a child grows.");
    assert_eq!(app.audit_size(), size);
}

#[test]
fn an_edit_that_changes_nothing_writes_nothing() {
    let app = TestApp::start();
    let analyst = app.sign_in(Role::SecurityAnalyst);
    let id = registered(&analyst, &[]);
    let path = format!("/identities/{id}/edit");
    let size = app.audit_size();
    let same = form(&[("version", "1"), ("next_review_on", "2027-11-23")]);
    assert_eq!(analyst.post(&path, &same).status, 303);
    assert_eq!((stored(&app, id).version, app.audit_size()), (1, size));
    let mut other = same.clone();
    other.push(("description", "A chart"));
    assert_eq!(analyst.post(&path, &other).status, 303);
    assert_eq!((stored(&app, id).version, app.audit_size()), (2, size + 1));
    assert!(analyst.get(&format!("/identities/{id}")).shows("Description: nothing \u{2192} A chart"));
}

#[test]
fn a_conflict_shows_what_differs_and_keeps_what_was_typed() {
    let app = TestApp::start();
    let (one, other) = (app.sign_in(Role::SecurityAnalyst), app.sign_in(Role::Administrator));
    let id = registered(&one, &[]);
    let path = format!("/identities/{id}/edit");
    let theirs = form(&[("version", "1"), ("purpose", "Theirs"), ("next_review_on", "2027-11-23")]);
    assert_eq!(other.post(&path, &theirs).status, 303);
    let mine = form(&[("version", "1"), ("purpose", "Mine & typed"), ("next_review_on", "2027-11-23")]);
    let page = one.post(&path, &mine);
    assert_eq!(page.status, 409);
    assert!(page.shows("Purpose Theirs Mine & typed"), "{}", page.readable());
    assert_eq!(input(&page, "purpose"), "Mine & typed");
    assert_eq!(stored(&app, id).purpose.as_deref(), Some("Theirs"));
    // Sent again with the version of that page, it is stored.
    assert_eq!(input(&page, "version"), "2");
    let again = form(&[("version", "2"), ("purpose", "Mine & typed"), ("next_review_on", "2027-11-23")]);
    assert_eq!(one.post(&path, &again).status, 303);
    assert_eq!(stored(&app, id).purpose.as_deref(), Some("Mine & typed"));
}

#[test]
fn a_named_owner_accepts_or_refuses_and_nobody_else_can() {
    let app = TestApp::start();
    let analyst = app.sign_in(Role::SecurityAnalyst);
    let owner = app.sign_in(Role::Owner);
    let person = owner.person.unwrap();
    let id = registered(&analyst, &[("business_owner", &person.to_string())]);
    let path = format!("/identities/{id}/ownership");
    assert_eq!(stored(&app, id).business_owner_answer, Some(OwnerAnswer::Waiting));
    let open = |state: TaskState| {
        let all = tasks::about(&mut app.register.database.read().unwrap(), id).unwrap();
        all.into_iter().filter(|task| task.kind == TaskKind::Ownership && task.state == state).collect::<Vec<_>>()
    };
    assert_eq!(open(TaskState::Open).len(), 1);
    assert_eq!(open(TaskState::Open)[0].assignee_id, Some(person));

    let accept = [("role", "business_owner"), ("business_owner_answer", "accept")];
    assert_eq!(analyst.post(&path, &accept).status, 403);
    assert_eq!(app.sign_in(Role::Owner).post(&path, &accept).status, 404);

    let untouched = owner.post(&path, &[("role", "business_owner")]);
    assert_eq!(untouched.status, 422);
    let without_reason = owner.post(&path, &[("role", "business_owner"), ("business_owner_answer", "refuse")]);
    assert_eq!(without_reason.status, 422);
    assert_eq!(stored(&app, id).business_owner_answer, Some(OwnerAnswer::Waiting));

    assert!(owner.get(&format!("/identities/{id}")).shows("Are you its business owner?"));
    assert_eq!(owner.post(&path, &accept).status, 303);
    assert_eq!(stored(&app, id).business_owner_answer, Some(OwnerAnswer::Accepted));
    assert!(open(TaskState::Open).is_empty());
    assert_eq!(open(TaskState::Done)[0].answer, Some(TaskAnswer::Accept));

    let refuse = [
        ("role", "business_owner"),
        ("business_owner_answer", "refuse"),
        ("business_owner_reason", "I moved to another ward"),
    ];
    assert_eq!(owner.post(&path, &refuse).status, 303);
    assert_eq!(stored(&app, id).business_owner_answer, Some(OwnerAnswer::Refused));
    assert!(analyst.get(&format!("/identities/{id}")).shows("I moved to another ward"));
}

#[test]
fn naming_somebody_else_closes_the_task_of_the_first() {
    let app = TestApp::start();
    let analyst = app.sign_in(Role::SecurityAnalyst);
    let (first, second) = (app.person("First", "first@x.example"), app.person("Second", "second@x.example"));
    let id = registered(&analyst, &[("technical_owner", &first.to_string())]);
    let named = form(
        &[("version", "1"), ("technical_owner", &second.to_string()), ("next_review_on", "2027-11-23")]
            .map(|(name, value)| (name, &*String::leak(value.to_owned()))),
    );
    assert_eq!(analyst.post(&format!("/identities/{id}/edit"), &named).status, 303);
    let all = tasks::about(&mut app.register.database.read().unwrap(), id).unwrap();
    let of = |person: Id| all.iter().find(|task| task.assignee_id == Some(person)).unwrap();
    assert_eq!((of(first).state, of(first).answer), (TaskState::Cancelled, Some(TaskAnswer::Obsolete)));
    assert_eq!(of(second).state, TaskState::Open);
}

#[test]
fn an_owner_sees_only_what_is_theirs() {
    let app = TestApp::start();
    let analyst = app.sign_in(Role::SecurityAnalyst);
    let owner = app.sign_in(Role::Owner);
    let mine = registered(&analyst, &[("business_owner", &owner.person.unwrap().to_string())]);
    let foreign = registered(&analyst, &[("name", "Foreign"), ("client_id", "foreign")]);
    assert_eq!(owner.get(&format!("/identities/{mine}")).status, 200);
    assert_eq!(owner.get(&format!("/identities/{foreign}")).status, 404);
    assert!(!owner.get("/identities").shows("Foreign"));
    assert!(!owner.get("/identities.csv").text.contains("Foreign"));
    assert_eq!(owner.get(&format!("/identities/{mine}/edit")).status, 403);
}

#[test]
fn an_auditor_reads_everything_and_changes_nothing() {
    let app = TestApp::start();
    let id = registered(&app.sign_in(Role::SecurityAnalyst), &[]);
    let auditor = app.sign_in(Role::Auditor);
    let size = app.audit_size();
    assert_eq!(auditor.get(&format!("/identities/{id}")).status, 200);
    for (path, fields) in [
        ("/identities/new".to_owned(), form(&[("client_id", "another")])),
        (format!("/identities/{id}/edit"), form(&[("version", "1"), ("name", "Changed")])),
        (format!("/identities/{id}/suspend"), vec![("reason", "because")]),
        (format!("/identities/{id}/ownership"), vec![("role", "business_owner")]),
        ("/identities/bulk".to_owned(), vec![("all", "1")]),
    ] {
        assert_eq!(auditor.post(&path, &fields).status, 403, "{path}");
    }
    assert_eq!(app.audit_size(), size);
}

#[test]
fn one_person_suspends_at_once_with_a_reason() {
    let app = TestApp::start();
    let analyst = app.sign_in(Role::SecurityAnalyst);
    let id = registered(&analyst, &[]);
    let suspend = format!("/identities/{id}/suspend");
    assert_eq!(analyst.post(&suspend, &[("reason", " ")]).status, 422);
    assert_eq!(analyst.post(&suspend, &[("reason", "the key leaked")]).status, 303);
    assert_eq!(stored(&app, id).state, IdentityState::Suspended);
    assert_eq!(analyst.post(&suspend, &[("reason", "again")]).status, 409, "there is nothing to suspend");

    let old = registered(&analyst, &[("client_id", "old"), ("expires_on", "2026-11-23")]);
    let page = analyst.get(&format!("/identities/{old}"));
    assert!(page.shows("Its expiry has passed today, on 23 Nov 2026."), "{}", page.readable());
    assert!(page.shows("Set a new expiry"), "{}", page.readable());
    let asked = analyst.post(&format!("/identities/{old}/grants"), &[("reason", "again")]);
    assert!(asked.status == 409 && asked.shows("set a new one first"), "{}", asked.readable());
}

#[test]
fn a_client_id_is_registered_once_for_a_system_and_environment() {
    use muster::domain::systems::SystemKind;
    use muster::store::registry::{self, System};
    let app = TestApp::start();
    let analyst = app.sign_in(Role::SecurityAnalyst);
    let now = app.register.now();
    let system = System {
        id: Id::new(),
        name: "Harbor".to_owned(),
        name_key: "harbor".to_owned(),
        kind: SystemKind::Ehr,
        base_url: None,
        business_owner_id: None,
        technical_owner_id: None,
        notes: None,
        created_at: now,
        updated_at: now,
        version: 1,
    };
    registry::insert_system(&mut app.register.database.read().unwrap(), &system).unwrap();
    let at_harbor = system.id.to_string();
    registered(&analyst, &[("system", &at_harbor)]);
    registered(&analyst, &[("system", &at_harbor), ("environment", "staging")]);
    let page = analyst.post("/identities/new", &form(&[("system", &at_harbor)]));
    assert_eq!(page.status, 422);
    assert!(page.shows("is registered already"));
}

#[test]
fn an_owner_is_typed_by_name_or_address_and_whoever_is_close_can_be_chosen() {
    let app = TestApp::start();
    let analyst = app.sign_in(Role::SecurityAnalyst);
    let reed = app.person("Dana Reed", "dana.reed@x.example");
    app.person("Same Name", "same.one@x.example");
    let same = app.person("Same Name", "same.two@x.example").to_string();
    let empty = analyst.get("/identities/new");
    assert!(!empty.text.contains("same.one@x.example"), "nobody is listed before somebody is asked for");

    let size = app.audit_size();
    let typed = form(&[("business_owner", "Same Name"), ("technical_owner", "Dan Reedson"), ("purpose", "Kept")]);
    let page = analyst.post("/identities/new", &typed);
    assert_eq!(page.status, 422);
    for text in ["Several people are called", "same.one@x.example", "same.two@x.example", "dana.reed@x.example"] {
        assert!(page.shows(text), "{text}: {}", page.readable());
    }
    assert_eq!((input(&page, "business_owner"), input(&page, "purpose")), ("Same Name".to_owned(), "Kept".to_owned()));
    assert_eq!(app.audit_size(), size);

    let id = registered(
        &analyst,
        &[
            ("business_owner", "Same Name"),
            ("business_owner_typed", "Same Name"),
            ("business_owner_meant", &same),
            ("technical_owner", "dana reed"),
        ],
    );
    let identity = stored(&app, id);
    assert_eq!(identity.business_owner_id.map(|id| id.to_string()), Some(same));
    assert_eq!(identity.technical_owner_id, Some(reed));
    // The form shows who it is in a way that it reads back.
    let edit = analyst.get(&format!("/identities/{id}/edit"));
    assert_eq!(input(&edit, "business_owner"), "Same Name <same.two@x.example>");
    let again = form(&[
        ("version", "1"),
        ("business_owner", "Same Name <same.two@x.example>"),
        ("technical_owner", ""),
        ("next_review_on", "2027-11-23"),
    ]);
    assert_eq!(analyst.post(&format!("/identities/{id}/edit"), &again).status, 303);
    assert_eq!(stored(&app, id).technical_owner_id, None);
}

#[test]
fn guidance_is_a_remark_for_those_who_can_follow_it_and_no_refusal() {
    let app = TestApp::start();
    let analyst = app.sign_in(Role::SecurityAnalyst);
    let owner = app.sign_in(Role::Owner);
    let id = registered(
        &analyst,
        &[
            ("access_token_seconds", "86400"),
            ("redirect_uris", "http://growth.example/callback\r\norg.example.growth:/done"),
            ("business_owner", &owner.person.unwrap().to_string()),
        ],
    );
    let page = analyst.get(&format!("/identities/{id}"));
    assert!(page.shows("SMART advises at most one hour for apps"), "{}", page.readable());
    assert!(page.shows("It is not encrypted"));
    assert!(!owner.get(&format!("/identities/{id}")).shows("SMART advises"));
}

#[test]
fn an_owner_reads_no_jargon_and_is_told_whom_to_ask() {
    let app = TestApp::start();
    let analyst = app.sign_in(Role::SecurityAnalyst);
    let owner = app.sign_in(Role::Owner);
    let id = registered(
        &analyst,
        &[
            ("business_owner", &owner.person.unwrap().to_string()),
            ("purpose", ""),
            ("method", "client_delete"),
            ("steps", "Delete it."),
            ("contact", "Service desk"),
        ],
    );
    let page = owner.get(&format!("/identities/{id}"));
    assert!(!page.readable().contains("RFC"), "{}", page.readable());
    for text in [
        "By deleting the client at its system",
        "Nobody has said yet: why it exists, why it may see patient data",
        "tell those who keep this register, and they write it here: the help desk, extension 4417.",
        "Needed beyond its end date? Ask for a later one",
    ] {
        assert!(page.shows(text), "{text}: {}", page.readable());
    }
    let own = analyst.get(&format!("/identities/{id}"));
    assert!(own.text.contains(&format!("/identities/{id}/edit#purpose")));
    assert!(!own.shows("Needed beyond its end date?"));
}

#[test]
fn a_public_client_has_no_secret_to_keep() {
    let app = TestApp::start();
    let analyst = app.sign_in(Role::SecurityAnalyst);
    let public = registered(&analyst, &[("client_type", "public")]);
    let page = analyst.get(&format!("/identities/{public}"));
    assert!(page.shows("No secret a public client keeps none") && page.shows("it keeps no secret and no key"));
    let unknown = registered(&analyst, &[("client_id", "other")]);
    let page = analyst.get(&format!("/identities/{unknown}"));
    assert!(page.shows("0 credentials known") && page.shows("No credential is known"));
}

#[test]
fn what_is_stopped_here_and_still_works_there_is_said_first() {
    let app = TestApp::start();
    let analyst = app.sign_in(Role::SecurityAnalyst);
    let id = registered(&analyst, &[]);
    let path = format!("/identities/{id}");
    assert!(!analyst.get(&path).shows("still lets it in"));
    assert_eq!(analyst.post(&format!("{path}/suspend"), &[("reason", "the key leaked")]).status, 303);
    let page = analyst.get(&path);
    assert!(page.shows("It is suspended in Muster, but as far as we know its system still lets it in."));
    let mut identity = stored(&app, id);
    identity.enabled = false;
    identity.version += 1;
    identities::update(&mut app.register.database.read().unwrap(), &identity).unwrap();
    assert!(!analyst.get(&path).shows("still lets it in"));
}

#[test]
fn the_next_review_is_set_no_later_than_the_interval_of_the_tier() {
    let app = TestApp::start();
    let analyst = app.sign_in(Role::SecurityAnalyst);
    let refused = |page: Page, says: &str, typed: &str| {
        assert_eq!(page.status, 422, "{}", page.readable());
        assert!(page.shows(says), "{says}: {}", page.readable());
        assert_eq!(input(&page, "next_review_on"), typed, "nothing typed is lost");
    };
    let far = [("next_review_on", "2030-01-01"), ("review_interval_days", ""), ("scopes", "system/*.cruds")];
    refused(
        analyst.post("/identities/new", &form(&far)),
        "Choose 21 Feb 2027 or an earlier day: its tier is critical, so it is reviewed every 90 days at least",
        "2030-01-01",
    );
    let id = registered(&analyst, &[("next_review_on", "2027-02-21"), far[1], far[2]]);
    assert_eq!(stored(&app, id).next_review_on, Some(crate::jobs::day("2027-02-21")));
    let edit = |browser: &Browser, changed: &[(&str, &str)]| {
        let version = stored(&app, id).version.to_string();
        let all = [&[("version", version.as_str()), far[1], far[2]][..], changed].concat();
        browser.post(&format!("/identities/{id}/edit"), &form(&all))
    };
    refused(edit(&analyst, &far[..1]), "Choose 21 Feb 2027 or an earlier day", "2030-01-01");
    // Earlier is always fine, and back to where it was too.
    for day in ["2026-11-30", "2027-02-21"] {
        assert_eq!(edit(&analyst, &[("next_review_on", day)]).status, 303);
        assert_eq!(stored(&app, id).next_review_on, Some(crate::jobs::day(day)));
    }
    // Moved on shortly before it comes it would never come; and an empty field leaves it where it is.
    let later = app.later(crate::app::at(crate::app::NOW).plus_days(80)).sign_in(&app.account(Role::SecurityAnalyst));
    refused(
        edit(&later, &[("next_review_on", "2027-04-01")]),
        "Choose 21 Feb 2027 or an earlier day: only an answer to its review moves the day further",
        "2027-04-01",
    );
    assert_eq!(edit(&later, &[("next_review_on", ""), ("description", "A chart")]).status, 303);
    assert_eq!(stored(&app, id).next_review_on, Some(crate::jobs::day("2027-02-21")));
}

#[test]
fn an_interval_longer_than_the_tier_allows_moves_no_review() {
    let app = TestApp::start();
    let analyst = app.sign_in(Role::SecurityAnalyst);
    let id = registered(&analyst, &[("scopes", "system/*.cruds")]);
    assert_eq!(stored(&app, id).next_review_on, Some(crate::jobs::day("2027-02-21")), "365 days were chosen");
}
