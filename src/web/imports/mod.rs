//! Imports: bringing a file, looking at what it would do, applying it, undoing it.

pub mod export;
pub mod import;
pub mod list;
pub mod maps;
pub mod new;
mod upload;

use super::errors::WebError;
use crate::domain::ids::Id;
use crate::domain::imports::{ImportState, ImportSubject};
use crate::store::imports::Import;

/// The id in a path; what cannot be one is nothing of ours.
fn id(text: &str) -> Result<Id, WebError> {
    text.parse().map_err(|_| WebError::NotFound)
}

/// The tag of a state.
fn state_kind(state: ImportState) -> &'static str {
    match state {
        ImportState::Previewed => "info",
        ImportState::Applied => "ok",
        ImportState::Expired => "warn",
        ImportState::Undone | ImportState::Discarded => "plain",
    }
}

/// What the file is, in words.
fn format_label(import: &Import) -> String {
    use crate::connectors::imports::ImportFormat;
    match import.subject {
        ImportSubject::People => "List of people".to_owned(),
        ImportSubject::Clients => import
            .format
            .parse::<ImportFormat>()
            .map_or_else(|_| import.format.clone(), |format| format.label().to_owned()),
    }
}
