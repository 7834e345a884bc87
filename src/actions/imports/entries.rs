//! The entries of a file, fresh from its reader or as an earlier preview kept them.

use crate::domain::ids::Id;
use crate::domain::imported::{ImportedClient, ImportedFile, ImportedOutcome};
use crate::domain::imported_people::{ImportedPeople, ImportedPerson, ImportedPersonOutcome};
use crate::domain::imports::RowAction;
use crate::store::import_rows::{ImportRow, RowRecord};

/// One entry.
#[derive(Debug)]
pub struct Entry {
    /// From 1.
    pub position: i64,
    pub line: Option<i64>,
    pub said: Said,
    /// The id that an earlier preview gave to what the entry creates.
    pub new_id: Option<Id>,
}

/// What an entry is.
#[derive(Debug)]
pub enum Said {
    Client(Box<ImportedClient>),
    Person(Box<ImportedPerson>),
    Skip { name: String, reason: String },
    Error { name: String, reason: String },
}

/// The entries of a file of clients.
pub fn of_clients(file: ImportedFile) -> Vec<Entry> {
    let said = |outcome| match outcome {
        ImportedOutcome::Client(client) => Said::Client(client),
        ImportedOutcome::Skip { name, reason } => Said::Skip { name, reason },
        ImportedOutcome::Error { name, reason } => Said::Error { name, reason },
    };
    numbered(file.rows.into_iter().map(|row| (row.line, said(row.outcome))))
}

/// The entries of a file of people.
pub fn of_people(file: ImportedPeople) -> Vec<Entry> {
    let said = |outcome| match outcome {
        ImportedPersonOutcome::Person(person) => Said::Person(person),
        ImportedPersonOutcome::Skip { name, reason } => Said::Skip { name, reason },
        ImportedPersonOutcome::Error { name, reason } => Said::Error { name, reason },
    };
    numbered(file.rows.into_iter().map(|row| (Some(row.line), said(row.outcome))))
}

/// The entries that an earlier preview kept. Vanished rows are no entries: they are looked for again.
pub fn of_rows(rows: Vec<ImportRow>) -> Vec<Entry> {
    rows.into_iter()
        .filter(|row| row.action != RowAction::Vanished)
        .map(|row| {
            let (name, reason) = (row.name, row.reason.unwrap_or_default());
            let said = match (row.record.map(|record| record.0), row.action) {
                (Some(RowRecord::Client(client)), _) => Said::Client(client),
                (Some(RowRecord::Person(person)), _) => Said::Person(person),
                (None, RowAction::Skip) => Said::Skip { name, reason },
                (None, _) => Said::Error { name, reason },
            };
            let new_id = row.subject_id.filter(|_| row.action == RowAction::Create);
            Entry { position: row.position, line: row.line, said, new_id }
        })
        .collect()
}

fn numbered(said: impl Iterator<Item = (Option<u64>, Said)>) -> Vec<Entry> {
    (1_i64..)
        .zip(said)
        .map(|(position, (line, said))| Entry {
            position,
            line: line.and_then(|line| i64::try_from(line).ok()),
            said,
            new_id: None,
        })
        .collect()
}

/// A text as both databases hold it: PostgreSQL has no NUL.
pub fn storable(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}
