//! Reviews: opened, decided, applied, proved, closed. Their reasons, decisions and steps have files of their own, and
//! what silence asks of them too.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use serde::Serialize;

use super::fragment::sql;
use super::schema::{identities, reviews};
use super::types::Doc;
use super::{Db, StoreError};
use crate::domain::identities::IdentityState;
use crate::domain::ids::{Id, Moment};
use crate::domain::reaching::IdentityTier;
use crate::domain::reviews::reviewers::Considered;
use crate::domain::reviews::snapshot::Snapshot;
use crate::domain::reviews::{ReviewOutcome, ReviewProof, ReviewState};
use crate::each;

/// A row of `reviews`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = reviews, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Review {
    pub id: Id,
    pub identity_id: Id,
    pub campaign_id: Option<Id>,
    pub state: ReviewState,
    /// The tier when it was opened: its days follow from it.
    pub tier: IdentityTier,
    pub snapshot: Doc<Snapshot>,
    /// Who was considered, and what became of them.
    pub resolution: Doc<Vec<Considered>>,
    pub opened_at: Moment,
    pub due_on: NaiveDate,
    pub add_on: NaiveDate,
    pub replace_on: NaiveDate,
    pub silence_on: NaiveDate,
    /// The day of the next step, while it is open.
    pub next_step_on: Option<NaiveDate>,
    /// When it went to the administrators because silence may not cut it.
    pub escalated_at: Option<Moment>,
    pub outcome: Option<ReviewOutcome>,
    /// The decision that stands.
    pub decision_id: Option<Id>,
    pub decided_at: Option<Moment>,
    pub takes_effect_at: Option<Moment>,
    pub applied_at: Option<Moment>,
    pub proof: Option<ReviewProof>,
    pub proof_note: Option<String>,
    pub proved_by_id: Option<Id>,
    pub proved_at: Option<Moment>,
    pub closed_at: Option<Moment>,
    pub ended_because: Option<String>,
    pub version: i64,
}

/// The review of that id.
pub fn find(db: &mut Db, id: Id) -> Result<Review, StoreError> {
    each!(db, |c| reviews::table.filter(reviews::id.eq(id)).select(Review::as_select()).first(c)).map_err(Into::into)
}

/// Reviews of these ids, in no order.
pub fn find_many(db: &mut Db, ids: &[Id]) -> Result<Vec<Review>, StoreError> {
    let mut found = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(500) {
        found.extend(each!(db, |c| reviews::table
            .filter(reviews::id.eq_any(chunk))
            .select(Review::as_select())
            .load::<Review>(c))?);
    }
    Ok(found)
}

/// Holds the identity of a review, and then the review, against other writers until the transaction ends: in this
/// order everywhere, so that nobody waits in a circle.
pub fn hold(db: &mut Db, id: Id) -> Result<(), StoreError> {
    let review = find(db, id)?;
    // SQLite has one writer at a time.
    if let Db::Pg(c) = db {
        identities::table
            .filter(identities::id.eq(review.identity_id))
            .select(identities::id)
            .for_no_key_update()
            .first::<Id>(c)?;
        reviews::table.filter(reviews::id.eq(id)).select(reviews::id).for_no_key_update().first::<Id>(c)?;
    }
    Ok(())
}

/// Stores new reviews.
///
/// # Errors
/// `Constraint` when somebody is asked about one of the identities already.
pub fn insert_many(db: &mut Db, rows: &[Review]) -> Result<(), StoreError> {
    // SQLite binds at most 32,766 values in a statement, and a row here has 26.
    for chunk in rows.chunks(500) {
        each!(db, |c| diesel::insert_into(reviews::table).values(chunk).execute(c))?;
    }
    Ok(())
}

/// Stores a changed review over the version before it.
pub fn update(db: &mut Db, review: &Review) -> Result<(), StoreError> {
    let changed = each!(db, |c| diesel::update(
        reviews::table.filter(reviews::id.eq(review.id)).filter(reviews::version.eq(review.version - 1)),
    )
    .set(review)
    .execute(c))?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Conflict) }
}

/// What somebody is asked about these identities at present, or has decided and may correct: one each at most.
pub fn live_of(db: &mut Db, identities: &[Id]) -> Result<Vec<Review>, StoreError> {
    let mut found = Vec::new();
    for chunk in identities.chunks(500) {
        found.extend(each!(db, |c| reviews::table
            .filter(reviews::identity_id.eq_any(chunk))
            // The words of the partial index: with bound values SQLite would not use it.
            .filter(sql::<Bool>("reviews.state IN ('open', 'decided')"))
            .select(Review::as_select())
            .load::<Review>(c))?);
    }
    Ok(found)
}

