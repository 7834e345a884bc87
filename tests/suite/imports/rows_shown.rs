//! What a row shows before it is applied: on the page, in the file of rows and on the command line, in the same words.

use muster::domain::identities::IdentityState;
use muster::domain::people::Role;
use serde_json::json;

use super::*;
use crate::command::Command;

fn risky() -> Value {
    let mut risky = client("risky");
    risky["publicClient"] = json!(false);
    risky["implicitFlowEnabled"] = json!(true);
    risky["directAccessGrantsEnabled"] = json!(true);
    risky["fullScopeAllowed"] = json!(true);
    risky["redirectUris"] = json!(["http://ward.example/*"]);
    risky["secret"] = json!("risky-secret");
    risky["attributes"] = json!({"client.secret.creation.time": "1700000000"});
    risky
}

const RISKS: [&str; 8] = [
    "Wildcard redirect",
    "Redirect without HTTPS",
    "Password grant",
    "Implicit grant",
    "Weak secret",
    "Secret older than a year",
    "Full scope allowed",
    "No end date",
];

#[test]
fn a_row_shows_what_it_is_about_and_its_risks_alike_on_page_file_and_command_line() {
    let app = TestApp::start();
    let browser = app.sign_in(Role::SecurityAnalyst);
    let bytes = realm(&[risky(), json!({"clientId": "account", "enabled": false, "fullScopeAllowed": false})]);
    let id = imports::preview(&app.register, &app.setup(), upload(bytes.clone())).unwrap();
    let page = browser.get(&format!("/imports/{id}"));
    for text in ["SMART app", "Ward", "Production", "Active", "3 scopes, 1 on request", "Built in", "Suspended"] {
        assert!(page.shows(text), "{text}: {}", page.readable());
    }
    let csv = browser.get(&format!("/imports/{id}.csv")).text;
    let line: serde_json::Value = {
        let lines = browser.get(&format!("/imports/{id}.jsonl")).text;
        serde_json::from_str(lines.lines().next().unwrap()).unwrap()
    };
    assert_eq!(line["risks"], json!(RISKS));
    assert!(csv.contains(&RISKS.join("; ")), "{csv}");
    for risk in RISKS {
        assert!(page.shows(risk), "{risk}");
    }
    let told = Command::new(&app).file("realm.json", &bytes).run(&[
        "import",
        "keycloak-realm",
        "realm.json",
        "--dry-run",
        "--json",
    ]);
    assert_eq!(told.code, 0, "{}", told.err);
    let rows: serde_json::Value = serde_json::from_str(&told.out).unwrap();
    assert_eq!(rows[0]["risks"], json!(RISKS));
    for (name, value) in [
        ("kind", json!("smart_app")),
        ("client_id", json!("risky")),
        ("system", json!("Ward")),
        ("environment", json!("unknown")),
        ("built_in", json!(false)),
        ("state", json!("active")),
        ("issued_scopes", json!(3)),
        ("scopes_on_request", json!(1)),
    ] {
        assert_eq!(rows[0][name], value, "{name}");
        if name != "environment" {
            assert_eq!(line[name], value, "{name}");
        }
    }
    assert_eq!((&rows[1]["built_in"], &rows[1]["state"]), (&json!(true), &json!("suspended")));
    assert_eq!(rows[1]["issued_scopes"], json!(0));
}

#[test]
fn the_state_that_is_shown_is_the_one_the_identity_will_have() {
    let app = TestApp::start();
    bring(&app, upload(realm(&[client("a"), client("b")])));
    touch(&app.register, identity(&app, "a").id, |found| {
        (found.state, found.state_cause) = (IdentityState::Suspended, muster::domain::identities::StateCause::Decided);
    });
    let mut named = client("a");
    named["name"] = json!("Another name");
    let (id, _) = bring(&app, upload(realm(&[named])));
    let shown: Vec<_> =
        rows(&app, id).into_iter().map(|row| row.changes.0.overview.map(|about| (about.state, about.system))).collect();
    let ward = || "ward".to_owned();
    assert_eq!(shown[0].clone().map(|(state, _)| state), Some(IdentityState::Suspended), "a person decided");
    assert_eq!(
        shown[1].clone().map(|(state, system)| (state, system.to_lowercase())),
        Some((IdentityState::Active, ward()))
    );
}
