//! The migration that brings requests: a register from before it keeps everything, and goes on with it.

use std::collections::BTreeSet;

use muster::actions::{By, Register, grants, requests};
use muster::domain::identities::{IdentityState, ScopeList, StateCause};
use muster::domain::ids::Id;
use muster::domain::jobs::Job;
use muster::domain::people::Role;
use muster::domain::requests::RequestState;
use muster::domain::reviews::ReviewAnswer;
use muster::domain::tasks::TaskState;
use muster::store::connection::Address;
use muster::store::identities::{self, Identity};
use muster::store::{Database, Db, migrations, tasks};

use super::database::{Line, columns, quoted, rows, text, texts};
use super::{LAB, Story, by};
use crate::app::{NOW, TestApp, at, fresh_database, on_postgres, schema_before};
use crate::jobs::{day, run};

const OURS: &str = "0014";

/// Tables that a register from before has something in.
const TABLES: [&str; 9] = [
    "people",
    "accounts",
    "identities",
    "identity_scopes",
    "tasks",
    "grants",
    "emergency_accesses",
    "outbox",
    "job_runs",
];

/// What a note may hold.
const NOTE: &str = "M\u{fc}ller: \u{201c}still needed\u{201d}\nit's used on the ward, 100 % | \"daily\" \\";

/// Scopes, each with the list it is on.
type Scopes = &'static [(&'static str, &'static str)];

fn moment(value: &str) -> String {
    text(at(value))
}

/// The register of before: who is in it, and what waits.
struct Old {
    owner: Id,
    deputy: Id,
    technical: Id,
    analyst: Id,
    second: Id,
    administrator: Id,
    /// Works, with a review that waits for its owner.
    active: Id,
    /// Waits for its first approval.
    requested: Id,
    /// Was approved and never issued.
    approved: Id,
    /// Was suspended; that it goes on was approved.
    suspended: Id,
    /// Its expiry has passed; that it goes on was asked.
    expired: Id,
    revoking: Id,
    revoked: Id,
    rejected: Id,
    review: Id,
    emergency_review: Id,
    grant: Id,
}

impl Old {
    fn new() -> Self {
        Self {
            owner: Id::new(),
            deputy: Id::new(),
            technical: Id::new(),
            analyst: Id::new(),
            second: Id::new(),
            administrator: Id::new(),
            active: Id::new(),
            requested: Id::new(),
            approved: Id::new(),
            suspended: Id::new(),
            expired: Id::new(),
            revoking: Id::new(),
            revoked: Id::new(),
            rejected: Id::new(),
            review: Id::new(),
            emergency_review: Id::new(),
            grant: Id::new(),
        }
    }

    fn people(&self) -> [(Id, &'static str, &'static str); 6] {
        [
            (self.owner, "owner", "Dana Owner"),
            (self.deputy, "owner", "Dee Deputy"),
            (self.technical, "owner", "Tom Technical"),
            (self.analyst, "security_analyst", "Ana Analyst"),
            (self.second, "security_analyst", "Sam Second"),
            (self.administrator, "administrator", "Ada Administrator"),
        ]
    }

    /// Each identity, its state and cause, and the scopes on its lists.
    fn identities(&self) -> [(Id, &'static str, &'static str, Scopes); 8] {
        [
            (
                self.active,
                "active",
                "decided",
                &[("approved", LAB), ("approved", "patient/Patient.r"), ("issued", LAB), ("issued", "openid")],
            ),
            (self.requested, "requested", "registered", &[("requested", LAB), ("requested", "launch")]),
            (self.approved, "approved", "decided", &[("approved", LAB), ("requested", LAB)]),
            (self.suspended, "suspended", "decided", &[("issued", "system/*.rs")]),
            (self.expired, "suspended", "expired", &[("approved", LAB), ("issued", LAB)]),
            (self.revoking, "revoking", "no_longer_needed", &[("approved", LAB), ("issued", LAB)]),
            (self.revoked, "revoked", "decided", &[("approved", LAB)]),
            (self.rejected, "rejected", "decided", &[("requested", "system/*.cruds")]),
        ]
    }

