//! A staff list, through a column map.

use std::collections::BTreeMap;

use crate::domain::imported_people::{ImportedPeople, ImportedPerson, ImportedPersonOutcome, ImportedPersonRow};

use super::column_map::{Cell, ColumnMap, MapSubject, PersonField, address, date};
use super::csv_rows::{self, Found, Line};
use super::error::ImportError;

/// Reads the text of a file.
pub fn read(text: &str, map: &ColumnMap) -> Result<ImportedPeople, ImportError> {
    if map.subject != MapSubject::People {
        return Err(ImportError::whole(format!(
            "The column map “{}” is for {}, not for people. Choose another.",
            map.name,
            map.subject.word()
        )));
    }
    let mut rows: Vec<ImportedPersonRow> = Vec::new();
    let left_out = csv_rows::read(text, map, |found| {
        let (line, outcome) = match found {
            Found::Skip(line, reason) => {
                (line.number, ImportedPersonOutcome::Skip { name: name_of(&line, map), reason })
            }
            Found::Wrong(line, reason) => (line, ImportedPersonOutcome::Error { name: format!("line {line}"), reason }),
            Found::Line(line) => {
                let outcome = match person_of(&line, map) {
                    Ok(person) => ImportedPersonOutcome::Person(Box::new(person)),
                    Err(reason) => ImportedPersonOutcome::Error { name: name_of(&line, map), reason },
                };
                (line.number, outcome)
            }
        };
        rows.push(ImportedPersonRow { line, outcome });
    })?;
    refuse_repeats(&mut rows);
    Ok(ImportedPeople { rows, left_out })
}

fn name_of(line: &Line, map: &ColumnMap) -> String {
    map.columns
        .iter()
        .find(|column| column.field == "name")
        .and_then(|column| line.cell(&column.heading))
        .map(str::trim)
        .filter(|text| !text.is_empty())
        .map_or_else(|| format!("line {}", line.number), str::to_owned)
}

fn person_of(line: &Line, map: &ColumnMap) -> Result<ImportedPerson, String> {
    let mut person = ImportedPerson::default();
    for (field, value) in &map.fixed {
        fill(&mut person, map, field, field, value.clone())?;
    }
    for column in &map.columns {
        let Some(text) = line.cell(&column.heading) else { continue };
        if let Cell::Text(text) = Cell::read(column, text)? {
            fill(&mut person, map, &column.field, &column.heading, text)?;
        }
    }
    if person.name.is_empty() {
        return Err("The line has no name. Fill it in.".to_owned());
    }
    if person.email.is_none() && person.staff_id.is_none() {
        return Err(
            "The line has neither a mail address nor a staff number, so the person cannot be known again. Fill one in."
                .to_owned(),
        );
    }
    Ok(person)
}

fn fill(person: &mut ImportedPerson, map: &ColumnMap, field: &str, heading: &str, text: String) -> Result<(), String> {
    let Ok(field) = field.parse::<PersonField>() else { return Ok(()) };
    match field {
        PersonField::Name => person.name = text,
        PersonField::Email => person.email = Some(address(heading, &text)?),
        PersonField::StaffId => person.staff_id = Some(text),
        PersonField::Title => person.title = Some(text),
        PersonField::Department => person.department = Some(text),
        PersonField::ManagerEmail => person.manager_email = Some(address(heading, &text)?),
        PersonField::DeputyEmail => person.deputy_email = Some(address(heading, &text)?),
        PersonField::LeftOn => person.left_on = Some(date(&map.date_formats, heading, &text)?),
        PersonField::TimeZone => {
            let zone: chrono_tz::Tz = text.parse().map_err(|_| {
                format!("“{heading}” is no name of the time zone database (Europe/Zurich, say). Correct it.")
            })?;
            person.time_zone = Some(zone.name().to_owned());
        }
    }
    Ok(())
}

/// The second line with the address or staff number of an earlier one is an error.
fn refuse_repeats(rows: &mut [ImportedPersonRow]) {
    let mut seen: BTreeMap<(&str, String), u64> = BTreeMap::new();
    for row in rows {
        let ImportedPersonOutcome::Person(person) = &row.outcome else { continue };
        let email = person.email.as_ref().map(|email| ("mail address", email.to_lowercase()));
        let number = person.staff_id.as_ref().map(|number| ("staff number", number.clone()));
        let keys: Vec<(&str, String)> = email.into_iter().chain(number).collect();
        if let Some((what, first)) = keys.iter().find_map(|key| seen.get(key).map(|line| (key.0, *line))) {
            row.outcome = ImportedPersonOutcome::Error {
                name: person.name.clone(),
                reason: format!(
                    "This {what} stands twice in the file, first on line {first}. Remove or correct one of the two lines."
                ),
            };
            continue;
        }
        for key in keys {
            seen.insert(key, row.line);
        }
    }
}

#[cfg(test)]
mod tests;
