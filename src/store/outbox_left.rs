//! What has left the outbox: the digests of one reader, and whether any mail leaves at all.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::schema::outbox;
use super::{Db, StoreError};
use crate::domain::ids::{Id, Moment};
use crate::domain::notices::{MailKind, MailState};
use crate::each;

/// Whether a digest of a later day has left for somebody: it said all that an earlier one would.
pub fn has_later_digest(db: &mut Db, recipient: Id, day: NaiveDate) -> Result<bool, StoreError> {
    let found: Option<i64> = each!(db, |c| outbox::table
        .filter(outbox::recipient_id.eq(recipient))
        .filter(outbox::digest_on.gt(day))
        .filter(outbox::kind.eq(MailKind::Digest))
        .filter(outbox::sent_at.is_not_null())
        .select(outbox::fence)
        .first(c)
        .optional())?;
    Ok(found.is_some())
}

/// When the last digest left that somebody got, as far as is known.
pub fn last_digest(db: &mut Db, recipient: Id) -> Result<Option<Moment>, StoreError> {
    each!(db, |c| outbox::table
        .filter(outbox::recipient_id.eq(recipient))
        .filter(outbox::kind.eq(MailKind::Digest))
        .filter(outbox::sent_at.is_not_null())
        .order(outbox::sent_at.desc())
        .select(outbox::sent_at)
        .first::<Option<Moment>>(c)
        .optional())
    .map(Option::flatten)
    .map_err(Into::into)
}

/// Mails that are looked at to tell whether any leaves. More than one: an address that does not exist holds up nobody
/// else.
const LOOKED_AT: i64 = 20;

/// Whether all mail stands still: of the latest that are older than a day, whoever they are for, none has left.
///
/// It says nothing of one reader: while mail leaves for others this answers `false`, also where every mail to that
/// reader was refused. It answers `false` too where no mail is older than a day, for then there is nothing to tell. One
/// that may have left counts as left, and a digest that had nothing to say does not count.
pub fn stands_still(db: &mut Db, now: Moment) -> Result<bool, StoreError> {
    // Ids are made in the order of time, so the latest come first without reading the rest.
    let states: Vec<MailState> = each!(db, |c| outbox::table
        .filter(outbox::created_at.lt(now.plus_days(-1)))
        .filter(outbox::state.ne(MailState::Empty))
        .order(outbox::id.desc())
        .limit(LOOKED_AT)
        .select(outbox::state)
        .load(c))?;
    let has_left = |state: &MailState| matches!(state, MailState::Sent | MailState::Uncertain);
    Ok(!states.is_empty() && !states.iter().any(has_left))
}
