//! What an answer does to the identity it is about, in the transaction of the answer.

use chrono::NaiveDate;

use super::identities::start_of_day;
use super::{ActionError, Register, Work, grants as asking, raise, requests};
use crate::domain::api_tokens::END_IS_FIXED;
use crate::domain::audit::ActorKind;
use crate::domain::grants::GrantKind;
use crate::domain::identities::{IdentityState, StateCause};
use crate::domain::task_words::{DEFAULT_REVIEW_INTERVAL_DAYS, days_after, period};
use crate::domain::tasks::{TaskCause, TaskKind};
use crate::store::identities::{self, Identity};
use crate::store::tasks::Task;
use crate::store::{api_tokens, grants};

/// Keeps it: it is reviewed again after its interval.
pub fn keep(
    work: &mut Work<'_>,
    register: &Register,
    before: &Identity,
    reason: Option<&str>,
) -> Result<(), ActionError> {
    check_kept(before)?;
    let mut after = before.clone();
    after.next_review_on = Some(next_review(work, register, before));
    store(work, "identity.keep", before, &mut after, reason)
}

/// Keeps it until the start of a day. One that is suspended stays so: with the new end date it is asked
/// that one goes on which only its expiry suspended, and two others decide about that. An answered review
/// counts as a review.
///
/// # Errors
/// `Invalid` for field `until` when it is the day on which it expired.
pub fn keep_until(
    work: &mut Work<'_>,
    register: &Register,
    task: &Task,
    before: &Identity,
    until: NaiveDate,
    reason: Option<&str>,
) -> Result<(), ActionError> {
    let end = start_of_day(until, register.deployment.time_zone);
    // A task of that expiry is known by its UTC day: another expiry on that day would have none.
    if before.has_expired(work.by.now) && before.expires_at.is_some_and(|at| at.date() == end.date()) {
        return Err(ActionError::field("until", "It expired on that day; choose a later one"));
    }
    if api_tokens::end_of(work.db, before.id)?.is_some_and(|last| end > last) {
        return Err(ActionError::field("until", END_IS_FIXED));
    }
    if let Some(why) = requests::beyond_end(work.db, before, Some(end), register.deployment.time_zone)? {
        return Err(ActionError::field("until", why));
    }
    let mut after = before.clone();
    after.expires_at = Some(end);
    after.keep_suspended(before, work.by.now);
    if task.kind == TaskKind::Recertification {
        check_kept(before)?;
        after.next_review_on = Some(next_review(work, register, before));
    }
    if after == *before {
        return Ok(());
    }
    store(work, "identity.change_expiry", before, &mut after, reason)?;
    let only_expired = after.state == IdentityState::Suspended && after.state_cause == StateCause::Expired;
    let asks = work.by.kind == ActorKind::Person && only_expired;
    if asks && grants::open_of(work.db, after.id, GrantKind::Resume)?.is_none() {
        asking::ask_in(work, register, &after, reason.unwrap_or("It is needed until its new end date."))?;
    }
    Ok(())
}

fn next_review(work: &Work<'_>, register: &Register, identity: &Identity) -> NaiveDate {
    let days = identity.review_interval_days.unwrap_or(DEFAULT_REVIEW_INTERVAL_DAYS);
    days_after(register.day(work.by.now), days.unsigned_abs())
}

fn check_kept(identity: &Identity) -> Result<(), ActionError> {
    if matches!(identity.state, IdentityState::Active | IdentityState::Suspended) {
        return Ok(());
    }
    Err(ActionError::Refused(format!(
        "there is nothing to keep: this identity is {}; a security analyst can close the task as no longer applying",
        identity.state.label().to_lowercase()
    )))
}

/// Marks it as to be revoked, and raises its offboarding.
pub fn remove(
    work: &mut Work<'_>,
    register: &Register,
    before: &Identity,
    reason: Option<&str>,
) -> Result<(), ActionError> {
    if matches!(before.state, IdentityState::Revoking | IdentityState::Revoked | IdentityState::Rejected) {
        return Err(ActionError::Refused(format!(
            "this identity is {} already; a security analyst can close the task as no longer applying",
            before.state.label().to_lowercase()
        )));
    }
    let mut after = before.clone();
    after.state = IdentityState::Revoking;
    after.state_cause = StateCause::NoLongerNeeded;
    after.state_changed_at = work.by.now;
    store(work, "identity.remove", before, &mut after, reason)?;
    raise::raise_revoking(register, work, &after)?;
    Ok(())
}

/// A review that is due may not be closed as if it were not.
pub fn check_obsolete(task: &Task, identity: &Identity) -> Result<(), ActionError> {
    let reviewable = matches!(identity.state, IdentityState::Active | IdentityState::Suspended);
    let same_date = identity.next_review_on.is_some_and(|date| period(TaskCause::ReviewDue, date) == task.period);
    if task.kind == TaskKind::Recertification && reviewable && same_date {
        return Err(ActionError::Refused(
            "this review is still due: answer it, or give the identity another review date first".to_owned(),
        ));
    }
    Ok(())
}

fn store(
    work: &mut Work<'_>,
    action: &str,
    before: &Identity,
    after: &mut Identity,
    reason: Option<&str>,
) -> Result<(), ActionError> {
    after.updated_at = work.by.now;
    after.version += 1;
    identities::update(work.db, after)?;
    work.record_because(action, "identity", after.id, reason, Some(before), Some(&*after));
    Ok(())
}
