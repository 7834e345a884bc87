//! Sessions: who is signed in, how they proved who they are, and until when.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::schema::{accounts, people, sessions};
use super::{Db, StoreError};
use crate::domain::access::SignInMethod;
use crate::domain::ids::{Id, Moment};
use crate::domain::people::Role;
use crate::each;

/// A row of `sessions`. The digest is SHA-256 of the cookie's value.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = sessions)]
pub struct Session {
    pub id: Id,
    pub digest: Vec<u8>,
    pub person_id: Id,
    pub method: SignInMethod,
    pub created_at: Moment,
    pub last_seen_at: Moment,
    pub ends_at: Moment,
    /// When its holder last proved who they are.
    pub confirmed_at: Moment,
    /// Where it was opened from; empty when that is not known.
    pub address: String,
    /// What the browser calls itself; empty when it does not say.
    pub agent: String,
}

/// Who holds a session.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct SignedIn {
    pub session_id: Id,
    pub person_id: Id,
    pub name: String,
    pub email: String,
    pub left_on: Option<NaiveDate>,
    pub time_zone: Option<String>,
    pub role: Role,
    pub disabled_at: Option<Moment>,
    pub method: SignInMethod,
    pub last_seen_at: Moment,
    pub ends_at: Moment,
    pub confirmed_at: Moment,
}

/// Opens a session.
pub fn insert(db: &mut Db, session: &Session) -> Result<(), StoreError> {
    each!(db, |c| diesel::insert_into(sessions::table).values(session).execute(c))?;
    Ok(())
}

/// Who holds the session with that digest.
pub fn signed_in(db: &mut Db, digest: &[u8]) -> Result<Option<SignedIn>, StoreError> {
    each!(db, |c| sessions::table
        .inner_join(people::table.inner_join(accounts::table))
        .filter(sessions::digest.eq(digest))
        .select((
            sessions::id,
            people::id,
            people::name,
            people::email,
            people::left_on,
            people::time_zone,
            accounts::role,
            accounts::disabled_at,
            sessions::method,
            sessions::last_seen_at,
            sessions::ends_at,
            sessions::confirmed_at,
        ))
        .first(c)
        .optional())
    .map_err(Into::into)
}

/// The sessions of a person that have not ended, the last used first.
pub fn of(db: &mut Db, person: Id, now: Moment) -> Result<Vec<Session>, StoreError> {
    each!(db, |c| sessions::table
        .filter(sessions::person_id.eq(person))
        .filter(sessions::ends_at.gt(now))
        .order((sessions::last_seen_at.desc(), sessions::id))
        .select(Session::as_select())
        .load(c))
    .map_err(Into::into)
}

/// Notes that a session was used.
pub fn touch(db: &mut Db, digest: &[u8], now: Moment) -> Result<(), StoreError> {
    each!(db, |c| diesel::update(sessions::table.filter(sessions::digest.eq(digest)))
        .set(sessions::last_seen_at.eq(now))
        .execute(c))?;
    Ok(())
}

/// Notes that its holder proved again who they are: a new cookie from now on, and how it was done.
pub fn confirm(db: &mut Db, id: Id, digest: &[u8], method: SignInMethod, now: Moment) -> Result<(), StoreError> {
    let changed = each!(db, |c| diesel::update(sessions::table.filter(sessions::id.eq(id)))
        .set((
            sessions::digest.eq(digest),
            sessions::method.eq(method),
            sessions::confirmed_at.eq(now),
            sessions::last_seen_at.eq(now),
        ))
        .execute(c))?;
    if changed == 1 { Ok(()) } else { Err(StoreError::NotFound) }
}

/// Gives a session a new cookie, and ends every other of the same person.
pub fn keep_only(db: &mut Db, person: Id, id: Id, digest: &[u8]) -> Result<(), StoreError> {
    each!(db, |c| diesel::delete(sessions::table.filter(sessions::person_id.eq(person)).filter(sessions::id.ne(id)),)
        .execute(c))?;
    let changed = each!(db, |c| diesel::update(sessions::table.filter(sessions::id.eq(id)))
        .set(sessions::digest.eq(digest))
        .execute(c))?;
    if changed == 1 { Ok(()) } else { Err(StoreError::NotFound) }
}

/// Ends one session; answers whether there was one.
pub fn delete(db: &mut Db, id: Id) -> Result<bool, StoreError> {
    let gone = each!(db, |c| diesel::delete(sessions::table.filter(sessions::id.eq(id))).execute(c))?;
    Ok(gone > 0)
}

/// Ends every session of a person.
pub fn delete_of(db: &mut Db, person: Id) -> Result<(), StoreError> {
    each!(db, |c| diesel::delete(sessions::table.filter(sessions::person_id.eq(person))).execute(c))?;
    Ok(())
}

/// Removes sessions that ended before `now`; answers how many.
pub fn purge(db: &mut Db, now: Moment) -> Result<usize, StoreError> {
    each!(db, |c| diesel::delete(sessions::table.filter(sessions::ends_at.le(now))).execute(c)).map_err(Into::into)
}
