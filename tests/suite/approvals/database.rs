//! What the database refuses by itself, whoever writes to it: every statement here goes past the actions.
//! Beside what is refused stands the same statement where it is allowed.

use diesel::RunQueryDsl;
use diesel::sql_types::Text;
use muster::domain::identities::IdentityState;
use muster::domain::ids::Id;
use muster::domain::requests::{RequestAnswer, RequestState};
use muster::domain::tasks::TaskKind;
use muster::store::{Db, StoreError};

use super::{LAB, Story};
use crate::app::{NOW, at, on_postgres};

const BEGIN: &str = "a request begins by being asked";
const ENDED: &str = "a request that has ended never changes";
const ORDER: &str = "a request is decided, takes effect and is issued, in this order";
const PARTS: &str = "who asked for what, why and how, and who issued it, never changes";
const TIMES: &str = "when a request takes effect, and until when it was approved, never changes";
const STAGES: &str = "a request is approved when every stage has a yes";
const SCOPES_STAY: &str = "what a request asks for never changes";
const STAGES_STAY: &str = "the stages of a request never change";
const EXECUTOR: &str = "whoever approved a request does not issue it";
const DECIDER: &str = "whoever asked does not decide, and nothing is decided that is not open";
const DECIDED: &str = "a decision never changes";
const UNDONE: &str = "a decision is taken back only while its request is open, approved or refused";
const LIST: &str = "only a request that people approved puts a scope on the approved list";
const DOOR: &str = "only a grant or a request that three people took part in makes an identity active";

/// The last day of every request here.
const UNTIL: &str = "'2027-03-31'";

/// Beside what most requests here ask for.
const VISITS: &str = "user/Encounter.rs";
const NAMES: &str = "patient/Patient.r";
const EVERYTHING: &str = "system/*.rs";

/// What a request can touch.
const TABLES: [&str; 9] = [
    "requests",
    "request_scopes",
    "request_stages",
    "request_decisions",
    "request_drafts",
    "identity_papers",
    "identity_scopes",
    "identities",
    "tasks",
];

#[derive(diesel::QueryableByName)]
struct Value {
    #[diesel(sql_type = Text)]
    value: String,
}

/// The texts that a query answers in its column `value`.
pub fn texts(db: &mut Db, sql: &str) -> Vec<String> {
    let found: Vec<Value> = match db {
        Db::Pg(connection) => diesel::sql_query(sql).load(connection).unwrap(),
        Db::Sqlite(connection) => diesel::sql_query(sql).load(connection).unwrap(),
    };
    found.into_iter().map(|row| row.value).collect()
}

/// The columns of a table, in their order; none where there is no such table.
pub fn columns(db: &mut Db, table: &str) -> Vec<String> {
    let sql = if on_postgres() {
        format!(
            "SELECT column_name::text AS value FROM information_schema.columns \
             WHERE table_schema = 'public' AND table_name = '{table}' ORDER BY ordinal_position"
        )
    } else {
        format!("SELECT name AS value FROM pragma_table_info('{table}') ORDER BY cid")
    };
    texts(db, &sql)
}

/// These columns of every row of a table, as text.
pub fn rows(db: &mut Db, table: &str, columns: &[String]) -> Vec<String> {
    let row = if on_postgres() {
        format!("ROW(\"{}\")::text", columns.join("\", \""))
    } else {
        columns.iter().map(|column| format!("quote(\"{column}\")")).collect::<Vec<_>>().join(" || '|' || ")
    };
    texts(db, &format!("SELECT {row} AS value FROM \"{table}\" ORDER BY 1"))
}

/// What an id is in a statement.
pub fn quoted(id: Id) -> String {
    if on_postgres() { format!("'{id}'") } else { format!("x'{}'", id.0.simple()) }
}

/// What any other value is in a statement.
pub fn text(value: impl std::fmt::Display) -> String {
    format!("'{}'", value.to_string().replace('\'', "''"))
}

/// So many minutes after the beginning.
fn minutes(count: i64) -> String {
    text(at(NOW).plus_seconds(count * 60))
}

/// What SQLite says, or what PostgreSQL says.
fn either(sqlite: &'static str, postgres: &'static str) -> &'static str {
    if on_postgres() { postgres } else { sqlite }
}

/// What a CHECK says that begins so.
fn check(expression: &'static str) -> &'static str {
    either(expression, "violates check constraint")
}

/// What a foreign key says.
fn foreign() -> &'static str {
    either("FOREIGN KEY constraint failed", "violates foreign key constraint")
}

/// A row before it is written: its columns, and what a statement says for each.
#[derive(Clone)]
pub struct Line {
    table: &'static str,
    columns: Vec<(&'static str, String)>,
}

impl Line {
    pub fn of(table: &'static str, columns: &[(&'static str, &str)]) -> Self {
        Self { table, columns: columns.iter().map(|(name, value)| (*name, (*value).to_owned())).collect() }
    }

    /// The same with another value in one column.
    pub fn with(mut self, column: &'static str, value: impl Into<String>) -> Self {
        self.columns.retain(|(name, _)| *name != column);
        self.columns.push((column, value.into()));
        self
    }

    pub fn insert(&self) -> String {
        let names: Vec<&str> = self.columns.iter().map(|(name, _)| *name).collect();
        let values: Vec<&str> = self.columns.iter().map(|(_, value)| value.as_str()).collect();
        format!("INSERT INTO {} ({}) VALUES ({})", self.table, names.join(", "), values.join(", "))
    }
}

/// A request that nobody has decided.
fn request(id: Id, identity: Id, requester: Id) -> Line {
    Line::of(
        "requests",
        &[
            ("id", &quoted(id)),
            ("identity_id", &quoted(identity)),
            ("kind", "'registration'"),
            ("state", "'open'"),
            ("requester_id", &quoted(requester)),
            ("reason", "'the discharge team reads results on the ward'"),
            ("wanted_until", UNTIL),
            ("test_data", "FALSE"),
            ("purpose", "'plans discharges'"),
            ("access_basis", "'treatment'"),
            ("tier", "'moderate'"),
            ("rule", "'high'"),
            ("because", "'Its tier is high.'"),
            ("longest_days", "365"),
            ("sent_at", &minutes(0)),
            ("ends_at", &minutes(14 * 24 * 60)),
            ("moved_at", &minutes(0)),
            ("version", "1"),
        ],
    )
}

fn scope(request: Id, position: i64, scope: &str) -> Line {
    Line::of(
        "request_scopes",
        &[("request_id", &quoted(request)), ("position", &position.to_string()), ("scope", &text(scope))],
    )
}

fn stage(request: Id, position: i64, kind: &str) -> Line {
    Line::of(
        "request_stages",
        &[("request_id", &quoted(request)), ("position", &position.to_string()), ("kind", &text(kind)), ("round", "1")],
    )
}

/// A yes to the whole of it.
fn yes(request: Id, position: i64, stage: &str, person: Id) -> Line {
    Line::of(
        "request_decisions",
        &[
            ("id", &quoted(Id::new())),
            ("request_id", &quoted(request)),
            ("position", &position.to_string()),
            ("stage", &text(stage)),
            ("answer", "'approve'"),
            ("decided_by_id", &quoted(person)),
            ("decided_as", "'keeper'"),
            ("until", UNTIL),
            ("sheet", "'{}'"),
            ("digest", &text("0".repeat(64))),
            ("identity_version", "1"),
            ("decided_at", &minutes(0)),
            ("undo_until", &minutes(30)),
        ],
    )
}

