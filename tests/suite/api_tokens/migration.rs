//! The migration that lets a token stand in the log as who acted: no entry and no hash changes with it.

use std::collections::BTreeSet;

use muster::domain::audit::{Actor, ActorKind, Entry, Outcome};
use muster::domain::listing::{Direction, From};
use muster::store::audit::{self, AuditFilter, AuditRow};
use muster::store::connection::Address;
use muster::store::{Database, Db, audit_check, migrations};

use crate::app::{NOW, at, fresh_database, schema_before};

const OURS: &str = "0011";

fn entry(kind: ActorKind, number: usize) -> Entry {
    Entry {
        seq: 0,
        at: at(NOW).plus_seconds(i64::try_from(number).unwrap()),
        actor: Actor { kind, id: Some(format!("actor {number}")), on_behalf_of: None, emergency: None },
        request_id: number.is_multiple_of(2).then(|| format!("request {number}")),
        action: "system.edit".to_owned(),
        entity: "system".to_owned(),
        entity_id: number.to_string(),
        entity_version: Some(2),
        outcome: if number.is_multiple_of(5) { Outcome::Refused } else { Outcome::Done },
        reason: number.is_multiple_of(3).then(|| "because".to_owned()),
        before: Some(serde_json::json!({"a": number})),
        after: Some(serde_json::json!({"a": "after"})),
    }
}

fn rows(db: &mut Db) -> Vec<AuditRow> {
    audit::lines(db, &AuditFilter::default(), Direction::Ascending, &From::Start, 1_000).unwrap()
}

#[test]
fn the_log_and_its_root_are_the_same_before_and_after() {
    let folder = tempfile::tempdir().unwrap();
    let (address, made) = fresh_database(folder.path());
    {
        let database = Database::open_sized(&address, 1).unwrap();
        let mut db = database.read().unwrap();
        schema_before(OURS, &mut db);
        let kinds = [ActorKind::Person, ActorKind::Job, ActorKind::Command, ActorKind::Setup];
        let entries = (0..137).map(|number| entry(kinds[number % 4], number)).collect();
        audit::append(&mut db, entries).unwrap();
        let token = || vec![entry(ActorKind::ApiToken, 137)];
        let refused = db.transaction(|db| audit::append(db, token()));
        assert!(refused.is_err(), "an older schema knows no such actor");
        let (known, whole) = (rows(&mut db), audit_check::verify(&mut db).unwrap());
        assert_eq!((known.len(), whole.size), (137, 137));

        migrations::run(&mut db).unwrap();
        assert_eq!(rows(&mut db), known, "every column of every entry");
        assert_eq!(audit_check::verify(&mut db).unwrap(), whole);

        audit::append(&mut db, token()).unwrap();
        assert_eq!(audit_check::verify(&mut db).unwrap().size, 138);
        db.execute(
            "INSERT INTO audit_entries SELECT 999, at, 'ghost', actor_id, request_id, action, entity, entity_id, \
                    entity_version, outcome, reason, body, leaf FROM audit_entries WHERE seq = 1",
        )
        .unwrap_err();
        for statement in ["UPDATE audit_entries SET action = 'x'", "DELETE FROM audit_entries"] {
            let refused = db.execute(statement).unwrap_err().to_string();
            assert!(refused.contains("never"), "{statement}: {refused}");
        }
        // Dropping what is not there is an error: so they all are.
        for index in ["entity", "actor", "action", "time"] {
            db.execute(&format!("DROP INDEX audit_entries_by_{index}")).unwrap();
        }
    }
    if let Some((admin, name)) = made {
        let server = Database::open_sized(&Address::Postgres(admin), 1).unwrap();
        server.read().unwrap().execute(&format!("DROP DATABASE {name} WITH (FORCE)")).unwrap();
    }
}

#[test]
fn the_table_is_written_anew_as_it_was() {
    let text = |path: &str| std::fs::read_to_string(path).unwrap();
    let (old, new) =
        (text("migrations/sqlite/0006_audit/up.sql"), text("migrations/sqlite/0011_api_token_actor/up.sql"));
    let lines = |text: &str| -> BTreeSet<String> {
        let about = |line: &&str| {
            line.starts_with("CREATE INDEX audit_entries") || line.starts_with("CREATE TRIGGER audit_entries")
        };
        let table = text.split_once("CREATE TABLE audit_entries (").unwrap().1.split_once(") STRICT;").unwrap().0;
        let rest = text.lines().filter(about).map(str::to_owned);
        let plain = |line: &str| line.replace(", 'api_token')", ")").trim_end_matches(',').to_owned();
        // A column of its own came between the two.
        table.lines().map(plain).chain(rest).filter(|line| !line.contains("emergency")).collect()
    };
    assert_eq!(lines(&old), lines(&new));
    assert_eq!(lines(&old).len(), 20);
}
