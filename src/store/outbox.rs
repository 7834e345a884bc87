//! The outbox: mail written in the transaction that makes it needed, sent later.

use std::collections::HashMap;

use chrono::{Days, NaiveDate};
use diesel::prelude::*;
use diesel::sql_types::Bool;
use serde::Serialize;

use super::fragment::sql;
use super::schema::outbox;
use super::types::Doc;
use super::{Db, StoreError};
use crate::domain::ids::{Id, Moment};
use crate::domain::notices::{MailFault, MailKind, MailState, Notice, message_id};
use crate::domain::security_notices::Told;
use crate::each;

/// A row of `outbox`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = outbox, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Mail {
    pub id: Id,
    /// What is never queued twice, whatever became of it: `digest:PERSON:DATE`, `silence:DATE:OUTCOME:PERSON`.
    pub dedupe_key: String,
    pub kind: MailKind,
    pub recipient_id: Id,
    /// The day of the digest, or of what a notice tells.
    pub digest_on: NaiveDate,
    pub state: MailState,
    pub attempts: i64,
    pub next_at: Moment,
    pub lease_until: Option<Moment>,
    /// Grows with each claim: a sender that stood still cannot write over one that went on.
    pub fence: i64,
    /// Made from the key, and the same for every try.
    pub message_id: String,
    pub sent_at: Option<Moment>,
    /// What the server answered. It may repeat an address, so the audit log does not keep it.
    #[serde(skip)]
    pub error: Option<String>,
    pub created_at: Moment,
    /// What a security notice tells, until it has left. It holds an address, so the audit log does not keep it.
    #[serde(skip)]
    pub told: Option<Doc<Told>>,
    /// What a notice says. It stays here, so the audit log does not keep it once more.
    #[serde(skip)]
    pub notice: Option<Doc<Notice>>,
    /// How often somebody had it tried again by hand.
    pub retries: i64,
    /// When somebody last did, and who.
    pub retried_at: Option<Moment>,
    pub retried_by: Option<Id>,
    /// What its last failure was about; none where it did not fail.
    pub fault: Option<MailFault>,
}

impl Mail {
    /// A security notice, which leaves at once.
    pub fn security(recipient: Id, told: Told, day: NaiveDate) -> Self {
        let at = told.at;
        let key = format!("security:{recipient}:{}", Id::new());
        Self { kind: MailKind::Security, told: Some(Doc(told)), ..Self::digest(recipient, key, day, at, at) }
    }

    /// A notice, which leaves at once.
    fn notice(recipient: Id, dedupe_key: String, notice: Notice, day: NaiveDate, now: Moment) -> Self {
        let waiting = Self::digest(recipient, dedupe_key, day, now, now);
        Self { kind: MailKind::Notice, notice: Some(Doc(notice)), ..waiting }
    }

    /// Whether it will be written once more: it waits for its hour, or for the end of a lease.
    pub fn waits(&self) -> bool {
        self.state == MailState::Pending || self.lease_until.is_some()
    }

    /// A digest that waits for its hour.
    fn digest(recipient: Id, dedupe_key: String, digest_on: NaiveDate, now: Moment, send_at: Moment) -> Self {
        Self {
            id: Id::new(),
            message_id: message_id(&dedupe_key),
            dedupe_key,
            kind: MailKind::Digest,
            recipient_id: recipient,
            digest_on,
            state: MailState::Pending,
            attempts: 0,
            next_at: send_at.max(now),
            lease_until: None,
            fence: 0,
            sent_at: None,
            error: None,
            created_at: now,
            told: None,
            notice: None,
            retries: 0,
            retried_at: None,
            retried_by: None,
            fault: None,
        }
    }
}

/// Puts a mail into the outbox.
pub fn insert(db: &mut Db, mail: &Mail) -> Result<(), StoreError> {
    each!(db, |c| diesel::insert_into(outbox::table).values(mail).execute(c))?;
    Ok(())
}

/// A digest that waits for so many days is still the one that carries what is new.
const OLDEST_WAITING_DAYS: u64 = 30;

/// Makes sure that people get a digest of what waits for them: one that still waits, today's when it was not sent
/// yet, else tomorrow's. `send_at` tells when the digest of a date leaves. Answers which mail each of them gets; on
/// PostgreSQL no sender takes it before the transaction ends, so that what is written with it leaves with it.
pub fn queue_digests(
    db: &mut Db,
    recipients: &[Id],
    today: NaiveDate,
    now: Moment,
    send_at: impl Fn(NaiveDate) -> Moment,
) -> Result<HashMap<Id, Id>, StoreError> {
    let mut found = HashMap::new();
    for chunk in recipients.chunks(500) {
        // One that could not be sent yesterday goes before a second mail of today.
        let oldest = today.checked_sub_days(Days::new(OLDEST_WAITING_DAYS)).unwrap_or(today);
        let mut waiting: Vec<Id> = chunk.to_vec();
        let mut known = waiting_digests(db, &waiting, oldest, today)?;
        for digest_on in today.iter_days() {
            // What is on its way already or gone cannot carry more: what is new waits for the next day's.
            waiting.retain(|recipient| !known.contains_key(recipient));
            found.extend(known);
            if waiting.is_empty() {
                break;
            }
            let key = |recipient: &Id| format!("digest:{recipient}:{digest_on}");
            let new: Vec<Mail> = waiting
                .iter()
                .map(|recipient| Mail::digest(*recipient, key(recipient), digest_on, now, send_at(digest_on)))
                .collect();
            each!(db, |c| diesel::insert_into(outbox::table)
                .values(&new)
                .on_conflict(outbox::dedupe_key)
                .do_nothing()
                .execute(c))?;
            known = waiting_digests(db, &waiting, digest_on, digest_on)?;
        }
    }
    Ok(found)
}

