//! Tokens of Muster's own interface: the record, and everything that decides about one in a single read.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::Serialize;

use super::schema::{accounts, api_tokens, identities, people};
use super::types::Doc;
use super::{Db, StoreError};
use crate::domain::api_tokens::{Standing, TokenScope};
use crate::domain::identities::IdentityState;
use crate::domain::ids::{Id, Moment};
use crate::domain::listing::{Cursor, Direction, From};
use crate::domain::people::{Role, has_left};
use crate::each;

/// A row of `api_tokens`. What the audit log may know of it is neither its digest nor where it was used from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = api_tokens, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Token {
    pub id: Id,
    pub identity_id: Id,
    /// Who made it, and on whose behalf it acts.
    pub person_id: Id,
    pub name: String,
    /// SHA-256 of the token.
    #[serde(skip)]
    pub digest: Vec<u8>,
    /// Its last four letters.
    #[serde(skip)]
    pub ending: String,
    pub scopes: Doc<Vec<TokenScope>>,
    /// The role of its creator when it was made: it is good only as long as they have it.
    pub role: Role,
    pub created_at: Moment,
    pub ends_at: Moment,
    #[serde(skip)]
    pub last_used_at: Option<Moment>,
    #[serde(skip)]
    pub last_used_from: Option<String>,
    pub revoked_at: Option<Moment>,
    pub revoked_by: Option<Id>,
    pub version: i64,
}

/// A token with what it rests on: its identity and its creator.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct TokenLine {
    pub token: Token,
    pub state: IdentityState,
    pub identity_ends_at: Option<Moment>,
    pub creator: String,
    pub time_zone: Option<String>,
    pub left_on: Option<NaiveDate>,
    pub role: Role,
    pub disabled_at: Option<Moment>,
}

impl TokenLine {
    /// What decides whether it is good.
    pub fn standing(&self, now: Moment) -> Standing {
        Standing {
            revoked_at: self.token.revoked_at,
            ends_at: self.token.ends_at,
            state: self.state,
            expires_at: self.identity_ends_at,
            role_then: self.token.role,
            role_now: self.role,
            disabled: self.disabled_at.is_some(),
            left: has_left(self.left_on, now.date()),
        }
    }

    /// The place of this row in a list.
    pub fn cursor(&self) -> Cursor {
        Cursor { key: String::new(), id: self.token.id }
    }
}

/// Tokens, each with its identity, its creator and the creator's account.
macro_rules! lines {
    () => {
        api_tokens::table.inner_join(identities::table).inner_join(people::table.inner_join(accounts::table)).select((
            Token::as_select(),
            identities::state,
            identities::expires_at,
            people::name,
            people::time_zone,
            people::left_on,
            accounts::role,
            accounts::disabled_at,
        ))
    };
}

/// The token with that digest, and all that decides about it, in one read.
pub fn by_digest(db: &mut Db, digest: &[u8]) -> Result<Option<TokenLine>, StoreError> {
    each!(db, |c| lines!().filter(api_tokens::digest.eq(digest)).first(c).optional()).map_err(Into::into)
}

/// The token of that id.
pub fn line(db: &mut Db, id: Id) -> Result<TokenLine, StoreError> {
    each!(db, |c| lines!().filter(api_tokens::id.eq(id)).first(c)).map_err(Into::into)
}

/// The token whose identity that is.
pub fn of_identity(db: &mut Db, identity: Id) -> Result<Option<TokenLine>, StoreError> {
    each!(db, |c| lines!().filter(api_tokens::identity_id.eq(identity)).first(c).optional()).map_err(Into::into)
}

/// When the token ends whose identity that is; `None` for any other identity.
pub fn end_of(db: &mut Db, identity: Id) -> Result<Option<Moment>, StoreError> {
    each!(db, |c| api_tokens::table
        .filter(api_tokens::identity_id.eq(identity))
        .select(api_tokens::ends_at)
        .first(c)
        .optional())
    .map_err(Into::into)
}

