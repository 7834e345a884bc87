//! What others did to a task and its identity since a reader opened the page, as the audit log has it.

use chrono_tz::Tz;

use crate::domain::audit::StoredEntry;
use crate::domain::listing::{Direction, From};
use crate::store::audit::{self, AuditFilter, AuditRow};
use crate::store::tasks::Task;
use crate::store::{Db, StoreError};
use crate::web::audit::words;

/// Fields that change with every change.
const UNTOLD: &[&str] = &["Version", "Updated at"];

/// So many fields of a change are told, and so much of each, in characters.
const MOST_FIELDS: usize = 8;
const LONGEST_VALUE: usize = 120;

/// What the reader saw.
#[derive(Debug, Clone, Copy)]
pub struct Seen {
    /// The version of the task.
    pub task: i64,
    /// The version of the identity.
    pub identity: i64,
    /// The reader's zone.
    pub tz: Tz,
}

/// One sentence for each change since, the oldest first.
pub fn sentences(db: &mut Db, task: &Task, seen: &Seen) -> Result<Vec<String>, StoreError> {
    let mut about = vec![("task", task.id.to_string(), seen.task)];
    about.extend(task.identity_id.map(|id| ("identity", id.to_string(), seen.identity)));
    since(db, &about, seen.tz)
}

/// One sentence for each change of these records since the versions that were seen, the oldest first.
pub fn since(db: &mut Db, about: &[(&str, String, i64)], tz: Tz) -> Result<Vec<String>, StoreError> {
    let mut rows: Vec<AuditRow> = Vec::new();
    for (entity, id, version) in about {
        let about =
            AuditFilter { entity: Some((*entity).to_owned()), entity_id: Some(id.clone()), ..AuditFilter::default() };
        let page = audit::page(db, &about, Direction::Descending, &From::Start)?;
        rows.extend(page.rows.into_iter().filter(|row| row.entity_version.is_some_and(|stored| stored > *version)));
    }
    rows.sort_by_key(|row| row.seq);
    let names = words::names_for(db, &rows)?;
    let mut told = Vec::new();
    for row in &rows {
        let said = words::sentence(row, &names, tz);
        let object =
            if matches!(row.entity.as_str(), "task" | "grant" | "request") { "" } else { said.object.as_str() };
        let sentence = format!("{} {} {object}", said.actor, said.done);
        let sentence = format!("{}, on {}", sentence.trim_end(), said.when);
        let changes = if row.entity == "identity" { changes(db, row, tz)? } else { Vec::new() };
        told.push(if changes.is_empty() { sentence } else { format!("{sentence}. {}", changes.join(" ")) });
    }
    Ok(told)
}

/// What was changed of an identity, field by field, as it was and as it is.
fn changes(db: &mut Db, row: &AuditRow, tz: Tz) -> Result<Vec<String>, StoreError> {
    let Ok(stored) = StoredEntry::parse(&row.body) else { return Ok(Vec::new()) };
    let names = words::names_within(db, row, Some(&stored))?;
    let lines = words::change_lines(&stored, &names, tz);
    let lines: Vec<_> = lines.into_iter().filter(|line| !UNTOLD.contains(&line.field.as_str())).collect();
    let mut told: Vec<String> = lines
        .iter()
        .take(MOST_FIELDS)
        .map(|line| match (&line.before, &line.after) {
            (Some(before), Some(after)) => {
                format!("{}: was \u{201c}{}\u{201d}, is \u{201c}{}\u{201d}.", line.field, short(before), short(after))
            }
            (None, Some(after)) => format!("{}: is \u{201c}{}\u{201d}.", line.field, short(after)),
            (Some(before), None) => format!("{}: was \u{201c}{}\u{201d}, is empty.", line.field, short(before)),
            (None, None) => format!("{} changed.", line.field),
        })
        .collect();
    if lines.len() > MOST_FIELDS {
        told.push(format!("And {} more.", lines.len() - MOST_FIELDS));
    }
    Ok(told)
}

fn short(text: &str) -> String {
    if text.chars().count() <= LONGEST_VALUE {
        return text.to_owned();
    }
    text.chars().take(LONGEST_VALUE - 1).chain(['\u{2026}']).collect()
}
