//! Emergency access and the sealed codes that open it.

use diesel::prelude::*;
use serde::Serialize;

use super::schema::{emergency_accesses, sealed_codes};
use super::{Db, StoreError};
use crate::domain::break_glass::EmergencyState;
use crate::domain::ids::{Id, Moment};
use crate::each;

/// A row of `emergency_accesses`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = emergency_accesses, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct EmergencyAccess {
    pub id: Id,
    pub person_id: Id,
    pub state: EmergencyState,
    /// Why, in the words of whoever asked.
    pub reason: String,
    pub hours: i64,
    pub asked_at: Moment,
    /// Who agreed, or who refused.
    pub approver_id: Option<Id>,
    /// The sealed code that opened it, where nobody agreed.
    pub code_id: Option<Id>,
    /// Why it was refused.
    pub decision_reason: Option<String>,
    pub started_at: Option<Moment>,
    /// When it ends by itself.
    pub ends_at: Option<Moment>,
    /// When somebody ended it before.
    pub ended_at: Option<Moment>,
    pub ended_by: Option<Id>,
    pub version: i64,
}

impl EmergencyAccess {
    /// Whether it runs at `now`.
    pub fn runs(&self, now: Moment) -> bool {
        crate::domain::break_glass::runs(self.ends_at, self.ended_at, now)
    }
}

/// A row of `sealed_codes`. The digest is SHA-256 of the code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Queryable, Selectable, Insertable)]
#[diesel(table_name = sealed_codes)]
pub struct SealedCode {
    pub id: Id,
    #[serde(skip)]
    pub digest: Vec<u8>,
    pub made_at: Moment,
    pub used_at: Option<Moment>,
    pub used_by: Option<Id>,
    pub voided_at: Option<Moment>,
}

/// Stores what was asked for.
pub fn insert(db: &mut Db, access: &EmergencyAccess) -> Result<(), StoreError> {
    each!(db, |c| diesel::insert_into(emergency_accesses::table).values(access).execute(c))?;
    Ok(())
}

/// The emergency access of that id.
pub fn find(db: &mut Db, id: Id) -> Result<EmergencyAccess, StoreError> {
    each!(db, |c| emergency_accesses::table
        .filter(emergency_accesses::id.eq(id))
        .select(EmergencyAccess::as_select())
        .first(c))
    .map_err(Into::into)
}

/// What a person asked for and nobody has answered, stale or not. There is one at most.
pub fn asked_by(db: &mut Db, person: Id) -> Result<Option<EmergencyAccess>, StoreError> {
    each!(db, |c| emergency_accesses::table
        .filter(emergency_accesses::person_id.eq(person))
        .filter(emergency_accesses::state.eq(EmergencyState::Asked))
        .select(EmergencyAccess::as_select())
        .first(c)
        .optional())
    .map_err(Into::into)
}

/// The access of a person that runs at `now`.
pub fn running(db: &mut Db, person: Id, now: Moment) -> Result<Option<EmergencyAccess>, StoreError> {
    each!(db, |c| emergency_accesses::table
        .filter(emergency_accesses::person_id.eq(person))
        .filter(emergency_accesses::ends_at.gt(now))
        .filter(emergency_accesses::ended_at.is_null())
        .select(EmergencyAccess::as_select())
        .first(c)
        .optional())
    .map_err(Into::into)
}

/// The newest, at most `limit`; those of one person where one is given.
pub fn latest(db: &mut Db, person: Option<Id>, limit: i64) -> Result<Vec<EmergencyAccess>, StoreError> {
    each!(db, |c| {
        let mut query = emergency_accesses::table.select(EmergencyAccess::as_select()).into_boxed::<DB>();
        if let Some(person) = person {
            query = query.filter(emergency_accesses::person_id.eq(person));
        }
        query.order((emergency_accesses::asked_at.desc(), emergency_accesses::id.desc())).limit(limit).load(c)
    })
    .map_err(Into::into)
}

/// Stores a changed emergency access over the version before it.
pub fn update(db: &mut Db, access: &EmergencyAccess) -> Result<(), StoreError> {
    let changed = each!(db, |c| diesel::update(
        emergency_accesses::table
            .filter(emergency_accesses::id.eq(access.id))
            .filter(emergency_accesses::version.eq(access.version - 1)),
    )
    .set(access)
    .execute(c))?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Conflict) }
}

/// Stores a new sealed code.
pub fn insert_code(db: &mut Db, code: &SealedCode) -> Result<(), StoreError> {
    each!(db, |c| diesel::insert_into(sealed_codes::table).values(code).execute(c))?;
    Ok(())
}

/// Every sealed code, newest first.
pub fn codes(db: &mut Db) -> Result<Vec<SealedCode>, StoreError> {
    each!(db, |c| sealed_codes::table
        .order((sealed_codes::made_at.desc(), sealed_codes::id.desc()))
        .select(SealedCode::as_select())
        .load(c))
    .map_err(Into::into)
}

/// How many sealed codes can still be opened.
pub fn unopened(db: &mut Db) -> Result<i64, StoreError> {
    each!(db, |c| sealed_codes::table
        .filter(sealed_codes::used_at.is_null())
        .filter(sealed_codes::voided_at.is_null())
        .count()
        .get_result(c))
    .map_err(Into::into)
}

/// Uses up the code of that digest; answers it once. Two who type it at once take turns here, and the
/// second finds nothing.
pub fn open_code(db: &mut Db, digest: &[u8], person: Id, now: Moment) -> Result<Option<SealedCode>, StoreError> {
    let opened = each!(db, |c| diesel::update(
        sealed_codes::table
            .filter(sealed_codes::digest.eq(digest))
            .filter(sealed_codes::used_at.is_null())
            .filter(sealed_codes::voided_at.is_null()),
    )
    .set((sealed_codes::used_at.eq(now), sealed_codes::used_by.eq(person)))
    .execute(c))?;
    if opened != 1 {
        return Ok(None);
    }
    each!(db, |c| sealed_codes::table
        .filter(sealed_codes::digest.eq(digest))
        .select(SealedCode::as_select())
        .first(c)
        .optional())
    .map_err(Into::into)
}

/// Makes a code void that was not used; answers it as it is now, or nothing when there is none such.
pub fn void_code(db: &mut Db, id: Id, now: Moment) -> Result<Option<SealedCode>, StoreError> {
    let voided = each!(db, |c| diesel::update(
        sealed_codes::table
            .filter(sealed_codes::id.eq(id))
            .filter(sealed_codes::used_at.is_null())
            .filter(sealed_codes::voided_at.is_null()),
    )
    .set(sealed_codes::voided_at.eq(now))
    .execute(c))?;
    if voided != 1 {
        return Ok(None);
    }
    each!(db, |c| sealed_codes::table
        .filter(sealed_codes::id.eq(id))
        .select(SealedCode::as_select())
        .first(c)
        .optional())
    .map_err(Into::into)
}
