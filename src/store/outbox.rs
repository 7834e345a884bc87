//! The outbox: mail written in the transaction that makes it needed, sent later.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::schema::outbox;
use super::{Db, StoreError};
use crate::domain::ids::{Id, Moment};
use crate::domain::notices::{MailKind, MailState};
use crate::each;

/// A row of `outbox`.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = outbox, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Mail {
    pub id: Id,
    /// One digest a person and day: `digest:PERSON:DATE`.
    pub dedupe_key: String,
    pub kind: MailKind,
    pub recipient_id: Id,
    pub digest_on: NaiveDate,
    pub state: MailState,
    pub attempts: i64,
    pub next_at: Moment,
    pub lease_until: Option<Moment>,
    /// Grows with each claim: a sender that stood still cannot write over one that went on.
    pub fence: i64,
    pub message_id: String,
    pub sent_at: Option<Moment>,
    pub error: Option<String>,
    pub created_at: Moment,
}

/// Makes sure that a person gets a digest of what waits for them: today's when it was not sent yet,
/// else tomorrow's. `send_at` tells when the digest of a date leaves. Answers whether one was added.
pub fn queue_digest(
    db: &mut Db,
    recipient: Id,
    today: NaiveDate,
    now: Moment,
    send_at: impl Fn(NaiveDate) -> Moment,
) -> Result<bool, StoreError> {
    for digest_on in today.iter_days().take(2) {
        let dedupe_key = format!("digest:{recipient}:{digest_on}");
        let known: Option<MailState> = each!(db, |c| outbox::table
            .filter(outbox::dedupe_key.eq(&dedupe_key))
            .select(outbox::state)
            .first(c)
            .optional())?;
        match known {
            Some(MailState::Pending) => return Ok(false),
            // Already on its way or gone: what is new waits for the next day's.
            Some(_) => {}
            None => {
                let mail = Mail {
                    id: Id::new(),
                    message_id: format!("{}@muster", Id::new()),
                    dedupe_key,
                    kind: MailKind::Digest,
                    recipient_id: recipient,
                    digest_on,
                    state: MailState::Pending,
                    attempts: 0,
                    next_at: send_at(digest_on).max(now),
                    lease_until: None,
                    fence: 0,
                    sent_at: None,
                    error: None,
                    created_at: now,
                };
                let added = each!(db, |c| diesel::insert_into(outbox::table)
                    .values(&mail)
                    .on_conflict(outbox::dedupe_key)
                    .do_nothing()
                    .execute(c))?;
                return Ok(added == 1);
            }
        }
    }
    Ok(false)
}
