//! What somebody knows who does not decide a review, or did of what was decided: a text that stands beside it as it was
//! written.

use crate::domain::answers::{AnswerFault, written};

/// The most notes of one review: a place for what people know, not for a conversation.
pub const MOST: usize = 100;

/// What is wrong with a note.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteFault {
    #[error("Write what you know or did; whoever decides or looks reads it")]
    Empty,
    #[error("{0}")]
    Text(AnswerFault),
    #[error("This review has {MOST} notes already; tell whoever decides yourself")]
    TooMany,
}

/// Why somebody adds no note, said to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoNote {
    #[error("notes are added by whoever was asked, owns the identity or keeps the register")]
    Other,
    #[error("the review has ended, so nobody would read a note any more")]
    Ended,
}

/// Reads a note.
///
/// # Errors
/// Without text, with too much of it, and with what seems to be a secret.
pub fn read(text: &str) -> Result<String, NoteFault> {
    written(text).map_err(NoteFault::Text)?.ok_or(NoteFault::Empty)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_a_text_of_one_to_two_thousand_characters_without_a_secret() {
        assert_eq!(read("  the ward\r\nuses it \n"), Ok("the ward\nuses it".to_owned()));
        assert_eq!(read(" \n "), Err(NoteFault::Empty));
        assert!(read(&"\u{e9}".repeat(2_000)).is_ok());
        assert_eq!(read(&"a".repeat(2_001)), Err(NoteFault::Text(AnswerFault::TooLong)));
    }
}