/// Tokens from a place on, newest first, of one person or of everybody; read backwards from a `Before`.
pub fn lines(db: &mut Db, person: Option<Id>, from: &From, limit: i64) -> Result<Vec<TokenLine>, StoreError> {
    // Ids are made in the order of time, so they are the order of this list.
    let (place, direction) = match from {
        From::Start => (None, Direction::Descending),
        From::After(cursor) => (Some(cursor.id), Direction::Descending),
        From::Before(cursor) => (Some(cursor.id), Direction::Ascending),
    };
    each!(db, |c| {
        let mut query = lines!().into_boxed::<DB>();
        if let Some(person) = person {
            query = query.filter(api_tokens::person_id.eq(person));
        }
        query = match (place, direction) {
            (None, _) => query.order(api_tokens::id.desc()),
            (Some(id), Direction::Descending) => query.filter(api_tokens::id.lt(id)).order(api_tokens::id.desc()),
            (Some(id), Direction::Ascending) => query.filter(api_tokens::id.gt(id)).order(api_tokens::id.asc()),
        };
        query.limit(limit).load(c)
    })
    .map_err(Into::into)
}

/// The ids of the tokens of people.
pub fn ids_of(db: &mut Db, people: &[Id]) -> Result<Vec<Id>, StoreError> {
    each!(db, |c| api_tokens::table.filter(api_tokens::person_id.eq_any(people)).select(api_tokens::id).load(c))
        .map_err(Into::into)
}

/// Names of these tokens and of those who made them; other ids are left out.
pub fn names(db: &mut Db, ids: &[Id]) -> Result<Vec<(Id, String, String)>, StoreError> {
    each!(db, |c| api_tokens::table
        .inner_join(people::table)
        .filter(api_tokens::id.eq_any(ids))
        .select((api_tokens::id, api_tokens::name, people::name))
        .load(c))
    .map_err(Into::into)
}

/// Tokens that were revoked while nobody has seen yet that they are refused.
pub fn unproved(db: &mut Db) -> Result<Vec<Id>, StoreError> {
    each!(db, |c| api_tokens::table
        .inner_join(identities::table)
        .filter(api_tokens::revoked_at.is_not_null())
        .filter(identities::state.eq(IdentityState::Revoking))
        .order(api_tokens::id)
        .select(api_tokens::id)
        .load(c))
    .map_err(Into::into)
}

/// Stores a new token.
pub fn insert(db: &mut Db, token: &Token) -> Result<(), StoreError> {
    each!(db, |c| diesel::insert_into(api_tokens::table).values(token).execute(c))?;
    Ok(())
}

/// Stores a revocation over the version before it. Nothing else of a token ever changes but its use.
///
/// # Errors
/// [`StoreError::Conflict`] when somebody changed it since.
pub fn revoke(db: &mut Db, token: &Token) -> Result<(), StoreError> {
    let changed = each!(db, |c| diesel::update(
        api_tokens::table.filter(api_tokens::id.eq(token.id)).filter(api_tokens::version.eq(token.version - 1)),
    )
    .set((
        api_tokens::revoked_at.eq(token.revoked_at),
        api_tokens::revoked_by.eq(token.revoked_by),
        api_tokens::version.eq(token.version),
    ))
    .execute(c))?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Conflict) }
}

/// Notes that a token was used, on its row and on its identity, unless a use after `since` is noted already.
pub fn touch(db: &mut Db, token: &Token, now: Moment, since: Moment, from: &str) -> Result<(), StoreError> {
    let noted = each!(db, |c| diesel::update(
        api_tokens::table
            .filter(api_tokens::id.eq(token.id))
            .filter(api_tokens::last_used_at.is_null().or(api_tokens::last_used_at.le(since))),
    )
    .set((api_tokens::last_used_at.eq(now), api_tokens::last_used_from.eq(from)))
    .execute(c))?;
    if noted == 1 {
        each!(db, |c| diesel::update(identities::table.filter(identities::id.eq(token.identity_id)))
            .set((identities::last_used_at.eq(now), identities::last_used_source.eq("Muster")))
            .execute(c))?;
    }
    Ok(())
}
