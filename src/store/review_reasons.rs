//! Why somebody is to be asked about an identity, and by which review they are.

use diesel::prelude::*;
use diesel::sql_types::Bool;
use serde::Serialize;

use super::fragment::{Fragment, sql};
use super::schema::review_reasons;
use super::{Db, StoreError};
use crate::domain::ids::{Id, Moment};
use crate::domain::reviews::reasons::ReviewCause;
use crate::each;

/// A row of `review_reasons`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Queryable, Selectable, Insertable)]
#[diesel(table_name = review_reasons, treat_none_as_default_value = false)]
pub struct ReviewReason {
    pub identity_id: Id,
    pub cause: ReviewCause,
    pub period: String,
    pub says: String,
    pub review_id: Option<Id>,
    /// Why nobody is asked by it.
    pub ended: Option<String>,
    pub noted_at: Moment,
}

/// Stores reasons, leaving out those that are known; answers how many are new.
pub fn insert_many(db: &mut Db, rows: &[ReviewReason]) -> Result<usize, StoreError> {
    let mut new = 0;
    for chunk in rows.chunks(1_000) {
        new += each!(db, |c| diesel::insert_into(review_reasons::table)
            .values(chunk)
            .on_conflict((review_reasons::identity_id, review_reasons::cause, review_reasons::period))
            .do_nothing()
            .execute(c))?;
    }
    Ok(new)
}

/// Of a reason by which nobody was asked yet. The words of the partial index.
fn not_asked() -> Fragment<Bool> {
    sql("review_reasons.review_id IS NULL AND review_reasons.ended IS NULL")
}

/// Reasons by which nobody was asked yet, by identity, after a place; those of one identity stand together.
pub fn waiting(db: &mut Db, after: Option<Id>, limit: i64) -> Result<Vec<ReviewReason>, StoreError> {
    each!(db, |c| {
        let mut query = review_reasons::table
            .filter(not_asked())
            .order((review_reasons::identity_id, review_reasons::noted_at))
            .limit(limit)
            .select(ReviewReason::as_select())
            .into_boxed::<DB>();
        if let Some(after) = after {
            query = query.filter(review_reasons::identity_id.gt(after));
        }
        query.load(c)
    })
    .map_err(Into::into)
}

/// Reasons of these identities by which nobody was asked yet, the earliest first.
pub fn waiting_of(db: &mut Db, identities: &[Id]) -> Result<Vec<ReviewReason>, StoreError> {
    let mut found = Vec::new();
    for chunk in identities.chunks(500) {
        found.extend(each!(db, |c| review_reasons::table
            .filter(review_reasons::identity_id.eq_any(chunk))
            .filter(not_asked())
            .order((review_reasons::noted_at, review_reasons::cause))
            .select(ReviewReason::as_select())
            .load::<ReviewReason>(c))?);
    }
    Ok(found)
}

/// Why somebody is asked by these reviews, the earliest first.
pub fn of_reviews(db: &mut Db, reviews: &[Id]) -> Result<Vec<ReviewReason>, StoreError> {
    let mut found = Vec::new();
    for chunk in reviews.chunks(500) {
        found.extend(each!(db, |c| review_reasons::table
            .filter(review_reasons::review_id.eq_any(chunk))
            .order((review_reasons::noted_at, review_reasons::cause))
            .select(ReviewReason::as_select())
            .load::<ReviewReason>(c))?);
    }
    Ok(found)
}

/// Notes by which review somebody is asked for the waiting reasons of an identity.
pub fn attach(db: &mut Db, identity: Id, review: Id) -> Result<(), StoreError> {
    each!(db, |c| diesel::update(
        review_reasons::table.filter(review_reasons::identity_id.eq(identity)).filter(not_asked()),
    )
    .set(review_reasons::review_id.eq(Some(review)))
    .execute(c))?;
    Ok(())
}

/// Notes why nobody is asked for the waiting reasons of an identity.
pub fn end(db: &mut Db, identity: Id, why: &str) -> Result<usize, StoreError> {
    each!(db, |c| diesel::update(
        review_reasons::table.filter(review_reasons::identity_id.eq(identity)).filter(not_asked()),
    )
    .set(review_reasons::ended.eq(Some(why)))
    .execute(c))
    .map_err(Into::into)
}
