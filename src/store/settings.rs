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
