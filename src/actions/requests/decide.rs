//! Deciding at a stage, and changing one's mind before it takes effect.

use super::load::{Loaded, load_held};
use super::{check_living, facts, person, refused, settle, stages};
use crate::actions::lookup::named_person;
use crate::actions::{ActionError, By, FieldError, Register, Work, closing, notify, ownership};
use crate::domain::identities::{IdentityState, StateCause};
use crate::domain::ids::Id;
use crate::domain::life_cycle::parse_reason;
use crate::domain::reaching::basis_of;
use crate::domain::requests::deciding::{self, DecisionFault, Standing, Typed};
use crate::domain::requests::people::Human;
use crate::domain::requests::{DecidedAs, RequestAnswer, RequestError, RequestState};
use crate::domain::tasks::{TaskAnswer, TaskKind, TaskState};
use crate::store::identities::Identity;
use crate::store::request_decisions::{self, Decision};
use crate::store::request_stages::{self, Stage};
use crate::store::requests::{self, Request};
use crate::store::types::Doc;
use crate::store::{StoreError, people, tasks};

/// What somebody answers, and what they saw when they did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    pub request: Id,
    /// The versions of the request and of the identity that were shown, and the digest of the wording.
    pub version: i64,
    pub identity_version: i64,
    pub digest: String,
    /// Nothing is chosen for anybody: without an answer nothing is recorded.
    pub answer: Option<RequestAnswer>,
    pub keep: Vec<String>,
    pub until: String,
    pub reason: String,
    pub ground: String,
    pub somebody: String,
}

/// Records a decision; answers its id.
///
/// # Errors
/// `Store(Conflict)` when the request, the identity or the wording changed since they were shown, and when
/// somebody else decided meanwhile; `Refused` for whoever does not decide here, with the reason; `Invalid`
/// names every field that is wrong.
pub fn decide(register: &Register, by: &By, reply: &Reply) -> Result<Id, ActionError> {
    person(by)?;
    register.change(by, |work| {
        let loaded = load_held(work.db, register, reply.request, by.now)?;
        let sheet = facts::whole_sheet(work.db, register, &loaded)?;
        if let Some(known) = given_already(&loaded, by, reply) {
            return Ok(known);
        }
        // Versions before rights: whoever sends the same answer twice is told that it was given.
        if loaded.request.state_at(by.now) != RequestState::Open
            || loaded.request.version != reply.version
            || loaded.identity.version != reply.identity_version
            || sheet.digest() != reply.digest
        {
            return Err(StoreError::Conflict.into());
        }
        check_living(&loaded.identity)?;
        let human = loaded.human(by).ok_or(ActionError::Forbidden)?;
        let right = loaded.may_decide(&human).map_err(|error| refused(&error))?;
        let stage = loaded.current().cloned().ok_or(StoreError::Conflict)?;
        let (decided, reason) = read(register, &loaded, reply)?;
        let passed_to = match &decided {
            deciding::Decision::PassOn { somebody } => Some(right_person(work, register, &loaded, &human, somebody)?),
            _ => None,
        };
        let minutes = register.deployment.approvals.stages.undo_minutes;
        let decision = Decision {
            id: Id::new(),
            request_id: loaded.request.id,
            position: stage.position,
            stage: stage.kind,
            answer: answer_of(&decided),
            decided_by_id: human.person,
            decided_as: right,
            kept: match &decided {
                deciding::Decision::Part { scopes, .. } => Some(Doc(scopes.clone())),
                _ => None,
            },
            until: match &decided {
                deciding::Decision::Approve => Some(loaded.until()),
                deciding::Decision::Part { until, .. } => Some(*until),
                _ => None,
            },
            reason,
            ground: match &decided {
                deciding::Decision::Refuse { ground } => Some(ground.clone()),
                _ => None,
            },
            passed_to_id: passed_to,
            digest: sheet.digest(),
            sheet: Doc(sheet),
            identity_version: loaded.identity.version,
            decided_at: by.now,
            undo_until: by.now.plus_seconds(minutes * 60),
            undone_at: None,
            undo_reason: None,
        };
        request_decisions::insert(work.db, &decision).map_err(|error| match error {
            // Somebody decided at the same moment.
            StoreError::Constraint(_) => StoreError::Conflict,
            other => other,
        })?;
        // Whoever says yes as its owner is its owner: somebody else may have named them.
        if right == DecidedAs::BusinessOwner && decision.answer.is_yes() {
            ownership::accept_in(work, loaded.identity.id, human.person)?;
        }
        take_effect(work, register, loaded, &stage, &decision)?;
        Ok(decision.id)
    })
}

/// The decision that the same form has recorded already: sent twice, it decides once.
fn given_already(loaded: &Loaded, by: &By, reply: &Reply) -> Option<Id> {
    let same = |one: &&Decision| {
        one.stands()
            && Some(one.decided_by_id) == by.person
            && Some(one.answer) == reply.answer
            && one.digest == reply.digest
            && one.identity_version == reply.identity_version
            && one.reason.as_deref().unwrap_or_default() == reply.reason.replace("\r\n", "\n").trim()
            && one.ground.as_deref().unwrap_or_default() == reply.ground.trim()
            && (one.answer != RequestAnswer::Part
                || one.kept.as_ref().is_some_and(|kept| reply.keep.iter().all(|scope| kept.0.contains(scope))))
    };
    // From the page as it stands now nothing was sent yet.
    if loaded.request.version == reply.version {
        return None;
    }
    loaded.decisions.iter().find(same).map(|one| one.id)
}

