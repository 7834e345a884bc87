//! Reading what somebody answers about a review.

use chrono::NaiveDate;

use super::super::load::Loaded;
use crate::actions::{ActionError, FieldError, Register};
use crate::domain::ids::Id;
use crate::domain::reviews::deciding::{self, ReviewFault, Standing, Typed};
use crate::domain::reviews::{ReviewAnswer, ReviewState};

/// What somebody answers, and what they saw when they did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    pub review: Id,
    /// The versions of the review and of the identity that were shown, and the digest of the wording.
    pub version: i64,
    pub identity_version: i64,
    pub digest: String,
    /// Nothing is chosen for anybody: without an answer nothing is recorded.
    pub answer: Option<ReviewAnswer>,
    pub keep: Vec<String>,
    pub revoke_on: String,
    pub reason: String,
    pub somebody: String,
}

/// The latest day on which somebody may switch it off: see [`deciding::latest_day`].
pub fn latest_day(register: &Register, loaded: &Loaded) -> NaiveDate {
    let identity = &loaded.identity;
    let clock = register.deployment.reviews.clock(identity.tier, identity.review_interval_days);
    let first = loaded.first_decision().map_or(loaded.today, |decision| register.day(decision.decided_at));
    deciding::latest_day(first, clock.interval_days)
}

/// What was decided, with every fault of what was typed.
pub(super) fn read(register: &Register, loaded: &Loaded, reply: &Reply) -> Result<deciding::Decided, ActionError> {
    let corrects = loaded.review.state == ReviewState::Decided;
    if corrects && reply.answer.is_some_and(|answer| !answer.decides()) {
        return Err(ActionError::field(
            "answer",
            "It was decided already: a correction keeps it, leaves it less or switches it off",
        ));
    }
    if reply.answer == Some(ReviewAnswer::DontKnow) && loaded.questions().next().is_some() {
        return Err(ActionError::field(
            "answer",
            "Somebody is asked already what they know, and has not answered; asked twice they would know no more. Wait \
             for them, or choose another answer",
        ));
    }
    let held = loaded.holds();
    let beyond = held.beyond();
    let keep: Vec<&str> = reply.keep.iter().map(String::as_str).collect();
    let typed = Typed {
        answer: reply.answer,
        keep: &keep,
        revoke_on: &reply.revoke_on,
        reason: &reply.reason,
        somebody: &reply.somebody,
    };
    let standing = Standing {
        scopes: held.stays(),
        beyond: &beyond,
        reason_to_keep: register.deployment.reviews.of(loaded.identity.tier).reason_to_keep,
        today: loaded.today,
        latest: latest_day(register, loaded),
    };
    deciding::read(typed, standing).map_err(|faults| {
        let line = |fault: &ReviewFault| FieldError::new(fault.field(), fault.to_string());
        ActionError::Invalid(faults.iter().map(line).collect())
    })
}
