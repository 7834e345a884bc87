//! How a review of a campaign stands.

use crate::domain::reviews::{ReviewOutcome, ReviewState};
use crate::words;

words! {
    /// How a review of a campaign stands: each in one of these, so that they add up.
    Ending {
        Kept = "kept", "Kept";
        Narrowed = "narrowed", "Left with less";
        SwitchedOff = "switched_off", "Switched off";
        SilentKeep = "silent_keep", "Kept by silence, with a finding";
        SilentSuspend = "silent_suspend", "Suspended, nobody answered";
        SilentRevoke = "silent_revoke", "Revoked by silence";
        Cancelled = "cancelled", "Cancelled";
        /// Decided by somebody or by silence, and nobody has seen yet that it was done.
        WaitsForProof = "waits_for_proof", "Waiting for proof";
        /// Somebody decided, and may correct it, or the day is yet to come.
        Decided = "decided", "Decided, takes effect later";
        Open = "open", "Open";
    }
}

impl Ending {
    /// How a review of that state and outcome stands.
    pub fn of(state: ReviewState, outcome: Option<ReviewOutcome>) -> Self {
        match (state, outcome) {
            (ReviewState::Open, _) => Self::Open,
            (ReviewState::Decided, _) => Self::Decided,
            (ReviewState::Remediating, _) => Self::WaitsForProof,
            (ReviewState::Cancelled, _) | (ReviewState::Closed, None) => Self::Cancelled,
            (ReviewState::Closed, Some(outcome)) => match outcome {
                ReviewOutcome::Keep => Self::Kept,
                ReviewOutcome::Narrow => Self::Narrowed,
                ReviewOutcome::Revoke => Self::SwitchedOff,
                ReviewOutcome::SilentKeep => Self::SilentKeep,
                ReviewOutcome::SilentSuspend => Self::SilentSuspend,
                ReviewOutcome::SilentRevoke => Self::SilentRevoke,
            },
        }
    }
}