/// The same with another answer, which names somebody where it passes the request on.
fn answering(yes: Line, answer: RequestAnswer, somebody: Id) -> Line {
    let line = yes.with("answer", text(answer.word()));
    match answer {
        RequestAnswer::Approve => line,
        RequestAnswer::Part => line.with("kept", "'[]'").with("reason", "'less is enough'"),
        RequestAnswer::Refuse => {
            line.with("until", "NULL").with("ground", "'not_needed'").with("reason", "'nobody needs it'")
        }
        RequestAnswer::PassOn => {
            line.with("until", "NULL").with("passed_to_id", quoted(somebody)).with("reason", "'they know'")
        }
    }
}

/// A yes that keeps only these scopes.
fn keeping(yes: Line, scopes: &[&str]) -> Line {
    let kept = serde_json::Value::from(scopes).to_string();
    yes.with("answer", "'part'").with("kept", text(kept)).with("reason", "'less is enough'")
}

fn listed(identity: Id, list: &str, scope: &str) -> Line {
    Line::of(
        "identity_scopes",
        &[
            ("identity_id", &quoted(identity)),
            ("list", &text(list)),
            ("scope", &text(scope)),
            ("position", "0"),
            ("optional", "FALSE"),
            ("in_token", "TRUE"),
            ("defined", "TRUE"),
        ],
    )
}

/// A change of a request.
fn set(request: Id, change: &str) -> String {
    format!("UPDATE requests SET {change} WHERE id = {}", quoted(request))
}

/// A change of a decision.
fn redecide(decision: &str, change: &str) -> String {
    format!("UPDATE request_decisions SET {change} WHERE id = {decision}")
}

/// A change of a scope on a list of an identity.
fn relist(identity: Id, list: &str, scope: &str, change: &str) -> String {
    format!(
        "UPDATE identity_scopes SET {change} WHERE identity_id = {} AND list = {} AND scope = {}",
        quoted(identity),
        text(list),
        text(scope)
    )
}

/// Takes scopes off the approved list.
fn unlist(identity: Id) -> String {
    format!("DELETE FROM identity_scopes WHERE identity_id = {} AND list = 'approved'", quoted(identity))
}

/// What a request gets when everybody has said yes.
fn approved() -> String {
    format!("state = 'approved', effective_at = {}, approved_until = {UNTIL}", minutes(30))
}

fn in_force() -> String {
    format!("state = 'in_force', applied_at = {}", minutes(30))
}

/// What it gets when somebody issued it, which made that version of the identity.
fn issued(executor: Id, version: i64) -> String {
    format!(
        "state = 'issued', executor_id = {}, evidence = 'CHG-4711', issued_at = {}, executed_version = {version}",
        quoted(executor),
        minutes(60)
    )
}

/// Makes an identity active, in that version and at that moment.
fn wake(identity: Id, version: i64, moment: &str) -> String {
    format!(
        "UPDATE identities SET state = 'active', version = {version}, updated_at = {moment} WHERE id = {}",
        quoted(identity)
    )
}

/// People and identities, and statements that no action sends.
struct Raw {
    story: Story,
    tables: Vec<(&'static str, Vec<String>)>,
}

impl Raw {
    fn begin() -> Self {
        let story = Story::begin();
        let tables = {
            let mut db = story.register().database.read().unwrap();
            TABLES.iter().map(|table| (*table, columns(&mut db, table))).collect()
        };
        Self { story, tables }
    }

    fn run(&self, statement: &str) -> Result<(), StoreError> {
        self.story.register().database.read().unwrap().execute(statement)
    }

    /// Runs what only prepares.
    fn write(&self, statement: &str) {
        if let Err(error) = self.run(statement) {
            panic!("{statement}: {error}");
        }
    }

    /// Everything that a request can touch.
    fn stored(&self) -> Vec<Vec<String>> {
        let mut db = self.story.register().database.read().unwrap();
        self.tables.iter().map(|(table, columns)| rows(&mut db, table, columns)).collect()
    }

    /// The database refuses it in these words, and nothing is changed.
    fn refuse(&self, statement: &str, words: &str) {
        let before = self.stored();
        match self.run(statement) {
            Ok(()) => panic!("{statement}: it was done"),
            Err(refused) => assert!(refused.to_string().contains(words), "{statement}: {refused}"),
        }
        assert_eq!(self.stored(), before, "{statement}");
    }

    /// The database does it, and something is changed.
    fn allow(&self, statement: &str) {
        let before = self.stored();
        self.write(statement);
        assert_ne!(self.stored(), before, "{statement}");
    }

    /// An identity that nobody has asked anything for.
    fn another(&self) -> Id {
        crate::jobs::identity(&self.story.app, "Another", |row| row.state = IdentityState::Approved).id
    }

    /// What a request asks for, and its stages.
    fn complete(&self, line: &Line, id: Id, stages: &[&str]) {
        self.write(&line.insert());
        self.write(&scope(id, 1, LAB).insert());
        for (position, kind) in (1_i64..).zip(stages) {
            self.write(&stage(id, position, kind).insert());
        }
    }

    /// A request of the technical owner about an identity, and nothing decided.
    fn asked(&self, identity: Id, stages: &[&str]) -> Id {
        let id = Id::new();
        self.complete(&request(id, identity, self.story.technical.0), id, stages);
        id
    }

    /// The same about an identity of its own, with an owner's and an analyst's part.
    fn asked_of_two(&self) -> Id {
        self.asked(self.another(), &["business_owner", "security"])
    }

    /// The same for these scopes.
    fn asked_for(&self, identity: Id, scopes: &[&str]) -> Id {
        let id = Id::new();
        self.write(&request(id, identity, self.story.technical.0).insert());
        for (position, each) in (1_i64..).zip(scopes) {
            self.write(&scope(id, position, each).insert());
        }
        for (position, kind) in [(1, "business_owner"), (2, "security")] {
            self.write(&stage(id, position, kind).insert());
        }
        id
    }

    /// The owner and the analyst say yes, and it is written down.
    fn approve(&self, request: Id) {
        self.write(&yes(request, 1, "business_owner", self.story.owner.0).insert());
        self.write(&yes(request, 2, "security", self.story.analyst.0).insert());
        self.write(&set(request, &approved()));
    }

    /// A request about an identity of its own that came so far.
    fn brought_to(&self, state: RequestState) -> Id {
        let request = self.asked_of_two();
        match state {
            RequestState::Open => {}
            RequestState::Approved => self.approve(request),
            RequestState::InForce | RequestState::Issued | RequestState::Superseded => {
                self.approve(request);
                self.write(&set(request, &in_force()));
                match state {
                    RequestState::Issued => self.write(&set(request, &issued(self.story.second.0, 2))),
                    RequestState::Superseded => self.write(&set(request, "state = 'superseded'")),
                    _ => {}
                }
            }
            RequestState::Refused | RequestState::Withdrawn | RequestState::Expired => {
                self.write(&set(request, &format!("state = '{}'", state.word())));
            }
        }
        assert_eq!(self.story.state(request), state);
        request
    }

