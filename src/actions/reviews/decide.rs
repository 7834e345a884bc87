//! Deciding a review, and correcting what was decided before it takes effect.

mod naming;
mod reading;

use chrono::NaiveDate;

use super::load::Loaded;
use super::{asking, moving, question, sheet};
use crate::actions::days::start_of_day;
use crate::actions::lookup::named_person;
use crate::actions::{ActionError, By, Register, Work, closing, findings, notify, ownership};
use crate::domain::audit::ActorKind;
use crate::domain::findings::FindingRule;
use crate::domain::identities::IdentityState;
use crate::domain::ids::{Id, Moment};
use crate::domain::reviews::deciding::Decision;
use crate::domain::reviews::narrowing;
use crate::domain::reviews::{ReviewAnswer, ReviewOutcome, ReviewState};
use crate::domain::tasks::{AssignedAs, Assignee, TaskAnswer, TaskCause, TaskKind, TaskState};
use crate::store::identities::Identity;
use crate::store::review_decisions::{self, ReviewDecision};
use crate::store::reviews::{self, Review};
use crate::store::types::Doc;
use crate::store::{Db, StoreError, tasks};
use naming::somebody;
use reading::read;

pub use reading::{Reply, latest_day};

/// Records a decision; answers its id.
///
/// # Errors
/// `Store(Conflict)` when the review, the identity or the wording changed since they were shown, and when somebody
/// else decided meanwhile; `Refused` for whoever does not decide here, with the reason; `Invalid` names every field
/// that is wrong.
pub fn decide(register: &Register, by: &By, reply: &Reply) -> Result<Id, ActionError> {
    only_people(by)?;
    register.change(by, |work| {
        let loaded = Loaded::held(work.db, register, reply.review, by.now)?;
        let sheet = sheet::sheet(work.db, register, &loaded)?;
        if let Some(known) = given_already(work.db, &loaded, by, reply)? {
            return Ok(known);
        }
        // Versions before rights: whoever sends the same answer twice is told that it was given.
        if loaded.review.version != reply.version
            || loaded.identity.version != reply.identity_version
            || sheet.digest() != reply.digest
        {
            return Err(StoreError::Conflict.into());
        }
        check_working(&loaded.identity)?;
        let decided_as = loaded.may_decide(by).map_err(|why| ActionError::Refused(why.to_string()))?;
        let (decided, reason) = read(register, &loaded, reply)?;
        let passed_to = match &decided {
            Decision::Reassign(named) => Some(somebody(work, register, &loaded, named)?),
            _ => None,
        };
        let decision = ReviewDecision {
            id: Id::new(),
            review_id: loaded.review.id,
            answer: answer_of(&decided),
            decided_by_id: by.person.ok_or(ActionError::Forbidden)?,
            decided_as,
            reason,
            kept: match &decided {
                Decision::Narrow(kept) => Some(Doc(kept.clone())),
                _ => None,
            },
            revoke_on: match &decided {
                Decision::RevokeOn(day) => Some(*day),
                _ => None,
            },
            passed_to_id: passed_to.as_ref().map(|person| person.id),
            digest: sheet.digest(),
            sheet: Doc(sheet),
            identity_version: loaded.identity.version,
            together_id: None,
            supersedes_id: loaded.decision_before().map(|before| before.id),
            decided_at: by.now,
        };
        record(work, register, &loaded, &decision)
    })
}

/// Only people decide; no job, no command and no program does.
pub fn only_people(by: &By) -> Result<Id, ActionError> {
    match (by.kind, by.person) {
        (ActorKind::Person, Some(person)) => Ok(person),
        _ => Err(ActionError::Forbidden),
    }
}

