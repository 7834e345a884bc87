//! The lines of a CSV file, by the headings of a column map.

use std::collections::BTreeMap;

use super::column_map::{ColumnMap, folded};
use super::error::ImportError;
use crate::domain::guard;

/// One line of the file.
pub struct Line<'r> {
    /// Its number, counted from 1; the first where a quoted cell holds line breaks.
    pub number: u64,
    cells: Cells<'r>,
}

struct Cells<'r> {
    record: &'r csv::StringRecord,
    places: &'r BTreeMap<String, usize>,
}

impl Line<'_> {
    /// The text under a heading; `None` where the file has no such column.
    pub fn cell(&self, heading: &str) -> Option<&str> {
        self.cells.places.get(&folded(heading)).and_then(|place| self.cells.record.get(*place))
    }

    fn is_blank(&self) -> bool {
        self.cells.record.iter().all(|cell| cell.trim().is_empty())
    }
}

/// What a line is before its cells are looked at.
pub enum Found<'r> {
    /// To be read.
    Line(Line<'r>),
    /// Left alone, with the reason.
    Skip(Line<'r>, String),
    /// Wrong as a whole, with the reason.
    Wrong(u64, String),
}

/// Calls `each` for every line after the headings. Returns what was left out, in words.
pub fn read(text: &str, map: &ColumnMap, mut each: impl FnMut(Found)) -> Result<Vec<String>, ImportError> {
    map.check().map_err(|error| ImportError::whole(error.to_string()))?;
    if text.trim().is_empty() {
        return Err(ImportError::whole("The file is empty. Export the list again."));
    }
    if let Some(other) = other_language(text) {
        return Err(ImportError::at(1, other));
    }
    // Old spreadsheets end lines with CR alone, which nothing counts as a line.
    let unix = (!text.contains('\n')).then(|| text.replace('\r', "\n"));
    let text = unix.as_deref().unwrap_or(text);
    let (delimiter, body, offset) = delimiter_of(text, map);
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(body.as_bytes());
    let headings = reader.headers().map_err(|error| ImportError::whole(words_of(&error)))?.clone();
    let places = places(&headings, map, offset + 1)?;
    let never_closed = text.bytes().filter(|byte| *byte == b'"').count() % 2 == 1;

    let mut record = csv::StringRecord::new();
    let mut lines = 0_usize;
    loop {
        let more = reader.read_record(&mut record).map_err(|error| ImportError::whole(words_of(&error)))?;
        if !more {
            break;
        }
        let start = record.position().map_or((0, 1), |position| (position.byte(), position.line()));
        let number = start.1 + offset + blank_lines(body, start.0);
        let at_end = reader.position().byte() >= body.len() as u64;
        if never_closed && at_end && record.iter().any(|cell| cell.contains('\n')) {
            return Err(ImportError::at(
                number,
                "A quote opens in this entry and is never closed, so the lines after it cannot be told apart. Close it.",
            ));
        }
        if record == headings {
            return Err(ImportError::at(
                number,
                "The headings stand here again: the file holds two lists in one. Save each in a file of its own.",
            ));
        }
        lines += 1;
        let line = Line { number, cells: Cells { record: &record, places: &places } };
        each(classify(line, &headings, map));
    }
    if lines == 0 {
        return Err(ImportError::at(
            offset + 1,
            "The file holds headings only: no line follows them, so there is nothing to import. Export the list again.",
        ));
    }
    Ok(left_out(&headings, map))
}

fn other_language(text: &str) -> Option<&'static str> {
    match text.trim_start().chars().next() {
        Some('{' | '[') => Some("This looks like JSON, not CSV. Import it as what it is, or export the list as CSV."),
        Some('<') => Some("This looks like a web page or XML, not CSV. Export the list as CSV."),
        _ => None,
    }
}

fn classify<'r>(line: Line<'r>, headings: &csv::StringRecord, map: &ColumnMap) -> Found<'r> {
    let count = line.cells.record.len();
    if line.is_blank() {
        return Found::Skip(line, "The line is blank.".to_owned());
    }
    if count != headings.len() {
        let reason = format!(
            "The line has {count} cells, the headings are {}. A quote or a delimiter is missing or too many.",
            headings.len()
        );
        return Found::Wrong(line.number, reason);
    }
    let rule = map.skips.iter().find(|rule| {
        rule.when.iter().all(|(heading, value)| line.cell(heading).is_some_and(|cell| folded(cell) == folded(value)))
    });
    match rule {
        Some(rule) => Found::Skip(line, rule.reason.clone()),
        None => Found::Line(line),
    }
}

