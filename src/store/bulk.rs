//! Sets of identities frozen for one change.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::schema::{bulk_set_items, bulk_sets, identities};
use super::types::Doc;
use super::{Db, StoreError};
use crate::domain::bulk::{BulkAction, BulkResult};
use crate::domain::identities::{Environment, IdentityState, OwnerAnswer};
use crate::domain::ids::{Id, Moment};
use crate::domain::ownership::OwnerRole;
use crate::each;

/// Who gets which role, once that is decided.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    pub role: Option<OwnerRole>,
    pub person: Option<Id>,
}

/// The owner an identity had before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviousOwner {
    pub person: Option<Id>,
    pub answer: Option<OwnerAnswer>,
    pub answered_at: Option<Moment>,
}

/// A row of `bulk_sets`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Queryable, Selectable, Insertable)]
#[diesel(table_name = bulk_sets, treat_none_as_default_value = false)]
pub struct BulkSet {
    pub id: Id,
    pub action: BulkAction,
    pub parameters: Doc<Assignment>,
    /// The query of the list from which the set was taken; empty for picked rows.
    pub filter: String,
    pub made_by: Id,
    pub made_at: Moment,
    pub applied_at: Option<Moment>,
    pub undone_at: Option<Moment>,
}

/// A row of `bulk_set_items`.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = bulk_set_items, treat_none_as_default_value = false)]
pub struct BulkItem {
    pub set_id: Id,
    pub position: i64,
    pub identity_id: Id,
    pub version_seen: i64,
    pub version_after: Option<i64>,
    pub excluded: Option<String>,
    pub previous: Option<Doc<PreviousOwner>>,
    pub result: Option<BulkResult>,
}

/// An item with what its identity is now.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct BulkLine {
    pub position: i64,
    pub identity_id: Id,
    pub version_seen: i64,
    pub version_after: Option<i64>,
    pub excluded: Option<String>,
    pub result: Option<BulkResult>,
    pub name: String,
    pub environment: Environment,
    pub state: IdentityState,
    pub version: i64,
    pub business_owner_id: Option<Id>,
    pub technical_owner_id: Option<Id>,
}

/// Stores a new set.
pub fn insert(db: &mut Db, set: &BulkSet) -> Result<(), StoreError> {
    each!(db, |c| diesel::insert_into(bulk_sets::table).values(set).execute(c))?;
    Ok(())
}

/// Stores the items of a set.
pub fn insert_items(db: &mut Db, items: &[BulkItem]) -> Result<(), StoreError> {
    for chunk in items.chunks(1_000) {
        each!(db, |c| diesel::insert_into(bulk_set_items::table).values(chunk).execute(c))?;
    }
    Ok(())
}

/// The set of that id.
pub fn find(db: &mut Db, id: Id) -> Result<BulkSet, StoreError> {
    each!(db, |c| bulk_sets::table.filter(bulk_sets::id.eq(id)).select(BulkSet::as_select()).first(c))
        .map_err(Into::into)
}

/// Items from a place on, in their order, at most `limit`.
pub fn lines(db: &mut Db, set: Id, after: i64, limit: i64) -> Result<Vec<BulkLine>, StoreError> {
    each!(db, |c| bulk_set_items::table
        .inner_join(identities::table)
        .filter(bulk_set_items::set_id.eq(set))
        .filter(bulk_set_items::position.gt(after))
        .order(bulk_set_items::position)
        .limit(limit)
        .select((
            bulk_set_items::position,
            bulk_set_items::identity_id,
            bulk_set_items::version_seen,
            bulk_set_items::version_after,
            bulk_set_items::excluded,
            bulk_set_items::result,
            identities::name,
            identities::environment,
            identities::state,
            identities::version,
            identities::business_owner_id,
            identities::technical_owner_id,
        ))
        .load(c))
    .map_err(Into::into)
}

/// Items from a place on, in their order, at most `limit`.
pub fn items(db: &mut Db, set: Id, after: i64, limit: i64) -> Result<Vec<BulkItem>, StoreError> {
    each!(db, |c| bulk_set_items::table
        .filter(bulk_set_items::set_id.eq(set))
        .filter(bulk_set_items::position.gt(after))
        .order(bulk_set_items::position)
        .limit(limit)
        .select(BulkItem::as_select())
        .load(c))
    .map_err(Into::into)
}

/// How many items have which result.
pub fn tally(db: &mut Db, set: Id) -> Result<Vec<(Option<BulkResult>, i64)>, StoreError> {
    each!(db, |c| bulk_set_items::table
        .filter(bulk_set_items::set_id.eq(set))
        .group_by(bulk_set_items::result)
        .select((bulk_set_items::result, diesel::dsl::count_star()))
        .load(c))
    .map_err(Into::into)
}

/// Marks a set as applied, once.
///
/// # Errors
/// `Conflict` when it was applied before.
pub fn mark_applied(db: &mut Db, set: Id, assignment: Assignment, now: Moment) -> Result<(), StoreError> {
    let changed = each!(db, |c| diesel::update(
        bulk_sets::table.filter(bulk_sets::id.eq(set)).filter(bulk_sets::applied_at.is_null()),
    )
    .set((bulk_sets::applied_at.eq(now), bulk_sets::parameters.eq(Doc(assignment))))
    .execute(c))?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Conflict) }
}

/// Marks a set as undone, once.
///
/// # Errors
/// `Conflict` when it was not applied, or undone before.
pub fn mark_undone(db: &mut Db, set: Id, now: Moment) -> Result<(), StoreError> {
    let changed = each!(db, |c| diesel::update(
        bulk_sets::table
            .filter(bulk_sets::id.eq(set))
            .filter(bulk_sets::applied_at.is_not_null())
            .filter(bulk_sets::undone_at.is_null()),
    )
    .set(bulk_sets::undone_at.eq(now))
    .execute(c))?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Conflict) }
}

/// Stores what became of an item.
pub fn update_item(db: &mut Db, item: &BulkItem) -> Result<(), StoreError> {
    each!(db, |c| diesel::update(
        bulk_set_items::table
            .filter(bulk_set_items::set_id.eq(item.set_id))
            .filter(bulk_set_items::position.eq(item.position)),
    )
    .set((
        bulk_set_items::version_after.eq(item.version_after),
        bulk_set_items::excluded.eq(&item.excluded),
        bulk_set_items::previous.eq(item.previous.as_ref()),
        bulk_set_items::result.eq(item.result),
    ))
    .execute(c))?;
    Ok(())
}
