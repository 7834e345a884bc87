//! Column maps that people saved.

use diesel::prelude::*;
use serde::Serialize;

use super::schema::column_maps;
use super::{Db, StoreError};
use crate::domain::ids::{Id, Moment};
use crate::domain::imports::ImportSubject;
use crate::each;

/// A row of `column_maps`. The body is TOML.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = column_maps, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct SavedMap {
    pub id: Id,
    pub name: String,
    #[serde(skip)]
    pub name_key: String,
    pub subject: ImportSubject,
    pub body: String,
    pub created_at: Moment,
    pub updated_at: Moment,
    pub version: i64,
}

/// Every saved map, by name.
pub fn all(db: &mut Db) -> Result<Vec<SavedMap>, StoreError> {
    each!(db, |c| column_maps::table.order(column_maps::name_key).select(SavedMap::as_select()).load(c))
        .map_err(Into::into)
}

/// The map of that name, whatever its case.
pub fn find_by_name(db: &mut Db, name: &str) -> Result<Option<SavedMap>, StoreError> {
    let key = name.trim().to_lowercase();
    each!(db, |c| column_maps::table
        .filter(column_maps::name_key.eq(&key))
        .select(SavedMap::as_select())
        .first(c)
        .optional())
    .map_err(Into::into)
}

/// Stores a new map.
pub fn insert(db: &mut Db, map: &SavedMap) -> Result<(), StoreError> {
    each!(db, |c| diesel::insert_into(column_maps::table).values(map).execute(c))?;
    Ok(())
}

/// Stores a changed map over the version before it.
pub fn update(db: &mut Db, map: &SavedMap) -> Result<(), StoreError> {
    let changed = each!(db, |c| diesel::update(
        column_maps::table.filter(column_maps::id.eq(map.id)).filter(column_maps::version.eq(map.version - 1)),
    )
    .set(map)
    .execute(c))?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Conflict) }
}
