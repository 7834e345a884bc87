//! Vendors.

use muster::domain::people::Role;

use crate::app::TestApp;

#[test]
fn a_paper_that_ended_is_told_with_its_distance() {
    let app = TestApp::start();
    let analyst = app.sign_in(Role::SecurityAnalyst);
    let answer = analyst.post(
        "/vendors/new",
        &[
            ("name", "Imaging Company"),
            ("contact", "Ines Contact"),
            ("contract_reference", "C-17"),
            ("contract_ends_on", "2026-11-11"),
            ("baa_ends_on", "2027-01-02"),
        ],
    );
    assert_eq!(answer.status, 303, "{}", answer.text);
    let page = analyst.get(&answer.location);
    assert!(page.shows("Ended 12 days ago") && page.shows("Ends in 40 days") && page.shows("The vendor was added"));
    assert!(analyst.get("/vendors?papers=ended").shows("Imaging Company"));
    assert!(analyst.get("/vendors?papers=within_90_days").shows("Imaging Company"));
    assert!(analyst.get("/vendors?papers=no_contract").shows("No vendor matches"));
    let file = analyst.get("/vendors.jsonl").text;
    assert!(file.contains("\"contract_ends_on\":\"2026-11-11\""), "{file}");
}

#[test]
fn a_second_vendor_of_the_same_name_is_refused_in_words() {
    let app = TestApp::start();
    let analyst = app.sign_in(Role::SecurityAnalyst);
    assert_eq!(analyst.post("/vendors/new", &[("name", "Imaging")]).status, 303);
    let answer = analyst.post("/vendors/new", &[("name", "imaging "), ("contract_ends_on", "soon")]);
    assert_eq!(answer.status, 422);
    assert!(answer.shows("There is a vendor called Imaging already") && answer.shows("Write a date such as"));
    assert!(answer.text.contains("value=\"soon\""), "what was typed is kept");
}

#[test]
fn a_conflict_shows_what_is_stored_and_keeps_what_was_typed() {
    let app = TestApp::start();
    let analyst = app.sign_in(Role::SecurityAnalyst);
    let answer = analyst.post("/vendors/new", &[("name", "Imaging")]);
    let path = format!("{}/edit", answer.location.split('?').next().unwrap());
    assert_eq!(analyst.post(&path, &[("name", "Imaging"), ("contact", "Theirs"), ("version", "1")]).status, 303);
    let conflict = analyst.post(&path, &[("name", "Imaging"), ("contact", "Mine"), ("version", "1")]);
    assert_eq!(conflict.status, 409);
    assert!(conflict.shows("Theirs") && conflict.text.contains("value=\"Mine\""));
}