    fn write(&self, db: &mut Db) {
        for (id, role, name) in self.people() {
            db.execute(&person(id, name)).unwrap();
            db.execute(&account(id, role)).unwrap();
        }
        let stands_in = format!(
            "UPDATE people SET deputy_id = {}, version = 2 WHERE id = {}",
            quoted(self.deputy),
            quoted(self.owner)
        );
        db.execute(&stands_in).unwrap();
        for (number, (id, state, cause, scopes)) in self.identities().into_iter().enumerate() {
            let line = identity(id, &format!("App {number}"), state, cause)
                .with("business_owner_id", quoted(self.owner))
                .with("business_owner_answer", "'accepted'")
                .with("technical_owner_id", quoted(self.technical))
                .with("technical_owner_answer", "'accepted'");
            let line = if id == self.expired { line.with("expires_at", moment("2026-11-20T12:00:00Z")) } else { line };
            let line = if id == self.active { line.with("next_review_on", "'2026-11-23'") } else { line };
            db.execute(&line.insert()).unwrap();
            for (position, (list, scope)) in scopes.iter().enumerate() {
                db.execute(&listed(id, list, scope, position).insert()).unwrap();
            }
        }
        self.write_grants(db);
        let emergencies = self.write_emergencies(db);
        for line in self.tasks(emergencies) {
            db.execute(&line.insert()).unwrap();
        }
        for line in self.mails() {
            db.execute(&line.insert()).unwrap();
        }
        for line in runs() {
            db.execute(&line.insert()).unwrap();
        }
    }

    /// One that was asked, one that was approved, one that was carried out.
    fn write_grants(&self, db: &mut Db) {
        let asked = |id: Id, identity: Id, asked_at: &str, ends_at: &str| {
            Line::of(
                "grants",
                &[
                    ("id", &quoted(id)),
                    ("identity_id", &quoted(identity)),
                    ("kind", "'resume'"),
                    ("state", "'asked'"),
                    ("reason", "'the new key is in place'"),
                    ("requester_id", &quoted(self.owner)),
                    ("asked_at", &moment(asked_at)),
                    ("ends_at", &moment(ends_at)),
                    ("asked_version", "3"),
                    ("version", "1"),
                ],
            )
            .insert()
        };
        let approve = |id: Id, decided_at: &str| {
            format!(
                "UPDATE grants SET state = 'approved', approver_id = {}, decided_at = {}, identity_version = 3, \
                 version = 2 WHERE id = {}",
                quoted(self.analyst),
                moment(decided_at),
                quoted(id)
            )
        };
        let executed = Id::new();
        let execute = format!(
            "UPDATE grants SET state = 'executed', executor_id = {}, executed_at = {}, executed_version = 4, \
             version = 3 WHERE id = {}",
            quoted(self.second),
            moment("2026-03-03T09:00:00Z"),
            quoted(executed)
        );
        for statement in [
            asked(Id::new(), self.expired, "2026-11-22T09:00:00Z", "2026-12-06T09:00:00Z"),
            asked(self.grant, self.suspended, "2026-11-20T09:00:00Z", "2026-12-04T09:00:00Z"),
            approve(self.grant, "2026-11-21T09:00:00Z"),
            asked(executed, self.active, "2026-03-01T09:00:00Z", "2026-03-15T09:00:00Z"),
            approve(executed, "2026-03-02T09:00:00Z"),
            execute,
        ] {
            db.execute(&statement).unwrap();
        }
    }

    /// The administrator used emergency access twice.
    fn write_emergencies(&self, db: &mut Db) -> [Id; 2] {
        let accesses = [(Id::new(), "2026-10-01"), (Id::new(), "2026-11-20")];
        for (id, date) in accesses {
            let asked = Line::of(
                "emergency_accesses",
                &[
                    ("id", &quoted(id)),
                    ("person_id", &quoted(self.administrator)),
                    ("state", "'asked'"),
                    ("reason", "'the directory does not answer'"),
                    ("hours", "2"),
                    ("asked_at", &moment(&format!("{date}T01:00:00Z"))),
                    ("version", "1"),
                ],
            );
            db.execute(&asked.insert()).unwrap();
            let started = format!(
                "UPDATE emergency_accesses SET state = 'started', approver_id = {}, started_at = {}, ends_at = {}, \
                 version = 2 WHERE id = {}",
                quoted(self.analyst),
                moment(&format!("{date}T01:05:00Z")),
                moment(&format!("{date}T03:05:00Z")),
                quoted(id)
            );
            db.execute(&started).unwrap();
        }
        accesses.map(|(id, _)| id)
    }

