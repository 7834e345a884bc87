//! The steps of reviews: which were taken, and whose next has come.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use serde::Serialize;

use super::fragment::sql;
use super::reviews::Review;
use super::schema::{review_steps, reviews};
use super::{Db, StoreError};
use crate::domain::ids::{Id, Moment};
use crate::domain::reviews::ReviewStep;
use crate::each;

/// A row of `review_steps`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Queryable, Selectable, Insertable)]
#[diesel(table_name = review_steps)]
pub struct StepTaken {
    pub review_id: Id,
    pub step: ReviewStep,
    pub says: String,
    pub at: Moment,
}

/// Open reviews whose next step has come, the longest waiting first, after a place.
pub fn due(
    db: &mut Db,
    today: NaiveDate,
    after: Option<(NaiveDate, Id)>,
    limit: i64,
) -> Result<Vec<Review>, StoreError> {
    let (day, id) = after.unwrap_or((NaiveDate::MIN, Id(uuid::Uuid::nil())));
    let first = after.is_none();
    each!(db, |c| {
        let mut query = reviews::table
            .filter(sql::<Bool>("reviews.state = 'open' AND reviews.next_step_on IS NOT NULL"))
            .filter(reviews::next_step_on.le(today))
            .order((reviews::next_step_on, reviews::id))
            .limit(limit)
            .select(Review::as_select())
            .into_boxed::<DB>();
        if !first {
            query =
                query.filter(reviews::next_step_on.gt(day).or(reviews::next_step_on.eq(day).and(reviews::id.gt(id))));
        }
        query.load(c)
    })
    .map_err(Into::into)
}

/// The steps that were taken about these reviews, the earliest first.
pub fn of_reviews(db: &mut Db, reviews: &[Id]) -> Result<Vec<StepTaken>, StoreError> {
    let mut found = Vec::new();
    for chunk in reviews.chunks(500) {
        found.extend(each!(db, |c| review_steps::table
            .filter(review_steps::review_id.eq_any(chunk))
            .order((review_steps::at, review_steps::step))
            .select(StepTaken::as_select())
            .load::<StepTaken>(c))?);
    }
    Ok(found)
}

/// Stores a step unless it was taken before; answers whether it is new.
pub fn take(db: &mut Db, step: &StepTaken) -> Result<bool, StoreError> {
    let added =
        each!(db, |c| diesel::insert_into(review_steps::table).values(step).on_conflict_do_nothing().execute(c))?;
    Ok(added == 1)
}

/// Stores the first step of many new reviews.
pub fn insert_many(db: &mut Db, rows: &[StepTaken]) -> Result<(), StoreError> {
    for chunk in rows.chunks(1_000) {
        each!(db, |c| diesel::insert_into(review_steps::table).values(chunk).execute(c))?;
    }
    Ok(())
}