fn answer_of(decided: &deciding::Decision) -> RequestAnswer {
    match decided {
        deciding::Decision::Approve => RequestAnswer::Approve,
        deciding::Decision::Part { .. } => RequestAnswer::Part,
        deciding::Decision::Refuse { .. } => RequestAnswer::Refuse,
        deciding::Decision::PassOn { .. } => RequestAnswer::PassOn,
    }
}

fn read(register: &Register, loaded: &Loaded, reply: &Reply) -> Result<deciding::Decided, ActionError> {
    let approvals = &register.deployment.approvals;
    let offered = approvals.grounds.offered(basis_of(loaded.identity.access_basis), approvals.organisation);
    let grounds: Vec<&str> = offered.iter().map(|ground| ground.word.as_str()).collect();
    let keep: Vec<&str> = reply.keep.iter().map(String::as_str).collect();
    let wanted = loaded.wanted();
    let settled: Vec<String> = loaded.scopes().into_iter().filter(|scope| !wanted.contains(scope)).collect();
    let typed = Typed {
        answer: reply.answer,
        keep: &keep,
        until: &reply.until,
        reason: &reply.reason,
        ground: &reply.ground,
        somebody: &reply.somebody,
    };
    let standing =
        Standing { scopes: &wanted, settled: &settled, until: loaded.until(), grounds: &grounds, today: loaded.today };
    deciding::read(typed, &standing).map_err(|faults| {
        let line = |fault: &DecisionFault| FieldError::new(fault.field(), fault.to_string());
        ActionError::Invalid(faults.iter().map(line).collect())
    })
}

/// Whom somebody names in their place: a person who may decide once they are named.
fn right_person(
    work: &mut Work<'_>,
    register: &Register,
    loaded: &Loaded,
    by: &Human,
    somebody: &str,
) -> Result<Id, ActionError> {
    let mut errors: Vec<FieldError> = Vec::new();
    let Some(named) = named_person(work.db, work.by.token.is_none(), "somebody", somebody, &mut errors)? else {
        return Err(ActionError::Invalid(errors));
    };
    let cannot = |why: String| Err(ActionError::field("somebody", why));
    if named.id == by.person {
        return cannot("You named yourself; name somebody else, or choose another answer".to_owned());
    }
    if people::account(work.db, named.id)?.is_none() && register.deployment.access.single_sign_on.is_none() {
        return cannot(format!("{} has no account, so they could not answer; name somebody else", named.name));
    }
    let known = super::load::humans(work.db, register, &loaded.identity, &[named.id], work.by.now)?;
    let human = known.iter().find(|human| human.person == named.id);
    match human.map(|human| loaded.may_decide(&Human { named: true, ..*human })) {
        Some(Ok(_)) => Ok(named.id),
        Some(Err(why)) => cannot(format!("{} cannot decide this: {}", named.name, third_person(&why.to_string()))),
        None => cannot(format!("{} cannot decide this; name somebody else", named.name)),
    }
}

/// The reason why somebody may not decide, said about them and not to them.
fn third_person(text: &str) -> String {
    text.replace("you are", "they are")
        .replace("you said", "they said")
        .replace("you asked", "they asked")
        .replace("your name", "their name")
}

fn take_effect(
    work: &mut Work<'_>,
    register: &Register,
    loaded: Loaded,
    stage: &Stage,
    decision: &Decision,
) -> Result<(), ActionError> {
    let before = loaded.request.clone();
    let mut after = before.clone();
    after.version += 1;
    after.moved_at = work.by.now;
    let action = match decision.answer {
        RequestAnswer::Approve => "request.approve",
        RequestAnswer::Part => "request.approve_part",
        RequestAnswer::Refuse => "request.refuse",
        RequestAnswer::PassOn => "request.pass_on",
    };
    let last = loaded.stages.iter().all(|each| {
        each.position == stage.position || loaded.decision_of(each.position).is_some_and(|one| one.answer.is_yes())
    });
    match decision.answer {
        RequestAnswer::Refuse => after.state = RequestState::Refused,
        RequestAnswer::Approve | RequestAnswer::Part if last => {
            after.state = RequestState::Approved;
            after.effective_at = Some(decision.undo_until);
            after.approved_until = decision.until;
        }
        _ => {}
    }
    requests::update(work.db, &after)?;
    let recorded = (Kept { request: &before, decision: None }, Kept { request: &after, decision: Some(decision) });
    work.record_because(action, "request", after.id, decision.reason.as_deref(), Some(&recorded.0), Some(&recorded.1));
    stages::close_all(work, after.id, TaskAnswer::Done, "it was answered on the page of the request")?;
    match (decision.answer, after.state) {
        (RequestAnswer::PassOn, _) => {
            let again = Stage { named_id: decision.passed_to_id, round: stage.round + 1, ..stage.clone() };
            request_stages::update(work.db, &again)?;
            stages::open(work, register, after.id)?;
        }
        (_, RequestState::Open) => stages::open(work, register, after.id)?,
        (_, RequestState::Refused) => reject(work, &loaded.identity, decision.reason.as_deref())?,
        (_, RequestState::Approved) if decision.undo_until <= work.by.now => {
            settle::apply_in(work, register, after.id)?;
        }
        _ => {}
    }
    notify_requester(work, register, &after)
}

