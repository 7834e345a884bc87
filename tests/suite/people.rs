//! People and their accounts.

use muster::actions::{ActionError, accounts, people};
use muster::domain::people::Role;
use muster::store::people as stored;

use crate::app::{PASSWORD, TestApp};

fn form<'a>(name: &'a str, email: &'a str, left_on: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![("name", name), ("email", email), ("left_on", left_on)]
}

#[test]
fn a_disabled_account_is_signed_out_at_once() {
    let app = TestApp::start();
    let administrator = app.sign_in(Role::Administrator);
    let analyst = app.sign_in(Role::SecurityAnalyst);
    assert_eq!(analyst.get("/people").status, 200);
    let person = analyst.person.unwrap();
    let before = app.audit_size();
    let answer = administrator.post(&format!("/people/{person}/account/disable"), &[]);
    assert_eq!((answer.status, answer.location), (303, format!("/people/{person}?done=disabled")));
    assert_eq!(app.audit_size(), before + 1);
    assert_eq!(analyst.get("/people").status, 303);
    assert!(administrator.get(&format!("/people/{person}?done=disabled")).shows("Open sessions have ended"));
}

#[test]
fn a_new_role_a_new_password_and_leaving_end_the_sessions_too() {
    let app = TestApp::start();
    let administrator = app.sign_in(Role::Administrator);
    let analyst = app.sign_in(Role::SecurityAnalyst);
    let person = analyst.person.unwrap();
    assert_eq!(administrator.post(&format!("/people/{person}/account/role"), &[("role", "auditor")]).status, 303);
    assert_eq!(analyst.get("/people").status, 303, "role");
    let analyst = app.sign_in(Role::SecurityAnalyst);
    accounts::set_password(&app.register, &app.setup(), analyst.person.unwrap(), "eleven slow rivers").unwrap();
    assert_eq!(analyst.get("/people").status, 303, "password");
    let analyst = app.sign_in(Role::SecurityAnalyst);
    let person = analyst.person.unwrap();
    let mut fields = form("Leaver", "leaver@hospital.example", "2026-11-23");
    fields.push(("version", "1"));
    assert_eq!(administrator.post(&format!("/people/{person}/edit"), &fields).status, 303);
    assert_eq!(analyst.get("/people").status, 303);
    assert!(administrator.get(&format!("/people/{person}")).shows("Has left"));
}

#[test]
fn the_last_administrator_stays() {
    let app = TestApp::start();
    let administrator = app.sign_in(Role::Administrator);
    let person = administrator.person.unwrap();
    let before = app.audit_size();
    for (path, fields) in [("disable", vec![]), ("role", vec![("role", "auditor")])] {
        let answer = administrator.post(&format!("/people/{person}/account/{path}"), &fields);
        assert_eq!(answer.status, 422, "{path}");
        assert!(answer.shows("last administrator"), "{path}");
    }
    let mut fields = form("Last", "last@hospital.example", "2030-01-01");
    fields.push(("version", "1"));
    let answer = administrator.post(&format!("/people/{person}/edit"), &fields);
    assert_eq!(answer.status, 422);
    assert!(answer.text.contains("last@hospital.example"), "what was typed is kept");
    assert_eq!(app.audit_size(), before);
    // With a second one who can sign in, the first may go.
    app.account(Role::Administrator);
    assert_eq!(administrator.post(&format!("/people/{person}/account/disable"), &[]).status, 303);
}

#[test]
fn an_administrator_who_has_left_does_not_count() {
    let app = TestApp::start();
    let (gone, _) = app.account(Role::Administrator);
    let (stays, _) = app.account(Role::Administrator);
    let mut db = app.register.database.read().unwrap();
    let person = stored::find(&mut db, gone).unwrap();
    drop(db);
    let draft = people::PersonDraft {
        name: person.name,
        email: person.email,
        left_on: "2026-11-01".to_owned(),
        ..people::PersonDraft::default()
    };
    people::edit(&app.register, &app.setup(), gone, 1, &draft).unwrap();
    let refused = accounts::disable(&app.register, &app.setup(), stays);
    assert!(matches!(refused, Err(ActionError::Refused(_))));
    accounts::disable(&app.register, &app.setup(), gone).unwrap();
}

