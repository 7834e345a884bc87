//! The migration that brings reviews: a register from before it keeps every row, and goes on with it.

use muster::actions::Register;
use muster::domain::ids::Id;
use muster::domain::jobs::Job;
use muster::domain::people::Role;
use muster::domain::reviews::{ReviewAnswer, ReviewState};
use muster::domain::tasks::TaskState;
use muster::store::connection::Address;
use muster::store::{Database, Db, migrations};

use super::{answer, causes, open_tasks, review, run_at, tasks_of};
use crate::app::{NOW, TestApp, at, fresh_database, on_postgres, schema_before};
use crate::approvals::database::{Line, columns, quoted, rows, text, texts};

const OURS: &str = "0017";

fn moment(value: &str) -> String {
    text(at(value).to_text())
}

/// The register of before: people, identities, and reviews that were tasks.
struct Old {
    owner: Id,
    analyst: Id,
    /// One review waits, and two are answered.
    first: Id,
    /// Two wait at once.
    twice: Id,
    waiting: Id,
    earlier: Id,
    later: Id,
}

impl Old {
    fn new() -> Self {
        // In the order in which they are made.
        let ids: Vec<Id> = (0..7).map(|_| Id::new()).collect();
        Self {
            owner: ids[0],
            analyst: ids[1],
            first: ids[2],
            twice: ids[3],
            waiting: ids[4],
            earlier: ids[5],
            later: ids[6],
        }
    }

    fn write(&self, db: &mut Db) {
        for (id, role, name) in [(self.owner, "owner", "dana owner"), (self.analyst, "security_analyst", "ana analyst")]
        {
            let email = text(format!("{}@hospital.example", name.replace(' ', ".")));
            let begun = moment("2025-01-01T08:00:00Z");
            let person = Line::of(
                "people",
                &[
                    ("id", &quoted(id)),
                    ("name", &text(name)),
                    ("name_key", &text(name)),
                    ("email", &email),
                    ("email_key", &email),
                    ("created_at", &begun),
                    ("updated_at", &begun),
                    ("version", "1"),
                ],
            );
            let account = Line::of(
                "accounts",
                &[
                    ("person_id", &quoted(id)),
                    ("role", &text(role)),
                    ("created_at", &begun),
                    ("updated_at", &begun),
                    ("version", "1"),
                ],
            );
            db.execute(&person.insert()).unwrap();
            db.execute(&account.insert()).unwrap();
        }
        for (id, name, due) in [(self.first, "First", "2026-11-09"), (self.twice, "Twice", "2026-11-16")] {
            db.execute(&self.identity(id, name).with("next_review_on", text(due)).insert()).unwrap();
        }
        for task in self.tasks() {
            db.execute(&task.insert()).unwrap();
        }
    }

    fn identity(&self, id: Id, name: &str) -> Line {
        Line::of(
            "identities",
            &[
                ("id", &quoted(id)),
                ("kind", "'smart_app'"),
                ("name", &text(name)),
                ("name_key", &text(name.to_lowercase())),
                ("environment", "'production'"),
                ("client_type", "'confidential'"),
                ("grant_types", "'[]'"),
                ("launch_types", "'[]'"),
                ("refresh_tokens", "'unknown'"),
                ("criticality", "'moderate'"),
                ("enabled", "TRUE"),
                ("vendor_managed", "FALSE"),
                ("state", "'active'"),
                ("state_cause", "'decided'"),
                ("state_changed_at", &moment("2026-01-05T08:00:00Z")),
                ("business_owner_id", &quoted(self.owner)),
                ("business_owner_answer", "'accepted'"),
                ("notes", "'{}'"),
                ("registered_at", &moment("2026-01-02T08:00:00Z")),
                ("updated_at", &moment("2026-01-05T08:00:00Z")),
                ("version", "3"),
            ],
        )
    }

