//! What was decided at the stages of requests, with the sheet that was read.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::Serialize;

use super::schema::request_decisions;
use super::types::Doc;
use super::{Db, StoreError};
use crate::domain::ids::{Id, Moment};
use crate::domain::requests::sheet::Sheet;
use crate::domain::requests::{DecidedAs, RequestAnswer, StageKind};
use crate::each;

/// A row of `request_decisions`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Queryable, Selectable, Insertable)]
#[diesel(table_name = request_decisions, treat_none_as_default_value = false)]
pub struct Decision {
    pub id: Id,
    pub request_id: Id,
    pub position: i64,
    pub stage: StageKind,
    pub answer: RequestAnswer,
    pub decided_by_id: Id,
    pub decided_as: DecidedAs,
    /// The permissions that a yes in part keeps.
    pub kept: Option<Doc<Vec<String>>>,
    /// The end that a yes gives.
    pub until: Option<NaiveDate>,
    pub reason: Option<String>,
    /// The ground of a no.
    pub ground: Option<String>,
    pub passed_to_id: Option<Id>,
    /// What its giver read, word for word.
    pub sheet: Doc<Sheet>,
    pub digest: String,
    pub identity_version: i64,
    pub decided_at: Moment,
    pub undo_until: Moment,
    pub undone_at: Option<Moment>,
    pub undo_reason: Option<String>,
}

impl Decision {
    /// Whether it stands.
    pub fn stands(&self) -> bool {
        self.undone_at.is_none()
    }
}

/// The decision of that id.
pub fn find(db: &mut Db, id: Id) -> Result<Decision, StoreError> {
    each!(db, |c| request_decisions::table.filter(request_decisions::id.eq(id)).select(Decision::as_select()).first(c))
        .map_err(Into::into)
}

/// Every decision about a request, the oldest first; those that somebody took back too.
pub fn of_request(db: &mut Db, request: Id) -> Result<Vec<Decision>, StoreError> {
    each!(db, |c| request_decisions::table
        .filter(request_decisions::request_id.eq(request))
        .order((request_decisions::decided_at, request_decisions::id))
        .select(Decision::as_select())
        .load(c))
    .map_err(Into::into)
}

/// Every decision about these requests, the oldest first.
pub fn of_requests(db: &mut Db, requests: &[Id]) -> Result<Vec<Decision>, StoreError> {
    each!(db, |c| request_decisions::table
        .filter(request_decisions::request_id.eq_any(requests))
        .order((request_decisions::decided_at, request_decisions::id))
        .select(Decision::as_select())
        .load(c))
    .map_err(Into::into)
}

/// Stores a decision.
///
/// # Errors
/// `Constraint` when the stage has one already, or its giver asked for the request or approved it before.
pub fn insert(db: &mut Db, decision: &Decision) -> Result<(), StoreError> {
    each!(db, |c| diesel::insert_into(request_decisions::table).values(decision).execute(c))?;
    Ok(())
}

/// Notes that somebody took their decision back.
pub fn undo(db: &mut Db, id: Id, at: Moment, reason: &str) -> Result<(), StoreError> {
    let standing =
        request_decisions::table.filter(request_decisions::id.eq(id)).filter(request_decisions::undone_at.is_null());
    let changed = each!(db, |c| diesel::update(standing)
        .set((request_decisions::undone_at.eq(Some(at)), request_decisions::undo_reason.eq(Some(reason))))
        .execute(c))?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Conflict) }
}