    fn identity_of(&self, request: Id) -> Id {
        self.story.request(request).identity_id
    }
}

#[test]
fn a_request_begins_by_being_asked() {
    let raw = Raw::begin();
    let open = request(Id::new(), raw.story.identity.id, raw.story.technical.0);
    for state in RequestState::ALL.iter().filter(|state| **state != RequestState::Open) {
        raw.refuse(&open.clone().with("state", text(state.word())).insert(), BEGIN);
    }
    let decided = open.clone().with("effective_at", minutes(30)).with("approved_until", UNTIL);
    raw.refuse(&decided.insert(), BEGIN);
    raw.refuse(&open.clone().with("applied_at", minutes(30)).insert(), BEGIN);
    raw.allow(&open.insert());
}

#[test]
fn one_request_waits_for_an_identity_and_no_second() {
    let raw = Raw::begin();
    let identity = raw.story.identity.id;
    let waiting = either("UNIQUE constraint failed: requests.identity_id", "requests_pending");
    let first = raw.asked(identity, &["business_owner"]);
    let (again, third) = (Id::new(), Id::new());
    let second = request(again, identity, raw.story.deputy.0);
    raw.refuse(&second.insert(), waiting);
    raw.write(&yes(first, 1, "business_owner", raw.story.owner.0).insert());
    raw.write(&set(first, &approved()));
    raw.refuse(&second.insert(), waiting);
    raw.allow(&set(first, "state = 'withdrawn'"));
    raw.allow(&second.insert());
    // Nor does a refused one come back beside another.
    raw.allow(&set(again, "state = 'refused'"));
    raw.allow(&request(third, identity, raw.story.deputy.0).insert());
    raw.refuse(&set(again, "state = 'open'"), waiting);
    raw.allow(&set(third, "state = 'withdrawn'"));
    raw.allow(&set(again, "state = 'open'"));
}

#[test]
fn a_request_is_decided_takes_effect_and_is_issued_in_this_order() {
    let raw = Raw::begin();
    let executor = raw.story.second.0;
    let request = raw.asked(raw.another(), &["business_owner"]);
    raw.write(&yes(request, 1, "business_owner", raw.story.owner.0).insert());
    let decided = format!("effective_at = {}, approved_until = {UNTIL}", minutes(30));
    let applied = format!("applied_at = {}", minutes(30));
    raw.refuse(&set(request, &format!("{}, {decided}", in_force())), ORDER);
    raw.refuse(&set(request, &format!("{}, {decided}, {applied}", issued(executor, 2))), ORDER);
    raw.refuse(&set(request, &format!("state = 'superseded', {decided}, {applied}")), ORDER);
    raw.allow(&set(request, &approved()));
    raw.refuse(&set(request, &format!("{}, {applied}", issued(executor, 2))), ORDER);
    raw.refuse(&set(request, &format!("state = 'superseded', {applied}")), ORDER);
    // Until it takes effect, somebody may change their mind.
    raw.allow(&set(request, "state = 'open', effective_at = NULL, approved_until = NULL"));
    raw.allow(&set(request, &approved()));
    raw.allow(&set(request, &in_force()));
    raw.refuse(&set(request, "state = 'approved'"), "a request ");
    raw.allow(&set(request, &issued(executor, 2)));
    raw.refuse(&set(request, "state = 'superseded'"), "a request ");
}

#[test]
fn a_request_that_has_ended_never_changes() {
    let raw = Raw::begin();
    let moved = format!("moved_at = {}", minutes(90));
    for state in [RequestState::Withdrawn, RequestState::Expired, RequestState::Superseded] {
        let request = raw.brought_to(state);
        // Two rules refuse what was superseded, and either may answer first.
        let words = if state == RequestState::Superseded { "a request " } else { ENDED };
        for change in [moved.as_str(), "version = version + 1"] {
            raw.refuse(&set(request, change), words);
        }
        raw.refuse(&set(request, "state = 'open'"), ENDED);
    }
    let (in_force, issued) = (raw.brought_to(RequestState::InForce), raw.brought_to(RequestState::Issued));
    for next in ["open", "refused", "withdrawn", "expired"] {
        raw.refuse(&set(in_force, &format!("state = '{next}'")), ENDED);
        raw.refuse(&set(issued, &format!("state = '{next}'")), ENDED);
    }
    raw.allow(&set(in_force, &moved));
    raw.allow(&set(in_force, "state = 'superseded'"));
    raw.allow(&set(issued, &format!("confirmed_at = {}", minutes(90))));
    let refused = raw.brought_to(RequestState::Refused);
    for next in ["withdrawn", "expired"] {
        raw.refuse(&set(refused, &format!("state = '{next}'")), ENDED);
    }
    raw.allow(&set(refused, "state = 'open'"));
}

#[test]
fn who_asked_for_what_and_who_issued_it_never_changes() {
    let raw = Raw::begin();
    let request = raw.asked_of_two();
    let somebody = quoted(raw.story.deputy.0);
    let (id, other, later) = (quoted(Id::new()), quoted(raw.another()), minutes(90));
    let fixed = [
        ("number", either("7777", "DEFAULT")),
        ("id", id.as_str()),
        ("identity_id", other.as_str()),
        ("kind", "'change'"),
        ("requester_id", somebody.as_str()),
        ("requester_for_id", somebody.as_str()),
        ("reason", "'another reason'"),
        ("urgency", "'it cannot wait'"),
        ("wanted_until", "'2027-03-30'"),
        ("test_data", "TRUE"),
        ("purpose", "'sends results to an insurer'"),
        ("purpose", "NULL"),
        ("access_basis", "'research'"),
        ("access_basis", "NULL"),
        ("tier", "'low'"),
        ("rule", "'narrowing'"),
        ("because", "'Its tier is low.'"),
        ("longest_days", "730"),
        ("sent_at", later.as_str()),
    ];
    for (column, value) in fixed {
        raw.refuse(&set(request, &format!("{column} = {value}")), PARTS);
    }
    raw.allow(&set(request, &format!("ends_at = {later}, moved_at = {later}, version = version + 1")));
    // What may change is what the actions change.
    let (_, columns) = raw.tables.iter().find(|(table, _)| *table == "requests").unwrap();
    let free = columns.iter().filter(|column| !fixed.iter().any(|(name, _)| name == column));
    assert_eq!(
        free.collect::<Vec<_>>(),
        [
            "state",
            "approved_until",
            "ends_at",
            "moved_at",
            "effective_at",
            "applied_at",
            "executor_id",
            "evidence",
            "issued_at",
            "executed_version",
            "confirmed_at",
            "confirmed_by_id",
            "version",
        ]
    );

    let of_deputy = Id::new();
    let line = self::request(of_deputy, raw.another(), raw.story.deputy.0);
    let line = line.with("requester_for_id", quoted(raw.story.owner.0)).with("urgency", "'it cannot wait'");
    raw.write(&line.insert());
    for column in ["requester_for_id", "urgency"] {
        raw.refuse(&set(of_deputy, &format!("{column} = NULL")), PARTS);
    }

    let issued = raw.brought_to(RequestState::Issued);
    let administrator = quoted(raw.story.administrator.0);
    for (column, value) in [
        ("executor_id", administrator.as_str()),
        ("evidence", "'another change'"),
        ("issued_at", later.as_str()),
        ("executed_version", "3"),
    ] {
        raw.refuse(&set(issued, &format!("{column} = {value}")), PARTS);
    }
    raw.allow(&set(issued, &format!("moved_at = {later}, version = version + 1")));
}

#[test]
fn when_it_takes_effect_and_until_when_is_written_once() {
    let raw = Raw::begin();
    let (later, earlier_end) = (format!("effective_at = {}", minutes(31)), "approved_until = '2027-03-30'");
    let emptied = "effective_at = NULL, approved_until = NULL";
    for state in [RequestState::Approved, RequestState::InForce, RequestState::Issued] {
        let request = raw.brought_to(state);
        for change in [later.as_str(), earlier_end, emptied] {
            raw.refuse(&set(request, change), TIMES);
        }
        if state != RequestState::Approved {
            for moment in [minutes(31).as_str(), "NULL"] {
                raw.refuse(&set(request, &format!("applied_at = {moment}")), TIMES);
            }
        }
        raw.allow(&set(request, &format!("moved_at = {}, version = version + 1", minutes(90))));
    }
    let request = raw.brought_to(RequestState::Approved);
    raw.refuse(&set(request, &format!("{}, {later}", in_force())), TIMES);
    raw.refuse(&set(request, &format!("state = 'withdrawn', {emptied}")), TIMES);
    raw.refuse(&set(request, &format!("state = 'refused', {emptied}")), TIMES);
    raw.allow(&set(raw.brought_to(RequestState::Approved), "state = 'withdrawn'"));
    // A changed mind empties them, and they are written anew.
    let waiting = check("state NOT IN ('open', 'refused', 'expired') OR effective_at IS NULL");
    raw.refuse(&set(request, "state = 'open'"), waiting);
    raw.refuse(&set(request, "state = 'refused'"), waiting);
    raw.allow(&set(request, &format!("state = 'open', {emptied}")));
    raw.refuse(&set(request, &format!("{later}, {earlier_end}")), waiting);
    let applied = check("(state IN ('in_force', 'issued', 'superseded')) = (applied_at IS NOT NULL)");
    raw.refuse(&set(request, &format!("applied_at = {}", minutes(31))), applied);
    raw.allow(&set(request, &format!("state = 'approved', {later}, {earlier_end}")));
    raw.refuse(&set(request, &format!("applied_at = {}", minutes(31))), applied);
    raw.allow(&set(request, &format!("state = 'in_force', applied_at = {}", minutes(31))));
}

#[test]
fn requests_stay_with_what_they_ask_for_and_their_stages() {
    let raw = Raw::begin();
    // Nothing refers to this one.
    let bare = Id::new();
    raw.write(&request(bare, raw.another(), raw.story.technical.0).insert());
    raw.refuse(&format!("DELETE FROM requests WHERE id = {}", quoted(bare)), "requests are never deleted");
    let request = quoted(raw.asked_of_two());
    for change in ["scope = 'system/*.rs'", "position = 7"] {
        raw.refuse(&format!("UPDATE request_scopes SET {change} WHERE request_id = {request}"), SCOPES_STAY);
    }
    raw.refuse(&format!("DELETE FROM request_scopes WHERE request_id = {request}"), SCOPES_STAY);
    let first = format!("WHERE request_id = {request} AND position = 1");
    let moved = format!("request_id = {}", quoted(raw.asked(raw.another(), &[])));
    for change in ["kind = 'second_person'", "position = 7", moved.as_str()] {
        raw.refuse(&format!("UPDATE request_stages SET {change} {first}"), STAGES_STAY);
    }
    raw.refuse(&format!("DELETE FROM request_stages {first}"), STAGES_STAY);
    let named = quoted(raw.story.second.0);
    raw.allow(&format!("UPDATE request_stages SET round = 2, due_on = '2026-12-01', named_id = {named} {first}"));
}

#[test]
fn nothing_is_added_to_what_somebody_has_answered() {
    let raw = Raw::begin();
    let refused = |request: Id| {
        raw.refuse(&scope(request, 2, EVERYTHING).insert(), SCOPES_STAY);
        raw.refuse(&stage(request, 3, "second_person").insert(), STAGES_STAY);
    };
    for state in RequestState::ALL.iter().filter(|state| **state != RequestState::Open) {
        refused(raw.brought_to(*state));
    }
    for answer in RequestAnswer::ALL {
        let request = raw.asked_of_two();
        let line = yes(request, 1, "business_owner", raw.story.owner.0);
        raw.write(&answering(line, *answer, raw.story.deputy.0).insert());
        refused(request);
        // Somebody read it, whatever became of their answer.
        let undone = format!("undone_at = {}, undo_reason = 'too much'", minutes(5));
        raw.write(&format!("UPDATE request_decisions SET {undone} WHERE request_id = {}", quoted(request)));
        refused(request);
    }
    let request = raw.asked_of_two();
    raw.allow(&scope(request, 2, EVERYTHING).insert());
    raw.allow(&stage(request, 3, "second_person").insert());
}

#[test]
fn nothing_that_stays_is_written_over() {
    let raw = Raw::begin();
    let (one, request) = (Id::new(), raw.asked_of_two());
    raw.write(&self::request(one, raw.another(), raw.story.technical.0).insert());
    let decided = Id::new();
    let other = raw.asked_of_two();
    raw.write(&yes(other, 1, "business_owner", raw.story.owner.0).with("id", quoted(decided)).insert());
    let over = |line: &Line, key: &str, column: &str| {
        if on_postgres() {
            format!("{} ON CONFLICT ({key}) DO UPDATE SET {column} = excluded.{column}", line.insert())
        } else {
            line.insert().replacen("INSERT INTO", "REPLACE INTO", 1)
        }
    };
    let line = self::request(one, raw.another(), raw.story.technical.0);
    raw.refuse(&over(&line, "id", "identity_id"), either("requests are never deleted", PARTS));
    raw.refuse(&over(&scope(request, 1, EVERYTHING), "request_id, position", "scope"), SCOPES_STAY);
    raw.refuse(&over(&stage(request, 2, "second_person"), "request_id, position", "kind"), STAGES_STAY);
    let line = yes(other, 2, "security", raw.story.analyst.0).with("id", quoted(decided));
    raw.refuse(&over(&line, "id", "decided_by_id"), either("decisions are never deleted", DECIDED));
    let paper = |reference: &str| {
        let identity = quoted(raw.story.identity.id);
        let reference = text(reference);
        Line::of("identity_papers", &[("identity_id", &identity), ("kind", "'baa'"), ("reference", &reference)])
    };
    raw.allow(&paper("BAA-2026-7").insert());
    raw.allow(&over(&paper("BAA-2026-8"), "identity_id, kind", "reference"));
}

#[test]
fn a_request_is_approved_when_every_stage_has_a_yes() {
    let raw = Raw::begin();
    let (owner, analyst) = (raw.story.owner.0, raw.story.analyst.0);
    let without = raw.asked(raw.another(), &[]);
    raw.refuse(&set(without, &approved()), STAGES);
    let request = raw.asked_of_two();
    raw.refuse(&set(request, &approved()), STAGES);
    raw.write(&yes(request, 1, "business_owner", owner).insert());
    raw.refuse(&set(request, &approved()), STAGES);
    let part = Id::new();
    let line = answering(yes(request, 2, "security", analyst), RequestAnswer::Part, owner);
    raw.write(&line.with("id", quoted(part)).insert());
    raw.allow(&set(request, &approved()));
    // Nor does it take effect when somebody took their yes back meanwhile.
    raw.allow(&redecide(&quoted(part), &format!("undone_at = {}, undo_reason = 'too much'", minutes(5))));
    raw.refuse(&set(request, &in_force()), STAGES);
    raw.allow(&set(request, "state = 'open', effective_at = NULL, approved_until = NULL"));
    raw.write(&yes(request, 2, "security", analyst).insert());
    raw.allow(&set(request, &approved()));
    raw.allow(&set(request, &in_force()));

    // What stands at the second stage is no yes to it.
    let second = |change: &dyn Fn(Line) -> Line| {
        let request = raw.asked_of_two();
        raw.write(&yes(request, 1, "business_owner", owner).insert());
        raw.write(&change(yes(request, 2, "security", analyst)).insert());
        raw.refuse(&set(request, &approved()), STAGES);
    };
    second(&|line| answering(line, RequestAnswer::Refuse, owner));
    second(&|line| answering(line, RequestAnswer::PassOn, owner));
    second(&|line| line.with("stage", "'second_person'"));
    second(&|line| line.with("position", "3"));
    second(&|line| line.with("undone_at", minutes(5)).with("undo_reason", "'too much'"));
}

#[test]
fn whoever_approved_or_asked_does_not_issue() {
    let raw = Raw::begin();
    let request = Id::new();
    let line = self::request(request, raw.another(), raw.story.technical.0);
    let line = line.with("requester_for_id", quoted(raw.story.deputy.0));
    raw.complete(&line, request, &["business_owner", "security"]);
    raw.approve(request);
    raw.write(&set(request, &in_force()));
    for approver in [raw.story.owner.0, raw.story.analyst.0] {
        raw.refuse(&set(request, &issued(approver, 2)), EXECUTOR);
    }
    for asker in [raw.story.technical.0, raw.story.deputy.0] {
        raw.refuse(&set(request, &issued(asker, 2)), check("executor_id IS NULL OR (executor_id <> requester_id"));
    }
    raw.allow(&set(request, &issued(raw.story.second.0, 2)));
}

#[test]
fn whoever_asked_decides_nothing_nor_does_whoever_it_was_asked_for() {
    let raw = Raw::begin();
    let (owner, deputy, somebody) = (raw.story.owner.0, raw.story.deputy.0, raw.story.administrator.0);
    for answer in RequestAnswer::ALL {
        let request = Id::new();
        let line = self::request(request, raw.another(), deputy).with("requester_for_id", quoted(owner));
        raw.complete(&line, request, &["business_owner"]);
        for person in [deputy, owner] {
            let line = answering(yes(request, 1, "business_owner", person), *answer, somebody);
            raw.refuse(&line.insert(), DECIDER);
        }
        let line = answering(yes(request, 1, "business_owner", raw.story.analyst.0), *answer, somebody);
        raw.allow(&line.insert());
    }
}

#[test]
fn nothing_is_decided_that_is_not_open() {
    let raw = Raw::begin();
    let somebody = raw.story.administrator.0;
    // A stage that nobody has decided, by somebody who decided nothing: no other rule is in the way.
    let line = |request: Id, answer: RequestAnswer| {
        answering(yes(request, 3, "second_person", somebody), answer, raw.story.second.0).insert()
    };
    for state in RequestState::ALL.iter().filter(|state| **state != RequestState::Open) {
        let request = raw.brought_to(*state);
        for answer in RequestAnswer::ALL {
            raw.refuse(&line(request, *answer), DECIDER);
        }
    }
    for answer in RequestAnswer::ALL {
        raw.allow(&line(raw.brought_to(RequestState::Open), *answer));
    }
    raw.refuse(&yes(Id::new(), 1, "security", somebody).insert(), foreign());
}

#[test]
fn nobody_says_yes_twice_and_a_stage_has_one_answer() {
    let raw = Raw::begin();
    let (owner, deputy, analyst) = (raw.story.owner.0, raw.story.deputy.0, raw.story.analyst.0);
    let request = raw.asked(raw.another(), &["business_owner", "security", "second_person"]);
    let first = Id::new();
    raw.allow(&yes(request, 1, "business_owner", owner).with("id", quoted(first)).insert());
    let people = either(
        "UNIQUE constraint failed: request_decisions.request_id, request_decisions.decided_by_id",
        "request_decisions_people",
    );
    let stages = either(
        "UNIQUE constraint failed: request_decisions.request_id, request_decisions.position",
        "request_decisions_stages",
    );
    for answer in [RequestAnswer::Approve, RequestAnswer::Part] {
        raw.refuse(&answering(yes(request, 2, "security", owner), answer, deputy).insert(), people);
    }
    for answer in [RequestAnswer::Approve, RequestAnswer::Part, RequestAnswer::Refuse] {
        raw.refuse(&answering(yes(request, 1, "business_owner", deputy), answer, owner).insert(), stages);
    }
    raw.allow(&yes(request, 2, "security", analyst).insert());
    // Whoever names somebody else decides nothing.
    raw.allow(&answering(yes(request, 3, "second_person", owner), RequestAnswer::PassOn, deputy).insert());
    // A yes that was taken back makes room for the same person, and at the same stage.
    raw.allow(&redecide(&quoted(first), &format!("undone_at = {}, undo_reason = 'too much'", minutes(5))));
    raw.allow(&yes(request, 1, "business_owner", owner).insert());
    // In another request everybody is free.
    let other = raw.asked(raw.another(), &["business_owner"]);
    raw.allow(&yes(other, 1, "business_owner", owner).insert());
}

#[test]
fn a_decision_never_changes_and_is_taken_back_once_and_in_time() {
    let raw = Raw::begin();
    let request = raw.asked_of_two();
    let id = Id::new();
    raw.write(&yes(request, 1, "business_owner", raw.story.owner.0).with("id", quoted(id)).insert());
    let decision = quoted(id);
    let (another, other) = (quoted(Id::new()), quoted(raw.asked_of_two()));
    let (somebody, later, digest) = (quoted(raw.story.deputy.0), minutes(20), text("1".repeat(64)));
    let fixed: [(&str, &str); 17] = [
        ("id", &another),
        ("request_id", &other),
        ("position", "2"),
        ("stage", "'security'"),
        ("answer", "'part'"),
        ("decided_by_id", &somebody),
        ("decided_as", "'deputy'"),
        ("kept", "'[]'"),
        ("until", "'2027-03-30'"),
        ("reason", "'another reason'"),
        ("ground", "'not_needed'"),
        ("passed_to_id", &somebody),
        ("sheet", "'{\"question\":\"another\"}'"),
        ("digest", &digest),
        ("identity_version", "2"),
        ("decided_at", &later),
        ("undo_until", &later),
    ];
    for (column, value) in fixed {
        raw.refuse(&redecide(&decision, &format!("{column} = {value}")), DECIDED);
    }
    // No column was forgotten here.
    let (_, columns) = raw.tables.iter().find(|(table, _)| *table == "request_decisions").unwrap();
    let free = columns.iter().filter(|column| !fixed.iter().any(|(name, _)| name == column));
    assert_eq!(free.collect::<Vec<_>>(), ["undone_at", "undo_reason"]);

    let stay = "decisions are never deleted";
    raw.refuse(&format!("DELETE FROM request_decisions WHERE id = {decision}"), stay);
    let in_time = check("undone_at IS NULL OR (undone_at >= decided_at AND undone_at < undo_until)");
    for moment in [minutes(-1), minutes(30), minutes(31)] {
        raw.refuse(&redecide(&decision, &format!("undone_at = {moment}, undo_reason = 'too much'")), in_time);
    }
    raw.allow(&redecide(&decision, &format!("undone_at = {}, undo_reason = 'too much'", minutes(29))));
    for change in ["undone_at = NULL", "undo_reason = 'for another reason'", "undo_reason = NULL"] {
        raw.refuse(&redecide(&decision, change), DECIDED);
    }
    raw.refuse(&format!("DELETE FROM request_decisions WHERE id = {decision}"), stay);
}

#[test]
fn a_decision_is_taken_back_before_its_request_takes_effect_or_ends() {
    let raw = Raw::begin();
    let undone = format!("undone_at = {}, undo_reason = 'too much'", minutes(5));
    for state in RequestState::ALL {
        let request = match state {
            RequestState::Open | RequestState::Refused | RequestState::Withdrawn | RequestState::Expired => {
                let request = raw.asked_of_two();
                raw.write(&yes(request, 1, "business_owner", raw.story.owner.0).insert());
                raw.write(&set(request, &format!("state = '{}'", state.word())));
                request
            }
            _ => raw.brought_to(*state),
        };
        let first = format!("WHERE request_id = {} AND position = 1", quoted(request));
        let undo = format!("UPDATE request_decisions SET {undone} {first}");
        if matches!(state, RequestState::Open | RequestState::Approved | RequestState::Refused) {
            raw.allow(&undo);
        } else {
            raw.refuse(&undo, UNDONE);
        }
    }
}

#[test]
fn what_is_written_of_a_decision_holds_together() {
    const IN_PART: &str = "(answer = 'part') = (kept IS NOT NULL)";
    const WITH_END: &str = "(answer IN ('approve', 'part')) = (until IS NOT NULL)";
    const WITH_GROUND: &str = "(answer = 'refuse') = (ground IS NOT NULL)";
    const WITH_SOMEBODY: &str = "(answer = 'pass_on') = (passed_to_id IS NOT NULL)";
    const WITH_REASON: &str = "answer = 'approve' OR reason IS NOT NULL";
    let raw = Raw::begin();
    let somebody = raw.story.deputy.0;
    let document = either("json_valid(", "invalid input syntax for type json");
    let long = text("x".repeat(2_001));
    for answer in RequestAnswer::ALL {
        let request = raw.asked_of_two();
        let line = answering(yes(request, 1, "business_owner", raw.story.owner.0), *answer, somebody);
        let wrong = |column: &'static str, value: &str, words: &str| {
            raw.refuse(&line.clone().with(column, value).insert(), words);
        };
        match answer {
            RequestAnswer::Approve => {
                wrong("kept", "'[]'", check(IN_PART));
                wrong("until", "NULL", check(WITH_END));
                wrong("ground", "'not_needed'", check(WITH_GROUND));
                wrong("passed_to_id", &quoted(somebody), check(WITH_SOMEBODY));
            }
            RequestAnswer::Part => {
                wrong("kept", "NULL", check(IN_PART));
                wrong("kept", "'no document'", document);
                wrong("until", "NULL", check(WITH_END));
                wrong("reason", "NULL", check(WITH_REASON));
                wrong("reason", "''", check("length(reason) BETWEEN 1 AND 2000"));
                wrong("reason", &long, check("length(reason) BETWEEN 1 AND 2000"));
            }
            RequestAnswer::Refuse => {
                wrong("ground", "NULL", check(WITH_GROUND));
                wrong("until", UNTIL, check(WITH_END));
                wrong("reason", "NULL", check(WITH_REASON));
            }
            RequestAnswer::PassOn => {
                wrong("passed_to_id", "NULL", check(WITH_SOMEBODY));
                wrong("passed_to_id", &quoted(Id::new()), foreign());
                wrong("until", UNTIL, check(WITH_END));
                wrong("reason", "NULL", check(WITH_REASON));
            }
        }
        wrong("answer", "'perhaps'", check("answer IN ("));
        wrong("stage", "'anybody'", check("stage IN ("));
        wrong("decided_as", "'anybody'", check("decided_as IN ("));
        wrong("decided_by_id", &quoted(Id::new()), foreign());
        wrong("sheet", "'no document'", document);
        wrong("digest", "'0'", check("length(digest) = 64"));
        wrong("identity_version", "0", check("identity_version > 0"));
        raw.allow(&line.insert());
    }
}

