//! What programs are answered, as JSON. The comments here are what the description of the interface says.

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::identities::{AccessBasis, IdentityState};
use crate::domain::ids::{Id, Moment};
use crate::domain::requests::{DecidedAs, RequestAnswer, RequestKind, RequestState, StageKind, StageState};
use crate::domain::scopes::difference::Change;
use crate::domain::scopes::tiers::Tier;

/// What went wrong. Every error has this shape.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ErrorAnswer {
    /// What it is, for a program; new words may come.
    #[schema(example = "invalid")]
    pub error: String,
    /// What it is and what to do, for a person.
    pub message: String,
    /// What is wrong with which member of the document or parameter of the address; empty where nothing of it is.
    pub fields: Vec<FieldFault>,
    /// The number of this request, by which the keepers of the register find it in their log.
    pub request_id: String,
}

/// What is wrong with one member.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FieldFault {
    /// Where it stands, as in `registration.name`; empty where the whole is meant.
    pub field: String,
    /// What is wrong and what to do, for a person.
    pub message: String,
}

/// A person. People are named here where the page of the request names them to you.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PersonName {
    pub id: Id,
    /// None where the register has forgotten them.
    pub name: Option<String>,
}

/// The identity that a request is about.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AboutIdentity {
    pub id: Id,
    pub name: String,
}

/// A request in a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RequestLine {
    pub id: Id,
    /// What readers call it.
    #[schema(example = "R-17")]
    pub reference: String,
    pub kind: RequestKind,
    pub state: RequestState,
    pub identity: AboutIdentity,
    /// Who asked.
    pub requester: PersonName,
    /// For whom they asked, as their deputy.
    pub requester_for: Option<PersonName>,
    /// Why it is needed.
    pub reason: String,
    /// Why it cannot wait; none where it can.
    pub urgency: Option<String>,
    /// The day at whose start it was to end.
    pub wanted_until: NaiveDate,
    /// The day at whose start it ends, as it was approved.
    pub approved_until: Option<NaiveDate>,
    /// Whoever asked says that no data of real patients is there.
    pub test_data: bool,
    /// What the identity was for when this was asked.
    pub purpose: Option<String>,
    pub access_basis: Option<AccessBasis>,
    pub tier: Tier,
    pub sent_at: Moment,
    /// When it expires without a decision.
    pub ends_at: Moment,
    /// When something last happened to it.
    pub moved_at: Moment,
    /// When what was approved takes effect; until then minds can be changed.
    pub effective_at: Option<Moment>,
    /// When it took effect.
    pub applied_at: Option<Moment>,
    /// When somebody recorded that it was set up at the system.
    pub issued_at: Option<Moment>,
    /// When an import saw that no more is issued than was approved.
    pub confirmed_at: Option<Moment>,
    /// Send it with what you want to change, so that nothing that happened meanwhile is passed over.
    pub version: i64,
}

/// A page of the list of requests, the newest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RequestList {
    pub requests: Vec<RequestLine>,
    /// The value of `after` for the next page; none where this is the last.
    pub next: Option<String>,
}

/// Whose yes it takes at one step, and how that stands.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RequestStage {
    /// From 1.
    pub position: i64,
    pub kind: StageKind,
    pub state: StageState,
    /// Until when an answer is expected; none while earlier steps wait.
    pub due_on: Option<NaiveDate>,
    /// Whom whoever was asked named in their place.
    pub named: Option<PersonName>,
}

/// What somebody decided.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RequestDecision {
    pub id: Id,
    /// The step that it belongs to.
    pub position: i64,
    pub stage: StageKind,
    pub answer: RequestAnswer,
    pub decided_by: PersonName,
    pub decided_as: DecidedAs,
    /// The same in words.
    #[schema(example = "as its business owner")]
    pub right: String,
    pub decided_at: Moment,
    /// Why, in their words.
    pub reason: Option<String>,
    /// The ground of a no, in words.
    pub ground: Option<String>,
    /// The permissions that a yes in part keeps.
    pub kept: Option<Vec<String>>,
    /// The end that a yes gives.
    pub until: Option<NaiveDate>,
    pub passed_to: Option<PersonName>,
    /// Until when its giver can take it back.
    pub undo_until: Moment,
    /// When its giver took it back; none where it stands.
    pub undone_at: Option<Moment>,
    pub undo_reason: Option<String>,
}

/// What people decide about, in plain words.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PlainSheet {
    /// The question, one sentence.
    pub question: String,
    /// What a yes does.
    pub if_yes: String,
    /// What a no does.
    pub if_no: String,
    /// What the end that is asked for changes; empty where it is the same.
    pub end: String,
    /// What changes, and what stays: what widens first.
    pub lines: Vec<PlainLine>,
    /// What there is to decide by.
    pub facts: Vec<PlainFact>,
    /// The version of the words.
    pub words: String,
    /// SHA-256 over all of it, in hexadecimal. A decision keeps the one that its giver read.
    pub digest: String,
}

/// Something to decide by.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PlainFact {
    #[schema(example = "Switch-off tried?")]
    pub label: String,
    /// A word to be seen first; empty where there is none.
    #[schema(example = "Never tried")]
    pub word: String,
    /// In several lines where it is a list; none where nobody knows.
    pub lines: Vec<String>,
}

/// One permission in plain words.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PlainLine {
    pub change: Change,
    /// As it is written on the wire.
    #[schema(example = "patient/Observation.rs")]
    pub scope: String,
    /// What it allows, and whose data it is about.
    pub sentence: String,
    /// What of it was held before, in the same words.
    pub was: Vec<String>,
    /// Nobody can say what it allows: it counts as unlimited.
    pub unlimited: bool,
}

/// A request with everything that its page shows.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RequestAnswered {
    #[serde(flatten)]
    pub request: RequestLine,
    pub identity_state: IdentityState,
    /// The version of the identity now.
    pub identity_version: i64,
    /// What the state means and what happens next, one or two sentences.
    pub stands: String,
    /// What is not yet done, a sentence each.
    pub not_yet_done: Vec<String>,
    /// The permissions that were asked for.
    pub scopes: Vec<String>,
    /// Those of them that every yes so far has kept.
    pub kept_scopes: Vec<String>,
    /// The rule that chose the steps, and its reason in words.
    pub rule: String,
    pub because: String,
    /// What is approved lasts at most so many days.
    pub longest_days: i64,
    pub stages: Vec<RequestStage>,
    /// Every decision, the oldest first; those that were taken back too.
    pub decisions: Vec<RequestDecision>,
    /// A step that nobody can decide as things stand; the administrators know.
    pub shortage: Option<StageKind>,
    /// Until when the last answer can still be taken back; none where none can.
    pub undo_until: Option<Moment>,
    /// Who recorded that it was set up.
    pub executor: Option<PersonName>,
    /// What they did, and where it can be seen.
    pub evidence: Option<String>,
    pub sheet: PlainSheet,
}

/// What would be sent. Nothing of it is stored.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RequestPreview {
    /// What people would read.
    pub sheet: PlainSheet,
    /// Whose yes it would take, in their order.
    pub stages: Vec<StageKind>,
    /// The rule that chose them, and its reason in words.
    pub rule: String,
    pub because: String,
    pub tier: Tier,
    /// The latest day that can be asked for.
    pub longest_day: NaiveDate,
    /// A step that nobody could decide; it can be sent all the same, and the administrators are told.
    pub shortage: Option<StageKind>,
    /// The version of the identity now, to be sent with the request; none for a new app.
    pub identity_version: Option<i64>,
}
