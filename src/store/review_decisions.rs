//! What was decided about reviews, with the sheet that was read.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::Serialize;

use super::reviews::Review;
use super::schema::{review_decisions, reviews};
use super::types::Doc;
use super::{Db, StoreError};
use crate::domain::ids::{Id, Moment};
use crate::domain::requests::sheet::Sheet;
use crate::domain::reviews::ReviewAnswer;
use crate::domain::tasks::AssignedAs;
use crate::each;

/// A row of `review_decisions`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Queryable, Selectable, Insertable)]
#[diesel(table_name = review_decisions, treat_none_as_default_value = false)]
pub struct ReviewDecision {
    pub id: Id,
    pub review_id: Id,
    pub answer: ReviewAnswer,
    pub decided_by_id: Id,
    pub decided_as: AssignedAs,
    pub reason: Option<String>,
    /// The permissions that stay, of one that leaves less.
    pub kept: Option<Doc<Vec<String>>>,
    pub revoke_on: Option<NaiveDate>,
    pub passed_to_id: Option<Id>,
    /// What its giver read, word for word.
    pub sheet: Doc<Sheet>,
    pub digest: String,
    pub identity_version: i64,
    /// The same for all that were answered at once.
    pub together_id: Option<Id>,
    /// The decision that this one corrects.
    pub supersedes_id: Option<Id>,
    pub decided_at: Moment,
}

/// The decision of that id.
pub fn find(db: &mut Db, id: Id) -> Result<ReviewDecision, StoreError> {
    each!(db, |c| review_decisions::table
        .filter(review_decisions::id.eq(id))
        .select(ReviewDecision::as_select())
        .first(c))
    .map_err(Into::into)
}

/// Every decision about these reviews, the oldest first.
pub fn of_reviews(db: &mut Db, reviews: &[Id]) -> Result<Vec<ReviewDecision>, StoreError> {
    let mut found = Vec::new();
    for chunk in reviews.chunks(500) {
        found.extend(each!(db, |c| review_decisions::table
            .filter(review_decisions::review_id.eq_any(chunk))
            .order((review_decisions::decided_at, review_decisions::id))
            .select(ReviewDecision::as_select())
            .load::<ReviewDecision>(c))?);
    }
    Ok(found)
}

/// Who kept something of these reviews, and when, each answered by itself.
pub fn kept_one_by_one(db: &mut Db, reviews: &[Id]) -> Result<Vec<(Id, Moment)>, StoreError> {
    let mut found = Vec::new();
    for chunk in reviews.chunks(500) {
        found.extend(each!(db, |c| review_decisions::table
            .filter(review_decisions::review_id.eq_any(chunk))
            .filter(review_decisions::answer.eq(ReviewAnswer::Keep))
            .filter(review_decisions::together_id.is_null())
            .select((review_decisions::decided_by_id, review_decisions::decided_at))
            .load::<(Id, Moment)>(c))?);
    }
    Ok(found)
}

/// Stores a decision.
///
/// # Errors
/// `Constraint` when the review is not to be decided any more, or somebody corrected the same decision.
pub fn insert(db: &mut Db, decision: &ReviewDecision) -> Result<(), StoreError> {
    each!(db, |c| diesel::insert_into(review_decisions::table).values(decision).execute(c))?;
    Ok(())
}

/// Reviews that somebody decided since a moment, of one campaign or any.
pub fn decided_by(db: &mut Db, person: Id, campaign: Option<Id>, since: Moment) -> Result<Vec<Review>, StoreError> {
    let decisions: Vec<Id> = each!(db, |c| review_decisions::table
        .filter(review_decisions::decided_by_id.eq(person))
        .filter(review_decisions::decided_at.ge(since))
        .select(review_decisions::id)
        .load(c))?;
    let mut found = Vec::new();
    for chunk in decisions.chunks(500) {
        found.extend(each!(db, |c| reviews::table
            .filter(reviews::decision_id.eq_any(chunk))
            .select(Review::as_select())
            .load::<Review>(c))?);
    }
    found.retain(|review| campaign.is_none() || review.campaign_id == campaign);
    Ok(found)
}
