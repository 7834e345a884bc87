//! One-time links: only the digest of a link is kept, and each opens once.

use diesel::prelude::*;

use super::schema::{account_links, code_generators, passkeys};
use super::{Db, StoreError};
use crate::domain::access::LinkPurpose;
use crate::domain::ids::{Id, Moment};
use crate::each;

/// A row of `account_links`. The digest is SHA-256 of the token in the link.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = account_links)]
pub struct AccountLink {
    pub digest: Vec<u8>,
    /// Whose account it opens; nobody's for the first administrator.
    pub person_id: Option<Id>,
    pub purpose: LinkPurpose,
    pub created_at: Moment,
    pub ends_at: Moment,
    pub used_at: Option<Moment>,
}

impl AccountLink {
    /// Whether it opens at `now`.
    pub fn is_open(&self, now: Moment) -> bool {
        self.used_at.is_none() && now < self.ends_at
    }
}

/// The links that open at a moment.
macro_rules! open {
    ($now:expr) => {
        account_links::table.filter(account_links::used_at.is_null()).filter(account_links::ends_at.gt($now))
    };
}

/// Stores a new link.
pub fn insert(db: &mut Db, link: &AccountLink) -> Result<(), StoreError> {
    each!(db, |c| diesel::insert_into(account_links::table).values(link).execute(c))?;
    Ok(())
}

/// The link with that digest.
pub fn find(db: &mut Db, digest: &[u8]) -> Result<Option<AccountLink>, StoreError> {
    each!(db, |c| account_links::table
        .filter(account_links::digest.eq(digest))
        .select(AccountLink::as_select())
        .first(c)
        .optional())
    .map_err(Into::into)
}

/// The link of a person that still opens at `now`.
pub fn open_of(db: &mut Db, person: Id, now: Moment) -> Result<Option<AccountLink>, StoreError> {
    each!(db, |c| open!(now)
        .filter(account_links::person_id.eq(person))
        .order(account_links::created_at.desc())
        .select(AccountLink::as_select())
        .first(c)
        .optional())
    .map_err(Into::into)
}

/// Uses a link up. Answers whether it was open: of two uses at once one gets `false`.
pub fn use_up(db: &mut Db, digest: &[u8], now: Moment) -> Result<bool, StoreError> {
    let used = each!(db, |c| diesel::update(open!(now).filter(account_links::digest.eq(digest)))
        .set(account_links::used_at.eq(now))
        .execute(c))?;
    Ok(used == 1)
}

/// Ends the links of a person that are still open.
pub fn end_of(db: &mut Db, person: Id, now: Moment) -> Result<(), StoreError> {
    each!(db, |c| diesel::update(open!(now).filter(account_links::person_id.eq(person)))
        .set(account_links::ends_at.eq(now))
        .execute(c))?;
    Ok(())
}

/// Ends the links of a purpose that are still open.
pub fn end_for(db: &mut Db, purpose: LinkPurpose, now: Moment) -> Result<(), StoreError> {
    each!(db, |c| diesel::update(open!(now).filter(account_links::purpose.eq(purpose)))
        .set(account_links::ends_at.eq(now))
        .execute(c))?;
    Ok(())
}

/// Ends one link, if it is still open.
pub fn end(db: &mut Db, digest: &[u8], now: Moment) -> Result<(), StoreError> {
    each!(db, |c| diesel::update(open!(now).filter(account_links::digest.eq(digest)))
        .set(account_links::ends_at.eq(now))
        .execute(c))?;
    Ok(())
}

/// Removes links that ended before a moment; answers how many.
pub fn purge(db: &mut Db, before: Moment) -> Result<usize, StoreError> {
    each!(db, |c| diesel::delete(account_links::table.filter(account_links::ends_at.le(before))).execute(c))
        .map_err(Into::into)
}

/// Whether a person has something besides a password that must be asked before they are let in.
pub fn asks_second_factor(db: &mut Db, person: Id) -> Result<bool, StoreError> {
    let codes: i64 = each!(db, |c| code_generators::table
        .filter(code_generators::person_id.eq(person))
        .filter(code_generators::confirmed_at.is_not_null())
        .count()
        .get_result(c))?;
    let keys: i64 = each!(db, |c| passkeys::table.filter(passkeys::person_id.eq(person)).count().get_result(c))?;
    Ok(codes + keys > 0)
}