/// Stores a decision and does what follows from it at once; answers its id.
pub fn record(
    work: &mut Work<'_>,
    register: &Register,
    loaded: &Loaded,
    decision: &ReviewDecision,
) -> Result<Id, ActionError> {
    review_decisions::insert(work.db, decision).map_err(|error| match error {
        // Somebody decided at the same moment.
        StoreError::Constraint(_) => StoreError::Conflict,
        other => other,
    })?;
    if decision.decided_as == AssignedAs::BusinessOwner && decision.answer == ReviewAnswer::Keep {
        // Whoever says as its owner that it goes on is its owner: somebody else may have named them.
        ownership::accept_in(work, loaded.identity.id, decision.decided_by_id)?;
    }
    match decision.answer {
        ReviewAnswer::Keep | ReviewAnswer::Narrow | ReviewAnswer::Revoke => settle(work, register, loaded, decision)?,
        ReviewAnswer::DontKnow => question::ask(work, register, loaded, decision)?,
        ReviewAnswer::Reassign => reassign(work, register, loaded, decision)?,
    }
    Ok(decision.id)
}

/// The decision that the same form has recorded already: sent twice, it decides once.
fn given_already(db: &mut Db, loaded: &Loaded, by: &By, reply: &Reply) -> Result<Option<Id>, ActionError> {
    // From the page as it stands now nothing was sent yet.
    if loaded.review.version == reply.version {
        return Ok(None);
    }
    // Whoever names somebody else gives another answer. Who cannot be found was not named before.
    let named = named_person(db, false, "somebody", &reply.somebody, &mut Vec::new())?.map(|person| person.id);
    if named.is_none() && !reply.somebody.trim().is_empty() {
        return Ok(None);
    }
    let same = |one: &&ReviewDecision| {
        Some(one.decided_by_id) == by.person
            && Some(one.answer) == reply.answer
            && one.passed_to_id == named
            && one.digest == reply.digest
            && one.identity_version == reply.identity_version
            && one.reason.as_deref().unwrap_or_default() == reply.reason.replace("\r\n", "\n").trim()
            && one.kept.as_ref().is_none_or(|kept| {
                let ticked: Vec<&str> = reply.keep.iter().map(String::as_str).collect();
                narrowing::kept(loaded.holds().stays(), &ticked).as_ref() == Ok(&kept.0)
            })
            && one.revoke_on.map(|day| day.to_string()).unwrap_or_default() == reply.revoke_on.trim()
    };
    Ok(loaded.decisions.iter().rev().find(same).map(|one| one.id))
}

fn answer_of(decided: &Decision) -> ReviewAnswer {
    match decided {
        Decision::Keep => ReviewAnswer::Keep,
        Decision::Narrow(_) => ReviewAnswer::Narrow,
        Decision::RevokeOn(_) => ReviewAnswer::Revoke,
        Decision::DontKnow => ReviewAnswer::DontKnow,
        Decision::Reassign(_) => ReviewAnswer::Reassign,
    }
}

/// Refuses what is decided about an identity that is going or gone.
pub fn check_working(identity: &Identity) -> Result<(), ActionError> {
    if matches!(identity.state, IdentityState::Active | IdentityState::Suspended) {
        return Ok(());
    }
    Err(ActionError::Refused(format!(
        "there is nothing to decide: this identity is {}, and its review is closed with the next run",
        identity.state.label().to_lowercase()
    )))
}

/// When a decision takes effect: after the time for corrections, and not before its day.
fn takes_effect(register: &Register, revoke_on: Option<NaiveDate>, now: Moment) -> Moment {
    let held = now.plus_seconds(register.deployment.reviews.hold_minutes * 60);
    match revoke_on {
        Some(day) => held.max(start_of_day(day, register.deployment.time_zone)),
        None => held,
    }
}