/// What somebody was asked about these identities at a moment, or had decided and could correct: the latest of each.
pub fn live_at(db: &mut Db, identities: &[Id], moment: Moment) -> Result<Vec<Review>, StoreError> {
    let mut found = Vec::new();
    for chunk in identities.chunks(500) {
        found.extend(each!(db, |c| reviews::table
            .filter(reviews::identity_id.eq_any(chunk))
            .filter(reviews::opened_at.le(moment))
            .filter(reviews::closed_at.is_null().or(reviews::closed_at.ge(moment)))
            .filter(reviews::applied_at.is_null().or(reviews::applied_at.ge(moment)))
            .order((reviews::identity_id, reviews::opened_at.desc()))
            .select(Review::as_select())
            .load::<Review>(c))?);
    }
    found.dedup_by_key(|review| review.identity_id);
    Ok(found)
}

/// The reviews of an identity, newest first.
pub fn about(db: &mut Db, identity: Id) -> Result<Vec<Review>, StoreError> {
    each!(db, |c| reviews::table
        .filter(reviews::identity_id.eq(identity))
        .order((reviews::opened_at.desc(), reviews::id.desc()))
        .select(Review::as_select())
        .load(c))
    .map_err(Into::into)
}

/// The last review of each of these identities that somebody decided and that took effect.
pub fn last_decided(db: &mut Db, identities: &[Id]) -> Result<Vec<Review>, StoreError> {
    let mut found: Vec<Review> = Vec::new();
    for chunk in identities.chunks(500) {
        found.extend(each!(db, |c| reviews::table
            .filter(reviews::identity_id.eq_any(chunk))
            .filter(reviews::decision_id.is_not_null())
            .filter(reviews::applied_at.is_not_null())
            .order((reviews::identity_id, reviews::decided_at.desc()))
            .select(Review::as_select())
            .load::<Review>(c))?);
    }
    found.dedup_by_key(|review| review.identity_id);
    Ok(found)
}

/// The last review of an identity that somebody decided before a moment, and that took effect.
pub fn decided_before(db: &mut Db, identity: Id, moment: Moment) -> Result<Option<Review>, StoreError> {
    each!(db, |c| reviews::table
        .filter(reviews::identity_id.eq(identity))
        .filter(reviews::decision_id.is_not_null())
        .filter(reviews::applied_at.is_not_null())
        .filter(reviews::decided_at.le(moment))
        .order((reviews::decided_at.desc(), reviews::id.desc()))
        .select(Review::as_select())
        .first(c)
        .optional())
    .map_err(Into::into)
}

/// What waits for proof about these identities.
pub fn remediating(db: &mut Db, identities: &[Id]) -> Result<Vec<Review>, StoreError> {
    let mut found = Vec::new();
    for chunk in identities.chunks(500) {
        found.extend(each!(db, |c| reviews::table
            .filter(reviews::identity_id.eq_any(chunk))
            .filter(sql::<Bool>("reviews.state = 'remediating'"))
            .order(reviews::decided_at)
            .select(Review::as_select())
            .load::<Review>(c))?);
    }
    Ok(found)
}

/// Decided reviews that take effect by now, by id, after a place, at most `limit`.
pub fn to_apply(db: &mut Db, now: Moment, after: Option<Id>, limit: i64) -> Result<Vec<Review>, StoreError> {
    each!(db, |c| reviews::table
        .filter(sql::<Bool>("reviews.state = 'decided'"))
        .filter(reviews::takes_effect_at.le(now))
        .filter(reviews::id.gt(after.unwrap_or(Id(uuid::Uuid::nil()))))
        .order(reviews::id)
        .limit(limit)
        .select(Review::as_select())
        .load(c))
    .map_err(Into::into)
}

/// Open reviews of identities that work no longer, so that nobody has anything to decide: by id, after a place, at
/// most `limit`.
pub fn without_question(db: &mut Db, after: Option<Id>, limit: i64) -> Result<Vec<Review>, StoreError> {
    each!(db, |c| reviews::table
        .inner_join(identities::table)
        .filter(reviews::state.eq(ReviewState::Open))
        .filter(identities::state.eq_any([IdentityState::Revoking, IdentityState::Revoked, IdentityState::Rejected]))
        .filter(reviews::id.gt(after.unwrap_or(Id(uuid::Uuid::nil()))))
        .order(reviews::id)
        .limit(limit)
        .select(Review::as_select())
        .load(c))
    .map_err(Into::into)
}

/// Reviews that wait for proof of a suspension, and whose identity works again: by id, after a place, at most `limit`.
pub fn overtaken(db: &mut Db, after: Option<Id>, limit: i64) -> Result<Vec<Review>, StoreError> {
    each!(db, |c| reviews::table
        .inner_join(identities::table)
        .filter(reviews::state.eq(ReviewState::Remediating))
        .filter(reviews::outcome.eq(ReviewOutcome::SilentSuspend))
        .filter(identities::state.eq(IdentityState::Active))
        .filter(reviews::id.gt(after.unwrap_or(Id(uuid::Uuid::nil()))))
        .order(reviews::id)
        .limit(limit)
        .select(Review::as_select())
        .load(c))
    .map_err(Into::into)
}