#[test]
fn what_is_written_of_a_request_holds_together() {
    let raw = Raw::begin();
    let technical = quoted(raw.story.technical.0);
    let id = Id::new();
    let line = request(id, raw.another(), raw.story.technical.0);
    let wrong = |column: &'static str, value: &str, words: &str| {
        raw.refuse(&line.clone().with(column, value).insert(), words);
    };
    let long = text("x".repeat(2_001));
    wrong("kind", "'wish'", check("kind IN ("));
    wrong("reason", "''", check("length(reason) BETWEEN 1 AND 2000"));
    wrong("reason", &long, check("length(reason) BETWEEN 1 AND 2000"));
    wrong("urgency", "''", check("length(urgency) BETWEEN 1 AND 2000"));
    wrong("urgency", &long, check("length(urgency) BETWEEN 1 AND 2000"));
    wrong("access_basis", "'curiosity'", check("access_basis IN ("));
    wrong("tier", "'unknown'", check("tier IN ("));
    wrong("longest_days", "0", check("longest_days > 0"));
    wrong("version", "0", check("version > 0"));
    wrong("requester_for_id", &technical, check("requester_for_id IS NULL OR requester_for_id <> requester_id"));
    wrong("approved_until", UNTIL, check("(effective_at IS NULL) = (approved_until IS NULL)"));
    wrong("confirmed_at", &minutes(90), check("confirmed_at IS NULL OR state = 'issued'"));
    for column in ["identity_id", "requester_id", "requester_for_id"] {
        wrong(column, &quoted(Id::new()), foreign());
    }
    let executed = line.clone().with("executor_id", quoted(raw.story.second.0)).with("evidence", "'CHG-4711'");
    let executed = executed.with("issued_at", minutes(60)).with("executed_version", "2");
    raw.refuse(&executed.insert(), check("(state = 'issued') = (executor_id IS NOT NULL)"));
    raw.complete(&line, id, &["business_owner"]);
    raw.write(&yes(id, 1, "business_owner", raw.story.owner.0).insert());

    let refuse = |change: &str, words: &'static str| raw.refuse(&set(id, change), check(words));
    let (effective, before) = (format!("effective_at = {}", minutes(30)), minutes(29));
    refuse("state = 'forgotten'", "state IN (");
    refuse("state = 'approved'", "state NOT IN ('approved', 'in_force', 'issued') OR effective_at IS NOT NULL");
    refuse(&format!("state = 'approved', {effective}"), "(effective_at IS NULL) = (approved_until IS NULL)");
    refuse(
        &format!("state = 'approved', {effective}, approved_until = '2027-04-01'"),
        "approved_until IS NULL OR approved_until <= wanted_until",
    );
    raw.allow(&set(id, &approved()));
    refuse("state = 'in_force'", "(state IN ('in_force', 'issued', 'superseded')) = (applied_at IS NOT NULL)");
    refuse(&format!("state = 'in_force', applied_at = {before}"), "applied_at IS NULL OR applied_at >= effective_at");
    raw.allow(&set(id, &in_force()));
    let executor = format!("executor_id = {}", quoted(raw.story.second.0));
    let moment = format!("issued_at = {}", minutes(60));
    let issue = |parts: [&str; 4], words: &'static str| {
        refuse(&format!("state = 'issued', {}", parts.join(", ")), words);
    };
    let (evidence, version) = ("evidence = 'CHG-4711'", "executed_version = 2");
    issue(["executor_id = NULL", evidence, &moment, version], "(state = 'issued') = (executor_id IS NOT NULL)");
    issue([&executor, evidence, "issued_at = NULL", version], "(executor_id IS NULL) = (issued_at IS NULL)");
    issue([&executor, "evidence = NULL", &moment, version], "(executor_id IS NULL) = (evidence IS NULL)");
    issue([&executor, "evidence = ''", &moment, version], "length(evidence) BETWEEN 1 AND 4000");
    issue(
        [&executor, evidence, &moment, "executed_version = NULL"],
        "(executor_id IS NULL) = (executed_version IS NULL)",
    );
    let early = format!("issued_at = {before}");
    issue([&executor, evidence, &early, version], "issued_at IS NULL OR issued_at >= applied_at");
    raw.allow(&set(id, &issued(raw.story.second.0, 2)));
}

