//! What was decided takes effect: when nobody can correct it any more, or on its day.

use chrono::NaiveDate;

use super::decide::Kept;
use super::load::Loaded;
use super::one_by_one::alone;
use super::stays::still_given;
use super::{early, narrow};
use crate::actions::{ActionError, By, Register, Work, closing, findings, ownership, raise};
use crate::domain::findings::FindingRule;
use crate::domain::identities::{IdentityState, StateCause};
use crate::domain::ids::Id;
use crate::domain::reviews::narrowing::listed;
use crate::domain::reviews::reasons::Reason;
use crate::domain::reviews::{ReviewOutcome, ReviewState};
use crate::domain::task_words::{date_words, days_after};
use crate::domain::tasks::{AssignedAs, Assignee, AssigneeGroup, TaskAnswer, TaskCause, TaskKind, TaskState};
use crate::store::identities::Identity;
use crate::store::reviews::{self, Review};
use crate::store::tasks::{Raised, Task};
use crate::store::{StoreError, requests};

/// Somebody has so many days to take away at the system what was taken away here.
const NARROW_DAYS: u64 = 7;

/// What a batch did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Batch {
    pub kept: usize,
    pub narrowed: usize,
    pub revoked: usize,
    /// They were stopped otherwise meanwhile, or approved anew.
    pub cancelled: usize,
    /// They could not be applied; the next run tries again.
    pub failed: usize,
    /// Where the next batch goes on; `None` when nothing is left.
    pub next: Option<Id>,
}

/// Reviews that take effect in one transaction each, in a batch.
const AT_A_TIME: i64 = 100;

/// Lets some of the decisions take effect whose time has come, after a place. One that cannot take effect holds up
/// no other.
///
/// # Errors
/// Only what concerns the whole run.
pub fn batch(register: &Register, by: &By, after: Option<Id>) -> Result<Batch, ActionError> {
    by.require_keeper()?;
    let found = reviews::to_apply(&mut *register.database.read()?, by.now, after, AT_A_TIME)?;
    let full = i64::try_from(found.len()) == Ok(AT_A_TIME);
    let mut batch = Batch { next: found.last().map(|review| review.id).filter(|_| full), ..Batch::default() };
    for review in found {
        let tried = alone("the decision of a review", review.id, || {
            register.change(by, |work| one(work, register, review.id))
        })?;
        match tried {
            Some(Some(ReviewOutcome::Keep)) => batch.kept += 1,
            Some(Some(ReviewOutcome::Narrow)) => batch.narrowed += 1,
            Some(Some(_)) => batch.revoked += 1,
            Some(None) => batch.cancelled += 1,
            None => batch.failed += 1,
        }
    }
    Ok(batch)
}

