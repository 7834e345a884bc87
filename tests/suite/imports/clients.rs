//! What importing clients does, and what it leaves alone.

use muster::actions::imports::{self, Upload};
use muster::actions::{ActionError, By};
use muster::connectors::imports::ImportFormat;
use muster::domain::identities::{Environment, IdentityState, OwnerAnswer, StateCause};
use muster::domain::imports::RowAction as A;
use muster::domain::people::Role;
use muster::store::{registry, tasks};
use serde_json::json;

use super::*;

#[test]
fn the_same_file_again_changes_nothing() {
    let app = TestApp::start();
    let bytes = fixture("realm-ward.json");
    let (_, first) = bring(&app, upload(bytes.clone()));
    assert!(first.create > 3 && first.error == 0, "{first:?}");
    let before = everything(&app);
    let (id, again) = bring(&app, upload(bytes));
    assert_eq!((again.create, again.change, again.vanished, again.error), (0, 0, 0, 0));
    assert_eq!(again.unchanged, first.create);
    assert_eq!(everything(&app), before, "no version and no field moved");
    assert!(rows(&app, id).iter().all(|row| row.version_after.is_none()));
}

#[test]
fn an_unchanged_file_writes_no_entry_about_any_identity() {
    let app = TestApp::start();
    bring(&app, upload(realm(&[client("a"), client("b")])));
    let size = app.audit_size();
    bring(&app, upload(realm(&[client("a"), client("b")])));
    assert_eq!(app.audit_size() - size, 2, "only that a file was looked at and applied");
}

#[test]
fn each_created_identity_has_an_entry_and_the_system_is_made() {
    let app = TestApp::start();
    let size = app.audit_size();
    bring(&app, upload(realm(&[client("a"), client("b")])));
    assert_eq!(app.audit_size() - size, 5, "preview, system, two identities, the import");
    let system = registry::find_system_by_name(&mut app.register.database.read().unwrap(), "ward").unwrap().unwrap();
    let a = identity(&app, "a");
    assert_eq!(a.system_id, Some(system.id));
    assert_eq!((a.state, a.state_cause, a.enabled), (IdentityState::Active, StateCause::ImportedEnabled, true));
    assert_eq!(a.access_token_seconds, Some(300));
    assert!(everything(&app)[0].scopes.iter().all(|scope| scope.list.word() == "issued"), "nothing is approved");
}

#[test]
fn a_changed_file_shows_exactly_the_difference_and_what_vanished() {
    let app = TestApp::start();
    bring(&app, upload(realm(&[client("a"), client("b"), client("c")])));
    let mut changed = client("b");
    changed["redirectUris"] = json!(["https://elsewhere.example/cb"]);
    changed["enabled"] = json!(false);
    let (id, tally) = bring(&app, upload(realm(&[client("a"), changed, client("d")])));
    assert_eq!((tally.create, tally.change, tally.unchanged, tally.vanished), (1, 1, 1, 1));
    let rows = rows(&app, id);
    assert_eq!(
        actions(&rows),
        [(A::Unchanged, "App a"), (A::Change, "App b"), (A::Create, "App d"), (A::Vanished, "App c")]
    );
    let words: Vec<String> = rows[1].changes.0.fields.iter().map(|change| change.words()).collect();
    assert_eq!(
        words,
        [
            "State: Active \u{2192} Suspended",
            "Cause of the state: imported as enabled \u{2192} disabled in the imported file",
            "Enabled at the issuing system: yes \u{2192} no",
            "Redirect URIs: https://b.example/cb \u{2192} https://elsewhere.example/cb",
        ]
    );
    let gone = identity(&app, "c");
    assert!(gone.vanished_at.is_some() && gone.state == IdentityState::Active, "nothing is removed");
    let (_, again) = bring(&app, upload(realm(&[client("a"), client("b"), client("c"), client("d")])));
    assert_eq!((again.change, again.unchanged, again.vanished), (2, 2, 0));
    assert_eq!(identity(&app, "c").vanished_at, None, "it came back");
}

#[test]
fn what_an_entry_with_a_fault_speaks_of_has_not_vanished() {
    let app = TestApp::start();
    bring(&app, upload(realm(&[client("a"), client("b")])));
    let mut broken = client("b");
    broken["redirectUris"] = json!(7);
    let (id, tally) = bring(&app, upload(realm(&[client("a"), broken])));
    assert_eq!((tally.error, tally.vanished), (1, 0), "{:?}", actions(&rows(&app, id)));
}

#[test]
fn another_environment_or_system_is_another_client() {
    let app = TestApp::start();
    bring(&app, upload(realm(&[client("a")])));
    let sandbox = Upload { environment: Some(Environment::Sandbox), ..upload(realm(&[client("a")])) };
    let (_, tally) = bring(&app, sandbox);
    assert_eq!((tally.create, tally.vanished), (1, 0));
    let other = Upload { system: Some("Elsewhere".to_owned()), ..upload(realm(&[client("b")])) };
    assert_eq!(bring(&app, other).1.vanished, 0);
    assert_eq!(everything(&app).len(), 3);
}

