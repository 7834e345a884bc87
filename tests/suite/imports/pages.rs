//! Importing through the pages, without scripts.

use muster::domain::people::Role;
use serde_json::json;

use super::*;
use crate::app::{Browser, Page};

fn send(browser: &Browser, format: &str, more: &[(&str, &str)], file: (&str, &[u8])) -> Page {
    let mut fields = vec![("format", format)];
    fields.extend_from_slice(more);
    browser.upload("/imports/new", &fields, ("file", file.0, file.1))
}

#[test]
fn a_file_is_brought_looked_at_applied_exported_and_undone() {
    let app = TestApp::start();
    let browser = app.sign_in(Role::SecurityAnalyst);
    let mut broken = client("c");
    broken["redirectUris"] = json!(7);
    let bytes = realm(&[client("a"), client("b"), broken]);
    let sent = send(&browser, "keycloak-realm", &[("environment", "sandbox")], ("realm.json", &bytes));
    assert_eq!(sent.status, 303, "{}", sent.readable());
    let preview = browser.get(&sent.location);
    for text in ["Nothing has changed yet: 2 to create, 1 error", "App a", "Apply: create 2", "Ward", "Sandbox"] {
        assert!(preview.shows(text), "{text}: {}", preview.readable());
    }
    assert!(everything(&app).is_empty(), "looking changes nothing");
    let only = browser.get(&format!("{}?action=error", sent.location));
    assert!(!only.shows("App a") && only.shows("redirectUris"), "{}", only.readable());
    let applied = browser.post(&format!("{}/apply", sent.location), &[]);
    assert_eq!(applied.status, 303, "{}", applied.readable());
    let result = browser.get(&applied.location);
    assert!(result.shows("The import was applied") && result.shows("2 created, 1 error"), "{}", result.readable());
    assert_eq!(everything(&app).len(), 2);
    let csv = browser.get(&format!("{}.csv", sent.location));
    assert_eq!(csv.status, 200);
    assert_eq!(csv.text.lines().count(), 4, "{}", csv.text);
    assert!(csv.text.contains("not imported") && csv.text.contains(",create,App a,a,"), "{}", csv.text);
    assert_eq!(browser.get(&format!("{}.jsonl", sent.location)).text.lines().count(), 3);
    let list = browser.get("/imports");
    assert!(list.shows("realm.json") && list.shows("2 created, 1 error"), "{}", list.readable());
    assert_eq!(browser.get("/imports.csv").text.lines().count(), 2);
    let undone = browser.post(&format!("{}/undo", sent.location), &[]);
    assert!(browser.get(&undone.location).shows("The import was undone"));
    assert!(everything(&app).is_empty());
}

#[test]
fn a_refused_file_keeps_what_was_typed_and_says_the_line() {
    let app = TestApp::start();
    let browser = app.sign_in(Role::SecurityAnalyst);
    let page = send(
        &browser,
        "keycloak-realm",
        &[("environment", "staging"), ("system", "Ward server")],
        ("realm.json", b"{\"realm\": \"x\",\n \"clients\": [{,]}"),
    );
    assert_eq!(page.status, 422);
    assert!(page.shows("Line 2: "), "{}", page.readable());
    assert!(page.text.contains("value=\"Ward server\"") && page.text.contains("value=\"staging\" selected"));
    let page = send(&browser, "", &[], ("x.json", b"{}"));
    assert!(page.shows("Choose what the file is") && page.shows("Choose the environment"), "{}", page.readable());
    let page = send(&browser, "csv", &[("environment", "staging")], ("x.csv", b"a,b\n"));
    assert!(page.shows("Choose the column map that fits"), "{}", page.readable());
    assert!(browser.get("/imports").shows("Nothing was imported yet"));
}

#[test]
fn nothing_is_chosen_for_the_reader() {
    let app = TestApp::start();
    let page = app.sign_in(Role::SecurityAnalyst).get("/imports/new");
    assert!(!page.text.contains(" selected"), "{}", page.text);
    assert!(!page.shows("List of people"), "an analyst imports no people");
    assert!(app.sign_in(Role::Administrator).get("/imports/new").shows("List of people"));
}

