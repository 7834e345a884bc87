//! Runs of silence that stopped before they cut too much.

use diesel::prelude::*;
use serde::Serialize;

use super::fragment::sql;
use super::schema::{identities, silence_stops};
use super::types::Doc;
use super::{Db, StoreError};
use crate::domain::ids::{Id, Moment};
use crate::domain::reviews::silence::{Held, StopState};
use crate::each;

/// A row of `silence_stops`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = silence_stops, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct SilenceStop {
    pub id: Id,
    pub state: StopState,
    /// How many that work or may work in production would have been cut, and of how many that do.
    pub cuts: i64,
    pub population: i64,
    /// Everything that it holds back, in production and elsewhere.
    pub reviews: Doc<Vec<Held>>,
    pub stopped_at: Moment,
    /// The two people who let it go on.
    pub first_by_id: Option<Id>,
    pub second_by_id: Option<Id>,
    pub reason: Option<String>,
    pub ended_at: Option<Moment>,
    pub version: i64,
}

/// The stop in that state; of those that wait for people or for a run there is one at most.
pub fn in_state(db: &mut Db, state: StopState) -> Result<Option<SilenceStop>, StoreError> {
    each!(db, |c| silence_stops::table
        .filter(silence_stops::state.eq(state))
        .order(silence_stops::stopped_at)
        .select(SilenceStop::as_select())
        .first(c)
        .optional())
    .map_err(Into::into)
}

/// The stop that waits for people, or else the one that two people lifted and no run has used yet.
pub fn waiting(db: &mut Db) -> Result<Option<SilenceStop>, StoreError> {
    match in_state(db, StopState::Stopped)? {
        Some(stop) => Ok(Some(stop)),
        None => in_state(db, StopState::Agreed),
    }
}

/// The latest stops, newest first.
pub fn latest(db: &mut Db, limit: i64) -> Result<Vec<SilenceStop>, StoreError> {
    each!(db, |c| silence_stops::table
        .order((silence_stops::stopped_at.desc(), silence_stops::id.desc()))
        .limit(limit)
        .select(SilenceStop::as_select())
        .load(c))
    .map_err(Into::into)
}

/// The stops that two people let go on since a moment, or that no run has used yet.
pub fn let_go_since(db: &mut Db, since: Moment) -> Result<Vec<SilenceStop>, StoreError> {
    each!(db, |c| silence_stops::table
        .filter(silence_stops::state.eq_any([StopState::Agreed, StopState::Done]))
        .filter(silence_stops::ended_at.is_null().or(silence_stops::ended_at.ge(since).assume_not_null()))
        .select(SilenceStop::as_select())
        .load(c))
    .map_err(Into::into)
}

/// Stores a new stop.
pub fn insert(db: &mut Db, stop: &SilenceStop) -> Result<(), StoreError> {
    each!(db, |c| diesel::insert_into(silence_stops::table).values(stop).execute(c))?;
    Ok(())
}

/// Stores a changed stop over the version before it.
pub fn update(db: &mut Db, stop: &SilenceStop) -> Result<(), StoreError> {
    let changed = each!(db, |c| diesel::update(
        silence_stops::table.filter(silence_stops::id.eq(stop.id)).filter(silence_stops::version.eq(stop.version - 1)),
    )
    .set(stop)
    .execute(c))?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Conflict) }
}

/// How many identities work in production, or may: `Environment::may_be_production` in the words of the query.
pub fn may_be_production(db: &mut Db) -> Result<i64, StoreError> {
    each!(db, |c| identities::table
        // The words of the partial index: with bound values SQLite would not use it.
        .filter(sql::<diesel::sql_types::Bool>(
            "identities.environment IN ('production', 'unknown') AND identities.state = 'active'"
        ))
        .count()
        .get_result(c))
    .map_err(Into::into)
}
