//! Systems.

use muster::domain::people::Role;

use crate::app::TestApp;

#[test]
fn a_system_is_added_changed_and_recorded() {
    let app = TestApp::start();
    app.person("Bo Business", "bo@hospital.example");
    let analyst = app.sign_in(Role::SecurityAnalyst);
    let before = app.audit_size();
    let answer = analyst.post(
        "/systems/new",
        &[("name", "Clinic realm"), ("kind", "authorization_server"), ("business_owner", "bo@hospital.example")],
    );
    assert_eq!(answer.status, 303, "{}", answer.text);
    let path = answer.location.split('?').next().unwrap().to_owned();
    let page = analyst.get(&path);
    assert!(page.shows("Clinic realm") && page.shows("Authorization server") && page.shows("Bo Business"));
    let form = analyst.get(&format!("{path}/edit"));
    assert!(form.text.contains("Bo Business &#60;bo@hospital.example&#62;"), "{}", form.text);
    let fields = [
        ("name", "Clinic realm"),
        ("kind", "gateway"),
        ("business_owner", "Bo Business <bo@hospital.example>"),
        ("version", "1"),
    ];
    assert_eq!(analyst.post(&format!("{path}/edit"), &fields).status, 303);
    assert_eq!(app.audit_size(), before + 2);
    // Nothing changes, nothing is recorded.
    let fields =
        [("name", "Clinic realm"), ("kind", "gateway"), ("business_owner", "bo@hospital.example"), ("version", "2")];
    assert_eq!(analyst.post(&format!("{path}/edit"), &fields).status, 303);
    assert_eq!(app.audit_size(), before + 2);
    assert_eq!(analyst.get("/systems.csv?kind=gateway").text.lines().count(), 2);
    assert_eq!(analyst.get("/systems.csv?kind=ehr").text.lines().count(), 1);
}

#[test]
fn a_second_system_of_the_same_name_is_refused_in_words() {
    let app = TestApp::start();
    let analyst = app.sign_in(Role::SecurityAnalyst);
    let fields = [("name", "Clinic realm"), ("kind", "ehr")];
    assert_eq!(analyst.post("/systems/new", &fields).status, 303);
    let answer = analyst.post("/systems/new", &[("name", "CLINIC realm"), ("kind", "ehr"), ("base_url", "ftp://x")]);
    assert_eq!(answer.status, 422);
    assert!(answer.shows("There is a system called Clinic realm already"), "{}", answer.readable());
    assert!(answer.shows("Write an address such as") && answer.text.contains("value=\"ftp://x\""));
}

#[test]
fn a_conflict_shows_what_is_stored_and_keeps_what_was_typed() {
    let app = TestApp::start();
    let analyst = app.sign_in(Role::SecurityAnalyst);
    let answer = analyst.post("/systems/new", &[("name", "Realm"), ("kind", "ehr")]);
    let path = format!("{}/edit", answer.location.split('?').next().unwrap());
    assert_eq!(analyst.post(&path, &[("name", "Theirs"), ("kind", "ehr"), ("version", "1")]).status, 303);
    let conflict = analyst.post(&path, &[("name", "Mine"), ("kind", "ehr"), ("version", "1")]);
    assert_eq!(conflict.status, 409);
    assert!(conflict.shows("Theirs") && conflict.text.contains("value=\"Mine\""));
    assert_eq!(analyst.post(&path, &[("name", "Mine"), ("kind", "ehr"), ("version", "2")]).status, 303);
}
