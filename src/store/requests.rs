//! Requests: what was asked, and what became of it. Their stages and their decisions have files of their own.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::Serialize;

use super::identities::Identity;
use super::request_stages::Stage;
use super::schema::{identities, request_scopes, request_stages, requests};
use super::{Db, StoreError};
use crate::domain::identities::AccessBasis;
use crate::domain::ids::{Id, Moment};
use crate::domain::requests::{RequestKind, RequestState, reference};
use crate::domain::scopes::tiers::Tier;
use crate::each;

/// A row of `requests`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = requests, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Request {
    /// What readers call it by: see [`reference`]. The database gives it.
    #[diesel(skip_insertion, skip_update)]
    pub number: i64,
    pub id: Id,
    pub identity_id: Id,
    pub kind: RequestKind,
    /// As it was last written down; see [`Self::state_at`].
    pub state: RequestState,
    pub requester_id: Id,
    /// For whom the requester asked, as their deputy.
    pub requester_for_id: Option<Id>,
    pub reason: String,
    /// Why it is urgent, where it is.
    pub urgency: Option<String>,
    /// The day at whose start it ends.
    pub wanted_until: NaiveDate,
    /// The same as it was approved: no later.
    pub approved_until: Option<NaiveDate>,
    /// The requester says that no data of real patients is there.
    pub test_data: bool,
    /// What the identity was for when this was asked, and why it may see patient data.
    pub purpose: Option<String>,
    pub access_basis: Option<AccessBasis>,
    pub tier: Tier,
    /// The rule that chose its stages, the reason for it, and how long it lets an approval last.
    pub rule: String,
    pub because: String,
    pub longest_days: i64,
    pub sent_at: Moment,
    /// When it expires without a decision.
    pub ends_at: Moment,
    /// When something last happened to it.
    pub moved_at: Moment,
    /// When minds can no longer be changed.
    pub effective_at: Option<Moment>,
    /// When it became the ceiling of the identity.
    pub applied_at: Option<Moment>,
    pub executor_id: Option<Id>,
    /// What whoever issued it did, and where it can be seen.
    pub evidence: Option<String>,
    pub issued_at: Option<Moment>,
    /// The version of the identity that issuing it made.
    pub executed_version: Option<i64>,
    /// When an import saw that no more is issued than was approved, and which.
    pub confirmed_at: Option<Moment>,
    pub confirmed_by_id: Option<Id>,
    pub version: i64,
}

impl Request {
    /// The state at `now`.
    pub fn state_at(&self, now: Moment) -> RequestState {
        crate::domain::requests::state_at(self.state, self.ends_at, now)
    }

    /// Whether whoever asked named its owners: it was registered with this request, and nothing changed since.
    pub fn names_owners(&self, identity: &Identity) -> bool {
        self.kind != RequestKind::Change && identity.version == 1
    }

    /// What readers call it: `R-17`.
    pub fn reference(&self) -> String {
        reference(self.number)
    }
}

/// Stores what was asked; answers it with its number.
///
/// # Errors
/// `Constraint` when another request about the identity waits.
pub fn insert(db: &mut Db, request: &Request, scopes: &[String], stages: &[Stage]) -> Result<Request, StoreError> {
    each!(db, |c| diesel::insert_into(requests::table).values(request).execute(c))?;
    let scopes: Vec<_> = (1_i64..)
        .zip(scopes)
        .map(|(position, scope)| {
            (
                request_scopes::request_id.eq(request.id),
                request_scopes::position.eq(position),
                request_scopes::scope.eq(scope.clone()),
            )
        })
        .collect();
    each!(db, |c| diesel::insert_into(request_scopes::table).values(&scopes).execute(c))?;
    each!(db, |c| diesel::insert_into(request_stages::table).values(stages).execute(c))?;
    find(db, request.id)
}

/// The request of that id.
pub fn find(db: &mut Db, id: Id) -> Result<Request, StoreError> {
    each!(db, |c| requests::table.filter(requests::id.eq(id)).select(Request::as_select()).first(c)).map_err(Into::into)
}

/// Holds the identity of a request, and then the request, against other writers until the transaction ends:
/// in this order everywhere, so that nobody waits in a circle.
pub fn hold(db: &mut Db, id: Id) -> Result<(), StoreError> {
    let request = find(db, id)?;
    // SQLite has one writer at a time.
    if let Db::Pg(c) = db {
        identities::table
            .filter(identities::id.eq(request.identity_id))
            .select(identities::id)
            .for_no_key_update()
            .first::<Id>(c)?;
        requests::table.filter(requests::id.eq(id)).select(requests::id).for_no_key_update().first::<Id>(c)?;
    }
    Ok(())
}