/// Lets one decision take effect; answers what it was, or nothing where the identity was stopped meanwhile.
fn one(work: &mut Work<'_>, register: &Register, id: Id) -> Result<Option<ReviewOutcome>, ActionError> {
    let loaded = Loaded::held(work.db, register, id, work.by.now)?;
    let due = loaded.review.takes_effect_at.is_some_and(|at| at <= work.by.now);
    let (Some(outcome), true) = (loaded.review.outcome, loaded.review.state == ReviewState::Decided && due) else {
        // Another worker was faster, or somebody corrected it to a later day.
        return Ok(loaded.review.outcome);
    };
    let works = matches!(loaded.identity.state, IdentityState::Active | IdentityState::Suspended);
    let going = matches!(loaded.identity.state, IdentityState::Revoking);
    match outcome {
        ReviewOutcome::Keep if works => {
            next_review(work, register, &loaded, "identity.keep")?;
            // Keeping approves nothing: what its system gives beyond what was approved is taken away there.
            match loaded.holds().beyond().is_empty() {
                true => close(work, &loaded)?,
                false => {
                    remediate(work, &loaded)?;
                    raise_narrowing(work, register, &loaded)?;
                }
            }
        }
        // What somebody decided about is not what it has any more: they are asked again.
        ReviewOutcome::Narrow if works && approved_anew(work, &loaded)? => {
            cancel(work, &loaded, "what it may do was approved anew before the decision took effect")?;
            let says = "What it may do was approved anew after somebody had left it less.";
            early::note(work, &loaded.identity, vec![Reason::approved_anew(loaded.review.id, says)])?;
            return Ok(None);
        }
        ReviewOutcome::Narrow if works => {
            // The review first: the database lets nothing else change the approved list.
            remediate(work, &loaded)?;
            let kept = loaded.decision().and_then(|decision| decision.kept.clone()).unwrap_or_default();
            let before = crate::actions::identities::record(work.db, loaded.identity.id)?;
            let identity = Identity { next_review_on: Some(next(register, &loaded)), ..loaded.identity.clone() };
            narrow::approved(work, register, &identity, &kept.0)?;
            let after = crate::actions::identities::record(work.db, loaded.identity.id)?;
            let reason = loaded.decision().and_then(|decision| decision.reason.clone());
            let id = loaded.identity.id;
            work.record_because("identity.narrow", "identity", id, reason.as_deref(), Some(&before), Some(&after));
            raise_narrowing(work, register, &loaded)?;
        }
        ReviewOutcome::Revoke if works || going => {
            remediate(work, &loaded)?;
            if works {
                revoke(work, register, &loaded, StateCause::NoLongerNeeded)?;
            }
        }
        _ => {
            cancel(work, &loaded, "the identity was stopped before the decision took effect")?;
            return Ok(None);
        }
    }
    Ok(Some(outcome))
}

/// Whether a request took effect after the decision.
fn approved_anew(work: &mut Work<'_>, loaded: &Loaded) -> Result<bool, StoreError> {
    let ceiling = requests::ceiling(work.db, loaded.identity.id)?;
    Ok(ceiling.and_then(|request| request.applied_at) >= loaded.review.decided_at)
}

/// The day of the review after this one.
fn next(register: &Register, loaded: &Loaded) -> NaiveDate {
    let identity = &loaded.identity;
    let clock = register.deployment.reviews.clock(identity.tier, identity.review_interval_days);
    let decided = loaded.review.decided_at.map_or(loaded.today, |at| register.day(at));
    clock.next(decided)
}

/// Sets the clock of an identity that was reviewed.
fn next_review(work: &mut Work<'_>, register: &Register, loaded: &Loaded, action: &str) -> Result<(), ActionError> {
    let before = &loaded.identity;
    let mut after = before.clone();
    after.next_review_on = Some(next(register, loaded));
    let reason = loaded.decision().and_then(|decision| decision.reason.as_deref());
    ownership::store(work, action, reason, before, &mut after)
}

/// Ends a review of which nothing is left to be seen.
pub fn close(work: &mut Work<'_>, loaded: &Loaded) -> Result<(), ActionError> {
    let before = &loaded.review;
    let after = Review {
        state: ReviewState::Closed,
        applied_at: Some(work.by.now),
        closed_at: Some(work.by.now),
        version: before.version + 1,
        ..before.clone()
    };
    store(work, "review.close", before, &after)
}

fn remediate(work: &mut Work<'_>, loaded: &Loaded) -> Result<(), ActionError> {
    let before = &loaded.review;
    let after = Review {
        state: ReviewState::Remediating,
        applied_at: Some(work.by.now),
        version: before.version + 1,
        ..before.clone()
    };
    store(work, "review.apply", before, &after)
}