    /// A review that was a task.
    fn task(&self, id: Id, identity: Id, period: &str) -> Line {
        Line::of(
            "tasks",
            &[
                ("id", &quoted(id)),
                ("kind", "'recertification'"),
                ("identity_id", &quoted(identity)),
                ("period", &text(period)),
                ("cause", "'review_due'"),
                ("reason", &text(format!("Its review was due on {period}."))),
                ("assignee_id", &quoted(self.owner)),
                ("assigned_as", "'business_owner'"),
                ("due_on", "'2026-12-07'"),
                ("state", "'open'"),
                ("created_at", &moment("2026-11-20T10:00:00.000001Z")),
                ("version", "1"),
            ],
        )
    }

    fn tasks(&self) -> Vec<Line> {
        let closed = |line: Line, state: &str, answer: &str| {
            line.with("state", text(state))
                .with("answer", text(answer))
                .with("closed_at", moment("2026-11-02T10:00:00.123456Z"))
                .with("closed_by", quoted(self.owner))
        };
        let offboarding = self
            .task(Id::new(), self.first, "expired:2026-11-20")
            .with("kind", "'offboarding'")
            .with("cause", "'expired'");
        vec![
            self.task(self.waiting, self.first, "2026-11-09").with("note", "'asked twice'"),
            closed(self.task(Id::new(), self.first, "2025-11-09"), "done", "keep"),
            closed(self.task(Id::new(), self.first, "2026-05-09"), "cancelled", "obsolete"),
            self.task(self.earlier, self.twice, "2026-11-02").with("note", "'asked before'"),
            self.task(self.later, self.twice, "2026-11-16"),
            offboarding,
        ]
    }
}

/// Gives a test the database of a register from before, and takes it away.
fn from_before(test: impl FnOnce(&Address, &Old)) {
    let folder = tempfile::tempdir().unwrap();
    let (address, made) = fresh_database(folder.path());
    let old = Old::new();
    {
        let database = Database::open_sized(&address, 1).unwrap();
        let mut db = database.read().unwrap();
        schema_before(OURS, &mut db);
        old.write(&mut db);
    }
    test(&address, &old);
    if let Some((admin, name)) = made {
        let server = Database::open_sized(&Address::Postgres(admin), 1).unwrap();
        server.read().unwrap().execute(&format!("DROP DATABASE {name} WITH (FORCE)")).unwrap();
    }
}

/// The rows of tasks as they were kept before, but those that the migration closed.
fn tasks(db: &mut Db, known: &[String], but: Id) -> Vec<String> {
    let all = rows(db, "tasks", known);
    let id = but.0.simple().to_string().to_uppercase();
    all.into_iter().filter(|row| !row.contains(&id) && !row.contains(&but.to_string())).collect()
}

#[test]
fn a_register_from_before_keeps_every_row() {
    from_before(|address, old| {
        let database = Database::open_sized(address, 1).unwrap();
        let mut db = database.read().unwrap();
        let known = columns(&mut db, "tasks");
        let before = tasks(&mut db, &known, old.earlier);
        assert_eq!(before.len(), 5);
        let others = ["people", "accounts", "identities"].map(|table| {
            let columns = columns(&mut db, table);
            let rows = rows(&mut db, table, &columns);
            (table, columns, rows)
        });
        migrations::run(&mut db).unwrap();
        assert_eq!(tasks(&mut db, &known, old.earlier), before, "every row, but that of two that waits no longer");
        for (table, columns, found) in others {
            assert_eq!(rows(&mut db, table, &columns), found, "{table}");
        }
        assert_eq!(columns(&mut db, "tasks_of_before"), Vec::<String>::new());
        let states = "SELECT state || ' ' || coalesce(ended_because, '') AS value FROM reviews ORDER BY 1";
        assert_eq!(
            texts(&mut db, states),
            [
                "cancelled a later review asks the same",
                "cancelled answered as a task, before reviews were kept",
                "cancelled answered as a task, before reviews were kept",
                "open ",
                "open ",
            ]
        );
        let tied = "SELECT period AS value FROM tasks WHERE review_id = id AND kind = 'recertification' ORDER BY 1";
        assert_eq!(texts(&mut db, tied).len(), 5);
        let untied = "SELECT kind AS value FROM tasks WHERE review_id IS NULL";
        assert_eq!(texts(&mut db, untied), ["offboarding"]);
        let reasons = "SELECT cause || ' ' || period AS value FROM review_reasons ORDER BY 1";
        assert_eq!(
            texts(&mut db, reasons),
            ["clock 2025-11-09", "clock 2026-05-09", "clock 2026-11-02", "clock 2026-11-09", "clock 2026-11-16"]
        );
        assert_eq!(texts(&mut db, "SELECT step AS value FROM review_steps"), ["opened"; 5]);
        check_sound(&mut db);
        // What the table of tasks refused before, it refuses again.
        db.execute(&old.task(Id::new(), old.first, "2026-11-09").insert()).unwrap_err();
        let offboarding = old.task(Id::new(), old.first, "other").with("kind", "'offboarding'");
        db.execute(&offboarding.insert()).unwrap();
        db.execute(&offboarding.with("id", quoted(Id::new())).insert()).unwrap_err();
        // One more cause of a state is known, and nothing else is.
        let cause =
            |cause: &str| format!("UPDATE identities SET state_cause = '{cause}' WHERE id = {}", quoted(old.first));
        db.execute(&cause("review_unanswered")).unwrap();
        db.execute(&cause("no_such_cause")).unwrap_err();
    });
}

