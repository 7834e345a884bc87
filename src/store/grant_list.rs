//! The list of grants, newest first, and how many wait for somebody.

use diesel::prelude::*;
use diesel::sql_types::Bool;
use serde_json::{Value, json};

use super::counted::counted;
use super::fragment::sql;
use super::grants::Grant;
use super::schema::{grants, identities};
use super::types::sql::Uid;
use super::{Db, StoreError};
use crate::domain::grants::GrantState;
use crate::domain::ids::{Id, Moment};
use crate::domain::listing::{COUNT_LIMIT, Count, Cursor, Direction, From, PAGE_SIZE, Page};
use crate::each;

/// Which grants.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GrantFilter {
    /// The state at the moment of asking: what has reached its end is lapsed.
    pub state: Option<GrantState>,
    /// Only what this person, who keeps the register, can decide about or carry out; together with `open`.
    pub waiting_for: Option<Id>,
    /// Only what is neither carried out nor otherwise at its end.
    pub open: bool,
    /// Only about identities that this person owns or answers for, and what they asked for.
    pub visible_to: Option<Id>,
}

/// A row of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantLine {
    pub grant: Grant,
    pub identity_name: String,
}

impl GrantLine {
    /// The place of this row in the list.
    pub fn cursor(&self) -> Cursor {
        Cursor { key: self.grant.asked_at.to_text(), id: self.grant.id }
    }

    /// The grant as files get it; the state is the one at `now`.
    pub fn document(&self, now: Moment) -> Value {
        let grant = &self.grant;
        json!({
            "id": grant.id,
            "kind": grant.kind,
            "identity_id": grant.identity_id,
            "identity": self.identity_name,
            "state": grant.state_at(now),
            "reason": grant.reason,
            "decision_reason": grant.decision_reason,
            "requester_id": grant.requester_id,
            "requester_for_id": grant.requester_for_id,
            "approver_id": grant.approver_id,
            "executor_id": grant.executor_id,
            "asked_at": grant.asked_at,
            "decided_at": grant.decided_at,
            "executed_at": grant.executed_at,
            "ends_at": grant.ends_at,
            "identity_version": grant.identity_version,
            "executed_version": grant.executed_version,
            "version": grant.version,
        })
    }
}

/// Narrows a boxed query over `grants` joined with `identities`.
macro_rules! narrowed {
    ($query:expr, $filter:expr, $now:expr) => {{
        let mut query = $query;
        let filter: &GrantFilter = $filter;
        let open = [GrantState::Asked, GrantState::Approved];
        query = match filter.state {
            None => query,
            Some(GrantState::Lapsed) => query.filter(
                grants::state.eq(GrantState::Lapsed).or(grants::state.eq_any(open).and(grants::ends_at.le($now))),
            ),
            Some(state) if open.contains(&state) => query.filter(grants::state.eq(state)).filter(grants::ends_at.gt($now)),
            Some(state) => query.filter(grants::state.eq(state)),
        };
        if filter.open {
            query = query.filter(grants::state.eq_any(open)).filter(grants::ends_at.gt($now));
        }
        if let Some(person) = filter.waiting_for {
            // A condition about an owner who is not named holds for nobody.
            let not_owned = sql::<Bool>("(NOT coalesce(identities.business_owner_id = ")
                .bind::<Uid, _>(person)
                .sql(" AND identities.business_owner_answer <> 'refused', FALSE) AND NOT coalesce(identities.technical_owner_id = ")
                .bind::<Uid, _>(person)
                .sql(" AND identities.technical_owner_answer <> 'refused', FALSE))");
            query = query
                .filter(grants::requester_id.ne(person))
                .filter(grants::requester_for_id.is_null().or(grants::requester_for_id.ne(person).assume_not_null()))
                .filter(
                    grants::state
                        .eq(GrantState::Approved)
                        .and(grants::approver_id.ne(person).assume_not_null())
                        .or(grants::state.eq(GrantState::Asked).and(not_owned)),
                );
        }
        if let Some(person) = filter.visible_to {
            let deputised = sql::<Bool>(
                "identities.business_owner_id IN (SELECT owner.id FROM people owner WHERE owner.deputy_id = ",
            )
            .bind::<Uid, _>(person)
            .sql(")");
            query = query.filter(
                grants::requester_id
                    .eq(person)
                    .or(identities::business_owner_id.eq(person).assume_not_null())
                    .or(identities::technical_owner_id.eq(person).assume_not_null())
                    .or(deputised),
            );
        }
        query
    }};
}

/// A page of the list, newest first.
pub fn page(db: &mut Db, filter: &GrantFilter, from: &From, now: Moment) -> Result<Page<GrantLine>, StoreError> {
    lines(db, filter, from, PAGE_SIZE + 1, now).map(|rows| Page::of(rows, from))
}

/// Rows of the list from a place on, at most `limit`; read backwards from a `Before`.
pub fn lines(
    db: &mut Db,
    filter: &GrantFilter,
    from: &From,
    limit: i64,
    now: Moment,
) -> Result<Vec<GrantLine>, StoreError> {
    let (cursor, direction) = match from {
        From::Start => (None, Direction::Descending),
        From::After(cursor) => (Some(cursor), Direction::Descending),
        From::Before(cursor) => (Some(cursor), Direction::Ascending),
    };
    let place = cursor.and_then(|cursor| Moment::parse(&cursor.key).ok().map(|at| (at, cursor.id)));
    let rows: Vec<(Grant, String)> = each!(db, |c| {
        let mut query = narrowed!(
            grants::table
                .inner_join(identities::table)
                .select((Grant::as_select(), identities::name))
                .into_boxed::<DB>(),
            filter,
            now
        );
        if let Some((at, id)) = place {
            query = match direction {
                Direction::Ascending => {
                    query.filter(grants::asked_at.gt(at).or(grants::asked_at.eq(at).and(grants::id.gt(id))))
                }
                Direction::Descending => {
                    query.filter(grants::asked_at.lt(at).or(grants::asked_at.eq(at).and(grants::id.lt(id))))
                }
            };
        }
        match direction {
            Direction::Ascending => query.order((grants::asked_at.asc(), grants::id.asc())),
            Direction::Descending => query.order((grants::asked_at.desc(), grants::id.desc())),
        }
        .limit(limit)
        .load(c)
    })?;
    Ok(rows.into_iter().map(|(grant, identity_name)| GrantLine { grant, identity_name }).collect())
}

/// How many grants match, counted no further than the limit.
pub fn count(db: &mut Db, filter: &GrantFilter, now: Moment) -> Result<Count, StoreError> {
    let found: i64 = each!(db, |c| counted(
        narrowed!(grants::table.inner_join(identities::table).select(grants::version).into_boxed::<DB>(), filter, now)
            .limit(COUNT_LIMIT + 1)
    )
    .get_result(c))?;
    Ok(Count::of(found))
}

/// Whether a filter matches one grant: what an owner may see of a single page.
pub fn matches(db: &mut Db, filter: &GrantFilter, id: Id, now: Moment) -> Result<bool, StoreError> {
    let found: Vec<i64> = each!(db, |c| narrowed!(
        grants::table.inner_join(identities::table).select(grants::version).into_boxed::<DB>(),
        filter,
        now
    )
    .filter(grants::id.eq(id))
    .limit(1)
    .load(c))?;
    Ok(!found.is_empty())
}
