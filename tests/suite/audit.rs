//! The audit log: complete, without names, whole.

use muster::actions::{accounts, people};
use muster::domain::listing::{Direction, From};
use muster::domain::people::Role;
use muster::store::Database;
use muster::store::audit::{self, AuditFilter};
use muster::store::audit_check::{self, CheckError};
use muster::store::connection::Address;

use crate::app::{TestApp, on_postgres};

#[test]
fn no_name_and_no_address_is_in_any_body() {
    let app = TestApp::start();
    let administrator = app.sign_in(Role::Administrator);
    let person = app.person("Quendolyn Plantedname", "planted.address@hospital.example");
    let fields = [
        ("name", "Quendolyn Otherplanted"),
        ("email", "planted.second@hospital.example"),
        ("title", "Pharmacist"),
        ("version", "1"),
    ];
    assert_eq!(administrator.post(&format!("/people/{person}/edit"), &fields).status, 303);
    administrator.post(&format!("/people/{person}/account/open"), &[("role", "owner")]);
    administrator.post("/vendors/new", &[("name", "A vendor"), ("contact", "Quendolyn Plantedcontact")]);
    app.browser().post("/sign-in", &[("email", "planted.second@hospital.example"), ("password", "planted wrong pass")]);
    app.browser().post("/sign-in", &[("email", "planted.nobody@hospital.example"), ("password", "planted wrong pass")]);
    let mut db = app.register.database.read().unwrap();
    let rows = audit::lines(&mut db, &AuditFilter::default(), Direction::Ascending, &From::Start, 1_000).unwrap();
    assert!(rows.len() >= 8, "{}", rows.len());
    let mut titles = 0;
    for row in rows {
        let body = String::from_utf8(row.body.clone()).unwrap();
        let columns = format!("{row:?}").to_lowercase();
        for planted in ["lanted", "uendolyn", "hospital.example"] {
            assert!(!body.to_lowercase().contains(planted) && !columns.contains(planted), "{body}");
        }
        titles += usize::from(body.contains("Pharmacist"));
    }
    assert_eq!(titles, 1, "what may be kept is kept");
}

#[test]
fn the_page_tells_who_did_what_with_what_changed() {
    let app = TestApp::start();
    let administrator = app.sign_in(Role::Administrator);
    let answer = administrator.post("/systems/new", &[("name", "Realm"), ("kind", "ehr")]);
    let path = answer.location.split('?').next().unwrap().to_owned();
    administrator.post(&format!("{path}/edit"), &[("name", "Renamed"), ("kind", "ehr"), ("version", "1")]);
    let entry = app.audit_size() - 1;
    let auditor = app.sign_in(Role::Auditor);
    let page = auditor.get("/audit?entity=system");
    assert!(page.shows("changed the system Renamed Name") && page.shows("2 entries"), "{}", page.readable());
    assert!(page.text.contains(" -06:00"), "times carry their offset");
    let one = auditor.get(&format!("/audit/{entry}"));
    assert!(one.shows("Name Realm Renamed"), "{}", one.readable());
    let mut db = app.register.database.read().unwrap();
    let root = hex::encode(audit_check::verify(&mut db).unwrap().root);
    assert!(auditor.get("/audit").text.contains(&root));
    assert_eq!(auditor.get("/audit/99999").status, 404);
    assert_eq!(auditor.get("/audit/nonsense").status, 404);
}

#[test]
fn filters_narrow_the_log_and_the_files() {
    let app = TestApp::start();
    let administrator = app.sign_in(Role::Administrator);
    administrator.post("/systems/new", &[("name", "Realm"), ("kind", "ehr")]);
    app.browser().post("/sign-in", &[("email", "x@hospital.example"), ("password", "wrong")]);
    let auditor = app.sign_in(Role::Auditor);
    let count = |query: &str| auditor.get(&format!("/audit.jsonl{query}")).text.lines().count();
    let person = administrator.person.unwrap();
    assert_eq!(count(&format!("?actor={person}")), 2);
    assert_eq!(count("?outcome=refused"), 1);
    assert_eq!(count("?action=system.add"), 1);
    assert_eq!(count(&format!("?entity=person&entity_id={person}")), 1);
    assert_eq!(count("?since=2026-11-24"), 0);
    assert_eq!(i64::try_from(count("?since=2026-11-23&until=2026-11-23")).unwrap(), app.audit_size());
    assert!(auditor.get("/audit?actor=nobody+at+all").shows("No entry matches"));
    let csv = auditor.get("/audit.csv?action=system.add").text;
    assert!(csv.starts_with("seq,at,actor_kind,"), "{csv}");
}

#[test]
fn an_actor_who_is_gone_is_shown_by_id() {
    let app = TestApp::start();
    let person = app.person("Fiona Forgotten", "fiona@hospital.example");
    app.register.database.write(|db| muster::store::people::delete(db, person)).unwrap();
    let auditor = app.sign_in(Role::Auditor);
    let page = auditor.get(&format!("/audit?entity_id={person}"));
    assert!(page.shows(&person.to_string()) && page.shows("added"), "{}", page.readable());
}

