//! Lines of digests: what a step of a review tells somebody, written in the transaction of the step. Each belongs to
//! the mail that carries it, so that every try of that mail tells the same.

use diesel::prelude::*;

use super::schema::{digest_lines, identities, reviews};
use super::{Db, StoreError};
use crate::domain::ids::{Id, Moment};
use crate::domain::notices::LineKind;
use crate::each;

/// A row of `digest_lines`.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = digest_lines, treat_none_as_default_value = false)]
pub struct DigestLine {
    pub id: Id,
    /// What is never told twice, whatever became of its mail: `review:REVIEW:WHAT:PERSON`.
    pub dedupe_key: String,
    /// The digest that carries it.
    pub mail_id: Id,
    pub review_id: Id,
    pub kind: LineKind,
    /// What it says beside its kind and the day of the answer, in a sentence or two; empty when that is all.
    pub says: String,
    pub created_at: Moment,
}

/// Stores lines. A key that was ever stored is passed over, so that a producer may say the same again.
pub fn insert(db: &mut Db, lines: &[DigestLine]) -> Result<(), StoreError> {
    for chunk in lines.chunks(500) {
        each!(db, |c| diesel::insert_into(digest_lines::table)
            .values(chunk)
            .on_conflict(digest_lines::dedupe_key)
            .do_nothing()
            .execute(c))?;
    }
    Ok(())
}

/// The lines that a mail carries, the oldest first, each with the name of what is reviewed.
pub fn of_mail(db: &mut Db, mail: Id) -> Result<Vec<(DigestLine, String)>, StoreError> {
    each!(db, |c| digest_lines::table
        .inner_join(reviews::table.inner_join(identities::table))
        .filter(digest_lines::mail_id.eq(mail))
        .order(digest_lines::id)
        .select((DigestLine::as_select(), identities::name))
        .load(c))
    .map_err(Into::into)
}
