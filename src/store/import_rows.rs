//! The rows of imports: every entry of a file, whatever became of it.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::imported_identities::IdentityBefore;
use super::people::Person;
use super::schema::import_rows;
use super::types::Doc;
use super::{Db, StoreError};
use crate::domain::ids::Id;
use crate::domain::imported::ImportedClient;
use crate::domain::imported_people::ImportedPerson;
use crate::domain::imports::overview::Overview;
use crate::domain::imports::{FieldChange, RowAction};
use crate::each;

/// A row of `import_rows`.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = import_rows, treat_none_as_default_value = false)]
pub struct ImportRow {
    pub import_id: Id,
    /// The place in the file, from 1; vanished identities follow.
    pub position: i64,
    pub line: Option<i64>,
    pub action: RowAction,
    pub name: String,
    pub client_id: Option<String>,
    /// The identity or person; for a row to create, the id it will have.
    pub subject_id: Option<Id>,
    pub reason: Option<String>,
    pub changes: Doc<RowChanges>,
    /// What the file said, without secrets; none for a row that could not be read.
    pub record: Option<Doc<RowRecord>>,
    pub version_before: Option<i64>,
    /// Set when the import is applied; as long as the subject has it, nobody touched it since.
    pub version_after: Option<i64>,
    pub result: Option<String>,
}

/// What a row changes, and what there was before, to go back to.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct RowChanges {
    pub fields: Vec<FieldChange>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Before>,
    /// What the row is about; none for people and for a row that could not be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overview: Option<Overview>,
}

/// A record as it was before the import.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Before {
    Identity(Box<IdentityBefore>),
    Person(Box<PersonBefore>),
}

/// A person as they were before an import, with what the audit log may not know.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PersonBefore {
    pub name: String,
    pub email: String,
    pub staff_id: Option<String>,
    pub title: Option<String>,
    pub department: Option<String>,
    pub manager_id: Option<Id>,
    pub deputy_id: Option<Id>,
    pub left_on: Option<chrono::NaiveDate>,
    pub time_zone: Option<String>,
}

impl PersonBefore {
    /// The person as they are now.
    pub fn of(person: &Person) -> Self {
        Self {
            name: person.name.clone(),
            email: person.email.clone(),
            staff_id: person.staff_id.clone(),
            title: person.title.clone(),
            department: person.department.clone(),
            manager_id: person.manager_id,
            deputy_id: person.deputy_id,
            left_on: person.left_on,
            time_zone: person.time_zone.clone(),
        }
    }

    /// Puts everything back.
    pub fn restore(self, person: &mut Person) {
        person.name_key = self.name.to_lowercase();
        person.name = self.name;
        person.email_key = self.email.to_lowercase();
        person.email = self.email;
        person.staff_id = self.staff_id;
        person.title = self.title;
        person.department = self.department;
        person.manager_id = self.manager_id;
        person.deputy_id = self.deputy_id;
        person.left_on = self.left_on;
        person.time_zone = self.time_zone;
    }
}

/// What a file said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowRecord {
    Client(Box<ImportedClient>),
    Person(Box<ImportedPerson>),
}

/// Rows by place: those after `after`, of one action or of all, at most `limit`.
pub fn after(
    db: &mut Db,
    import: Id,
    action: Option<RowAction>,
    after: i64,
    limit: i64,
) -> Result<Vec<ImportRow>, StoreError> {
    each!(db, |c| {
        let mut query = import_rows::table
            .filter(import_rows::import_id.eq(import))
            .filter(import_rows::position.gt(after))
            .select(ImportRow::as_select())
            .into_boxed::<DB>();
        if let Some(action) = action {
            query = query.filter(import_rows::action.eq(action));
        }
        query.order(import_rows::position).limit(limit).load(c)
    })
    .map_err(Into::into)
}

/// The rows before `before`, nearest last, at most `limit`.
pub fn before(
    db: &mut Db,
    import: Id,
    action: Option<RowAction>,
    before: i64,
    limit: i64,
) -> Result<Vec<ImportRow>, StoreError> {
    let mut rows: Vec<ImportRow> = each!(db, |c| {
        let mut query = import_rows::table
            .filter(import_rows::import_id.eq(import))
            .filter(import_rows::position.lt(before))
            .select(ImportRow::as_select())
            .into_boxed::<DB>();
        if let Some(action) = action {
            query = query.filter(import_rows::action.eq(action));
        }
        query.order(import_rows::position.desc()).limit(limit).load(c)
    })?;
    rows.reverse();
    Ok(rows)
}

/// Every row of an import.
pub fn all(db: &mut Db, import: Id) -> Result<Vec<ImportRow>, StoreError> {
    let mut rows: Vec<ImportRow> = Vec::new();
    loop {
        let place = rows.last().map_or(0, |row| row.position);
        let chunk = after(db, import, None, place, 5_000)?;
        if chunk.is_empty() {
            return Ok(rows);
        }
        rows.extend(chunk);
    }
}

/// Stores new rows.
pub fn insert(db: &mut Db, rows: &[ImportRow]) -> Result<(), StoreError> {
    for chunk in rows.chunks(1_000) {
        each!(db, |c| diesel::insert_into(import_rows::table).values(chunk).execute(c))?;
    }
    Ok(())
}

/// Removes the rows of an import: it expired, or is previewed again.
pub fn delete(db: &mut Db, import: Id) -> Result<(), StoreError> {
    each!(db, |c| diesel::delete(import_rows::table.filter(import_rows::import_id.eq(import))).execute(c))?;
    Ok(())
}

/// Says what became of every row: in one statement for each action, so that size does not matter.
pub fn set_applied(db: &mut Db, import: Id) -> Result<(), StoreError> {
    let results = [
        (RowAction::Create, "created"),
        (RowAction::Change, "changed"),
        (RowAction::Vanished, "marked as vanished"),
        (RowAction::Unchanged, "nothing to change"),
        (RowAction::Skip, "skipped"),
        (RowAction::Error, "not imported"),
    ];
    for (action, result) in results {
        set_result(db, import, &[action], result)?;
    }
    let one: Option<i64> = Some(1);
    each!(db, |c| {
        diesel::update(
            import_rows::table
                .filter(import_rows::import_id.eq(import))
                .filter(import_rows::action.eq(RowAction::Create)),
        )
        .set(import_rows::version_after.eq(one))
        .execute(c)?;
        diesel::update(
            import_rows::table
                .filter(import_rows::import_id.eq(import))
                .filter(import_rows::action.eq_any([RowAction::Change, RowAction::Vanished])),
        )
        .set(import_rows::version_after.eq(import_rows::version_before + one))
        .execute(c)
    })?;
    Ok(())
}

/// Says of the rows of some actions what became of them.
pub fn set_result(db: &mut Db, import: Id, actions: &[RowAction], result: &str) -> Result<(), StoreError> {
    each!(db, |c| diesel::update(
        import_rows::table.filter(import_rows::import_id.eq(import)).filter(import_rows::action.eq_any(actions)),
    )
    .set(import_rows::result.eq(result))
    .execute(c))?;
    Ok(())
}