#[test]
fn a_file_without_the_form_token_before_it_is_not_taken() {
    let app = TestApp::start();
    let browser = app.sign_in(Role::SecurityAnalyst);
    let boundary = "----x";
    let file = "--{b}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.json\"\r\n\r\n{}\r\n";
    let token = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{}\r\n--{boundary}--\r\n",
        browser.token("/")
    );
    let body = format!("{}{token}", file.replace("{b}", boundary));
    let page = browser.post_raw("/imports/new", &format!("multipart/form-data; boundary={boundary}"), body.as_bytes());
    assert_eq!(page.status, 403, "{}", page.readable());
}

#[test]
fn an_auditor_reads_imports_and_presses_no_button() {
    let app = TestApp::start();
    let (id, _) = bring(&app, upload(realm(&[client("a")])));
    let auditor = app.sign_in(Role::Auditor);
    let page = auditor.get(&format!("/imports/{id}"));
    assert_eq!(page.status, 200);
    assert!(!page.text.contains("/undo"), "{}", page.text);
    assert_eq!(auditor.post(&format!("/imports/{id}/undo"), &[]).status, 403);
    assert_eq!(auditor.get("/imports/new").status, 403);
    assert_eq!(auditor.get("/imports/maps").status, 200);
    assert_eq!(app.sign_in(Role::Owner).get("/imports").status, 403);
}

#[test]
fn a_stale_preview_says_why_and_shows_the_new_one() {
    let app = TestApp::start();
    let browser = app.sign_in(Role::SecurityAnalyst);
    bring(&app, upload(realm(&[client("a")])));
    let mut changed = client("a");
    changed["name"] = json!("Another name");
    let bytes = realm(&[changed]);
    let sent = send(&browser, "keycloak-realm", &[("environment", "production")], ("realm.json", &bytes));
    touch(&app.register, identity(&app, "a").id, |found| found.rename("Renamed by hand"));
    let page = browser.post(&format!("{}/apply", sent.location), &[]);
    assert_eq!(page.status, 409);
    assert!(
        page.shows("The register changed since the preview") && page.shows("Renamed by hand"),
        "{}",
        page.readable()
    );
}

#[test]
fn column_maps_are_shown_saved_and_refused_in_words() {
    let app = TestApp::start();
    let browser = app.sign_in(Role::SecurityAnalyst);
    let list = browser.get("/imports/maps");
    for name in ["epic-clients", "oracle-health-clients", "staff-list", "Ships with Muster"] {
        assert!(list.shows(name), "{name}");
    }
    let body = "name = \"ours\"\nsubject = \"clients\"\n[[columns]]\nheading = \"Id\"\nfield = \"client_id\"\n";
    let saved = browser.post("/imports/maps", &[("body", body), ("version", "0"), ("name", "")]);
    assert_eq!(saved.status, 303, "{}", saved.readable());
    assert!(browser.get("/imports/maps/ours").shows("client_id"));
    let again = browser.post("/imports/maps", &[("body", body), ("version", "0"), ("name", "")]);
    assert!(again.status == 422 && again.shows("There is a map called ours already"), "{}", again.readable());
    let stale = browser.post("/imports/maps", &[("body", body), ("version", "7"), ("name", "ours")]);
    assert_eq!(stale.status, 409);
    let wrong = browser.post("/imports/maps", &[("body", "name = \"x\"\nsubject = \"clients\"\ncolumns = []\n")]);
    assert!(wrong.status == 422 && wrong.shows("needs a column for client_id or name"), "{}", wrong.readable());
    let csv = send(&browser, "csv", &[("environment", "staging"), ("map", "ours")], ("l.csv", b"Id\nx1\nx2\n"));
    assert!(browser.get(&csv.location).shows("Apply: create 2"));
}

#[test]
fn text_of_a_file_is_text_on_the_page_and_no_formula_in_the_csv() {
    let app = TestApp::start();
    let browser = app.sign_in(Role::SecurityAnalyst);
    let mut hostile = client("h");
    hostile["name"] = json!("=cmd|' /C calc'!A0<script>alert(1)</script>");
    let (id, _) = bring(&app, upload(realm(&[hostile])));
    let page = browser.get(&format!("/imports/{id}"));
    assert!(!page.text.contains("<script>alert") && page.shows("<script>alert(1)</script>"));
    assert!(browser.get(&format!("/imports/{id}.csv")).text.contains("'=cmd|"));
}