#[test]
fn what_belongs_to_a_request_stands_once_and_names_what_there_is() {
    let raw = Raw::begin();
    let request = raw.asked_of_two();
    raw.refuse(
        &scope(request, 1, "patient/Patient.rs").insert(),
        either("request_scopes.request_id, request_scopes.position", "request_scopes_pkey"),
    );
    raw.refuse(
        &scope(request, 2, LAB).insert(),
        either("request_scopes.request_id, request_scopes.scope", "request_scopes_request_id_scope_key"),
    );
    raw.refuse(&scope(request, 2, "").insert(), check("length(scope) > 0"));
    raw.refuse(&scope(Id::new(), 1, LAB).insert(), foreign());
    raw.refuse(
        &stage(request, 1, "security").insert(),
        either("request_stages.request_id, request_stages.position", "request_stages_pkey"),
    );
    raw.refuse(&stage(request, 3, "anybody").insert(), check("kind IN ("));
    raw.refuse(&stage(request, 3, "second_person").with("round", "0").insert(), check("round > 0"));
    raw.refuse(&stage(request, 3, "second_person").with("named_id", quoted(Id::new())).insert(), foreign());
    raw.refuse(&stage(Id::new(), 3, "second_person").insert(), foreign());
    let named = quoted(raw.story.second.0);
    raw.allow(&stage(request, 3, "second_person").with("named_id", named).insert());
}

