//! Any list of clients, through a column map.

mod draft;

use std::collections::BTreeMap;

use crate::domain::imported::{ImportedClient, ImportedFile, ImportedOutcome, ImportedRow};

use super::column_map::{Blank, Column, ColumnMap, ColumnMapError, MapSubject, Unit};
use super::csv_rows::{self, Found, Line};
use super::error::ImportError;
use super::reading::Reading;
use draft::Draft;

/// Reads the text of a file.
pub fn read(text: &str, map: &ColumnMap, reading: &Reading) -> Result<ImportedFile, ImportError> {
    if map.subject != MapSubject::Clients {
        return Err(ImportError::whole(format!(
            "The column map “{}” is for {}, not for clients. Use a map for clients.",
            map.name,
            map.subject.word()
        )));
    }
    check_fixed(map).map_err(|error| ImportError::whole(error.to_string()))?;
    let mut rows = Vec::new();
    let left_out = csv_rows::read(text, map, |found| {
        let (line, outcome) = match found {
            Found::Skip(line, reason) => (line.number, ImportedOutcome::Skip { name: name_of(&line, map), reason }),
            Found::Wrong(line, reason) => (line, ImportedOutcome::Error { name: format!("line {line}"), reason }),
            Found::Line(line) => {
                let outcome = match client_of(&line, map, reading) {
                    Ok(client) => ImportedOutcome::Client(Box::new(client)),
                    Err(reason) => ImportedOutcome::Error { name: name_of(&line, map), reason },
                };
                (line.number, outcome)
            }
        };
        rows.push(ImportedRow { line: Some(line), outcome });
    })?;
    Ok(ImportedFile { system_name: None, rows, left_out, complete: true })
}

fn name_of(line: &Line, map: &ColumnMap) -> String {
    ["client_id", "name"]
        .iter()
        .filter_map(|field| map.columns.iter().find(|column| column.field == *field))
        .filter_map(|column| line.cell(&column.heading))
        .map(str::trim)
        .find(|text| !text.is_empty())
        .map_or_else(|| format!("line {}", line.number), str::to_owned)
}

/// Whether every fixed value is one that its field takes.
pub fn check_fixed(map: &ColumnMap) -> Result<(), ColumnMapError> {
    if map.subject != MapSubject::Clients {
        return Ok(());
    }
    let mut draft = Draft::new();
    for (field, value) in &map.fixed {
        draft
            .fill(map, &fixed_column(field), field, value)
            .map_err(|reason| ColumnMapError::WrongFixed { field: field.clone(), reason })?;
    }
    Ok(())
}

fn fixed_column(field: &str) -> Column {
    Column {
        heading: field.to_owned(),
        field: field.to_owned(),
        optional: true,
        blank: Blank::Missing,
        unit: Some(Unit::Seconds),
        separator: None,
        credential: 1,
        values: BTreeMap::new(),
    }
}

fn client_of(line: &Line, map: &ColumnMap, reading: &Reading) -> Result<ImportedClient, String> {
    let mut draft = Draft::new();
    for (field, value) in &map.fixed {
        draft.fill(map, &fixed_column(field), field, value)?;
    }
    for column in &map.columns {
        if let Some(text) = line.cell(&column.heading) {
            draft.fill(map, column, &column.field, text)?;
        }
    }
    draft.finish(reading.fingerprint_key)
}

#[cfg(test)]
mod tests;