/// Digests of people for days between two that wait: the recipient of each and the mail.
macro_rules! digests {
    ($recipients:expr, $from:expr, $until:expr) => {
        outbox::table
            .filter(outbox::recipient_id.eq_any($recipients))
            .filter(outbox::digest_on.ge($from))
            .filter(outbox::digest_on.le($until))
            .filter(outbox::kind.eq(MailKind::Digest))
            .filter(outbox::state.eq(MailState::Pending))
            // In one order: two replicas that wait for each other's rows would wait for ever.
            .order((outbox::recipient_id, outbox::digest_on))
            .select((outbox::recipient_id, outbox::id))
    };
}

/// The earliest digest of each of these people that waits, of days between two.
fn waiting_digests(
    db: &mut Db,
    recipients: &[Id],
    from: NaiveDate,
    until: NaiveDate,
) -> Result<HashMap<Id, Id>, StoreError> {
    let rows: Vec<(Id, Id)> = match db {
        // Held against the sender, who passes over what others hold.
        Db::Pg(c) => digests!(recipients, from, until).for_update().load(c),
        Db::Sqlite(c) => digests!(recipients, from, until).load(c),
    }?;
    let mut found = HashMap::new();
    for (recipient, mail) in rows {
        found.entry(recipient).or_insert(mail);
    }
    Ok(found)
}

/// Queues notices that leave at once: to whom, under which key, and what each says. A key that was ever queued
/// is passed over, whatever state its mail is in, so that a producer may say the same again. Answers how many
/// are new.
pub fn queue_notices(
    db: &mut Db,
    notices: &[(Id, String, Notice)],
    now: Moment,
    day: NaiveDate,
) -> Result<usize, StoreError> {
    let mut new: Vec<Mail> = notices
        .iter()
        .map(|(recipient, key, notice)| Mail::notice(*recipient, key.clone(), notice.clone(), day, now))
        .collect();
    // In one order: two replicas that wait for each other's keys would wait for ever.
    new.sort_unstable_by(|one, other| one.dedupe_key.cmp(&other.dedupe_key));
    let mut queued = 0;
    for chunk in new.chunks(500) {
        queued += each!(db, |c| diesel::insert_into(outbox::table)
            .values(chunk)
            .on_conflict(outbox::dedupe_key)
            .do_nothing()
            .execute(c))?;
    }
    Ok(queued)
}

/// Notices to a person of a day that have not left, the oldest first.
macro_rules! notices {
    ($recipient:expr, $day:expr) => {
        outbox::table
            .filter(outbox::recipient_id.eq($recipient))
            .filter(outbox::digest_on.eq($day))
            .filter(outbox::kind.eq(MailKind::Notice))
            .filter(outbox::state.eq(MailState::Pending))
            .order(outbox::id)
            .select(Mail::as_select())
    };
}

/// Notices to a person of a day that wait to leave, the oldest first. On PostgreSQL no sender takes one of them before
/// the transaction ends, so that what is added to it leaves with it.
pub fn waiting_notices(db: &mut Db, recipient: Id, day: NaiveDate) -> Result<Vec<Mail>, StoreError> {
    match db {
        // Held against the sender, who passes over what others hold.
        Db::Pg(c) => notices!(recipient, day).for_update().load(c),
        Db::Sqlite(c) => notices!(recipient, day).load(c),
    }
    .map_err(Into::into)
}

/// Mail whose hour has come: it waits, or its sender has not been heard of since its lease ended.
macro_rules! waiting {
    ($now:expr) => {
        outbox::table
            // The words of the partial index: with bound values SQLite would not use it.
            .filter(
                sql::<Bool>("state IN ('pending', 'sending', 'uncertain')")
                    .sql(" AND (state = 'pending' OR lease_until IS NOT NULL)"),
            )
            .filter(outbox::next_at.le($now))
            .order((outbox::next_at, outbox::id))
            .limit(1)
            .select(Mail::as_select())
    };
}

/// The next mail whose hour has come. On PostgreSQL its row is locked, and rows that others have locked
/// are passed over.
pub fn next_waiting(db: &mut Db, now: Moment) -> Result<Option<Mail>, StoreError> {
    match db {
        Db::Pg(c) => waiting!(now).for_update().skip_locked().first(c).optional(),
        Db::Sqlite(c) => waiting!(now).first(c).optional(),
    }
    .map_err(Into::into)
}

/// The same without a lock: whether it is worth a transaction.
pub fn next_waiting_unlocked(db: &mut Db, now: Moment) -> Result<Option<Mail>, StoreError> {
    each!(db, |c| waiting!(now).first(c)).optional().map_err(Into::into)
}

/// Stores a changed mail, as long as nobody claimed it since: `fence` is the one the sender got.
/// Answers whether it was stored.
pub fn update(db: &mut Db, mail: &Mail, fence: i64) -> Result<bool, StoreError> {
    let changed =
        each!(db, |c| diesel::update(outbox::table.filter(outbox::id.eq(mail.id)).filter(outbox::fence.eq(fence)),)
            .set(mail)
            .execute(c))?;
    Ok(changed == 1)
}