    /// Tasks of every kind and state that there were.
    fn tasks(&self, [reviewed, to_review]: [Id; 2]) -> Vec<Line> {
        let owner = |kind: &str, about: Id, cause: &str, period: &str| {
            task(kind, cause, period)
                .with("identity_id", quoted(about))
                .with("assignee_id", quoted(self.owner))
                .with("assigned_as", "'business_owner'")
        };
        let group = |line: Line, group: &str| {
            line.with("assignee_group", text(group)).with("assignee_id", "NULL").with("assigned_as", "'fallback'")
        };
        let closed = |line: Line, state: &str, answer: &str, person: Id| {
            line.with("state", text(state))
                .with("answer", text(answer))
                .with("note", text(NOTE))
                .with("closed_at", moment("2026-11-02T10:00:00.123456Z"))
                .with("closed_by", quoted(person))
                .with("version", "4")
        };
        let review = |period: &str| owner("recertification", self.active, "review_due", period);
        let emergency = |id: Id| {
            let line = task("emergency_review", "emergency_access", &id.to_string()).with("emergency_id", quoted(id));
            group(line, "emergency_reviewers")
        };
        vec![
            review("2026-11-23").with("id", quoted(self.review)).with("note", text(NOTE)).with("version", "2"),
            closed(review("2025-11-23"), "done", "keep", self.owner),
            closed(review("2026-02-23"), "done", "until", self.analyst).with("wanted_until", "'2026-12-31'"),
            closed(review("2026-05-23"), "cancelled", "obsolete", self.analyst),
            // Somebody else was named for it, and it is open still.
            owner("recertification", self.expired, "review_due", "2026-11-01")
                .with("assigned_as", "'handed_on'")
                .with("answer", "'another'")
                .with("assignee_id", quoted(self.technical)),
            group(owner("offboarding", self.expired, "expired", "expired:2026-11-20"), "security_analysts"),
            group(owner("offboarding", self.revoking, "revoking", "revoking:2026-11-10"), "security_analysts"),
            closed(
                owner("offboarding", self.revoked, "contract_ended", "contract:2026-10-01"),
                "done",
                "done",
                self.second,
            ),
            owner("ownership", self.requested, "owner_named", "business_owner:1"),
            closed(owner("ownership", self.approved, "owner_named", "business_owner:1"), "done", "accept", self.owner),
            closed(
                owner("ownership", self.rejected, "owner_named", "technical_owner:2"),
                "done",
                "refuse",
                self.technical,
            ),
            closed(emergency(reviewed), "done", "done", self.analyst),
            emergency(to_review).with("id", quoted(self.emergency_review)),
        ]
    }

    /// Mail in every state, one with a lease.
    fn mails(&self) -> Vec<Line> {
        let states = ["pending", "sending", "sent", "uncertain", "dead", "empty"];
        let mut mails: Vec<Line> = states.iter().map(|state| mail("digest", state, self.owner)).collect();
        mails.push(mail("security", "pending", self.analyst).with("told", "'{\"action\": \"account.disable\"}'"));
        mails
    }
}

fn person(id: Id, name: &str) -> String {
    let email = format!("{}@hospital.example", name.to_lowercase().replace(' ', "."));
    Line::of(
        "people",
        &[
            ("id", &quoted(id)),
            ("name", &text(name)),
            ("name_key", &text(name.to_lowercase())),
            ("email", &text(&email)),
            ("email_key", &text(&email)),
            ("created_at", &moment("2025-01-01T08:00:00Z")),
            ("updated_at", &moment("2025-01-01T08:00:00Z")),
            ("version", "1"),
        ],
    )
    .insert()
}

fn account(id: Id, role: &str) -> String {
    Line::of(
        "accounts",
        &[
            ("person_id", &quoted(id)),
            ("role", &text(role)),
            ("created_at", &moment("2025-01-01T08:00:00Z")),
            ("updated_at", &moment("2025-01-01T08:00:00Z")),
            ("version", "1"),
        ],
    )
    .insert()
}