/// The delimiter under which most of the map's headings are found; a first line `sep=;` decides.
fn delimiter_of<'t>(text: &'t str, map: &ColumnMap) -> (u8, &'t str, u64) {
    if let Some((first, rest)) = text.split_once('\n')
        && let Some(mark) = first.trim_end().strip_prefix("sep=")
        && let [delimiter] = mark.as_bytes()
    {
        return (*delimiter, rest, 1);
    }
    let wanted: Vec<String> = map.columns.iter().map(|column| folded(&column.heading)).collect();
    let found = |delimiter: u8| {
        let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(text.as_bytes());
        let headings =
            reader.headers().map(|headings| headings.iter().map(folded).collect::<Vec<_>>()).unwrap_or_default();
        (headings.iter().filter(|heading| wanted.contains(heading)).count(), headings.len())
    };
    // The last of equals wins, so the comma stands last.
    let best = [b'|', b'\t', b';', b','].into_iter().max_by_key(|delimiter| found(*delimiter));
    (best.unwrap_or(b','), text, 0)
}

fn places(headings: &csv::StringRecord, map: &ColumnMap, line: u64) -> Result<BTreeMap<String, usize>, ImportError> {
    let mut places = BTreeMap::new();
    for (place, heading) in headings.iter().enumerate() {
        let heading = folded(heading);
        let wanted = map.columns.iter().any(|column| folded(&column.heading) == heading);
        if places.insert(heading.clone(), place).is_some() && wanted {
            return Err(ImportError::at(
                line,
                format!("The heading “{heading}” stands twice. Remove or rename one of the columns."),
            ));
        }
    }
    let has = |heading: &str| places.contains_key(&folded(heading));
    let mut missing: Vec<&str> = map
        .columns
        .iter()
        .filter(|column| !column.optional && !has(&column.heading))
        .map(|column| column.heading.as_str())
        .collect();
    missing
        .extend(map.skips.iter().flat_map(|rule| rule.when.keys()).map(String::as_str).filter(|heading| !has(heading)));
    if missing.is_empty() {
        return Ok(places);
    }
    let found: Vec<String> = headings.iter().map(shown).collect();
    Err(ImportError::at(
        line,
        format!(
            "The headings do not fit the column map “{}”: {} {} missing. The file has {}. Use another map, or change this one.",
            map.name,
            missing.iter().map(|heading| format!("“{heading}”")).collect::<Vec<_>>().join(", "),
            if missing.len() == 1 { "is" } else { "are" },
            found.join(", ")
        ),
    ))
}

fn left_out(headings: &csv::StringRecord, map: &ColumnMap) -> Vec<String> {
    let known = |heading: &str| {
        map.columns.iter().any(|column| folded(&column.heading) == folded(heading) && column.field != "ignore")
    };
    let extra: Vec<String> = headings.iter().filter(|heading| !known(heading)).map(shown).collect();
    match extra.len() {
        0 => Vec::new(),
        1 => vec![format!("1 column that the map does not read: {}", extra.concat())],
        count => vec![format!("{count} columns that the map does not read: {}", extra.join(", "))],
    }
}

/// A heading in quotes. In a file without headings its first line stands there, and may hold a secret.
fn shown(heading: &str) -> String {
    let heading = heading.trim();
    if guard::telling_value(heading) || heading.chars().count() > 60 {
        return "a heading that is not shown because it looks like a secret".to_owned();
    }
    format!("“{heading}”")
}

/// The reader passes over empty lines after it has noted where it stood.
fn blank_lines(body: &str, from: u64) -> u64 {
    let rest = usize::try_from(from).ok().and_then(|from| body.as_bytes().get(from..)).unwrap_or_default();
    rest.iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).filter(|byte| **byte == b'\n').count() as u64
}

fn words_of(error: &csv::Error) -> String {
    match error.position() {
        Some(position) => format!("The file cannot be read as CSV from line {}.", position.line()),
        None => "The file cannot be read as CSV. Save it again.".to_owned(),
    }
}
