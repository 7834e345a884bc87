//! Reviews: one with its decision, its receipt, what waits for the reader, and what silence would do.

pub mod decide;
mod extras;
pub mod mine;
pub mod receipt;
pub mod review;

use crate::domain::reviews::ReviewState;

/// The kind of a state's tag.
pub fn tag(state: ReviewState) -> &'static str {
    match state {
        ReviewState::Open | ReviewState::Decided => "info",
        ReviewState::Remediating => "warn",
        ReviewState::Closed => "ok",
        ReviewState::Cancelled => "plain",
    }
}

/// A reason as a sentence of its own.
pub fn sentence(text: &str) -> String {
    let text = super::errors::sentence(text);
    if text.ends_with('.') { text } else { format!("{text}.") }
}
