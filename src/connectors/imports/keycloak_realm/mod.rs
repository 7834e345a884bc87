//! Keycloak: realm exports of every version since 3, partial ones, and client objects.
//!
//! What an absence means follows Keycloak's own import (`RepresentationToModel`): the standard flow is
//! on unless said otherwise, every other flag off, the client enabled.

mod attributes;
mod client;
mod credentials;
mod left_out;
mod notes;
mod realm;
mod shape;

use serde_json::value::RawValue;

use crate::domain::imported::{ImportedFile, ImportedOutcome, ImportedRow};

use super::error::ImportError;
use super::json::{Entry, Source};
use super::json_rows::{self, Words};
use super::reading::Reading;
use realm::Realm;
use shape::Shape;

/// Reads the text of a file.
pub fn read(text: &str, reading: &Reading) -> Result<ImportedFile, ImportError> {
    let (source, document) = Source::document(text)?;
    match shape::recognise(&source, document)? {
        Shape::Realm(entry) => {
            let mut file = ImportedFile::default();
            add_realm(&source, &entry, reading, false, &mut file)?;
            // An empty list, or a realm without a name, says nothing about clients that are not in it.
            file.complete = file.system_name.is_some() && !file.rows.is_empty();
            Ok(file)
        }
        Shape::Realms(entries) => {
            let mut file = ImportedFile { complete: true, ..ImportedFile::default() };
            for entry in &entries {
                add_realm(&source, entry, reading, true, &mut file)?;
            }
            Ok(file)
        }
        Shape::Clients(values) => {
            let realm = Realm::default();
            let rows = values.into_iter().map(|value| row_of(&source, value, &realm, reading)).collect();
            let left_out =
                vec!["the file holds clients only, so the realm's own lifetimes and scopes are unknown".to_owned()];
            Ok(ImportedFile { rows, left_out, ..ImportedFile::default() })
        }
    }
}

fn add_realm(
    source: &Source,
    entry: &Entry,
    reading: &Reading,
    several: bool,
    file: &mut ImportedFile,
) -> Result<(), ImportError> {
    let realm = Realm::read(source, entry)?;
    let clients = entry.items("clients").map_err(ImportError::whole)?;
    for value in &clients {
        let mut row = row_of(source, value, &realm, reading);
        if let (true, ImportedOutcome::Client(client)) = (several, &mut row.outcome) {
            client.system.clone_from(&realm.name);
        }
        file.rows.push(row);
    }
    let prefix = match (several, &realm.name) {
        (true, Some(name)) => format!("{name}: "),
        _ => String::new(),
    };
    file.left_out.extend(left_out::count(entry, &clients).into_iter().map(|line| format!("{prefix}{line}")));
    file.left_out.extend(realm.remarks.iter().map(|line| format!("{prefix}{line}")));
    if !several {
        file.system_name.clone_from(&realm.name);
    }
    Ok(())
}

const WORDS: Words = Words { what: "client", one: "a client", names: &["clientId"] };

fn row_of(source: &Source, value: &RawValue, realm: &Realm, reading: &Reading) -> ImportedRow {
    json_rows::row(source, value, &WORDS, |entry| client::read(entry, realm, reading))
}

#[cfg(test)]
mod tests;
