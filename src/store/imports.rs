//! Imports: the files that were read and how far each has come.

use diesel::prelude::*;
use serde::Serialize;

use super::schema::imports;
use super::types::Doc;
use super::{Db, StoreError};
use crate::domain::identities::Environment;
use crate::domain::ids::{Id, Moment};
use crate::domain::imports::{ImportState, ImportSubject, Summary};
use crate::domain::listing::{From, PAGE_SIZE, Page};
use crate::each;

/// A row of `imports`.
#[derive(Debug, Clone, PartialEq, Serialize, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = imports, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Import {
    pub id: Id,
    pub subject: ImportSubject,
    /// `keycloak-realm`, `dcr`, `entra-apps` or `csv`.
    pub format: String,
    pub file_name: String,
    /// SHA-256 of the file, in hexadecimal: which file it was. The file itself is not kept.
    pub file_digest: String,
    pub file_bytes: i64,
    pub column_map: Option<String>,
    /// The issuing system, once it exists.
    pub system_id: Option<Id>,
    /// For entries that name none themselves.
    pub environment: Option<Environment>,
    pub state: ImportState,
    /// What the file held and was left out, in words with counts.
    pub left_out: Doc<Vec<String>>,
    pub counts: Doc<Summary>,
    pub made_by: Option<Id>,
    pub made_at: Moment,
    pub applied_at: Option<Moment>,
    pub applied_by: Option<Id>,
    pub undone_at: Option<Moment>,
    pub undone_by: Option<Id>,
    pub version: i64,
}

/// The import of that id.
pub fn find(db: &mut Db, id: Id) -> Result<Import, StoreError> {
    each!(db, |c| imports::table.filter(imports::id.eq(id)).select(Import::as_select()).first(c)).map_err(Into::into)
}

/// The import of that id, held against other writers until the transaction ends.
pub fn lock(db: &mut Db, id: Id) -> Result<Import, StoreError> {
    match db {
        Db::Pg(c) => imports::table.filter(imports::id.eq(id)).select(Import::as_select()).for_update().first(c),
        // SQLite has one writer at a time.
        Db::Sqlite(c) => imports::table.filter(imports::id.eq(id)).select(Import::as_select()).first(c),
    }
    .map_err(Into::into)
}

/// A page of imports, newest first. The cursor's key is not used: ids sort by age.
pub fn page(db: &mut Db, from: &From) -> Result<Page<Import>, StoreError> {
    let rows = each!(db, |c| {
        let query = imports::table.select(Import::as_select()).into_boxed::<DB>();
        let query = match from {
            From::Start => query.order(imports::id.desc()),
            From::After(cursor) => query.filter(imports::id.lt(cursor.id)).order(imports::id.desc()),
            From::Before(cursor) => query.filter(imports::id.gt(cursor.id)).order(imports::id.asc()),
        };
        query.limit(PAGE_SIZE + 1).load(c)
    })?;
    Ok(Page::of(rows, from))
}

/// The previews that were made at `before` or earlier and that nobody applied.
pub fn previews_before(db: &mut Db, before: Moment) -> Result<Vec<Import>, StoreError> {
    each!(db, |c| imports::table
        .filter(imports::state.eq(ImportState::Previewed))
        .filter(imports::made_at.le(before))
        .order(imports::id)
        .select(Import::as_select())
        .load(c))
    .map_err(Into::into)
}

/// Stores a new import.
pub fn insert(db: &mut Db, import: &Import) -> Result<(), StoreError> {
    each!(db, |c| diesel::insert_into(imports::table).values(import).execute(c))?;
    Ok(())
}

/// Stores a changed import over the version before it.
pub fn update(db: &mut Db, import: &Import) -> Result<(), StoreError> {
    let changed = each!(db, |c| diesel::update(
        imports::table.filter(imports::id.eq(import.id)).filter(imports::version.eq(import.version - 1)),
    )
    .set(import)
    .execute(c))?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Conflict) }
}
