//! Attempts to prove who one is, counted for every replica.

use diesel::prelude::*;

use super::schema::sign_in_attempts;
use super::{Db, StoreError};
use crate::domain::ids::{Id, Moment};
use crate::each;

/// Notes an attempt at a subject.
pub fn insert(db: &mut Db, subject: &str, at: Moment) -> Result<(), StoreError> {
    let row = (sign_in_attempts::id.eq(Id::new()), sign_in_attempts::subject.eq(subject), sign_in_attempts::at.eq(at));
    each!(db, |c| diesel::insert_into(sign_in_attempts::table).values(row).execute(c))?;
    Ok(())
}

/// When a subject was tried after `since`, the newest first, at most `limit`.
pub fn latest(db: &mut Db, subject: &str, since: Moment, limit: usize) -> Result<Vec<Moment>, StoreError> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    each!(db, |c| sign_in_attempts::table
        .filter(sign_in_attempts::subject.eq(subject))
        .filter(sign_in_attempts::at.gt(since))
        .order(sign_in_attempts::at.desc())
        .select(sign_in_attempts::at)
        .limit(limit)
        .load(c))
    .map_err(Into::into)
}

/// Forgets a subject's attempts.
pub fn forget(db: &mut Db, subject: &str) -> Result<(), StoreError> {
    each!(db, |c| diesel::delete(sign_in_attempts::table.filter(sign_in_attempts::subject.eq(subject))).execute(c))?;
    Ok(())
}

/// Removes attempts of before a moment; answers how many.
pub fn purge(db: &mut Db, before: Moment) -> Result<usize, StoreError> {
    each!(db, |c| diesel::delete(sign_in_attempts::table.filter(sign_in_attempts::at.le(before))).execute(c))
        .map_err(Into::into)
}