/// Ends a review that has no question any more.
pub fn cancel(work: &mut Work<'_>, loaded: &Loaded, because: &str) -> Result<(), ActionError> {
    let before = &loaded.review;
    let after = Review {
        state: ReviewState::Cancelled,
        outcome: None,
        decided_at: None,
        takes_effect_at: None,
        next_step_on: None,
        closed_at: Some(work.by.now),
        ended_because: Some(because.to_owned()),
        version: before.version + 1,
        ..before.clone()
    };
    reviews::update(work.db, &after)?;
    let recorded = (Kept { review: before, decision: None }, Kept { review: &after, decision: None });
    work.record_because("review.cancel", "review", after.id, Some(because), Some(&recorded.0), Some(&recorded.1));
    let open: Vec<&Task> = loaded.tasks.iter().filter(|task| task.state == TaskState::Open).collect();
    for task in open {
        closing::close(work, task, TaskAnswer::Obsolete, Some(because))?;
    }
    // They ask for a decision that nobody can give any more.
    let unanswered = [FindingRule::ProtectedReviewUnanswered, FindingRule::SilenceHeldBack];
    findings::close(work, loaded.identity.id, &unanswered, "its review was cancelled")
}

/// Stores a review as its next version, and records it.
pub fn store(work: &mut Work<'_>, action: &str, before: &Review, after: &Review) -> Result<(), ActionError> {
    reviews::update(work.db, after)?;
    let recorded = (Kept { review: before, decision: None }, Kept { review: after, decision: None });
    work.record(action, "review", after.id, Some(&recorded.0), Some(&recorded.1));
    Ok(())
}

/// Marks an identity as to be revoked, and raises its offboarding.
pub fn revoke(work: &mut Work<'_>, register: &Register, loaded: &Loaded, cause: StateCause) -> Result<(), ActionError> {
    let before = &loaded.identity;
    let mut after = before.clone();
    after.state = IdentityState::Revoking;
    after.state_cause = cause;
    after.state_changed_at = work.by.now;
    let reason = loaded.decision().and_then(|decision| decision.reason.as_deref());
    ownership::store(work, "identity.remove", reason, before, &mut after)?;
    raise::raise_revoking(register, work, &after)?;
    Ok(())
}

/// What is to be taken away at the system, for whoever does it.
fn to_take_away(loaded: &Loaded) -> String {
    let on = date_words(loaded.today);
    let decided = match loaded.review.outcome {
        Some(ReviewOutcome::Keep) => format!("On {on} a reviewer kept what was approved, and its system gives more"),
        _ => format!("On {on} a reviewer left it less"),
    };
    let too_much = still_given(loaded);
    let what = match too_much.is_empty() {
        true => String::new(),
        false => format!(" As last seen, that is: {}.", listed(&too_much)),
    };
    format!(
        "{decided}. Take away at the system what it may no longer do.{what} An import that sees it closes this, or \
         somebody who keeps the register, and neither decided it nor answers for it, writes what they saw."
    )
}

/// Somebody who did not decide it takes away at the system what it may no longer do.
fn raise_narrowing(work: &mut Work<'_>, register: &Register, loaded: &Loaded) -> Result<(), ActionError> {
    let identity = &loaded.identity;
    let decider = loaded.decision().map(|decision| decision.decided_by_id);
    let technical = crate::actions::assignees::Owners::of(work.db, std::slice::from_ref(identity))?
        .candidates(identity)
        .technical_owner
        .filter(|owner| owner.can_act(loaded.today) && Some(owner.person) != decider);
    let task = Task::new(
        Raised {
            kind: TaskKind::Narrowing,
            cause: TaskCause::Narrowed,
            identity: identity.id,
            request: None,
            review: Some(loaded.review.id),
            period: format!("review:{}", loaded.review.id),
            reason: to_take_away(loaded),
            assignee: match technical {
                Some(owner) => Assignee::Person { person: owner.person, assigned_as: AssignedAs::TechnicalOwner },
                None => Assignee::Group { group: AssigneeGroup::Keepers },
            },
            due_on: days_after(loaded.today, NARROW_DAYS),
        },
        work.by.now,
    );
    let task = if technical.is_none() { Task { assigned_as: AssignedAs::Keeper, ..task } } else { task };
    raise::one(register, work, &task)?;
    Ok(())
}