#[test]
fn a_scope_comes_onto_the_approved_list_by_a_request_in_force() {
    let raw = Raw::begin();
    let other = raw.another();
    for list in ["requested", "issued"] {
        raw.allow(&listed(other, list, LAB).insert());
    }
    raw.refuse(&listed(other, "approved", LAB).insert(), LIST);
    raw.refuse(
        &format!(
            "INSERT INTO identity_scopes SELECT identity_id, 'approved', scope, position, optional, in_token, defined \
             FROM identity_scopes WHERE identity_id = {} AND list = 'requested'",
            quoted(other)
        ),
        LIST,
    );
    for state in RequestState::ALL {
        let identity = raw.identity_of(raw.brought_to(*state));
        let asked = listed(identity, "approved", LAB).insert();
        if matches!(state, RequestState::InForce | RequestState::Issued) {
            raw.refuse(&listed(identity, "approved", "system/*.rs").insert(), LIST);
            raw.refuse(&listed(other, "approved", LAB).insert(), LIST);
            raw.allow(&asked);
        } else {
            raw.refuse(&asked, LIST);
        }
    }
}

#[test]
fn no_change_brings_a_scope_onto_the_approved_list_without_a_request() {
    let raw = Raw::begin();
    let (other, identity) = (raw.another(), raw.identity_of(raw.brought_to(RequestState::InForce)));
    for (identity, scope) in [(other, LAB), (identity, LAB), (identity, EVERYTHING)] {
        raw.write(&listed(identity, "requested", scope).insert());
    }
    let onto = "list = 'approved'";
    raw.refuse(&relist(other, "requested", LAB, onto), LIST);
    raw.refuse(&relist(identity, "requested", EVERYTHING, onto), LIST);
    raw.refuse(&format!("UPDATE identity_scopes SET {onto} WHERE scope = {}", text(LAB)), LIST);
    raw.allow(&relist(identity, "requested", LAB, onto));
    let wider = format!("scope = {}", text(EVERYTHING));
    raw.refuse(&relist(identity, "approved", LAB, &wider), LIST);
    raw.refuse(&relist(identity, "approved", LAB, &format!("identity_id = {}", quoted(other))), LIST);
    raw.allow(&relist(identity, "approved", LAB, "position = 7"));
    // What was asked for or found is on lists of its own, and taking away needs nobody.
    raw.allow(&relist(other, "requested", LAB, &wider));
    raw.allow(&relist(identity, "requested", EVERYTHING, "list = 'issued'"));
    raw.allow(&unlist(identity));
}

