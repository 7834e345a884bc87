//! Owners: each identity has a business owner and a technical owner, and naming one is a question
//! that only the named person answers.

use crate::words;

words! {
    /// Which of the two owners.
    OwnerRole {
        /// Answers for why the identity exists.
        Business = "business_owner", "Business owner";
        /// Answers for how it works and how it is stopped.
        Technical = "technical_owner", "Technical owner";
    }
}

/// Days that a named owner has for an answer.
pub const DAYS_TO_ANSWER: i64 = 14;
