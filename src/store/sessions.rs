//! Sessions: who is signed in, how they proved who they are, and until when.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::schema::{accounts, ceremonies, emergency_accesses, people, sessions};
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
    /// The emergency access that runs, and when it ends.
    pub emergency: Option<(Id, Moment)>,
}

/// Opens a session.
pub fn insert(db: &mut Db, session: &Session) -> Result<(), StoreError> {
    each!(db, |c| diesel::insert_into(sessions::table).values(session).execute(c))?;
    Ok(())
}

/// Who holds the session with that digest, and the emergency access of theirs that runs at `now`.
pub fn signed_in(db: &mut Db, digest: &[u8], now: Moment) -> Result<Option<SignedIn>, StoreError> {
    each!(db, |c| sessions::table
        .inner_join(people::table.inner_join(accounts::table))
        .left_join(
            emergency_accesses::table.on(emergency_accesses::person_id
                .eq(sessions::person_id)
                .and(emergency_accesses::ends_at.gt(now))
                .and(emergency_accesses::ended_at.is_null())),
        )
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
            (emergency_accesses::id, emergency_accesses::ends_at.assume_not_null()).nullable(),
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

/// A cookie that takes the place of another: the digests of both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Renewal {
    pub from: Vec<u8>,
    pub to: Vec<u8>,
}

/// Notes that its holder proved who they are just now: a new cookie from now on, and how it was done.
///
/// # Errors
/// `Conflict` when the session is gone or its cookie was renewed meanwhile, as by another tab.
pub fn renew(db: &mut Db, id: Id, cookie: &Renewal, method: SignInMethod, now: Moment) -> Result<(), StoreError> {
    let changed = each!(db, |c| diesel::update(
        sessions::table.filter(sessions::id.eq(id)).filter(sessions::digest.eq(&cookie.from))
    )
    .set((
        sessions::digest.eq(&cookie.to),
        sessions::method.eq(method),
        sessions::confirmed_at.eq(now),
        sessions::last_seen_at.eq(now),
    ))
    .execute(c))?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Conflict) }
}

/// Notes that what a session was opened with counts for less now.
pub fn set_method(db: &mut Db, id: Id, method: SignInMethod) -> Result<(), StoreError> {
    each!(db, |c| diesel::update(sessions::table.filter(sessions::id.eq(id)))
        .set(sessions::method.eq(method))
        .execute(c))?;
    Ok(())
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

/// Ends one session of a person; answers whether there was one.
pub fn delete_one_of(db: &mut Db, person: Id, id: Id) -> Result<bool, StoreError> {
    let of_person = sessions::table.filter(sessions::person_id.eq(person)).filter(sessions::id.eq(id));
    let gone = each!(db, |c| diesel::delete(of_person).execute(c))?;
    Ok(gone > 0)
}

/// Ends every session of a person but one; answers how many.
pub fn delete_others(db: &mut Db, person: Id, kept: Id) -> Result<usize, StoreError> {
    let others = sessions::table.filter(sessions::person_id.eq(person)).filter(sessions::id.ne(kept));
    each!(db, |c| diesel::delete(others).execute(c)).map_err(Into::into)
}

/// Ends every session of a person; answers how many.
pub fn delete_of(db: &mut Db, person: Id) -> Result<usize, StoreError> {
    each!(db, |c| diesel::delete(sessions::table.filter(sessions::person_id.eq(person))).execute(c)).map_err(Into::into)
}

/// Removes sessions that have ended, or were not used since `idle_since`; answers how many.
pub fn purge(db: &mut Db, now: Moment, idle_since: Moment) -> Result<usize, StoreError> {
    each!(db, |c| diesel::delete(
        sessions::table.filter(sessions::ends_at.le(now).or(sessions::last_seen_at.le(idle_since)))
    )
    .execute(c))
    .map_err(Into::into)
}

/// Removes steps of signing in that nobody went on with; answers how many.
pub fn purge_ceremonies(db: &mut Db, now: Moment) -> Result<usize, StoreError> {
    each!(db, |c| diesel::delete(ceremonies::table.filter(ceremonies::ends_at.le(now))).execute(c)).map_err(Into::into)
}
