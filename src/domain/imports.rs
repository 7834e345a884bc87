//! Imports: what becomes of each row of a file.

pub mod clients;
pub mod facts;
pub mod limits;
pub mod overview;
pub mod people;
pub mod risks;
pub mod shown;
pub mod systems;

use serde::{Deserialize, Serialize};

use super::ids::Moment;
use super::listing::thousands;
use crate::words;

words! {
    /// What a file is about.
    ImportSubject {
        Clients = "clients", "Clients";
        People = "people", "People";
    }
}

words! {
    /// How far an import has come.
    ImportState {
        Previewed = "previewed", "Waiting to be applied";
        Applied = "applied", "Applied";
        Undone = "undone", "Undone";
        Discarded = "discarded", "Discarded";
        /// A preview that nobody applied in time. Its rows go when the next file is brought.
        Expired = "expired", "Expired, upload again";
    }
}

/// How long a preview can be applied: after that the register is another one than it was compared with.
pub const PREVIEW_DAYS: i64 = 7;

impl ImportState {
    /// The state at `now`: a preview expires by itself, whether anything wrote it down or not.
    pub fn at(self, made_at: Moment, now: Moment) -> Self {
        if self == Self::Previewed && made_at.plus_days(PREVIEW_DAYS) <= now { Self::Expired } else { self }
    }
}

words! {
    /// What becomes of a row.
    RowAction {
        Create = "create", "Create";
        Change = "change", "Change";
        Unchanged = "unchanged", "Unchanged";
        Skip = "skip", "Skip";
        Error = "error", "Error";
        /// Known from an earlier file of the same system, absent from this one. Nothing is removed.
        Vanished = "vanished", "Vanished";
    }
}

/// How many rows of an import have each action, and where it goes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    pub create: i64,
    pub change: i64,
    pub unchanged: i64,
    pub skip: i64,
    pub error: i64,
    pub vanished: i64,
}

/// What is kept of an import beside its rows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    #[serde(flatten)]
    pub tally: Tally,
    /// The name of the issuing system: it need not exist before the import is applied.
    pub system: Option<String>,
    /// Whether the file lists every client of its system, so that one it lacks has vanished there.
    #[serde(default)]
    pub complete: bool,
    /// The systems that applying it adds.
    #[serde(default)]
    pub new_systems: Vec<String>,
    /// What to look at before it is applied.
    #[serde(default)]
    pub warnings: Vec<String>,
}

impl Tally {
    /// The number of rows with that action.
    pub fn of(&self, action: RowAction) -> i64 {
        match action {
            RowAction::Create => self.create,
            RowAction::Change => self.change,
            RowAction::Unchanged => self.unchanged,
            RowAction::Skip => self.skip,
            RowAction::Error => self.error,
            RowAction::Vanished => self.vanished,
        }
    }

    /// Counts one more.
    pub fn add(&mut self, action: RowAction) {
        *match action {
            RowAction::Create => &mut self.create,
            RowAction::Change => &mut self.change,
            RowAction::Unchanged => &mut self.unchanged,
            RowAction::Skip => &mut self.skip,
            RowAction::Error => &mut self.error,
            RowAction::Vanished => &mut self.vanished,
        } += 1;
    }

    /// How many records applying it touches.
    pub fn touched(&self) -> i64 {
        self.create + self.change + self.vanished
    }

    /// "993 created, 7 errors": every action that has rows. `applied` chooses the tense.
    pub fn words(&self, applied: bool) -> String {
        let word = |action: RowAction, count: i64| match (action, applied) {
            (RowAction::Create, true) => "created",
            (RowAction::Create, false) => "to create",
            (RowAction::Change, true) => "changed",
            (RowAction::Change, false) => "to change",
            (RowAction::Unchanged, _) => "unchanged",
            (RowAction::Skip, _) => "skipped",
            (RowAction::Error, _) if count == 1 => "error",
            (RowAction::Error, _) => "errors",
            (RowAction::Vanished, _) => "vanished",
        };
        let parts: Vec<String> = RowAction::ALL
            .iter()
            .map(|action| (*action, self.of(*action)))
            .filter(|(_, count)| *count > 0)
            .map(|(action, count)| format!("{} {}", thousands(count), word(action, count)))
            .collect();
        if parts.is_empty() { "no rows".to_owned() } else { parts.join(", ") }
    }
}

/// One field that a file changes, in words. A list shows only what differs: what goes and what comes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    pub field: String,
    pub before: Vec<String>,
    pub after: Vec<String>,
}

impl FieldChange {
    /// "Name: Old → New", for the command line and for files.
    pub fn words(&self) -> String {
        let side = |values: &[String]| if values.is_empty() { "nothing".to_owned() } else { values.join(", ") };
        format!("{}: {} \u{2192} {}", self.field, side(&self.before), side(&self.after))
    }
}