/// A request and a decision about it, as the audit log keeps them.
#[derive(Debug, serde::Serialize)]
struct Kept<'a> {
    #[serde(flatten)]
    request: &'a Request,
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<&'a Decision>,
}

/// Tells whoever asked, and for whom they did.
pub(super) fn notify_requester(work: &mut Work<'_>, register: &Register, request: &Request) -> Result<(), ActionError> {
    let mut told: Vec<Id> = [Some(request.requester_id), request.requester_for_id].into_iter().flatten().collect();
    told.sort_unstable();
    notify::queue_digests(register, work, &told)
}

/// What was registered and not let in does not wait any more, and nobody is asked who owns it.
pub(super) fn reject(work: &mut Work<'_>, before: &Identity, reason: Option<&str>) -> Result<(), ActionError> {
    if before.state != IdentityState::Requested {
        return Ok(());
    }
    for task in tasks::about(work.db, before.id)? {
        if matches!(task.kind, TaskKind::Ownership | TaskKind::OwnerMissing) && task.state == TaskState::Open {
            closing::close(work, &task, TaskAnswer::Obsolete, Some("it was not let in"))?;
        }
    }
    let mut identity = before.clone();
    identity.state = IdentityState::Rejected;
    identity.state_cause = StateCause::Decided;
    identity.state_changed_at = work.by.now;
    ownership::store(work, "identity.reject", reason, before, &mut identity)
}

/// Somebody takes back what they decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undo {
    pub decision: Id,
    /// The version of the request that was shown.
    pub version: i64,
    pub reason: String,
}

/// Takes a decision back: its stage waits again.
///
/// # Errors
/// `Refused` when its time is over, when it is somebody else's, or when something else waits meanwhile.
pub fn undo(register: &Register, by: &By, undo: &Undo) -> Result<(), ActionError> {
    let person = person(by)?;
    let reason = parse_reason(&undo.reason).map_err(|error| ActionError::field("reason", error.to_string()))?;
    register.change(by, |work| {
        let decision = request_decisions::find(work.db, undo.decision)?;
        let loaded = load_held(work.db, register, decision.request_id, by.now)?;
        if decision.decided_by_id != person {
            return Err(refused(&RequestError::NotYourDecision));
        }
        if loaded.request.version != undo.version {
            return Err(StoreError::Conflict.into());
        }
        let undoable =
            matches!(loaded.request.state, RequestState::Open | RequestState::Approved | RequestState::Refused);
        if !undoable || !decision.stands() || decision.undo_until <= by.now || decision.answer == RequestAnswer::PassOn
        {
            return Err(refused(&RequestError::TooLateToUndo));
        }
        if let Some(other) = requests::pending(work.db, loaded.identity.id)?
            && other.id != loaded.request.id
        {
            return Err(refused(&RequestError::Waiting(other.number)));
        }
        request_decisions::undo(work.db, decision.id, by.now, &reason)?;
        let before = loaded.request.clone();
        let mut after = before.clone();
        after.state = RequestState::Open;
        after.effective_at = None;
        after.approved_until = None;
        after.moved_at = by.now;
        after.version += 1;
        if after.ends_at <= by.now.plus_days(1) {
            after.ends_at = stages::ends_at(register, by.now);
        }
        requests::update(work.db, &after)?;
        work.record_because("request.undo", "request", after.id, Some(&reason), Some(&before), Some(&after));
        if loaded.identity.state == IdentityState::Rejected && before.state == RequestState::Refused {
            let mut identity = loaded.identity.clone();
            identity.state = IdentityState::Requested;
            identity.state_cause = StateCause::Decided;
            identity.state_changed_at = by.now;
            ownership::store(work, "identity.ask_again", Some(&reason), &loaded.identity, &mut identity)?;
        }
        stages::close_all(work, after.id, TaskAnswer::Obsolete, "an earlier answer was taken back")?;
        if let Some(stage) = loaded.stages.iter().find(|stage| stage.position == decision.position) {
            request_stages::update(work.db, &Stage { round: stage.round + 1, ..stage.clone() })?;
        }
        // Later stages that were open are opened again in their turn, as new work.
        for stage in loaded.stages.iter().filter(|stage| stage.position > decision.position && stage.due_on.is_some()) {
            request_stages::update(work.db, &Stage { round: stage.round + 1, due_on: None, ..stage.clone() })?;
        }
        stages::open(work, register, after.id)?;
        notify_requester(work, register, &after)
    })
}
