//! Who can administer the register: at least one person always must.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::schema::{accounts, people};
use super::{Db, StoreError};
use crate::domain::ids::Id;
use crate::domain::people::Role;
use crate::each;

/// Holds every administrator's account until the transaction ends. SQLite has one writer anyway.
pub fn lock(db: &mut Db) -> Result<(), StoreError> {
    if let Db::Pg(c) = db {
        let _: Vec<Id> = accounts::table
            .filter(accounts::role.eq(Role::Administrator))
            .order(accounts::person_id)
            .select(accounts::person_id)
            .for_update()
            .load(c)?;
    }
    Ok(())
}

/// Administrators who can sign in on that day.
pub fn able_on(db: &mut Db, day: NaiveDate) -> Result<Vec<Id>, StoreError> {
    each!(db, |c| accounts::table
        .inner_join(people::table)
        .filter(accounts::role.eq(Role::Administrator))
        .filter(accounts::disabled_at.is_null())
        .filter(people::left_on.is_null().or(people::left_on.gt(day).assume_not_null()))
        .select(accounts::person_id)
        .load(c))
    .map_err(Into::into)
}