#[test]
fn a_person_s_decision_stands_and_the_row_says_so() {
    let app = TestApp::start();
    bring(&app, upload(realm(&[client("a")])));
    touch(&app.register, identity(&app, "a").id, |found| {
        (found.state, found.state_cause) = (IdentityState::Suspended, StateCause::Decided);
        found.purpose = Some("Bed planning".to_owned());
    });
    let (id, tally) = bring(&app, upload(realm(&[client("a")])));
    assert_eq!(tally.unchanged, 1);
    let reason = rows(&app, id)[0].reason.clone().unwrap();
    assert!(reason.contains("The file says enabled, the register says suspended: decided by a person"), "{reason}");
    assert_eq!(identity(&app, "a").purpose.as_deref(), Some("Bed planning"));
}

#[test]
fn a_list_that_does_not_say_what_is_enabled_enables_nothing_that_an_earlier_file_showed_disabled() {
    let app = TestApp::start();
    let mut off = client("a");
    off["enabled"] = json!(false);
    bring(&app, upload(realm(&[off, client("b")])));
    let (id, tally) = bring(&app, only_ids(&app, &["a", "b", "c"]));
    assert_eq!((tally.change, tally.create), (2, 1));
    let state = |client_id: &str| {
        let found = identity(&app, client_id);
        (found.state, found.state_cause, found.enabled)
    };
    assert_eq!(state("a"), (IdentityState::Suspended, StateCause::ImportedDisabled, false));
    assert_eq!(state("b"), (IdentityState::Active, StateCause::ImportedEnabled, true));
    let rows = rows(&app, id);
    for row in &rows[..2] {
        let changed: Vec<&str> = row.changes.0.fields.iter().map(|change| change.field.as_str()).collect();
        assert_eq!(changed, ["Name"], "{row:?}");
    }
    // Of what nobody knew before, the preview says what was taken for granted.
    let says = |row: &ImportRow| row.reason.as_ref().is_some_and(|reason| reason.contains("whether it is enabled"));
    assert_eq!(rows.iter().map(says).collect::<Vec<_>>(), [false, false, true]);
    assert_eq!(state("c"), (IdentityState::Active, StateCause::ImportedEnabled, true));
    // A file that says it is followed.
    bring(&app, upload(realm(&[client("a"), client("b")])));
    assert_eq!(state("a"), (IdentityState::Active, StateCause::ImportedEnabled, true));
}

#[test]
fn an_owner_in_a_list_is_asked_and_an_unknown_address_is_said() {
    let app = TestApp::start();
    let ines = app.person("Ines Moreau", "ines.moreau@hospital.example");
    let map = "name = \"ours\"\nsubject = \"clients\"\n\
        [[columns]]\nheading = \"Id\"\nfield = \"client_id\"\n\
        [[columns]]\nheading = \"Business\"\nfield = \"business_owner_email\"\n\
        [[columns]]\nheading = \"Technical\"\nfield = \"technical_owner_email\"\n\
        [[columns]]\nheading = \"Vendor\"\nfield = \"vendor\"\n";
    imports::maps::save(&app.register, &app.setup(), map, ("", 0)).unwrap();
    let list = "Id,Business,Technical,Vendor\nx1,Ines.Moreau@hospital.example,nobody@hospital.example,Acme Health\n\
        x2,,,ACME health\n";
    let csv = Upload {
        format: ImportFormat::Csv,
        file_name: "C:\\lists\\ours.csv".to_owned(),
        column_map: Some("ours".to_owned()),
        ..upload(list.as_bytes().to_vec())
    };
    let (id, tally) = bring(&app, csv.clone());
    assert_eq!(tally.create, 2);
    let owned = identity(&app, "x1");
    assert_eq!((owned.business_owner_id, owned.business_owner_answer), (Some(ines), Some(OwnerAnswer::Waiting)));
    assert_eq!(owned.technical_owner_id, None);
    assert_eq!(owned.vendor_id, identity(&app, "x2").vendor_id, "one vendor, whatever its case");
    let reason = rows(&app, id)[0].reason.clone().unwrap();
    assert!(reason.contains("nobody@hospital.example as owner, who is not among the people"), "{reason}");
    let asked = tasks::about(&mut app.register.database.read().unwrap(), owned.id).unwrap();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].assignee_id, Some(ines));
    let (_, again) = bring(&app, csv);
    assert_eq!((again.unchanged, again.vanished), (2, 0));
    let import = muster::store::imports::find(&mut app.register.database.read().unwrap(), id).unwrap();
    assert_eq!((import.file_name.as_str(), import.counts.0.system.as_deref()), ("ours.csv", Some("ours")));
}