fn settle(
    work: &mut Work<'_>,
    register: &Register,
    loaded: &Loaded,
    decision: &ReviewDecision,
) -> Result<(), ActionError> {
    let (outcome, task_answer) = match decision.answer {
        ReviewAnswer::Narrow => (ReviewOutcome::Narrow, TaskAnswer::Narrow),
        ReviewAnswer::Revoke => (ReviewOutcome::Revoke, TaskAnswer::Remove),
        _ => (ReviewOutcome::Keep, TaskAnswer::Keep),
    };
    let before = &loaded.review;
    let after = Review {
        state: ReviewState::Decided,
        outcome: Some(outcome),
        decision_id: Some(decision.id),
        decided_at: Some(work.by.now),
        takes_effect_at: Some(takes_effect(register, decision.revoke_on, work.by.now)),
        next_step_on: None,
        version: before.version + 1,
        ..before.clone()
    };
    reviews::update(work.db, &after)?;
    let action = if before.state == ReviewState::Decided { "review.correct" } else { "review.decide" };
    let recorded = (Kept { review: before, decision: None }, Kept { review: &after, decision: Some(decision) });
    work.record_because(action, "review", after.id, decision.reason.as_deref(), Some(&recorded.0), Some(&recorded.1));
    close_tasks(work, loaded, task_answer, "it was decided on the page of the review")?;
    // Whatever was wrong was that nobody answered.
    findings::close(
        work,
        loaded.identity.id,
        &[
            FindingRule::ReviewUnanswered,
            FindingRule::ProtectedReviewUnanswered,
            FindingRule::SilenceHeldBack,
            FindingRule::ReviewerMissing,
        ],
        "somebody decided its review",
    )
}

/// Closes every task of a review that asks somebody.
pub fn close_tasks(work: &mut Work<'_>, loaded: &Loaded, answer: TaskAnswer, note: &str) -> Result<(), ActionError> {
    let asking = |task: &&crate::store::tasks::Task| {
        task.state == TaskState::Open
            && matches!(task.kind, TaskKind::Recertification | TaskKind::ReviewQuestion | TaskKind::ReviewerMissing)
    };
    for task in loaded.tasks.iter().filter(asking) {
        let own = if task.kind == TaskKind::Recertification { answer } else { TaskAnswer::Obsolete };
        closing::close(work, task, own, Some(note))?;
    }
    Ok(())
}

/// A review and a decision about it, as the audit log keeps them.
#[derive(Debug, serde::Serialize)]
pub struct Kept<'a> {
    #[serde(flatten)]
    pub review: &'a Review,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<&'a ReviewDecision>,
}

/// Somebody else decides. The deadline stays.
fn reassign(
    work: &mut Work<'_>,
    register: &Register,
    loaded: &Loaded,
    decision: &ReviewDecision,
) -> Result<(), ActionError> {
    let Some(person) = decision.passed_to_id else { return Err(ActionError::Forbidden) };
    let before = &loaded.review;
    let after = Review { version: before.version + 1, ..before.clone() };
    reviews::update(work.db, &after)?;
    let recorded = (Kept { review: before, decision: None }, Kept { review: &after, decision: Some(decision) });
    let reason = decision.reason.as_deref();
    work.record_because("review.reassign", "review", after.id, reason, Some(&recorded.0), Some(&recorded.1));
    // Whoever gave it away is not asked any more; whoever was asked beside them still is.
    let own: Vec<_> = loaded.asking().filter(|task| asked(task, work.by)).cloned().collect();
    let given: Vec<_> = if own.is_empty() { loaded.asking().cloned().collect() } else { own };
    for task in &given {
        closing::close(work, task, TaskAnswer::Another, reason)?;
    }
    moving::found_somebody(work, &loaded.tasks, loaded.identity.id)?;
    let keeper = decision.decided_as == AssignedAs::Keeper;
    let assigned_as = if keeper { AssignedAs::ByHand } else { AssignedAs::HandedOn };
    let says: Vec<&str> = loaded.reasons.iter().map(|reason| reason.says.as_str()).collect();
    let task = asking::ask(
        &after,
        &TaskCause::ReviewAsked,
        &says.join(" "),
        Assignee::Person { person, assigned_as },
        &format!(":{}", decision.id),
        work,
    );
    tasks::insert(work.db, &task)?;
    work.record("task.raise", "task", task.id, None, Some(&task));
    notify::queue_for_tasks(register, work, &[&task])?;
    Ok(())
}

fn asked(task: &crate::store::tasks::Task, by: &By) -> bool {
    task.assignee_id.is_some() && task.assignee_id == by.person
}
