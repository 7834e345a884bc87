//! What somebody is to be asked about, by whom, and what became of it.

use std::collections::HashMap;

use chrono::NaiveDate;

use crate::domain::ids::Id;
use crate::domain::listing::Cursor;
use crate::domain::reviews::reasons::Reason;
use crate::store::reviews::Review;

/// What somebody is to be asked about.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub identity: Id,
    pub reasons: Vec<Reason>,
}

/// What a batch did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Opened {
    pub opened: usize,
    /// Somebody was asked already, and reads the new reason too.
    pub joined: usize,
    /// Nobody can be asked.
    pub nobody: usize,
    /// Of those that were opened, how many are with a group because nobody who answers for them can act.
    pub to_group: usize,
    /// They work no longer, so nobody is asked.
    pub ended: usize,
    /// They could not be handled; the next run tries again.
    pub failed: usize,
    /// Where the next batch goes on; `None` when nothing is left.
    pub next: Option<Cursor>,
}

impl Opened {
    /// Both together; the place is the other's.
    pub fn and(self, other: Self) -> Self {
        Self {
            opened: self.opened + other.opened,
            joined: self.joined + other.joined,
            nobody: self.nobody + other.nobody,
            to_group: self.to_group + other.to_group,
            ended: self.ended + other.ended,
            failed: self.failed + other.failed,
            next: other.next,
        }
    }
}

/// The campaign that asks, and by when.
#[derive(Debug, Clone, Copy)]
pub struct For {
    pub campaign: Id,
    pub due_on: NaiveDate,
}

/// What became of what was wanted.
#[derive(Debug, Default)]
pub struct Outcome {
    pub opened: Opened,
    /// The review by which somebody is asked about each identity.
    pub reviews: HashMap<Id, Review>,
}
