//! The list of requests, newest first, and the list of refusals.

use diesel::prelude::*;
use diesel::sql_types::Bool;
use serde_json::{Value, json};

use super::counted::counted;
use super::fragment::sql;
use super::people_list::containing;
use super::request_decisions::Decision;
use super::requests::Request;
use super::schema::{identities, request_decisions, requests};
use super::types::sql::Uid;
use super::{Db, StoreError};
use crate::domain::ids::{Id, Moment};
use crate::domain::listing::{COUNT_LIMIT, Count, Cursor, Direction, From, PAGE_SIZE, Page};
use crate::domain::requests::{RequestAnswer, RequestState, number, reference};
use crate::each;

/// Which requests.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestFilter {
    /// The state at the moment of asking: what nobody decided in time has expired.
    pub state: Option<RequestState>,
    /// Only what this person asked for, or what was asked in their name.
    pub requester: Option<Id>,
    /// Part of the name of the identity, or the request's number.
    pub search: Option<String>,
    /// Only what this person may see: what they asked for, own, stand in for, decided, or have a task about.
    pub visible_to: Option<Id>,
}

/// A row of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestLine {
    pub request: Request,
    pub identity_name: String,
}

impl RequestLine {
    /// The place of this row in the list.
    pub fn cursor(&self) -> Cursor {
        Cursor { key: format!("{:020}", self.request.number), id: self.request.id }
    }

    /// The request as scripts and files get it; the state is the one at `now`.
    pub fn document(&self, now: Moment) -> Value {
        let request = &self.request;
        json!({
            "id": request.id,
            "reference": reference(request.number),
            "kind": request.kind,
            "identity_id": request.identity_id,
            "identity": self.identity_name,
            "state": request.state_at(now),
            "requester_id": request.requester_id,
            "requester_for_id": request.requester_for_id,
            "reason": request.reason,
            "urgency": request.urgency,
            "wanted_until": request.wanted_until,
            "approved_until": request.approved_until,
            "test_data": request.test_data,
            "purpose": request.purpose,
            "access_basis": request.access_basis,
            "tier": request.tier,
            "rule": request.rule,
            "because": request.because,
            "sent_at": request.sent_at,
            "ends_at": request.ends_at,
            "moved_at": request.moved_at,
            "effective_at": request.effective_at,
            "applied_at": request.applied_at,
            "executor_id": request.executor_id,
            "evidence": request.evidence,
            "issued_at": request.issued_at,
            "confirmed_at": request.confirmed_at,
            "version": request.version,
        })
    }
}

/// Narrows a boxed query over `requests` joined with `identities`.
macro_rules! narrowed {
    ($query:expr, $filter:expr, $now:expr) => {{
        let mut query = $query;
        let filter: &RequestFilter = $filter;
        query = match filter.state {
            None => query,
            Some(RequestState::Expired) => query.filter(
                requests::state
                    .eq(RequestState::Expired)
                    .or(requests::state.eq(RequestState::Open).and(requests::ends_at.le($now))),
            ),
            Some(RequestState::Open) => {
                query.filter(requests::state.eq(RequestState::Open)).filter(requests::ends_at.gt($now))
            }
            Some(state) => query.filter(requests::state.eq(state)),
        };
        if let Some(person) = filter.requester {
            query = query.filter(
                requests::requester_id.eq(person).or(requests::requester_for_id.eq(person).assume_not_null()),
            );
        }
        if let Some(search) = &filter.search {
            let named = identities::name_key.like(containing(search)).escape('\\');
            query = match number(search) {
                Some(number) => query.filter(named.or(requests::number.eq(number))),
                None => query.filter(named),
            };
        }
        if let Some(person) = filter.visible_to {
            // Every part of it holds or does not: none is unknown, or a row would be lost.
            let involved = sql::<Bool>(
                "(coalesce(identities.business_owner_id IN (SELECT owner.id FROM people owner WHERE owner.deputy_id = ",
            )
            .bind::<Uid, _>(person)
            .sql("), FALSE) OR EXISTS (SELECT 1 FROM request_decisions d WHERE d.request_id = requests.id AND d.decided_by_id = ")
            .bind::<Uid, _>(person)
            .sql(") OR EXISTS (SELECT 1 FROM tasks t WHERE t.request_id = requests.id AND t.assignee_id = ")
            .bind::<Uid, _>(person)
            .sql("))");
            query = query.filter(
                requests::requester_id
                    .eq(person)
                    .or(requests::requester_for_id.eq(person).assume_not_null())
                    .or(identities::business_owner_id.eq(person).assume_not_null())
                    .or(identities::technical_owner_id.eq(person).assume_not_null())
                    .or(involved),
            );
        }
        query
    }};
}

