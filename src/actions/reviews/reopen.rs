//! Asking again about what was to be switched off on a later day, because it reaches further since: the decision stays
//! on record and does not count any more. Without a far day nothing is asked again; the reason waits until the decision
//! has taken effect.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::asking;
use super::open::fields::{Asked, Which, asked};
use super::reviewers::Around;
use crate::actions::notify::{Told, tell_of_review};
use crate::actions::{ActionError, Register, Work, notify};
use crate::domain::ids::Id;
use crate::domain::notices::LineKind;
use crate::domain::reviews::clock::Dates;
use crate::domain::reviews::escalation;
use crate::domain::reviews::reasons::Reason;
use crate::domain::reviews::{ReviewOutcome, ReviewState, ReviewStep};
use crate::domain::task_words::date_words;
use crate::domain::tasks::{Assignee, TaskCause};
use crate::store::identities::Identity;
use crate::store::reviews::{self, Review};
use crate::store::{StoreError, review_decisions, review_steps, tasks};

/// Opens a decided review again, where one of the reasons cannot wait for the day of the decision; answers it as it is
/// stored then. The caller adds the reasons to it.
pub fn reopen(
    work: &mut Work<'_>,
    register: &Register,
    before: &Review,
    identity: &Identity,
    around: &Around,
    reasons: &[Reason],
) -> Result<Option<Review>, ActionError> {
    let corrected_until = work.by.now.plus_seconds(register.deployment.reviews.hold_minutes * 60);
    let (ReviewState::Decided, Some(ReviewOutcome::Revoke), Some(ends)) =
        (before.state, before.outcome, before.takes_effect_at.filter(|at| *at > corrected_until))
    else {
        return Ok(None);
    };
    if !reasons.iter().any(|reason| reason.cause.reaches_further()) {
        return Ok(None);
    }
    let today = register.day(work.by.now);
    let ends_on = register.day(ends);
    let clock = register.deployment.reviews.clock(identity.tier, identity.review_interval_days);
    // Whoever is asked now answers before the day on which it would have ended.
    let dates = clock.dates(today, Some(ends_on.max(today)));
    let resolution = around.reviewers_of(identity, before).resolve(today);
    let next_step_on = next_step(work, register, before, dates)?;
    let after = asked(Which::again(before), Asked { way: resolution.way, dates, next_step_on });
    reviews::update(work.db, &after)?;
    let says: Vec<&str> = reasons.iter().map(|reason| reason.says.as_str()).collect();
    let says = format!("{} It was to be switched off on {}.", says.join(" "), date_words(ends_on));
    work.record_because("review.reopen", "review", after.id, Some(&says), Some(before), Some(&after));
    match resolution.found {
        Some(assignee) => ask(work, register, &after, assignee, &says)?,
        None => asking::nobody(work, register, &after, identity)?,
    }
    tell_the_decider(work, register, before, &after, &says)?;
    Ok(Some(after))
}

/// The day of the first step that was not taken yet: what was done about the first answer is not done again, and nobody
/// is reminded on the day on which they are asked. Others are asked before silence comes, however short the days are.
fn next_step(
    work: &mut Work<'_>,
    register: &Register,
    review: &Review,
    dates: Dates,
) -> Result<Option<NaiveDate>, StoreError> {
    let taken: Vec<ReviewStep> =
        review_steps::of_reviews(work.db, &[review.id])?.into_iter().map(|taken| taken.step).collect();
    let today = register.day(work.by.now);
    let mut left = register.deployment.reviews.steps(register.day(review.opened_at), dates);
    left.retain(|(day, step)| !taken.contains(step) && (*day > today || !escalation::is_reminder(*step)));
    Ok(escalation::next(&left))
}

fn ask(
    work: &mut Work<'_>,
    register: &Register,
    review: &Review,
    assignee: Assignee,
    says: &str,
) -> Result<(), ActionError> {
    let again = format!(":again:{}", review.version);
    let task = asking::ask(review, &TaskCause::ReviewAsked, says, assignee, &again, work);
    tasks::insert(work.db, &task)?;
    work.record("task.raise", "task", task.id, None, Some(&task));
    notify::queue_for_tasks(register, work, &[&task])?;
    Ok(())
}

/// Whoever decided is told that it does not count any more.
fn tell_the_decider(
    work: &mut Work<'_>,
    register: &Register,
    before: &Review,
    after: &Review,
    says: &str,
) -> Result<(), ActionError> {
    let Some(decision) = before.decision_id else { return Ok(()) };
    let decider: Id = review_decisions::find(work.db, decision)?.decided_by_id;
    let says = format!(
        "You decided to switch it off. It reaches further since, so that is asked again. {says} An answer is due by {}.",
        date_words(after.due_on)
    );
    let what = format!("again:{}", after.version);
    let told = Told { review: after.id, what: &what, kind: LineKind::News, says: &says };
    tell_of_review(register, work, &BTreeSet::from([decider]), told)
}
