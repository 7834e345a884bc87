//! A staff list, through a column map.

use std::collections::BTreeMap;

use crate::domain::imported_people::{ImportedPeople, ImportedPerson, ImportedPersonOutcome, ImportedPersonRow};

use super::column_map::{Cell, ColumnMap, MapSubject, PersonField, address, date, is_padded};
use super::csv_rows::{self, Found, Line};
use super::error::ImportError;
use super::repairs::{repeated_words, trimmed_words};

/// Reads the text of a file.
pub fn read(text: &str, map: &ColumnMap) -> Result<ImportedPeople, ImportError> {
    if map.subject != MapSubject::People {
        return Err(ImportError::whole(format!(
            "The column map “{}” is for {}, not for people. Use a map for people.",
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
    let mut trimmed = Vec::new();
    for (field, value) in &map.fixed {
        fill(&mut person, map, field, field, value.clone())?;
    }
    for column in &map.columns {
        let Some(text) = line.cell(&column.heading) else { continue };
        if column.field != "ignore" && is_padded(text) {
            trimmed.push(column.heading.clone());
        }
        if let Cell::Text(text) = Cell::read(column, text)? {
            fill(&mut person, map, &column.field, &column.heading, text)?;
        }
    }
    person.remarks.extend(trimmed_words(&trimmed));
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

/// Lines with one address or staff number are errors, all of them: nobody can say which one counts.
fn refuse_repeats(rows: &mut [ImportedPersonRow]) {
    let mut places: BTreeMap<(&str, String), Vec<usize>> = BTreeMap::new();
    for (place, row) in rows.iter().enumerate() {
        let ImportedPersonOutcome::Person(person) = &row.outcome else { continue };
        let email = person.email.as_ref().map(|email| ("mail address", email.to_lowercase()));
        let number = person.staff_id.as_ref().map(|number| ("staff number", number.clone()));
        for key in email.into_iter().chain(number) {
            places.entry(key).or_default().push(place);
        }
    }
    for ((what, _), places) in places.into_iter().filter(|(_, places)| places.len() > 1) {
        let lines: Vec<Option<u64>> = places.iter().map(|place| rows.get(*place).map(|row| row.line)).collect();
        let reason = repeated_words(what, &lines);
        for place in places {
            let Some(row) = rows.get_mut(place) else { continue };
            if let ImportedPersonOutcome::Person(person) = &row.outcome {
                row.outcome = ImportedPersonOutcome::Error { name: person.name.clone(), reason: reason.clone() };
            }
        }
    }
}

#[cfg(test)]
mod tests;
