//! Assigning an owner to many identities.

use muster::domain::identities::{Environment, IdentityKind, OwnerAnswer};
use muster::domain::ids::Id;
use muster::domain::people::Role;
use muster::store::identities::{self, Identity};

use crate::app::{Browser, TestApp};

fn add(app: &TestApp, name: &str) -> Id {
    let identity = Identity::new(IdentityKind::Token, name, Environment::Production, app.register.now());
    identities::insert(&mut app.register.database.read().unwrap(), &identity).unwrap();
    identity.id
}

fn owner_of(app: &TestApp, id: Id) -> (Option<Id>, Option<OwnerAnswer>) {
    let identity = identities::find(&mut app.register.database.read().unwrap(), id).unwrap();
    (identity.business_owner_id, identity.business_owner_answer)
}

/// Freezes everything that matches and answers the address of the set.
fn frozen(browser: &Browser, query: &str) -> String {
    let page = browser.post("/identities/bulk", &[("all", "1"), ("filter", query)]);
    assert_eq!(page.status, 303, "{}", page.readable());
    page.location
}

#[test]
fn an_owner_is_assigned_to_the_frozen_set_only() {
    let app = TestApp::start();
    let analyst = app.sign_in(Role::SecurityAnalyst);
    let (one, two) = (add(&app, "One"), add(&app, "Two"));
    let person = app.person("Dana", "dana@x.example").to_string();
    let set = frozen(&analyst, "?environment=production");
    let late = add(&app, "Late");

    let preview = analyst.get(&format!("{set}?role=business_owner&person={person}"));
    assert!(preview.shows("Assign the owner to 2 identities"), "{}", preview.readable());
    assert!(!preview.shows("Late"));
    assert_eq!(owner_of(&app, one).0, None, "a preview changes nothing");

    let size = app.audit_size();
    let applied = analyst.post(&set, &[("role", "business_owner"), ("person", &person)]);
    assert_eq!(applied.status, 303, "{}", applied.readable());
    for id in [one, two] {
        assert_eq!(owner_of(&app, id), (Some(person.parse().unwrap()), Some(OwnerAnswer::Waiting)));
    }
    assert_eq!(owner_of(&app, late).0, None);
    // Each identity, each task, and the set itself.
    assert_eq!(app.audit_size(), size + 5);

    // A second press does nothing again.
    assert_eq!(analyst.post(&set, &[("role", "business_owner"), ("person", &person)]).status, 303);
    assert_eq!(app.audit_size(), size + 5);
}

#[test]
fn what_changed_meanwhile_or_is_theirs_already_is_left_alone_and_said() {
    let app = TestApp::start();
    let analyst = app.sign_in(Role::SecurityAnalyst);
    let dana = app.person("Dana", "dana@x.example");
    let (theirs, changed) = (add(&app, "Theirs"), add(&app, "Changed"));
    let own = |id: Id| {
        let mut db = app.register.database.read().unwrap();
        let mut identity = identities::find(&mut db, id).unwrap();
        identity.business_owner_id = Some(dana);
        identity.business_owner_answer = Some(OwnerAnswer::Accepted);
        identity.version += 1;
        identities::update(&mut db, &identity).unwrap();
    };
    own(theirs);
    let set = frozen(&analyst, "");
    let mut db = app.register.database.read().unwrap();
    let mut identity = identities::find(&mut db, changed).unwrap();
    identity.purpose = Some("New".to_owned());
    identity.version += 1;
    identities::update(&mut db, &identity).unwrap();
    drop(db);
    let person = dana.to_string();
    assert!(analyst.get(&format!("{set}?role=business_owner&person={person}")).shows("Nothing is left to change."));
    assert_eq!(analyst.post(&set, &[("role", "business_owner"), ("person", &person)]).status, 303);
    assert_eq!(owner_of(&app, changed).0, None);
    assert_eq!(owner_of(&app, theirs).1, Some(OwnerAnswer::Accepted));
    let result = analyst.get(&set);
    assert!(result.shows("Changed meanwhile: 1"), "{}", result.readable());
    assert!(result.shows("Left out: 1"));
}

#[test]
fn undoing_restores_what_was_not_touched_since() {
    let app = TestApp::start();
    let analyst = app.sign_in(Role::SecurityAnalyst);
    let owner = app.sign_in(Role::Owner);
    let (kept, undone) = (add(&app, "Kept"), add(&app, "Undone"));
    let person = owner.person.unwrap().to_string();
    let set = frozen(&analyst, "");
    analyst.post(&set, &[("role", "business_owner"), ("person", &person)]);
    let accept = [("role", "business_owner"), ("business_owner_answer", "accept")];
    assert_eq!(owner.post(&format!("/identities/{kept}/ownership"), &accept).status, 303);
    assert_eq!(analyst.post(&format!("{set}/undo"), &[]).status, 303);
    assert_eq!(owner_of(&app, kept).1, Some(OwnerAnswer::Accepted));
    assert_eq!(owner_of(&app, undone), (None, None));
    assert_eq!(analyst.post(&format!("{set}/undo"), &[]).status, 409);
}

#[test]
fn nothing_ticked_is_told_and_freezes_nothing() {
    let app = TestApp::start();
    let analyst = app.sign_in(Role::SecurityAnalyst);
    let size = app.audit_size();
    assert_eq!(analyst.post("/identities/bulk", &[]).status, 409);
    assert_eq!(app.audit_size(), size);
}

#[test]
fn the_person_is_typed_and_whoever_is_close_can_be_chosen() {
    let app = TestApp::start();
    let analyst = app.sign_in(Role::SecurityAnalyst);
    add(&app, "One");
    let (reed, _) = (app.person("Dana Reed", "dana.reed@x.example"), app.person("Dana Rivers", "rivers@x.example"));
    let set = frozen(&analyst, "");
    assert_eq!(analyst.get(&set).status, 200);
    assert!(!analyst.get(&set).text.contains("rivers@x.example"), "nobody is listed before somebody is asked for");
    let by_address = analyst.get(&format!("{set}?role=business_owner&person=DANA.REED@x.example"));
    assert!(by_address.shows("Assign the owner to 1 identity"), "{}", by_address.readable());

    let unclear = analyst.get(&format!("{set}?role=business_owner&person=dana"));
    assert_eq!(unclear.status, 422);
    for text in
        ["Nobody in the register is called", "Dana Reed <dana.reed@x.example>", "Dana Rivers <rivers@x.example>"]
    {
        assert!(unclear.shows(text), "{text}: {}", unclear.readable());
    }
    assert!(!unclear.text.contains("id=\"preview\"") && unclear.shows("1 identity was selected"));
    let chosen = analyst.get(&format!("{set}?role=business_owner&person=dana&person_typed=dana&person_meant={reed}"));
    assert!(chosen.status == 200 && chosen.shows("Dana Reed is named as the business owner"), "{}", chosen.readable());
    // A choice made for another text does not count.
    let stale = analyst.get(&format!("{set}?role=business_owner&person=rivers&person_typed=dana&person_meant={reed}"));
    assert_eq!(stale.status, 422);

    let neither = analyst.get(&format!("{set}?person="));
    assert!(neither.status == 422 && neither.shows("Choose what they become") && neither.shows("Write who becomes"));
    assert_eq!(analyst.get(&format!("{set}?after=x")).location, format!("{set}?done=restarted"));
}