/// The requests about an identity, newest first.
pub fn about(db: &mut Db, identity: Id) -> Result<Vec<Request>, StoreError> {
    each!(db, |c| requests::table
        .filter(requests::identity_id.eq(identity))
        .order(requests::number.desc())
        .select(Request::as_select())
        .load(c))
    .map_err(Into::into)
}

/// What somebody still has to decide about an identity, or may still change their mind about; expired or
/// not. There is one at most.
pub fn pending(db: &mut Db, identity: Id) -> Result<Option<Request>, StoreError> {
    in_states(db, identity, &[RequestState::Open, RequestState::Approved])
}

/// What is the ceiling of an identity: the newest that took effect.
pub fn ceiling(db: &mut Db, identity: Id) -> Result<Option<Request>, StoreError> {
    in_states(db, identity, &[RequestState::InForce, RequestState::Issued])
}

fn in_states(db: &mut Db, identity: Id, states: &[RequestState]) -> Result<Option<Request>, StoreError> {
    each!(db, |c| requests::table
        .filter(requests::identity_id.eq(identity))
        .filter(requests::state.eq_any(states.to_vec()))
        .order(requests::number.desc())
        .select(Request::as_select())
        .first(c)
        .optional())
    .map_err(Into::into)
}

/// What was issued for these identities and no import has confirmed yet.
pub fn unconfirmed(db: &mut Db, identities: &[Id]) -> Result<Vec<Request>, StoreError> {
    let mut found = Vec::new();
    for chunk in identities.chunks(500) {
        found.extend(each!(db, |c| requests::table
            .filter(requests::identity_id.eq_any(chunk))
            .filter(requests::state.eq(RequestState::Issued))
            .filter(requests::confirmed_at.is_null())
            .order(requests::number)
            .select(Request::as_select())
            .load::<Request>(c))?);
    }
    Ok(found)
}

/// Requests whose effect is due, at most `limit`.
pub fn to_apply(db: &mut Db, now: Moment, limit: i64) -> Result<Vec<Request>, StoreError> {
    each!(db, |c| requests::table
        .filter(requests::state.eq(RequestState::Approved))
        .filter(requests::effective_at.le(now))
        .order(requests::number)
        .limit(limit)
        .select(Request::as_select())
        .load(c))
    .map_err(Into::into)
}

/// Requests that nobody decided in time, at most `limit`.
pub fn to_expire(db: &mut Db, now: Moment, limit: i64) -> Result<Vec<Request>, StoreError> {
    each!(db, |c| requests::table
        .filter(requests::state.eq(RequestState::Open))
        .filter(requests::ends_at.le(now))
        .order(requests::number)
        .limit(limit)
        .select(Request::as_select())
        .load(c))
    .map_err(Into::into)
}

/// Requests that wait for a decision, after a number, at most `limit`.
pub fn waiting(db: &mut Db, now: Moment, after: i64, limit: i64) -> Result<Vec<Request>, StoreError> {
    each!(db, |c| requests::table
        .filter(requests::state.eq(RequestState::Open))
        .filter(requests::ends_at.gt(now))
        .filter(requests::number.gt(after))
        .order(requests::number)
        .limit(limit)
        .select(Request::as_select())
        .load(c))
    .map_err(Into::into)
}

/// What a request asks for, in its order.
pub fn scopes(db: &mut Db, request: Id) -> Result<Vec<String>, StoreError> {
    each!(db, |c| request_scopes::table
        .filter(request_scopes::request_id.eq(request))
        .order(request_scopes::position)
        .select(request_scopes::scope)
        .load(c))
    .map_err(Into::into)
}

/// The scopes that these requests ask for, in their order, each with its request.
pub fn scopes_of(db: &mut Db, requests: &[Id]) -> Result<Vec<(Id, String)>, StoreError> {
    each!(db, |c| request_scopes::table
        .filter(request_scopes::request_id.eq_any(requests))
        .order((request_scopes::request_id, request_scopes::position))
        .select((request_scopes::request_id, request_scopes::scope))
        .load(c))
    .map_err(Into::into)
}

/// Stores a changed request over the version before it.
pub fn update(db: &mut Db, request: &Request) -> Result<(), StoreError> {
    let changed = each!(db, |c| diesel::update(
        requests::table.filter(requests::id.eq(request.id)).filter(requests::version.eq(request.version - 1)),
    )
    .set(request)
    .execute(c))?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Conflict) }
}

/// Makes an identity active by a request that was issued: the request first, for the database lets no
/// identity become active without it. Only `actions::requests` calls this.
pub fn activate(db: &mut Db, request: &Request, identity: &Identity) -> Result<(), StoreError> {
    update(db, request)?;
    super::identities::update(db, identity)
}