#[test]
fn two_administrators_who_disable_each_other_at_once_are_not_both_gone() {
    let app = TestApp::start();
    let (one, _) = app.account(Role::Administrator);
    let (other, _) = app.account(Role::Administrator);
    let replica = app.replica();
    let by = app.setup();
    let (first, second) = std::thread::scope(|scope| {
        let first = scope.spawn(|| accounts::disable(&app.register, &by, one));
        let second = scope.spawn(|| accounts::disable(&replica, &by, other));
        (first.join().unwrap(), second.join().unwrap())
    });
    assert!(first.is_ok() != second.is_ok(), "{first:?} {second:?}");
}

#[test]
fn an_auditor_and_an_analyst_read_people_and_cannot_change_them() {
    let app = TestApp::start();
    let person = app.person("Rita Read", "rita@hospital.example");
    let before = {
        for role in [Role::Auditor, Role::SecurityAnalyst] {
            let browser = app.sign_in(role);
            let page = browser.get(&format!("/people/{person}"));
            assert!(page.shows("Rita Read") && !page.text.contains("/edit\""));
            assert_eq!(browser.get(&format!("/people/{person}/edit")).status, 403);
        }
        app.audit_size()
    };
    let auditor = app.sign_in(Role::Auditor);
    let signed_in = app.audit_size();
    assert!(signed_in > before);
    for path in [
        "/people/new",
        &format!("/people/{person}/edit"),
        &format!("/people/{person}/account/open"),
        "/systems/new",
        "/vendors/new",
    ] {
        assert_eq!(auditor.post(path, &form("X", "x@hospital.example", "")).status, 403, "{path}");
    }
    assert_eq!(app.audit_size(), signed_in);
    let owner = app.sign_in(Role::Owner);
    for path in ["/people", "/owners", "/systems", "/vendors", "/audit", "/people.csv", "/audit.jsonl"] {
        assert_eq!(owner.get(path).status, 403, "{path}");
    }
}

#[test]
fn an_administrator_neither_chooses_nor_sees_a_password() {
    let app = TestApp::start();
    let administrator = app.sign_in(Role::Administrator);
    let (person, email) = app.account(Role::Owner);
    let planted = "ten purple paper kites";
    let fields = [("name", "Nora New"), ("email", "nora@hospital.example"), ("role", "owner"), ("password", planted)];
    administrator.post("/people/new", &fields);
    administrator.post(&format!("/people/{person}/account/link"), &[("password", planted)]);
    for email in ["nora@hospital.example", &email] {
        let answer = app.browser().post("/sign-in", &[("email", email), ("password", planted)]);
        assert_eq!(answer.status, 422, "{email}");
    }
    for path in ["/people/new", &format!("/people/{person}/account")] {
        assert!(!administrator.get(path).text.contains("type=\"password\""), "{path}");
    }
    assert_eq!(administrator.post(&format!("/people/{person}/account/password"), &[("password", planted)]).status, 404);
    let signed_in = app.browser().post("/sign-in", &[("email", &email), ("password", PASSWORD)]);
    assert_eq!(signed_in.status, 303, "a link that waits takes nothing away");
}

#[test]
fn names_and_addresses_add_no_headers_and_do_not_look_like_others() {
    let app = TestApp::start();
    let administrator = app.sign_in(Role::Administrator);
    let before = app.audit_size();
    for (name, email) in [
        ("Eve\r\nBcc: all@hospital.example", "eve@hospital.example"),
        ("Eve", "eve@hospital.example\r\nBcc: all@hospital.example"),
        ("Eve", "eve@hospital.example%0d%0aBcc:all@hospital.example, <all@hospital.example>"),
        ("Eve", "\"eve@hospital.example\"@x"),
        ("Eve\0", "eve@hospital.example"),
        ("Eve \u{202e}rotartsinimda", "eve@hospital.example"),
        ("Eve", "eve\u{2066}@hospital.example"),
        ("Eve\u{85}Bcc: x", "eve@hospital.example"),
    ] {
        let answer = administrator.post("/people/new", &[("name", name), ("email", email), ("role", "owner")]);
        assert_eq!(answer.status, 422, "{name:?} {email:?}");
    }
    assert_eq!(app.audit_size(), before);
    let right_to_left = administrator
        .post("/people/new", &form("\u{5d3}\u{5e0}\u{5d4} \u{5dc}\u{5d5}\u{5d9}", "dana@hospital.example", ""));
    assert_eq!(right_to_left.status, 303, "{}", right_to_left.readable());
}