#[test]
fn bringing_it_up_to_date_twice_changes_nothing() {
    from_before(|address, _| {
        let database = Database::open_sized(address, 1).unwrap();
        let mut db = database.read().unwrap();
        migrations::run(&mut db).unwrap();
        let contents = |db: &mut Db| {
            ["tasks", "reviews", "review_reasons", "review_steps", "identities"].map(|table| {
                let columns = columns(db, table);
                rows(db, table, &columns)
            })
        };
        let known = contents(&mut db);
        migrations::run(&mut db).unwrap();
        assert_eq!(contents(&mut db), known);
    });
}

#[test]
fn people_go_on_with_a_register_from_before() {
    from_before(|address, old| {
        let mut app = TestApp::start();
        let database = Database::open_sized(address, 4).unwrap();
        migrations::run(&mut database.read().unwrap()).unwrap();
        app.register = Register { database, deployment: app.register.deployment.clone() };
        // Of two the later goes on; the earlier is closed and says why.
        let closed = tasks_of(&app, old.earlier).remove(0);
        assert_eq!(closed.state, TaskState::Cancelled);
        let note = closed.note.unwrap();
        assert!(note.contains("asked before") && note.contains("a later review asks the same"), "{note}");
        assert_eq!(review(&app, old.later).state, ReviewState::Open);
        assert_eq!(causes(&app, old.waiting), [muster::domain::reviews::reasons::ReviewCause::Clock]);
        // Nobody is asked twice about what was asked before.
        let said = run_at(&app.register, Job::RaiseRecertifications, at(NOW));
        assert_eq!(said[0], "0 reviews opened", "{said:?}");
        // What waits is reminded of, and answered on its page.
        let said = run_at(&app.register, Job::EscalateReviews, at(NOW));
        assert_eq!(said, ["Reminded of 2 reviews"]);
        for id in [old.waiting, old.later] {
            answer(&app, id, (old.owner, Role::Owner), ReviewAnswer::Keep, at(NOW), |_| {}).unwrap();
            assert!(open_tasks(&app, id, muster::domain::tasks::TaskKind::Recertification).is_empty());
        }
        let said = run_at(&app.register, Job::ApplyReviews, at(NOW).plus_days(1));
        assert_eq!(said, ["2 identities kept"]);
        assert_eq!(review(&app, old.waiting).state, ReviewState::Closed);
        check_sound(&mut app.register.database.read().unwrap());
    });
}

/// The database itself finds nothing wrong.
fn check_sound(db: &mut Db) {
    if on_postgres() {
        let doubtful = "SELECT conname::text AS value FROM pg_constraint WHERE NOT convalidated";
        assert_eq!(texts(db, doubtful), Vec::<String>::new());
    } else {
        let broken = "SELECT \"table\" AS value FROM pragma_foreign_key_check";
        assert_eq!(texts(db, broken), Vec::<String>::new());
        assert_eq!(texts(db, "SELECT integrity_check AS value FROM pragma_integrity_check"), ["ok"]);
    }
}