#[test]
fn what_a_yes_in_part_dropped_does_not_come_onto_the_approved_list() {
    let raw = Raw::begin();
    let request = raw.asked_for(raw.another(), &[LAB, VISITS, NAMES]);
    let identity = raw.identity_of(request);
    let owners = || yes(request, 1, "business_owner", raw.story.owner.0);
    let undone = owners().with("undone_at", minutes(5)).with("undo_reason", "'too little'");
    raw.write(&keeping(undone, &[NAMES]).insert());
    raw.write(&keeping(owners(), &[LAB, VISITS]).insert());
    raw.write(&keeping(yes(request, 2, "security", raw.story.analyst.0), &[NAMES, LAB]).insert());
    raw.write(&set(request, &approved()));
    raw.write(&set(request, &in_force()));
    for scope in [VISITS, NAMES] {
        raw.refuse(&listed(identity, "approved", scope).insert(), LIST);
    }
    raw.allow(&listed(identity, "approved", LAB).insert());
    for scope in [VISITS, NAMES] {
        raw.refuse(&relist(identity, "approved", LAB, &format!("scope = {}", text(scope))), LIST);
    }
    // Who keeps nothing of it gives nothing.
    let request = raw.asked_of_two();
    raw.write(&yes(request, 1, "business_owner", raw.story.owner.0).insert());
    raw.write(&keeping(yes(request, 2, "security", raw.story.analyst.0), &[]).insert());
    raw.write(&set(request, &approved()));
    raw.write(&set(request, &in_force()));
    raw.refuse(&listed(raw.identity_of(request), "approved", LAB).insert(), LIST);
}

#[test]
fn what_an_earlier_request_gave_does_not_come_back_onto_the_approved_list() {
    let raw = Raw::begin();
    let first = raw.brought_to(RequestState::Issued);
    let identity = raw.identity_of(first);
    let of_first = listed(identity, "approved", LAB).insert();
    let of_second = listed(identity, "approved", VISITS).insert();
    let second = raw.asked_for(identity, &[VISITS]);
    // What was only asked for or approved has given nothing and taken nothing away.
    raw.refuse(&of_second, LIST);
    raw.allow(&of_first);
    raw.approve(second);
    raw.allow(&unlist(identity));
    raw.refuse(&of_second, LIST);
    raw.allow(&of_first);
    raw.write(&set(second, &in_force()));
    raw.allow(&unlist(identity));
    raw.refuse(&of_first, LIST);
    raw.allow(&of_second);
    raw.refuse(&relist(identity, "approved", VISITS, &format!("scope = {}", text(LAB))), LIST);
    // It gives way to a third, and the first does not come back by that.
    let third = raw.asked_for(identity, &[NAMES]);
    raw.approve(third);
    raw.write(&set(second, "state = 'superseded'"));
    raw.allow(&unlist(identity));
    raw.refuse(&of_first, LIST);
    raw.refuse(&of_second, LIST);
    raw.write(&set(third, &in_force()));
    raw.write(&set(third, &issued(raw.story.second.0, 3)));
    raw.refuse(&of_first, LIST);
    raw.refuse(&of_second, LIST);
    raw.allow(&listed(identity, "approved", NAMES).insert());
}

