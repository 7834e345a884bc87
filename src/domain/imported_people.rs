//! What a staff list said about people.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// A whole list, read.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ImportedPeople {
    /// Every line of the list, in its order.
    pub rows: Vec<ImportedPersonRow>,
    /// What else the list held and was left out on purpose, in words.
    pub left_out: Vec<String>,
}

/// One line of a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImportedPersonRow {
    /// The line in the file on which the entry starts, counted from 1.
    pub line: u64,
    pub outcome: ImportedPersonOutcome,
}

/// A line that could be read, one that is left alone, or one that is wrong.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportedPersonOutcome {
    /// Somebody to keep.
    Person(Box<ImportedPerson>),
    /// Not for the register, with the reason in words.
    Skip { name: String, reason: String },
    /// Cannot be read, with the reason and what to do.
    Error { name: String, reason: String },
}

/// Somebody as a staff list describes them. Known by the address or the staff number, of which one is there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportedPerson {
    pub name: String,
    pub email: Option<String>,
    /// The number of the human resources department.
    pub staff_id: Option<String>,
    pub title: Option<String>,
    pub department: Option<String>,
    /// The manager's address; matched with people when the list is applied.
    pub manager_email: Option<String>,
    /// Who answers while they are away.
    pub deputy_email: Option<String>,
    /// The last day of work, where it is known.
    pub left_on: Option<NaiveDate>,
    /// A name of the IANA time zone database.
    pub time_zone: Option<String>,
    /// What the reader of the preview should know: what had to be repaired.
    #[serde(default)]
    pub remarks: Vec<String>,
}
