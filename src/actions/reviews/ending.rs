//! Ending reviews about which nobody has anything to decide any more: by a job, or by a keeper.

use super::apply::cancel;
use super::load::Loaded;
use super::one_by_one::alone;
use crate::actions::{ActionError, By, Register, Work, ownership};
use crate::domain::answers::counting::{FEWEST_OF_A_REASON, words_in};
use crate::domain::identities::IdentityState;
use crate::domain::ids::Id;
use crate::domain::life_cycle::parse_reason;
use crate::domain::reviews::ReviewState;
use crate::domain::task_words::days_after;
use crate::store::StoreError;
use crate::store::reviews::{self, Review};

/// Reviews that are ended in one transaction each, in a batch.
pub const AT_A_TIME: i64 = 100;

/// What became of reviews that were to be ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ended {
    pub ended: usize,
    /// They could not be ended; the next run tries again.
    pub failed: usize,
    /// Where the next batch goes on; `None` when nothing is left.
    pub next: Option<Id>,
}

/// Ends some of these reviews, each in a transaction of its own. One that cannot be ended holds up no other.
///
/// # Errors
/// Only `TakenOver`: another worker has this run, so this one ends.
pub fn end_each(
    register: &Register,
    by: &By,
    found: &[Review],
    one: impl Fn(&mut Work<'_>, Loaded) -> Result<bool, ActionError>,
) -> Result<Ended, ActionError> {
    let full = i64::try_from(found.len()) == Ok(AT_A_TIME);
    let mut batch = Ended { next: found.last().map(|review| review.id).filter(|_| full), ..Ended::default() };
    for review in found {
        let tried = alone("the end of a review", review.id, || {
            register.change(by, |work| {
                let loaded = Loaded::held(work.db, register, review.id, work.by.now)?;
                one(work, loaded)
            })
        })?;
        match tried {
            Some(ended) => batch.ended += usize::from(ended),
            None => batch.failed += 1,
        }
    }
    Ok(batch)
}

/// Ends some of the open reviews of identities that are being stopped or are gone, after a place: nobody has anything
/// to decide.
///
/// # Errors
/// Only what concerns the whole run.
pub fn end_without_question(register: &Register, by: &By, after: Option<Id>) -> Result<Ended, ActionError> {
    by.require_keeper()?;
    let found = reviews::without_question(&mut *register.database.read()?, after, AT_A_TIME)?;
    end_each(register, by, &found, |work, loaded| {
        if loaded.review.state != ReviewState::Open {
            return Ok(false);
        }
        let because = format!("it is {}", loaded.identity.state.label().to_lowercase());
        cancel(work, &loaded, &because)?;
        Ok(true)
    })
}

/// Why a review cannot be ended by hand whose day has passed.
const OVERDUE: &str = "the day on which an answer was due has passed, so this review is answered: keep it, narrow it or \
                       switch it off";

/// Why it cannot when the one before was ended in the same way: ended each time, the question would never be answered.
const TWICE: &str = "the review before was ended without an answer too, so this one is answered: keep it, narrow it or \
                     switch it off";

/// Whether the page of a review offers to end it by hand.
pub fn can_be_cancelled(loaded: &Loaded) -> bool {
    loaded.review.state == ReviewState::Open && !is_overdue(loaded)
}

/// Whether its day has passed while its identity works.
fn is_overdue(loaded: &Loaded) -> bool {
    works(loaded) && loaded.review.due_on < loaded.today
}

fn works(loaded: &Loaded) -> bool {
    matches!(loaded.identity.state, IdentityState::Active | IdentityState::Suspended)
}

/// A keeper ends a review that makes no sense any more. The question is not put off: what works is asked about again
/// within the days of the table, or by the day that was set before.
///
/// # Errors
/// `Invalid` without a reason of some words; `Conflict` when it changed since it was shown; `Refused` when it is not
/// open, when its day has passed, and when the review before was ended in the same way.
pub fn cancel_by_hand(register: &Register, by: &By, id: Id, version: i64, reason: &str) -> Result<(), ActionError> {
    by.require_keeper()?;
    by.refuse_tokens()?;
    let reason = parse_reason(reason).map_err(|error| ActionError::field("cancel_reason", error.to_string()))?;
    if words_in(&reason) < FEWEST_OF_A_REASON {
        let says = "Write at least three words: why nothing is left to decide";
        return Err(ActionError::field("cancel_reason", says.to_owned()));
    }
    register.change(by, |work| {
        let loaded = Loaded::held(work.db, register, id, work.by.now)?;
        if loaded.review.version != version {
            return Err(StoreError::Conflict.into());
        }
        if loaded.review.state != ReviewState::Open {
            return Err(ActionError::Refused("it is not open any more".to_owned()));
        }
        if is_overdue(&loaded) {
            return Err(ActionError::Refused(OVERDUE.to_owned()));
        }
        if works(&loaded) && ended_before(work, &loaded)? {
            return Err(ActionError::Refused(TWICE.to_owned()));
        }
        cancel(work, &loaded, &reason)?;
        ask_again(work, register, &loaded)
    })
}

/// Whether the review before this one was ended without an answer.
fn ended_before(work: &mut Work<'_>, loaded: &Loaded) -> Result<bool, StoreError> {
    let own = &loaded.review;
    let before = reviews::about(work.db, own.identity_id)?
        .into_iter()
        .find(|other| other.id != own.id && other.opened_at <= own.opened_at);
    Ok(before.is_some_and(|review| review.state == ReviewState::Cancelled))
}

/// Sets the day on which it is asked about again: soon, or earlier where that was set or its own clock asks for it. A
/// day that has come was asked about by this review and would not ask again, so it is asked about on the next.
fn ask_again(work: &mut Work<'_>, register: &Register, loaded: &Loaded) -> Result<(), ActionError> {
    if !works(loaded) {
        return Ok(());
    }
    let before = &loaded.identity;
    let table = &register.deployment.reviews;
    let soon = table.again(table.clock(before.tier, before.review_interval_days), loaded.today);
    let tomorrow = days_after(loaded.today, 1);
    let mut after = before.clone();
    after.next_review_on = Some(before.next_review_on.map_or(soon, |day| day.clamp(tomorrow, soon)));
    if after.next_review_on == before.next_review_on {
        return Ok(());
    }
    let why = "its review was ended without an answer, so it is asked about again soon";
    ownership::store(work, "identity.wind_clock", Some(why), before, &mut after)
}