#[test]
fn no_identity_becomes_active_without_a_request_that_was_issued() {
    let raw = Raw::begin();
    let (moment, other) = (minutes(60), raw.another());
    raw.refuse(&wake(other, 2, &moment), DOOR);
    for state in RequestState::ALL.iter().filter(|state| **state != RequestState::Issued) {
        let identity = raw.identity_of(raw.brought_to(*state));
        raw.refuse(&wake(identity, 2, &moment), DOOR);
    }
    let identity = raw.identity_of(raw.brought_to(RequestState::Issued));
    raw.refuse(&wake(identity, 3, &moment), DOOR);
    raw.refuse(&wake(identity, 2, &minutes(61)), DOOR);
    raw.refuse(&wake(other, 2, &moment), DOOR);
    raw.refuse(&format!("UPDATE identities SET state = 'active' WHERE id = {}", quoted(identity)), DOOR);
    raw.allow(&wake(identity, 2, &moment));
    // It opened the door once.
    raw.allow(&format!("UPDATE identities SET state = 'suspended', version = 3 WHERE id = {}", quoted(identity)));
    for version in [2, 3, 4] {
        raw.refuse(&wake(identity, version, &moment), DOOR);
    }
}

#[test]
fn a_task_belongs_to_a_request_where_its_kind_says_so() {
    const BELONGS: &str = "(kind IN ('decision', 'issuance', 'approver_missing')) = (request_id IS NOT NULL)";
    let raw = Raw::begin();
    let request = raw.asked_of_two();
    let identity = raw.identity_of(request);
    let line = |kind: &str| {
        Line::of(
            "tasks",
            &[
                ("id", &quoted(Id::new())),
                ("kind", &text(kind)),
                ("identity_id", &quoted(identity)),
                ("period", "'R-1:1:1'"),
                ("cause", "'requested'"),
                ("reason", "'Asked is more.'"),
                ("assignee_id", &quoted(raw.story.owner.0)),
                ("assigned_as", "'business_owner'"),
                ("due_on", "'2026-11-28'"),
                ("state", "'open'"),
                ("created_at", &minutes(0)),
                ("version", "1"),
            ],
        )
    };
    let others = [
        TaskKind::EmergencyReview,
        TaskKind::Recertification,
        TaskKind::ReviewQuestion,
        TaskKind::Narrowing,
        TaskKind::ReviewerMissing,
    ];
    for kind in TaskKind::ALL.iter().filter(|kind| !others.contains(kind)) {
        let without = line(kind.word());
        let with = line(kind.word()).with("request_id", quoted(request));
        let needs = matches!(kind, TaskKind::Decision | TaskKind::Issuance | TaskKind::ApproverMissing);
        let (right, wrong) = if needs { (with, without) } else { (without, with) };
        raw.refuse(&wrong.insert(), check(BELONGS));
        raw.allow(&right.insert());
        raw.refuse(
            &right.with("id", quoted(Id::new())).insert(),
            either(
                "UNIQUE constraint failed: tasks.kind, tasks.identity_id, tasks.period",
                "tasks_kind_identity_id_period",
            ),
        );
    }
    let right = line("decision").with("request_id", quoted(request)).with("period", "'R-1:1:2'");
    let wrong = |column: &'static str, value: &str, words: &str| {
        raw.refuse(&right.clone().with(column, value).insert(), words);
    };
    let moment = minutes(5);
    wrong("kind", "'wish'", check("kind IN ("));
    wrong("cause", "'a_whim'", check("cause IN ("));
    wrong("answer", "'perhaps'", check("answer IN ("));
    wrong("assigned_as", "'anybody'", check("assigned_as IN ("));
    wrong("request_id", &quoted(Id::new()), foreign());
    wrong("identity_id", &quoted(Id::new()), foreign());
    wrong("identity_id", "NULL", check("(identity_id IS NULL) <> (emergency_id IS NULL)"));
    wrong("assignee_id", "NULL", check("(assignee_id IS NULL) <> (assignee_group IS NULL)"));
    wrong("assignee_group", "'keepers'", check("(assignee_id IS NULL) <> (assignee_group IS NULL)"));
    wrong("closed_at", &moment, check("(state = 'open') = (closed_at IS NULL)"));
    wrong("state", "'done'", check("(state = 'open') = (closed_at IS NULL)"));
    wrong("version", "0", check("version > 0"));
    for (group, period) in [("keepers", "'R-1:1:3'"), ("administrators", "'R-1:1:4'")] {
        let line = right.clone().with("assignee_id", "NULL").with("period", period).with("assigned_as", "'keeper'");
        let line = line.with("id", quoted(Id::new()));
        raw.refuse(&line.clone().with("assignee_group", "'everybody'").insert(), check("assignee_group IN ("));
        raw.allow(&line.with("assignee_group", text(group)).insert());
    }
    raw.allow(&right.insert());
}

#[test]
fn documents_and_drafts_hold_together() {
    let raw = Raw::begin();
    let identity = raw.another();
    let paper = Line::of(
        "identity_papers",
        &[("identity_id", &quoted(identity)), ("kind", "'baa'"), ("reference", "'BAA-2026-7'"), ("ends_on", UNTIL)],
    );
    let wrong = |column: &'static str, value: &str, words: &str| {
        raw.refuse(&paper.clone().with(column, value).insert(), words);
    };
    let long = text("x".repeat(201));
    wrong("kind", "'letter'", check("kind IN ("));
    wrong("reference", "''", check("length(reference) BETWEEN 1 AND 200"));
    wrong("reference", &long, check("length(reference) BETWEEN 1 AND 200"));
    wrong("identity_id", &quoted(Id::new()), foreign());
    raw.allow(&paper.insert());
    let again = either("identity_papers.identity_id, identity_papers.kind", "identity_papers_pkey");
    wrong("reference", "'BAA-2026-8'", again);

    let draft = Line::of(
        "request_drafts",
        &[
            ("id", &quoted(Id::new())),
            ("person_id", &quoted(raw.story.owner.0)),
            ("origin_id", &quoted(identity)),
            ("fields", "'{}'"),
            ("created_at", &minutes(0)),
            ("updated_at", &minutes(0)),
            ("version", "1"),
        ],
    );
    let wrong = |column: &'static str, value: &str, words: &str| {
        raw.refuse(&draft.clone().with(column, value).insert(), words);
    };
    let without_account = quoted(raw.story.app.person("Nora Nobody", "nora@hospital.example"));
    wrong("person_id", &without_account, foreign());
    wrong("origin_id", &quoted(Id::new()), foreign());
    wrong("fields", "'no document'", either("json_valid(", "invalid input syntax for type json"));
    wrong("version", "0", check("version > 0"));
    raw.allow(&draft.insert());
    // A draft is nobody's decision: whoever wrote it throws it away.
    raw.allow("DELETE FROM request_drafts");
}
