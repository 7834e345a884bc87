//! What others did to a task and its identity since a reader opened the page, as the audit log has it.

use chrono_tz::Tz;

use crate::domain::listing::{Direction, From};
use crate::store::audit::{self, AuditFilter, AuditRow};
use crate::store::tasks::Task;
use crate::store::{Db, StoreError};
use crate::web::audit::words;

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
    Ok(rows
        .iter()
        .map(|row| {
            let said = words::sentence(row, &names, tz);
            let object =
                if matches!(row.entity.as_str(), "task" | "grant" | "request") { "" } else { said.object.as_str() };
            let sentence = format!("{} {} {object}", said.actor, said.done);
            format!("{}, on {}", sentence.trim_end(), said.when)
        })
        .collect())
}