/// A page of the list, newest first.
pub fn page(db: &mut Db, filter: &RequestFilter, now: Moment, from: &From) -> Result<Page<RequestLine>, StoreError> {
    let (cursor, direction) = match from {
        From::Start => (None, Direction::Descending),
        From::After(cursor) => (Some(cursor), Direction::Descending),
        From::Before(cursor) => (Some(cursor), Direction::Ascending),
    };
    let place = cursor.and_then(|cursor| cursor.key.parse::<i64>().ok());
    let rows: Vec<(Request, String)> = each!(db, |c| {
        let mut query = narrowed!(
            requests::table
                .inner_join(identities::table)
                .select((Request::as_select(), identities::name))
                .into_boxed::<DB>(),
            filter,
            now
        );
        if let Some(number) = place {
            query = match direction {
                Direction::Descending => query.filter(requests::number.lt(number)),
                Direction::Ascending => query.filter(requests::number.gt(number)),
            };
        }
        match direction {
            Direction::Descending => query.order(requests::number.desc()),
            Direction::Ascending => query.order(requests::number.asc()),
        }
        .limit(PAGE_SIZE + 1)
        .load(c)
    })?;
    let lines = rows.into_iter().map(|(request, identity_name)| RequestLine { request, identity_name }).collect();
    Ok(Page::of(lines, from))
}

/// How many match, counted no further than the limit.
pub fn count(db: &mut Db, filter: &RequestFilter, now: Moment) -> Result<Count, StoreError> {
    let found: i64 = each!(db, |c| counted(
        narrowed!(
            requests::table
                .inner_join(identities::table)
                .select(sql::<diesel::sql_types::Integer>("1"))
                .into_boxed::<DB>(),
            filter,
            now
        )
        .limit(COUNT_LIMIT + 1)
    )
    .get_result(c))?;
    Ok(Count::of(found))
}

/// The line of one request, when the filter lets it through.
pub fn find(db: &mut Db, filter: &RequestFilter, now: Moment, id: Id) -> Result<RequestLine, StoreError> {
    let (request, identity_name) = each!(db, |c| narrowed!(
        requests::table
            .inner_join(identities::table)
            .select((Request::as_select(), identities::name))
            .into_boxed::<DB>(),
        filter,
        now
    )
    .filter(requests::id.eq(id))
    .first::<(Request, String)>(c))?;
    Ok(RequestLine { request, identity_name })
}

/// What moved of what somebody asked for after a moment, the last moved first, at most `limit`.
pub fn moved_since(db: &mut Db, requester: Id, since: Moment, limit: i64) -> Result<Vec<RequestLine>, StoreError> {
    let rows: Vec<(Request, String)> = each!(db, |c| requests::table
        .inner_join(identities::table)
        .filter(requests::requester_id.eq(requester).or(requests::requester_for_id.eq(requester).assume_not_null()))
        .filter(requests::moved_at.gt(since))
        .order((requests::moved_at.desc(), requests::number.desc()))
        .limit(limit)
        .select((Request::as_select(), identities::name))
        .load(c))?;
    Ok(rows.into_iter().map(|(request, identity_name)| RequestLine { request, identity_name }).collect())
}

/// A refusal with its request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub decision: Decision,
    pub request: Request,
    pub identity_name: String,
}

/// Refusals that stand of those requests, the newest first, at most a page after `before`.
pub fn refusals(
    db: &mut Db,
    filter: &RequestFilter,
    now: Moment,
    before: Option<&Cursor>,
) -> Result<Vec<Refusal>, StoreError> {
    let place = before.and_then(|cursor| Moment::parse(&cursor.key).ok().map(|at| (at, cursor.id)));
    let rows: Vec<(Decision, Request, String)> = each!(db, |c| {
        let mut query = narrowed!(
            request_decisions::table
                .inner_join(requests::table.on(requests::id.eq(request_decisions::request_id)))
                .inner_join(identities::table.on(identities::id.eq(requests::identity_id)))
                .filter(request_decisions::answer.eq(RequestAnswer::Refuse))
                .filter(request_decisions::undone_at.is_null())
                .select((Decision::as_select(), Request::as_select(), identities::name))
                .into_boxed::<DB>(),
            filter,
            now
        );
        if let Some((at, id)) = place {
            query = query.filter(
                request_decisions::decided_at
                    .lt(at)
                    .or(request_decisions::decided_at.eq(at).and(request_decisions::id.lt(id))),
            );
        }
        query.order((request_decisions::decided_at.desc(), request_decisions::id.desc())).limit(PAGE_SIZE + 1).load(c)
    })?;
    Ok(rows
        .into_iter()
        .map(|(decision, request, identity_name)| Refusal { decision, request, identity_name })
        .collect())
}

/// How many refusals stand on each ground, by its word.
pub fn refusals_by_ground(db: &mut Db) -> Result<Vec<(String, i64)>, StoreError> {
    let found: Vec<(Option<String>, i64)> = each!(db, |c| request_decisions::table
        .filter(request_decisions::answer.eq(RequestAnswer::Refuse))
        .filter(request_decisions::undone_at.is_null())
        .group_by(request_decisions::ground)
        .select((request_decisions::ground, diesel::dsl::count_star()))
        .load(c))?;
    Ok(found.into_iter().filter_map(|(ground, count)| ground.map(|ground| (ground, count))).collect())
}