#[test]
fn somebody_who_has_left_gets_no_account() {
    let app = TestApp::start();
    let administrator = app.sign_in(Role::Administrator);
    let mut fields = form("Left Already", "left@hospital.example", "2026-11-01");
    fields.push(("role", "owner"));
    let refused = administrator.post("/people/new", &fields);
    assert_eq!(refused.status, 422);
    assert!(refused.shows("Somebody who has left gets no account") && refused.text.contains("value=\"Left Already\""));
    fields.pop();
    let added = administrator.post("/people/new", &fields).location;
    let person = added.split('?').next().unwrap();
    let opened = administrator.post(&format!("{person}/account/open"), &[("role", "owner")]);
    assert_eq!(opened.status, 422);
    assert!(opened.shows("This person has left"), "{}", opened.readable());
}

#[test]
fn a_form_that_is_wrong_keeps_what_was_typed_and_names_every_field() {
    let app = TestApp::start();
    app.person("Double Name", "one@hospital.example");
    app.person("Double Name", "two@hospital.example");
    let administrator = app.sign_in(Role::Administrator);
    let before = app.audit_size();
    let answer = administrator.post(
        "/people/new",
        &[
            ("name", "Kept Text"),
            ("email", "one@hospital.example"),
            ("manager", "Double Name"),
            ("deputy", "nobody@hospital.example"),
            ("left_on", "31.12.2026"),
            ("time_zone", "Atlantis"),
        ],
    );
    assert_eq!(answer.status, 422);
    for text in [
        "already in the register",
        "Several people are called",
        "Nobody in the register has",
        "2027-03-31",
        "America/Chicago",
    ] {
        assert!(answer.shows(text), "{text}: {}", answer.readable());
    }
    for kept in ["Kept Text", "Atlantis", "31.12.2026", "nobody@hospital.example"] {
        assert!(answer.text.contains(kept), "{kept}");
    }
    assert_eq!(app.audit_size(), before);
}

#[test]
fn two_edits_of_one_person_conflict_and_the_second_keeps_its_text() {
    let app = TestApp::start();
    let person = app.person("Ada First", "ada@hospital.example");
    let administrator = app.sign_in(Role::Administrator);
    let path = format!("/people/{person}/edit");
    let fields = |title: &'static str| {
        vec![("name", "Ada First"), ("email", "ada@hospital.example"), ("title", title), ("version", "1")]
    };
    assert_eq!(administrator.post(&path, &fields("Nurse")).status, 303);
    let answer = administrator.post(&path, &fields("Surgeon"));
    assert_eq!(answer.status, 409);
    assert!(answer.shows("Somebody changed this person meanwhile") && answer.shows("Nurse"));
    assert!(answer.text.contains("value=\"Surgeon\"") && answer.text.contains("name=\"version\" value=\"2\""));
}

#[test]
fn the_list_pages_by_name_and_comes_back() {
    let app = TestApp::start();
    for number in 0..120 {
        app.person(&format!("Person number {number:03}"), &format!("p{number}@hospital.example"));
    }
    let auditor = app.sign_in(Role::Auditor);
    let first = auditor.get("/people?q=number");
    assert!(first.shows("50 of 120 people") && first.shows("Person number 049") && !first.shows("Person number 050"));
    let link = |page: &str, rel: &str| {
        let (before, _) = page.split_once(&format!("\" rel=\"{rel}\"")).unwrap();
        before.rsplit_once("href=\"").unwrap().1.replace("&#38;", "&").replace("&amp;", "&")
    };
    let second = auditor.get(&link(&first.text, "next"));
    assert!(second.shows("Person number 050") && second.shows("Person number 099"));
    let back = auditor.get(&link(&second.text, "prev"));
    assert!(back.shows("Person number 000") && !back.shows("Person number 050"));
    let file = auditor.get("/people.jsonl?q=number");
    assert_eq!(file.text.lines().count(), 120);
    assert!(PASSWORD.len() > 14 && !file.text.contains("password"));
}