#[test]
fn a_request_is_known_again_by_name_and_redirects() {
    let app = TestApp::start();
    let request = json!([{"client_name": "Growth chart", "redirect_uris": ["https://g.example/cb"],
        "grant_types": ["authorization_code"], "scope": "patient/Observation.rs"}]);
    let file = || Upload {
        format: ImportFormat::Dcr,
        system: Some("Ward server".to_owned()),
        ..upload(serde_json::to_vec(&request).unwrap())
    };
    assert_eq!(bring(&app, file()).1.create, 1);
    assert_eq!(bring(&app, file()).1.unchanged, 1);
    let all = everything(&app);
    assert_eq!(all[0].identity.state, IdentityState::Requested);
    assert_eq!(all[0].scopes[0].list.word(), "requested");
}

#[test]
fn seven_bad_rows_of_a_thousand_are_listed_and_the_others_stand() {
    let app = TestApp::start();
    let mut clients: Vec<_> = (0..1_000).map(|number| client(&format!("c{number:04}"))).collect();
    for place in [3, 100, 200, 300, 400, 500, 999] {
        clients[place]["redirectUris"] = json!("not a list");
    }
    clients[100] = json!({"clientId": "c0100", "name": "n".repeat(201)});
    clients[200] = json!({"name": "nothing to know it by"});
    clients[300] = json!("no client");
    let (id, tally) = bring(&app, upload(realm(&clients)));
    assert_eq!((tally.create, tally.error), (993, 7));
    assert_eq!(tally.words(true), "993 created, 7 errors");
    let rows = rows(&app, id);
    assert_eq!(rows.len(), 1_000);
    for row in rows.iter().filter(|row| row.action == A::Error) {
        assert!(row.line.is_some_and(|line| line > 1), "{row:?}");
        assert!(row.reason.as_ref().is_some_and(|reason| reason.len() > 15), "{row:?}");
        assert_eq!(row.result.as_deref(), Some("not imported"));
    }
    let (_, again) = bring(&app, upload(realm(&clients)));
    assert_eq!((again.unchanged, again.error, again.create, again.vanished), (993, 7, 0, 0));
    assert_eq!(everything(&app).len(), 993, "no duplicates");
}

#[test]
fn a_file_that_is_refused_leaves_nothing_behind() {
    let app = TestApp::start();
    let size = app.audit_size();
    let outcome =
        imports::preview(&app.register, &app.setup(), upload(b"{\"realm\": \"x\",\n \"clients\": [,]}".to_vec()));
    let Err(ActionError::Invalid(errors)) = outcome else { panic!("{outcome:?}") };
    assert!(errors[0].message.starts_with("Line 2: "), "{}", errors[0].message);
    assert_eq!(app.audit_size(), size);
    let page =
        muster::store::imports::page(&mut app.register.database.read().unwrap(), &muster::domain::listing::From::Start);
    assert!(page.unwrap().rows.is_empty());
}

#[test]
fn an_auditor_imports_nothing_and_only_an_administrator_imports_people() {
    let app = TestApp::start();
    let by = |role| {
        let (person, _) = app.account(role);
        By::person(person, role, None, app.register.now())
    };
    for role in [Role::Auditor, Role::Owner] {
        let outcome = imports::preview(&app.register, &by(role), upload(realm(&[client("a")])));
        assert!(matches!(outcome, Err(ActionError::Forbidden)), "{role}");
    }
    let people = Upload {
        subject: muster::domain::imports::ImportSubject::People,
        format: ImportFormat::Csv,
        ..upload(fixture("staff-list.csv"))
    };
    let outcome = imports::preview(&app.register, &by(Role::SecurityAnalyst), people.clone());
    assert!(matches!(outcome, Err(ActionError::Forbidden)));
    assert!(imports::preview(&app.register, &by(Role::Administrator), people).is_ok());
}

#[test]
fn two_entries_that_mean_one_client_are_both_errors_and_what_is_known_of_it_stays() {
    let app = TestApp::start();
    bring(&app, upload(realm(&[client("a"), client("b")])));
    let before = everything(&app);
    let mut other = client("a");
    other["name"] = json!("Another name");
    let (id, tally) = bring(&app, upload(realm(&[client("a"), client("b"), other])));
    assert_eq!((tally.error, tally.unchanged, tally.vanished, tally.touched()), (2, 1, 0, 0));
    assert_eq!(actions(&rows(&app, id)), [(A::Error, "a"), (A::Unchanged, "App b"), (A::Error, "a")]);
    assert_eq!(everything(&app), before);
}

#[test]
fn a_client_id_with_white_space_is_another_client_and_is_kept_exactly() {
    let app = TestApp::start();
    let (id, tally) = bring(&app, upload(realm(&[client(" sp "), client("sp")])));
    assert_eq!(tally.create, 2);
    let ids: Vec<_> = everything(&app).into_iter().map(|found| found.identity.client_id.unwrap()).collect();
    assert_eq!(ids, [" sp ", "sp"]);
    assert!(rows(&app, id)[0].reason.as_ref().unwrap().contains("“ sp ”"));
    assert_eq!(bring(&app, upload(realm(&[client(" sp "), client("sp")]))).1.unchanged, 2);
}