fn identity(id: Id, name: &str, state: &str, cause: &str) -> Line {
    Line::of(
        "identities",
        &[
            ("id", &quoted(id)),
            ("kind", "'smart_app'"),
            ("name", &text(name)),
            ("name_key", &text(name.to_lowercase())),
            ("environment", "'production'"),
            ("access_basis", "'treatment'"),
            ("purpose", "'plans discharges'"),
            ("client_type", "'confidential'"),
            ("grant_types", "'[\"authorization_code\"]'"),
            ("launch_types", "'[]'"),
            ("refresh_tokens", "'unknown'"),
            ("criticality", "'moderate'"),
            ("enabled", "TRUE"),
            ("vendor_managed", "FALSE"),
            ("state", &text(state)),
            ("state_cause", &text(cause)),
            ("state_changed_at", &moment("2026-01-05T08:00:00Z")),
            ("review_interval_days", "90"),
            ("notes", "'{}'"),
            ("registered_at", &moment("2026-01-02T08:00:00Z")),
            ("updated_at", &moment("2026-01-05T08:00:00Z")),
            ("version", "3"),
        ],
    )
}

fn listed(identity: Id, list: &str, scope: &str, position: usize) -> Line {
    Line::of(
        "identity_scopes",
        &[
            ("identity_id", &quoted(identity)),
            ("list", &text(list)),
            ("scope", &text(scope)),
            ("position", &position.to_string()),
            ("optional", "FALSE"),
            ("in_token", "TRUE"),
            ("defined", "TRUE"),
        ],
    )
}

fn task(kind: &str, cause: &str, period: &str) -> Line {
    Line::of(
        "tasks",
        &[
            ("id", &quoted(Id::new())),
            ("kind", &text(kind)),
            ("period", &text(period)),
            ("cause", &text(cause)),
            ("reason", "'Decide whether it is still needed.'"),
            ("due_on", "'2026-12-07'"),
            ("state", "'open'"),
            ("created_at", &moment("2026-11-01T10:00:00.000001Z")),
            ("version", "1"),
        ],
    )
}

fn mail(kind: &str, state: &str, recipient: Id) -> Line {
    let line = Line::of(
        "outbox",
        &[
            ("id", &quoted(Id::new())),
            ("dedupe_key", &text(format!("{kind}:{state}"))),
            ("kind", &text(kind)),
            ("recipient_id", &quoted(recipient)),
            ("digest_on", "'2026-11-24'"),
            ("state", &text(state)),
            ("attempts", "1"),
            ("next_at", &moment("2026-11-24T13:00:00Z")),
            ("fence", "5"),
            ("message_id", &text(format!("<{}@muster>", Id::new()))),
            ("created_at", &moment("2026-11-23T10:00:00Z")),
        ],
    );
    match state {
        "sending" => line.with("lease_until", moment("2026-11-23T15:05:00Z")),
        "sent" => line.with("sent_at", moment("2026-11-23T13:00:00Z")),
        "uncertain" | "dead" => line.with("error", "'the server said: 450 try again'"),
        _ => line,
    }
}

/// A run that somebody holds, and one that is done.
fn runs() -> [Line; 2] {
    let line = |state: &str, slot: &str| {
        Line::of(
            "job_runs",
            &[
                ("id", &quoted(Id::new())),
                ("job", "'raise_recertifications'"),
                ("slot_at", &moment(slot)),
                ("started_by", "'schedule'"),
                ("state", &text(state)),
                ("attempts", "1"),
                ("fence", "3"),
                ("started_at", &moment(slot)),
                ("created_at", &moment(slot)),
            ],
        )
    };
    [
        line("claimed", "2026-11-23T14:59:00Z").with("lease_until", moment("2026-11-23T15:04:00Z")),
        line("done", "2026-11-22T14:59:00Z").with("finished_at", moment("2026-11-22T14:59:10Z")),
    ]
}

/// A table with everything in it.
#[derive(Debug, PartialEq, Eq)]
struct Table {
    name: &'static str,
    columns: Vec<String>,
    rows: Vec<String>,
}

/// The tables that a register from before has something in.
fn contents(db: &mut Db) -> Vec<Table> {
    let mut found = Vec::new();
    for name in TABLES {
        let columns = columns(db, name);
        let rows = rows(db, name, &columns);
        assert!(!rows.is_empty(), "{name}");
        found.push(Table { name, columns, rows });
    }
    found
}

