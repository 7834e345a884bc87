//! Registrations that nobody has sent yet: each is its writer's own.

use diesel::prelude::*;

use super::schema::request_drafts;
use super::types::Doc;
use super::{Db, StoreError};
use crate::domain::ids::{Id, Moment};
use crate::each;

/// A row of `request_drafts`.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = request_drafts, treat_none_as_default_value = false)]
pub struct Draft {
    pub id: Id,
    pub person_id: Id,
    /// The identity that it is the same app as, in another environment.
    pub origin_id: Option<Id>,
    /// Names and texts in their order, exactly as typed.
    pub fields: Doc<Vec<(String, String)>>,
    pub created_at: Moment,
    pub updated_at: Moment,
    pub version: i64,
}

/// Keeps a draft.
pub fn insert(db: &mut Db, draft: &Draft) -> Result<(), StoreError> {
    each!(db, |c| diesel::insert_into(request_drafts::table).values(draft).execute(c))?;
    Ok(())
}

/// The draft of that id, when it is that person's.
pub fn find(db: &mut Db, person: Id, id: Id) -> Result<Draft, StoreError> {
    each!(db, |c| request_drafts::table
        .filter(request_drafts::id.eq(id))
        .filter(request_drafts::person_id.eq(person))
        .select(Draft::as_select())
        .first(c))
    .map_err(Into::into)
}

/// The drafts of a person, the last touched first.
pub fn of(db: &mut Db, person: Id) -> Result<Vec<Draft>, StoreError> {
    each!(db, |c| request_drafts::table
        .filter(request_drafts::person_id.eq(person))
        .order((request_drafts::updated_at.desc(), request_drafts::id.desc()))
        .select(Draft::as_select())
        .load(c))
    .map_err(Into::into)
}

/// Stores what is typed now over the version before it.
pub fn update(db: &mut Db, draft: &Draft) -> Result<(), StoreError> {
    let known = request_drafts::table
        .filter(request_drafts::id.eq(draft.id))
        .filter(request_drafts::version.eq(draft.version - 1));
    let changed = each!(db, |c| diesel::update(known)
        .set((
            request_drafts::fields.eq(&draft.fields),
            request_drafts::updated_at.eq(draft.updated_at),
            request_drafts::version.eq(draft.version),
        ))
        .execute(c))?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Conflict) }
}

/// Forgets a draft; answers whether it was there.
pub fn delete(db: &mut Db, person: Id, id: Id) -> Result<bool, StoreError> {
    let own = request_drafts::table.filter(request_drafts::id.eq(id)).filter(request_drafts::person_id.eq(person));
    let gone = each!(db, |c| diesel::delete(own).execute(c))?;
    Ok(gone == 1)
}

/// Removes those that were last touched before a moment; answers how many.
pub fn delete_untouched(db: &mut Db, before: Moment) -> Result<usize, StoreError> {
    each!(db, |c| diesel::delete(request_drafts::table.filter(request_drafts::updated_at.lt(before))).execute(c))
        .map_err(Into::into)
}
