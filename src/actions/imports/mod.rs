//! Imports: a file is read, previewed row by row, applied whole or not at all, and undone while nobody
//! touched what it brought.

mod apply;
mod clients;
mod entries;
pub mod maps;
mod people;
mod preview;
mod shared_secrets;
mod undo;
mod write_clients;
mod write_people;

pub use apply::apply;
pub use preview::{Draft, Upload, discard, draft, preview};
pub use undo::undo;

use super::{ActionError, By};
use crate::domain::ids::Id;
use crate::domain::imports::{ImportSubject, Summary};
use crate::domain::people::Role;
use crate::store::import_rows::ImportRow;

/// What a file means for the register as it is now: every row, and the steps that applying it takes.
pub(super) struct Plan {
    pub rows: Vec<ImportRow>,
    pub steps: Steps,
    /// The systems that applying it adds.
    pub new_systems: Vec<String>,
    /// What to look at before it is applied.
    pub warnings: Vec<String>,
}

/// The steps of a plan, for what the file is about.
pub(super) enum Steps {
    Clients(Vec<clients::Step>),
    People(Vec<people::Step>),
}

impl Plan {
    /// The tally of the rows.
    pub fn summary(&self, system: Option<String>, complete: bool) -> Summary {
        let (new_systems, warnings) = (self.new_systems.clone(), self.warnings.clone());
        let mut summary = Summary { system, complete, new_systems, warnings, ..Summary::default() };
        for row in &self.rows {
            summary.tally.add(row.action);
        }
        summary
    }
}

/// Clients are imported by those who keep the register, people by administrators only: who is in the
/// register decides who may be asked and who may own.
pub(super) fn authorise(by: &By, subject: ImportSubject) -> Result<(), ActionError> {
    match subject {
        ImportSubject::Clients => by.require_keeper(),
        ImportSubject::People => by.require(&[Role::Administrator]),
    }
}

/// Several sentences as one text; nothing when there are none.
pub(super) fn sentences(texts: &[String]) -> Option<String> {
    if texts.is_empty() { None } else { Some(texts.join(" ")) }
}

/// A few names for a sentence, and how many more there are.
pub(super) fn few<'a>(names: impl ExactSizeIterator<Item = &'a str>) -> String {
    let count = names.len();
    let mut text = names.take(5).collect::<Vec<_>>().join(", ");
    if count > 5 {
        text.push_str(&format!(" and {} more", count - 5));
    }
    text
}

/// A row that does nothing, to be filled in.
pub(super) fn blank_row(import: Id, entry: &entries::Entry) -> ImportRow {
    use crate::domain::imports::RowAction;
    ImportRow {
        import_id: import,
        position: entry.position,
        line: entry.line,
        action: RowAction::Error,
        name: String::new(),
        client_id: None,
        subject_id: None,
        reason: None,
        changes: crate::store::types::Doc::default(),
        record: None,
        version_before: None,
        version_after: None,
        result: None,
    }
}