/// Changes one thing behind the log's back, as somebody with the database would.
fn tamper(app: &TestApp, table: &str, statement: &str) -> Result<audit_check::Whole, CheckError> {
    let database = Database::open_sized(app.register.database.address(), 1).unwrap();
    let mut db = database.read().unwrap();
    if on_postgres() {
        db.execute(&format!(
            "ALTER TABLE {table} DISABLE TRIGGER USER; {statement}; ALTER TABLE {table} ENABLE TRIGGER USER"
        ))
        .unwrap();
    } else {
        // The triggers of SQLite are dropped in a copy, so that each harm is done to a whole log.
        let copy = app.folder.path().join("copy.db");
        drop(std::fs::remove_file(&copy));
        db.execute(&format!("VACUUM INTO '{}'", copy.display())).unwrap();
        let copied = Database::open_sized(&Address::Sqlite(copy), 1).unwrap();
        let mut db = copied.read().unwrap();
        for trigger in ["audit_entries_keep", "audit_entries_stay", "audit_nodes_keep", "audit_nodes_stay"] {
            db.execute(&format!("DROP TRIGGER {trigger}")).unwrap();
        }
        db.execute(statement).unwrap();
        return audit_check::verify(&mut db);
    }
    audit_check::verify(&mut db)
}

#[test]
fn verifying_names_the_first_entry_that_was_altered() {
    let flip_body = if on_postgres() {
        "UPDATE audit_entries SET body = set_byte(body, 40, get_byte(body, 40) # 1) WHERE seq = 7"
    } else {
        "UPDATE audit_entries SET body = CAST(replace(CAST(body AS TEXT), '\"outcome\":\"done\"', '\"outcome\":\"dona\"') AS BLOB) WHERE seq = 7"
    };
    let flip_leaf = if on_postgres() {
        "UPDATE audit_entries SET leaf = set_byte(leaf, 0, get_byte(leaf, 0) # 1) WHERE seq = 5"
    } else {
        "UPDATE audit_entries SET leaf = zeroblob(32) WHERE seq = 5"
    };
    let flip_node = if on_postgres() {
        "UPDATE audit_nodes SET hash = set_byte(hash, 31, get_byte(hash, 31) # 128) WHERE level = 2 AND position = 1"
    } else {
        "UPDATE audit_nodes SET hash = zeroblob(32) WHERE level = 2 AND position = 1"
    };
    let harms = [
        ("audit_nodes", flip_node, "entry 4"),
        ("audit_entries", flip_body, "entry 7"),
        ("audit_entries", flip_leaf, "entry 5"),
        ("audit_nodes", "DELETE FROM audit_nodes WHERE level = 0 AND position = 4", "entry 4"),
        ("audit_entries", "UPDATE audit_entries SET actor_id = 'somebody' WHERE seq = 3", "entry 3"),
        ("audit_entries", "UPDATE audit_entries SET entity_id = 'x' WHERE seq = 2", "entry 2"),
        ("audit_entries", "DELETE FROM audit_entries WHERE seq = 1", "entry 1"),
        ("audit_nodes", "DELETE FROM audit_nodes WHERE level = 0 AND position = 0", "entry 0"),
    ];
    // On PostgreSQL the harms add up: each is found before those above it. The node over the entries 4 to 7
    // is due with the last of them only.
    let app = TestApp::start();
    for number in 0..10 {
        app.person(&format!("Person {number}"), &format!("p{number}@hospital.example"));
    }
    let whole = audit_check::verify(&mut app.register.database.read().unwrap()).unwrap();
    assert_eq!(whole.size, 10);
    for (table, statement, named) in harms {
        let error = tamper(&app, table, statement).expect_err(statement).to_string();
        assert!(error.contains(named), "{statement}: {error}");
    }
}

#[test]
fn a_log_that_was_cut_off_is_not_whole() {
    let app = TestApp::start();
    for number in 0..5 {
        app.person(&format!("Person {number}"), &format!("p{number}@hospital.example"));
    }
    let error = tamper(&app, "audit_entries", "DELETE FROM audit_entries WHERE seq = 4").unwrap_err().to_string();
    assert!(error.contains("entry 4 is missing"), "{error}");
}

#[test]
fn every_change_of_an_account_writes_exactly_one_entry() {
    let app = TestApp::start();
    let (person, _) = app.account(Role::Owner);
    let by = app.setup();
    let mut size = app.audit_size();
    let mut one_more = |what: &str| {
        size += 1;
        assert_eq!(app.audit_size(), size, "{what}");
    };
    accounts::change_role(&app.register, &by, person, Role::Auditor).unwrap();
    one_more("role");
    accounts::set_password(&app.register, &by, person, "nine tall green doors").unwrap();
    one_more("password");
    accounts::disable(&app.register, &by, person).unwrap();
    one_more("disable");
    accounts::enable(&app.register, &by, person).unwrap();
    one_more("enable");
    people::add(&app.register, &by, "One", "one@hospital.example", None).unwrap();
    one_more("person");
    // What changes nothing records nothing.
    accounts::enable(&app.register, &by, person).unwrap();
    assert_eq!(app.audit_size(), size);
}
