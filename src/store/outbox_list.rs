//! The mail of the outbox as pages list it, each with whom it is for.

use diesel::prelude::*;

use super::counted::counted;
use super::outbox::Mail;
use super::schema::{outbox, people};
use super::{Db, StoreError};
use crate::domain::ids::Id;
use crate::domain::listing::{COUNT_LIMIT, Count, Cursor, Direction, From};
use crate::domain::notices::{MailFault, MailKind, MailState};
use crate::each;

/// A mail and whom it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailLine {
    pub mail: Mail,
    pub recipient_name: String,
    pub recipient_email: String,
}

impl MailLine {
    /// The place of this row in the list.
    pub fn cursor(&self) -> Cursor {
        Cursor { key: String::new(), id: self.mail.id }
    }
}

/// A mail and whom it is for.
pub fn find(db: &mut Db, id: Id) -> Result<MailLine, StoreError> {
    let (mail, recipient_name, recipient_email) = each!(db, |c| outbox::table
        .inner_join(people::table)
        .filter(outbox::id.eq(id))
        .select((Mail::as_select(), people::name, people::email))
        .first(c))?;
    Ok(MailLine { mail, recipient_name, recipient_email })
}

/// Mail from a place on, newest first, in that state or any; read backwards from a `Before`.
pub fn lines(db: &mut Db, state: Option<MailState>, from: &From, limit: i64) -> Result<Vec<MailLine>, StoreError> {
    // Ids are made in the order of time, so they are the order of this list.
    let (place, direction) = match from {
        From::Start => (None, Direction::Descending),
        From::After(cursor) => (Some(cursor.id), Direction::Descending),
        From::Before(cursor) => (Some(cursor.id), Direction::Ascending),
    };
    let rows: Vec<(Mail, String, String)> = each!(db, |c| {
        let mut query = outbox::table
            .inner_join(people::table)
            .select((Mail::as_select(), people::name, people::email))
            .into_boxed::<DB>();
        if let Some(state) = state {
            query = query.filter(outbox::state.eq(state));
        }
        query = match (place, direction) {
            (None, _) => query.order(outbox::id.desc()),
            (Some(id), Direction::Descending) => query.filter(outbox::id.lt(id)).order(outbox::id.desc()),
            (Some(id), Direction::Ascending) => query.filter(outbox::id.gt(id)).order(outbox::id.asc()),
        };
        query.limit(limit).load(c)
    })?;
    Ok(rows
        .into_iter()
        .map(|(mail, recipient_name, recipient_email)| MailLine { mail, recipient_name, recipient_email })
        .collect())
}

/// How many mails are in a state.
pub fn count(db: &mut Db, state: MailState) -> Result<Count, StoreError> {
    let found: i64 = each!(db, |c| counted(
        outbox::table.filter(outbox::state.eq(state)).select(outbox::fence).limit(COUNT_LIMIT + 1)
    )
    .get_result(c))?;
    Ok(Count::of(found))
}

/// Mail that was given up because of the server and can be sent again, the oldest first, at most `limit`: each with its
/// fence, so that what was shown is told from what came of it.
pub fn given_up(db: &mut Db, limit: i64) -> Result<Vec<(Id, i64)>, StoreError> {
    each!(db, |c| outbox::table
        .filter(outbox::state.eq(MailState::Dead))
        .filter(outbox::fault.eq(MailFault::Server))
        // An older version forgot what a security notice told.
        .filter(outbox::kind.ne(MailKind::Security).or(outbox::told.is_not_null()))
        .order(outbox::id.asc())
        .limit(limit)
        .select((outbox::id, outbox::fence))
        .load(c))
    .map_err(Into::into)
}

/// The mails of these ids, the oldest first.
pub fn find_many(db: &mut Db, ids: &[Id]) -> Result<Vec<Mail>, StoreError> {
    each!(db, |c| outbox::table
        .filter(outbox::id.eq_any(ids))
        .order(outbox::id.asc())
        .select(Mail::as_select())
        .load(c))
    .map_err(Into::into)
}
