//! The two schemas are one, and guard themselves.

use std::collections::BTreeSet;
use std::fs;

use muster::store::connection::Address;
use muster::store::{Database, migrations};

use crate::app::{TestApp, fresh_database, on_postgres};

fn names(folder: &str) -> BTreeSet<String> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn both_databases_have_migrations_of_the_same_names() {
    assert_eq!(names("migrations/sqlite"), names("migrations/postgres"));
    assert!(names("migrations/sqlite").len() >= 7);
}

#[test]
fn both_databases_have_the_same_tables_and_columns() {
    let columns = |folder: &str| -> BTreeSet<String> {
        let mut all = BTreeSet::new();
        for name in names(folder) {
            let sql = fs::read_to_string(format!("{folder}/{name}/up.sql")).unwrap();
            for added in sql.split("ALTER TABLE ").skip(1) {
                let mut words = added.split_whitespace();
                if let (Some(table), Some("ADD"), Some("COLUMN"), Some(column)) =
                    (words.next(), words.next(), words.next(), words.next())
                {
                    all.insert(format!("{table}.{column}"));
                }
            }
            for table in sql.split("CREATE TABLE ").skip(1) {
                let (head, body) = table.split_once(" (\n").unwrap();
                for line in body.split("\n)").next().unwrap().lines() {
                    let first = line.split_whitespace().next().unwrap_or_default();
                    if first.chars().next().is_some_and(char::is_lowercase)
                        && line.starts_with("    ")
                        && !line.starts_with("     ")
                    {
                        all.insert(format!("{head}.{first}"));
                    }
                }
            }
        }
        all
    };
    let mut sqlite = columns("migrations/sqlite");
    // SQLite's search needs a number that VACUUM does not change; PostgreSQL's has a column of its own.
    assert!(sqlite.remove("identities.number"));
    let mut postgres = columns("migrations/postgres");
    assert!(postgres.remove("identities.search_text"));
    assert_eq!(sqlite, postgres);
    assert!(sqlite.len() > 200, "{}", sqlite.len());
}

#[test]
fn audit_entries_can_be_neither_changed_nor_deleted() {
    let app = TestApp::start();
    app.person("Una Unchanged", "una@hospital.example");
    let mut db = app.register.database.read().unwrap();
    for statement in [
        "UPDATE audit_entries SET action = 'x'",
        "DELETE FROM audit_entries",
        "UPDATE audit_nodes SET level = 9",
        "DELETE FROM audit_nodes",
    ] {
        let refused = db.execute(statement).unwrap_err().to_string();
        assert!(refused.contains("never"), "{statement}: {refused}");
    }
}

#[test]
fn a_database_of_a_newer_muster_is_refused() {
    let app = TestApp::start();
    let mut db = app.register.database.read().unwrap();
    db.execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('9999')").unwrap();
    let refused = migrations::run(&mut db).unwrap_err().to_string();
    assert!(refused.contains("newer Muster") && refused.contains("9999"), "{refused}");
}

#[test]
fn five_that_start_together_migrate_once() {
    let folder = tempfile::tempdir().unwrap();
    let (address, database) = fresh_database(folder.path());
    std::thread::scope(|scope| {
        for _ in 0..5 {
            scope.spawn(|| {
                let database = Database::open_sized(&address, 1).unwrap();
                migrations::run(&mut database.read().unwrap()).unwrap();
            });
        }
    });
    if let Some((admin, name)) = database {
        let server = Database::open_sized(&Address::Postgres(admin), 1).unwrap();
        server.read().unwrap().execute(&format!("DROP DATABASE {name} WITH (FORCE)")).unwrap();
    }
    assert_eq!(on_postgres(), matches!(address, Address::Postgres(_)));
}

#[test]
fn the_schema_itself_refuses_what_makes_no_sense() {
    let app = TestApp::start();
    let identity = muster::store::identities::Identity::new(
        muster::domain::identities::IdentityKind::Token,
        "A token",
        muster::domain::identities::Environment::Sandbox,
        app.register.now(),
    );
    let insert = |identity: &muster::store::identities::Identity| {
        app.register.database.write(|db| muster::store::identities::insert(db, identity))
    };
    insert(&identity).unwrap();
    let broken = |change: &dyn Fn(&mut muster::store::identities::Identity)| {
        let mut other = identity.clone();
        other.id = muster::domain::ids::Id::new();
        change(&mut other);
        insert(&other)
    };
    assert!(broken(&|_| {}).is_ok(), "the unbroken copy is accepted");
    assert!(broken(&|other| other.name = String::new()).is_err());
    assert!(broken(&|other| other.parent_id = Some(other.id)).is_err());
    assert!(broken(&|other| other.refresh_token_seconds = Some(5)).is_err());
    assert!(broken(&|other| other.access_token_seconds = Some(0)).is_err());
    assert!(broken(&|other| other.last_used_at = Some(other.registered_at)).is_err());
    assert!(broken(&|other| other.vendor_id = Some(muster::domain::ids::Id::new())).is_err());
    assert!(
        broken(&|other| other.business_owner_answer = Some(muster::domain::identities::OwnerAnswer::Waiting)).is_err()
    );
}
