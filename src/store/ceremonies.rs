//! Ceremonies: something with two steps that has had its first. Each is used once.

use diesel::prelude::*;
use serde_json::Value;

use super::schema::ceremonies;
use super::types::Doc;
use super::{Db, StoreError};
use crate::domain::access::CeremonyKind;
use crate::domain::ids::{Id, Moment};
use crate::each;

/// A row of `ceremonies`. The digest is made from its kind and the browser's cookie.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = ceremonies, treat_none_as_default_value = false)]
pub struct Ceremony {
    pub digest: Vec<u8>,
    pub kind: CeremonyKind,
    /// Whose it is, where the first step has shown that.
    pub person_id: Option<Id>,
    pub state: Doc<Value>,
    /// Where its second step leads to.
    pub return_to: String,
    /// How often its second step was tried.
    pub tries: i64,
    pub created_at: Moment,
    pub ends_at: Moment,
}

/// Begins a ceremony in place of an earlier one of the same browser.
pub fn begin(db: &mut Db, ceremony: &Ceremony) -> Result<(), StoreError> {
    delete(db, &ceremony.digest)?;
    each!(db, |c| diesel::insert_into(ceremonies::table).values(ceremony).execute(c))?;
    Ok(())
}

/// The ceremony of that digest and kind, unless it has ended.
pub fn find(db: &mut Db, digest: &[u8], kind: CeremonyKind, now: Moment) -> Result<Option<Ceremony>, StoreError> {
    each!(db, |c| ceremonies::table
        .filter(ceremonies::digest.eq(digest))
        .filter(ceremonies::kind.eq(kind))
        .filter(ceremonies::ends_at.gt(now))
        .select(Ceremony::as_select())
        .first(c)
        .optional())
    .map_err(Into::into)
}

/// Takes the ceremony of that digest and kind: of two that ask at once, one gets it.
pub fn take(db: &mut Db, digest: &[u8], kind: CeremonyKind, now: Moment) -> Result<Option<Ceremony>, StoreError> {
    let found = find(db, digest, kind, now)?;
    Ok(if delete(db, digest)? { found } else { None })
}

/// Counts a try of its second step and locks it until the transaction ends, so that tries take turns.
/// Answers the ceremony with this try counted, unless it has ended.
pub fn count_try(db: &mut Db, digest: &[u8], kind: CeremonyKind, now: Moment) -> Result<Option<Ceremony>, StoreError> {
    let counted = each!(db, |c| diesel::update(ceremonies::table.filter(ceremonies::digest.eq(digest)))
        .set(ceremonies::tries.eq(ceremonies::tries + 1))
        .execute(c))?;
    if counted == 1 { find(db, digest, kind, now) } else { Ok(None) }
}

/// Ends a ceremony; answers whether there was one.
pub fn delete(db: &mut Db, digest: &[u8]) -> Result<bool, StoreError> {
    let gone = each!(db, |c| diesel::delete(ceremonies::table.filter(ceremonies::digest.eq(digest))).execute(c))?;
    Ok(gone == 1)
}

/// Ends every ceremony of a person.
pub fn delete_of(db: &mut Db, person: Id) -> Result<(), StoreError> {
    each!(db, |c| diesel::delete(ceremonies::table.filter(ceremonies::person_id.eq(person))).execute(c))?;
    Ok(())
}

/// Removes ceremonies that ended before `now`; answers how many.
pub fn purge(db: &mut Db, now: Moment) -> Result<usize, StoreError> {
    each!(db, |c| diesel::delete(ceremonies::table.filter(ceremonies::ends_at.le(now))).execute(c)).map_err(Into::into)
}
