//! What people know of a review that is open, in their words. A note is never changed and never removed.

use diesel::prelude::*;
use serde::Serialize;

use super::schema::review_notes;
use super::{Db, StoreError};
use crate::domain::ids::{Id, Moment};
use crate::each;

/// A row of `review_notes`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Queryable, Selectable, Insertable)]
#[diesel(table_name = review_notes)]
pub struct ReviewNote {
    pub id: Id,
    pub review_id: Id,
    pub by_id: Id,
    pub says: String,
    pub at: Moment,
}

/// Stores a note.
pub fn insert(db: &mut Db, note: &ReviewNote) -> Result<(), StoreError> {
    each!(db, |c| diesel::insert_into(review_notes::table).values(note).execute(c))?;
    Ok(())
}

/// The notes about a review, the newest first, at most `limit`.
pub fn about(db: &mut Db, review: Id, limit: i64) -> Result<Vec<ReviewNote>, StoreError> {
    each!(db, |c| review_notes::table
        .filter(review_notes::review_id.eq(review))
        .order((review_notes::at.desc(), review_notes::id.desc()))
        .limit(limit)
        .select(ReviewNote::as_select())
        .load(c))
    .map_err(Into::into)
}
