//! Reviews: the list, one with its decision and its receipt, what waits for the reader, and what silence does.

mod answered;
mod became;
pub mod decide;
mod decided;
mod elsewhere;
pub mod export;
mod extras;
pub mod filter;
pub mod list;
pub mod mine;
pub mod note;
pub mod notes;
pub mod receipt;
pub mod review;
pub mod silence;
mod why;

use chrono::NaiveDate;

use super::show;
use crate::domain::reviews::silence::Silence;
use crate::domain::reviews::{ReviewOutcome, ReviewState};
use crate::store::reviews::Review;

/// The tag of a review: its kind and its words, as "Overdue 2 days", "Answer by 18 Dec 2026" or "Waiting for proof".
pub fn status(review: &Review, today: NaiveDate) -> (&'static str, String) {
    match review.state {
        ReviewState::Open => match (review.due_on - today).num_days() {
            days if days < 0 => ("bad", format!("Overdue {}", show::counted(-days, "day"))),
            days => (if days <= 7 { "warn" } else { "info" }, answer_by(days, review.due_on)),
        },
        ReviewState::Decided => ("info", ReviewState::Decided.label().to_owned()),
        ReviewState::Remediating => ("warn", ReviewState::Remediating.label().to_owned()),
        ended => ("plain", ended.label().to_owned()),
    }
}

/// Until when an answer is due that is not overdue, in so many days. What should have been asked about earlier is not
/// due in some days itself: the answer is.
pub fn answer_by(days: i64, due_on: NaiveDate) -> String {
    match days {
        0 => "Answer due today".to_owned(),
        1 => "Answer due tomorrow".to_owned(),
        _ => format!("Answer by {}", show::date(due_on)),
    }
}

/// The kind of an outcome's tag. What nobody decided never looks like a yes.
pub fn outcome_tag(outcome: ReviewOutcome) -> &'static str {
    match outcome {
        ReviewOutcome::Keep => "ok",
        ReviewOutcome::Narrow | ReviewOutcome::Revoke => "info",
        ReviewOutcome::SilentKeep => "warn",
        ReviewOutcome::SilentSuspend | ReviewOutcome::SilentRevoke => "bad",
    }
}

/// The kind of the tag of what silence does.
pub fn silence_tag(silence: Silence) -> &'static str {
    match silence {
        Silence::Escalate => "warn",
        Silence::Keep => "info",
        Silence::Suspend | Silence::Revoke => "bad",
    }
}

/// The day on which the clock asked, from the period of its reason.
pub fn due_by_clock(period: &str) -> Option<NaiveDate> {
    period.parse().ok()
}