/// The indexes of the table of tasks that a migration made.
fn indexes(db: &mut Db) -> BTreeSet<String> {
    let sql = if on_postgres() {
        "SELECT indexname::text AS value FROM pg_indexes WHERE tablename = 'tasks'"
    } else {
        "SELECT name AS value FROM sqlite_master WHERE type = 'index' AND tbl_name = 'tasks'"
    };
    let made = |name: &String| name.starts_with("tasks_by_") || name.starts_with("tasks_open_");
    texts(db, sql).into_iter().filter(made).collect()
}

/// The database itself finds nothing wrong.
fn check_sound(db: &mut Db) {
    if on_postgres() {
        let doubtful = "SELECT conname::text AS value FROM pg_constraint WHERE NOT convalidated";
        assert_eq!(texts(db, doubtful), Vec::<String>::new());
        let of_tasks =
            "SELECT conname::text AS value FROM pg_constraint WHERE contype = 'f' AND conrelid = 'tasks'::regclass";
        assert_eq!(texts(db, of_tasks).len(), 6);
    } else {
        let broken = "SELECT \"table\" AS value FROM pragma_foreign_key_check";
        assert_eq!(texts(db, broken), Vec::<String>::new());
        assert_eq!(texts(db, "SELECT integrity_check AS value FROM pragma_integrity_check"), ["ok"]);
        assert_eq!(texts(db, "SELECT \"from\" AS value FROM pragma_foreign_key_list('tasks')").len(), 6);
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

#[test]
fn a_register_from_before_keeps_every_row_and_every_rule() {
    from_before(|address, old| {
        let database = Database::open_sized(address, 1).unwrap();
        let mut db = database.read().unwrap();
        let known = contents(&mut db);
        let of_before = indexes(&mut db);
        let count = |name: &str| known.iter().find(|table| table.name == name).map(|table| table.rows.len());
        assert_eq!((count("tasks"), count("identity_scopes"), count("outbox")), (Some(13), Some(15), Some(7)));

        migrations::run(&mut db).unwrap();
        for Table { name, columns, rows: found } in &known {
            assert_eq!(rows(&mut db, name, columns), *found, "{name}");
        }
        let of_requests = "SELECT reason AS value FROM tasks WHERE request_id IS NOT NULL";
        assert_eq!(texts(&mut db, of_requests), Vec::<String>::new());
        assert_eq!(columns(&mut db, "tasks_of_before"), Vec::<String>::new());
        let mut expected = of_before;
        expected.extend(["tasks_by_request", "tasks_by_review", "tasks_open_by_group"].map(str::to_owned));
        assert_eq!(indexes(&mut db), expected);
        check_sound(&mut db);

        // What the table of tasks refused before, it refuses again.
        let task = |kind: &str| {
            task(kind, "review_due", "2026-11-23")
                .with("identity_id", quoted(old.active))
                .with("assignee_id", quoted(old.owner))
                .with("assigned_as", "'business_owner'")
        };
        db.execute(&task("offboarding").with("identity_id", quoted(Id::new())).insert()).unwrap_err();
        db.execute(&task("offboarding").insert()).unwrap();
        db.execute(&task("offboarding").insert()).unwrap_err();
        let close = |person: Id| {
            format!(
                "UPDATE tasks SET state = 'done', note = 'read', closed_at = {}, closed_by = {} WHERE id = {}",
                moment(NOW),
                quoted(person),
                quoted(old.emergency_review)
            )
        };
        let refused = db.execute(&close(old.administrator)).unwrap_err().to_string();
        assert!(refused.contains("whoever used emergency access cannot close its review"), "{refused}");
        db.execute(&close(old.analyst)).unwrap();
        // What was approved before stands; nothing more comes to it without a request.
        let more = listed(old.active, "approved", "system/*.rs", 2).insert();
        let refused = db.execute(&more).unwrap_err().to_string();
        assert!(refused.contains("only a request that people approved"), "{refused}");
        let woken = format!("UPDATE identities SET state = 'active' WHERE id = {}", quoted(old.revoked));
        let refused = db.execute(&woken).unwrap_err().to_string();
        assert!(refused.contains("only a grant or a request"), "{refused}");
        check_sound(&mut db);
    });
}

#[test]
fn bringing_it_up_to_date_twice_changes_nothing() {
    from_before(|address, _| {
        let database = Database::open_sized(address, 1).unwrap();
        let mut db = database.read().unwrap();
        migrations::run(&mut db).unwrap();
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
        let read = |app: &TestApp, id: Id| -> Identity {
            identities::find(&mut app.register.database.read().unwrap(), id).unwrap()
        };
        let states = old.identities().map(|(id, ..)| {
            let found = read(&app, id);
            (found.state.word(), found.state_cause.word())
        });
        assert_eq!(states, old.identities().map(|(_, state, cause, _)| (state, cause)));

        // A review that waited is answered.
        let keep = ReviewAnswer::Keep;
        crate::reviews::answer(&app, old.review, (old.owner, Role::Owner), keep, at(NOW), |_| {}).unwrap();
        let answered = tasks::find(&mut app.register.database.read().unwrap(), old.review).unwrap();
        assert_eq!((answered.state, answered.closed_by), (TaskState::Done, Some(old.owner)));
        crate::reviews::run_at(&app.register, Job::ApplyReviews, at(NOW).plus_seconds(31 * 60));
        assert_eq!(read(&app, old.active).next_review_on, Some(day("2027-02-21")));

        // A grant that was approved is carried out.
        let shown = grants::Shown { grant: old.grant, version: 2, identity_version: 3 };
        let third = by(old.second, Role::SecurityAnalyst, at(NOW));
        grants::carry_out(&app.register, &third, &shown).unwrap();
        let woken = read(&app, old.suspended);
        assert_eq!((woken.state, woken.state_cause, woken.version), (IdentityState::Active, StateCause::Decided, 4));

        let account = |id: Id| {
            let (_, _, name) = old.people().into_iter().find(|(person, ..)| *person == id).unwrap();
            (id, name.to_owned())
        };
        let mut story = Story {
            identity: read(&app, old.active),
            owner: account(old.owner),
            deputy: account(old.deputy),
            technical: account(old.technical),
            analyst: account(old.analyst),
            second: account(old.second),
            administrator: account(old.administrator),
            app,
        };
        // What works already gets more, by the whole way of a request.
        assert_eq!(story.scopes(ScopeList::Approved), [LAB, "patient/Patient.r"]);
        let request = story.ask("system/*.rs");
        story.approve(request, (old.owner, Role::Owner)).unwrap();
        story.approve(request, (old.analyst, Role::SecurityAnalyst)).unwrap();
        story.approve(request, (old.administrator, Role::Administrator)).unwrap();
        assert_eq!(story.scopes(ScopeList::Approved), [LAB, "patient/Patient.r"], "minds can still be changed");
        let later = at(NOW).plus_days(1);
        requests::apply(story.register(), &By::job("settle_requests", later), request).unwrap();
        story.issue_at(request, (old.second, Role::SecurityAnalyst), "system/*.rs", later).unwrap();
        assert_eq!((story.now().state, story.state(request)), (IdentityState::Active, RequestState::Issued));
        assert_eq!(story.scopes(ScopeList::Approved), ["system/*.rs"]);

        // What was registered, and what was approved and never issued, begins to work.
        for id in [old.requested, old.approved] {
            story.identity = read(&story.app, id);
            let request = story.ask(LAB);
            story.approve(request, (old.owner, Role::Owner)).unwrap();
            requests::apply(story.register(), &By::job("settle_requests", later), request).unwrap();
            story.issue_at(request, (old.analyst, Role::SecurityAnalyst), LAB, later).unwrap();
            assert_eq!((story.now().state, story.state(request)), (IdentityState::Active, RequestState::Issued));
        }
        // What was being stopped gets nothing.
        for id in [old.revoking, old.revoked] {
            story.identity = read(&story.app, id);
            let refused = story.ask_as(old.technical, Role::Owner, &super::asking(LAB)).unwrap_err().to_string();
            assert!(refused.contains("nothing can be asked for it any more"), "{refused}");
        }
        // Jobs raise what is due beside what there was.
        let said = run(story.register(), Job::RaiseRecertifications, "2027-03-01T15:00:00Z");
        assert!(said[0].ends_with("opened") && !said[0].starts_with('0'), "{said:?}");
        check_sound(&mut story.register().database.read().unwrap());
    });
}
