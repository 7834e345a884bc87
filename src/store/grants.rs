//! Grants: asked, decided, carried out. The only function that makes an identity active is here.

use diesel::prelude::*;
use serde::Serialize;

use super::identities::{self, Identity};
use super::schema::grants;
use super::{Db, StoreError};
use crate::domain::grants::{GrantKind, GrantState, Parts};
use crate::domain::ids::{Id, Moment};
use crate::each;

/// A row of `grants`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = grants, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Grant {
    pub id: Id,
    pub identity_id: Id,
    pub kind: GrantKind,
    /// As it was last written down; see [`crate::domain::grants::state_at`].
    pub state: GrantState,
    /// Why, in the words of whoever asked.
    pub reason: String,
    /// Why it was refused.
    pub decision_reason: Option<String>,
    pub requester_id: Id,
    /// For whom the requester asked, as their deputy.
    pub requester_for_id: Option<Id>,
    /// Who approved or refused it.
    pub approver_id: Option<Id>,
    pub executor_id: Option<Id>,
    pub asked_at: Moment,
    pub decided_at: Option<Moment>,
    pub executed_at: Option<Moment>,
    pub ends_at: Moment,
    /// The version of the identity when it was asked for.
    pub asked_version: i64,
    /// The version of the identity that was approved, and no other.
    pub identity_version: Option<i64>,
    /// The version that carrying it out made.
    pub executed_version: Option<i64>,
    pub version: i64,
}

impl Grant {
    /// Who has taken which part.
    pub fn parts(&self) -> Parts {
        Parts { requester: self.requester_id, on_behalf_of: self.requester_for_id, approver: self.approver_id }
    }

    /// The state at `now`.
    pub fn state_at(&self, now: Moment) -> GrantState {
        crate::domain::grants::state_at(self.state, self.ends_at, now)
    }
}

/// Stores what was asked for.
pub fn insert(db: &mut Db, grant: &Grant) -> Result<(), StoreError> {
    each!(db, |c| diesel::insert_into(grants::table).values(grant).execute(c))?;
    Ok(())
}

/// The grant of that id.
pub fn find(db: &mut Db, id: Id) -> Result<Grant, StoreError> {
    each!(db, |c| grants::table.filter(grants::id.eq(id)).select(Grant::as_select()).first(c)).map_err(Into::into)
}

/// The grants about an identity, newest first.
pub fn about(db: &mut Db, identity: Id) -> Result<Vec<Grant>, StoreError> {
    each!(db, |c| grants::table
        .filter(grants::identity_id.eq(identity))
        .order((grants::asked_at.desc(), grants::id.desc()))
        .select(Grant::as_select())
        .load(c))
    .map_err(Into::into)
}

/// What is stored as asked or approved for an identity, lapsed or not. There is one at most.
pub fn open_of(db: &mut Db, identity: Id, kind: GrantKind) -> Result<Option<Grant>, StoreError> {
    each!(db, |c| grants::table
        .filter(grants::identity_id.eq(identity))
        .filter(grants::kind.eq(kind))
        .filter(grants::state.eq_any([GrantState::Asked, GrantState::Approved]))
        .select(Grant::as_select())
        .first(c)
        .optional())
    .map_err(Into::into)
}

/// What is stored as asked or approved and has reached its end, by id, at most `limit`.
pub fn to_lapse(db: &mut Db, now: Moment, limit: i64) -> Result<Vec<Grant>, StoreError> {
    each!(db, |c| grants::table
        .filter(grants::state.eq_any([GrantState::Asked, GrantState::Approved]))
        .filter(grants::ends_at.le(now))
        .order(grants::id)
        .limit(limit)
        .select(Grant::as_select())
        .load(c))
    .map_err(Into::into)
}

/// Stores a changed grant over the version before it.
pub fn update(db: &mut Db, grant: &Grant) -> Result<(), StoreError> {
    let changed = each!(db, |c| diesel::update(
        grants::table.filter(grants::id.eq(grant.id)).filter(grants::version.eq(grant.version - 1)),
    )
    .set(grant)
    .execute(c))?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Conflict) }
}

/// Makes an identity active by an executed grant: the grant first, for the database lets no identity
/// become active without it. Only `actions::grants` calls this; a test holds it to that.
pub fn activate(db: &mut Db, grant: &Grant, identity: &Identity) -> Result<(), StoreError> {
    update(db, grant)?;
    identities::update(db, identity)
}
