//! What holds for the whole deployment.

use diesel::prelude::*;

use super::schema::settings;
use super::{Db, StoreError};
use crate::each;

/// The value of a setting; stores `value` when there is none yet.
pub fn get_or_insert(db: &mut Db, name: &str, value: &str) -> Result<String, StoreError> {
    each!(db, |c| {
        diesel::insert_into(settings::table)
            .values((settings::name.eq(name), settings::value.eq(value)))
            .on_conflict(settings::name)
            .do_nothing()
            .execute(c)?;
        settings::table.filter(settings::name.eq(name)).select(settings::value).first(c)
    })
    .map_err(StoreError::from)
}

/// The value of a setting, if there is one.
pub fn get(db: &mut Db, name: &str) -> Result<Option<String>, StoreError> {
    each!(db, |c| settings::table.filter(settings::name.eq(name)).select(settings::value).first(c).optional())
        .map_err(StoreError::from)
}

/// Stores a setting in place of what there was.
pub fn set(db: &mut Db, name: &str, value: &str) -> Result<(), StoreError> {
    each!(db, |c| diesel::insert_into(settings::table)
        .values((settings::name.eq(name), settings::value.eq(value)))
        .on_conflict(settings::name)
        .do_update()
        .set(settings::value.eq(value))
        .execute(c))?;
    Ok(())
}
