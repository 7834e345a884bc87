//! The documents that allow an identity its access.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::Serialize;

use super::schema::identity_papers;
use super::{Db, StoreError};
use crate::domain::ids::Id;
use crate::domain::requests::PaperKind;
use crate::each;

/// A row of `identity_papers`: a document that allows the access.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Queryable, Selectable, Insertable)]
#[diesel(table_name = identity_papers, treat_none_as_default_value = false)]
pub struct Paper {
    #[serde(skip)]
    pub identity_id: Id,
    pub kind: PaperKind,
    pub reference: String,
    pub ends_on: Option<NaiveDate>,
}

impl Paper {
    /// Whether it has not ended before that day; one without a last day runs on.
    pub fn runs_on(&self, day: NaiveDate) -> bool {
        self.ends_on.is_none_or(|ends| day <= ends)
    }
}

/// The documents of an identity.
pub fn of_identity(db: &mut Db, identity: Id) -> Result<Vec<Paper>, StoreError> {
    each!(db, |c| identity_papers::table
        .filter(identity_papers::identity_id.eq(identity))
        .order(identity_papers::kind)
        .select(Paper::as_select())
        .load(c))
    .map_err(Into::into)
}

/// Puts these documents in place of those there were.
pub fn replace(db: &mut Db, identity: Id, papers: &[Paper]) -> Result<(), StoreError> {
    each!(db, |c| diesel::delete(identity_papers::table.filter(identity_papers::identity_id.eq(identity))).execute(c))?;
    each!(db, |c| diesel::insert_into(identity_papers::table).values(papers).execute(c))?;
    Ok(())
}
