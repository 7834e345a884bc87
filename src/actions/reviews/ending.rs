//! Ending reviews about which nobody has anything to decide any more: by a job, or by a keeper.

use super::apply::cancel;
use super::load::Loaded;
use crate::actions::{ActionError, By, Register, Work};
use crate::domain::ids::Id;
use crate::domain::reviews::ReviewState;
use crate::store::reviews::{self, Review};
use crate::store::{StoreError, identities};

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
pub fn end_each(
    register: &Register,
    by: &By,
    found: &[Review],
    one: impl Fn(&mut Work<'_>, Loaded) -> Result<bool, ActionError>,
) -> Result<Ended, ActionError> {
    let full = i64::try_from(found.len()) == Ok(AT_A_TIME);
    let mut batch = Ended { next: found.last().map(|review| review.id).filter(|_| full), ..Ended::default() };
    for review in found {
        let outcome = register.change(by, |work| {
            let loaded = Loaded::held(work.db, register, review.id, work.by.now)?;
            one(work, loaded)
        });
        match outcome {
            Ok(ended) => batch.ended += usize::from(ended),
            Err(ActionError::TakenOver) => return Err(ActionError::TakenOver),
            Err(error) => {
                tracing::error!(review = %review.id, %error, "a review could not be ended");
                batch.failed += 1;
            }
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

/// A keeper ends a review that makes no sense any more.
///
/// # Errors
/// `Invalid` without a reason; `Conflict` when it changed since it was shown; `Refused` for one of a campaign that
/// runs: it is accounted for there by an answer.
pub fn cancel_by_hand(register: &Register, by: &By, id: Id, version: i64, reason: &str) -> Result<(), ActionError> {
    by.require_keeper()?;
    by.refuse_tokens()?;
    let reason = crate::domain::life_cycle::parse_reason(reason)
        .map_err(|error| ActionError::field("cancel_reason", error.to_string()))?;
    register.change(by, |work| {
        let loaded = Loaded::held(work.db, register, id, work.by.now)?;
        if loaded.review.version != version {
            return Err(StoreError::Conflict.into());
        }
        if loaded.review.state != ReviewState::Open {
            return Err(ActionError::Refused("it is not open any more".to_owned()));
        }
        // A clock that has run out runs out again: otherwise nobody would ever be asked.
        let identity = identities::find(work.db, loaded.identity.id)?;
        if identity.next_review_on.is_some_and(|day| day <= loaded.today) {
            return Err(ActionError::Refused(
                "this review is due: answer it, or give the identity another review date first".to_owned(),
            ));
        }
        cancel(work, &loaded, &reason)
    })
}
