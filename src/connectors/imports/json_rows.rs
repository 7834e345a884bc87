//! One entry of a JSON list as a row: read, or refused by itself.

use serde_json::value::RawValue;

use crate::domain::imported::{ImportedClient, ImportedOutcome, ImportedRow};

use super::json::{Entry, Source, kind_of};

/// How the entries of a format are called.
pub struct Words {
    /// "client"
    pub what: &'static str,
    /// "a client"
    pub one: &'static str,
    /// The members that name an entry, the best first.
    pub names: &'static [&'static str],
}

/// Reads an entry. What had to be read otherwise than it is written stands among its remarks.
pub fn row(
    source: &Source,
    value: &RawValue,
    words: &Words,
    read: impl FnOnce(&Entry) -> Result<ImportedClient, String>,
) -> ImportedRow {
    let line = Some(source.line_of(value));
    // What the recognition of the file came across is no repair of this entry.
    drop(source.take_repairs());
    let outcome = match entry(source, value, words).and_then(|entry| read(&entry)) {
        Ok(mut client) => {
            client.remarks.extend(source.take_repairs());
            ImportedOutcome::Client(Box::new(client))
        }
        Err(reason) => ImportedOutcome::Error { name: name_of(source, value, words), reason },
    };
    ImportedRow { line, outcome }
}

fn entry<'s, 'a>(source: &'s Source<'a>, value: &'a RawValue, words: &Words) -> Result<Entry<'s, 'a>, String> {
    if kind_of(value) != "an object" {
        return Err(format!("Here stands {}, not {}. Remove it, or export the file again.", kind_of(value), words.one));
    }
    Entry::read_as(source, value, words.what)
}

fn name_of(source: &Source, value: &RawValue, words: &Words) -> String {
    Entry::read_loosely(source, value)
        .ok()
        .and_then(|entry| words.names.iter().find_map(|name| entry.filled(name).ok().flatten()))
        .unwrap_or_else(|| words.one.to_owned())
}
