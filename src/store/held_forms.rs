//! Forms that wait while their sender proves again who they are. Each belongs to one session and goes with it.

use diesel::prelude::*;

use super::schema::held_forms;
use super::types::Doc;
use super::{Db, StoreError};
use crate::domain::ids::{Id, Moment};
use crate::each;

/// A row of `held_forms`.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = held_forms, treat_none_as_default_value = false)]
pub struct HeldForm {
    pub id: Id,
    pub session_id: Id,
    /// Where it was sent: a path of ours with its query.
    pub target: String,
    /// Names and texts in their order, without the form's token.
    pub fields: Doc<Vec<(String, String)>>,
    pub created_at: Moment,
    pub ends_at: Moment,
    /// When it was taken to be sent on; empty again when that was refused.
    pub sent_at: Option<Moment>,
}

/// Keeps a form.
pub fn insert(db: &mut Db, form: &HeldForm) -> Result<(), StoreError> {
    each!(db, |c| diesel::insert_into(held_forms::table).values(form).execute(c))?;
    Ok(())
}

/// The form of that id, when it waits for that session.
pub fn find(db: &mut Db, session: Id, id: Id, now: Moment) -> Result<Option<HeldForm>, StoreError> {
    each!(db, |c| held_forms::table
        .filter(held_forms::id.eq(id))
        .filter(held_forms::session_id.eq(session))
        .filter(held_forms::sent_at.is_null())
        .filter(held_forms::ends_at.gt(now))
        .select(HeldForm::as_select())
        .first(c)
        .optional())
    .map_err(Into::into)
}

/// How many wait for a session.
pub fn count(db: &mut Db, session: Id, now: Moment) -> Result<i64, StoreError> {
    each!(db, |c| held_forms::table
        .filter(held_forms::session_id.eq(session))
        .filter(held_forms::ends_at.gt(now))
        .count()
        .get_result(c))
    .map_err(Into::into)
}

/// Takes a form to be sent on; answers whether it was there to be taken, which is so once. Its page may
/// have been open when its time ended: what is on that page is not lost.
pub fn claim(db: &mut Db, session: Id, id: Id, target: &str, now: Moment) -> Result<bool, StoreError> {
    let waiting = held_forms::table
        .filter(held_forms::id.eq(id))
        .filter(held_forms::session_id.eq(session))
        .filter(held_forms::target.eq(target))
        .filter(held_forms::sent_at.is_null());
    let taken = each!(db, |c| diesel::update(waiting).set(held_forms::sent_at.eq(Some(now))).execute(c))?;
    Ok(taken == 1)
}

/// Puts a form back that was taken and then refused.
pub fn release(db: &mut Db, id: Id) -> Result<(), StoreError> {
    each!(db, |c| diesel::update(held_forms::table.filter(held_forms::id.eq(id)))
        .set(held_forms::sent_at.eq(None::<Moment>))
        .execute(c))?;
    Ok(())
}

/// Forgets a form of a session.
pub fn delete(db: &mut Db, session: Id, id: Id) -> Result<(), StoreError> {
    let form = held_forms::table.filter(held_forms::id.eq(id)).filter(held_forms::session_id.eq(session));
    each!(db, |c| diesel::delete(form).execute(c))?;
    Ok(())
}

/// Forgets forms that waited too long; answers how many.
pub fn purge(db: &mut Db, now: Moment) -> Result<usize, StoreError> {
    each!(db, |c| diesel::delete(held_forms::table.filter(held_forms::ends_at.le(now))).execute(c)).map_err(Into::into)
}
