//! Counting attempts to prove who one is, in the database, so that the count holds over replicas.
//!
//! Whoever checks a password, a code, a link or a token calls [`take`] first: the attempt is counted before
//! anything is compared, in one transaction, so that of many at once no more pass than one after another
//! would. After a success [`Subject::forgive_in`] clears what was counted at the account.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::{ActionError, By, Register, Work};
use crate::domain::access::CONFIRMATION_TRIES;
use crate::domain::attempts::{Limit, REMEMBERED_SECONDS, network_of};
use crate::domain::ids::{Id, Moment};
use crate::store::{attempts, locks};

/// What attempts are counted at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// How it stands in the database: a keyed digest, so that a stolen copy tells no addresses.
    stored: String,
    limit: Limit,
    /// What it is, for the log and the reader.
    what: &'static str,
}

impl Subject {
    /// The account of an address, whether or not there is one: an unknown address is counted alike, so that
    /// nothing is learned.
    pub fn account(register: &Register, email: &str) -> Self {
        let digest = keyed(register, "account", &email.trim().to_lowercase());
        Self {
            stored: format!("account:{digest}"),
            limit: register.deployment.access.attempts.account,
            what: "account",
        }
    }

    /// Another proof of one person, such as their codes; `proof` is one word.
    pub fn proof(register: &Register, proof: &'static str, person: Id) -> Self {
        let digest = keyed(register, proof, &person.to_string());
        Self {
            stored: format!("{proof}:{digest}"),
            limit: register.deployment.access.attempts.account,
            what: "account",
        }
    }

    /// One session, whose holder may not go on guessing at somebody else's desk.
    pub fn session(register: &Register, session: Id) -> Self {
        let digest = keyed(register, "session", &session.to_string());
        let limit = Limit::Within { most: CONFIRMATION_TRIES, seconds: REMEMBERED_SECONDS };
        Self { stored: format!("session:{digest}"), limit, what: "session" }
    }

    /// The network address that a request comes from; `None` when it is not known.
    pub fn network(register: &Register, address: &str) -> Option<Self> {
        let network = network_of(address)?;
        let limit = register.deployment.access.attempts.network;
        Some(Self { stored: format!("network:{network}"), limit, what: "network address" })
    }

    /// The same for API tokens, apart from the other: a program with a token that has ended goes on asking,
    /// and the people of its network must be able to sign in meanwhile.
    pub fn network_of_tokens(register: &Register, address: &str) -> Option<Self> {
        let network = network_of(address)?;
        let limit = register.deployment.access.attempts.network;
        Some(Self { stored: format!("network of tokens:{network}"), limit, what: "network address by API token" })
    }

    /// Forgets the attempts at an account after a success. Those of a network address stay.
    pub(super) fn forgive_in(&self, work: &mut Work<'_>) -> Result<(), ActionError> {
        attempts::forget(work.db, &self.stored)?;
        attempts::forget(work.db, &self.stopped())?;
        Ok(())
    }

    /// Under which it is remembered that it was stopped.
    fn stopped(&self) -> String {
        format!("stopped {}", self.stored)
    }
}

fn keyed(register: &Register, purpose: &str, text: &str) -> String {
    // HMAC takes a key of any length; the type of the library allows for others.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(register.deployment.fingerprint_key.as_slice()) else {
        return String::new();
    };
    for part in ["muster attempts", purpose, text] {
        mac.update(part.as_bytes());
        mac.update(b"\0");
    }
    hex::encode(mac.finalize().into_bytes())
}

/// Counts an attempt at each of the subjects, or refuses it and counts nothing. `about` is the id of the
/// account that is meant, or `unknown`. Answers how many attempts at the first of them count, with this one.
///
/// # Errors
/// `TooMany` with the seconds to wait. The first refusal of a subject is recorded in the audit log, the
/// others are not: a flood leaves one line.
pub fn take(register: &Register, by: &By, about: &str, subjects: &[&Subject]) -> Result<usize, ActionError> {
    let first = subjects.first().copied();
    let mut subjects = subjects.to_vec();
    subjects.sort_by(|one, other| one.stored.cmp(&other.stored));
    let (made, wait) = register.change(by, |work| {
        let (mut made, mut wait) = (0, None);
        for subject in &subjects {
            locks::take_turn(work.db, &subject.stored)?;
            let since = work.by.now.plus_seconds(-subject.limit.looks_back_seconds());
            let latest = attempts::latest(work.db, &subject.stored, since, subject.limit.looks_at())?;
            if first == Some(*subject) {
                made = latest.len() + 1;
            }
            let Some(ready_at) = subject.limit.ready_at(&latest).filter(|ready_at| *ready_at > work.by.now) else {
                continue;
            };
            let left = ready_at.utc() - work.by.now.utc();
            let seconds = left.num_milliseconds().saturating_add(999) / 1000;
            wait = wait.max(Some(seconds));
            if attempts::latest(work.db, &subject.stopped(), since, 1)?.is_empty() {
                attempts::insert(work.db, &subject.stopped(), work.by.now)?;
                let reason = format!("too many attempts at one {}", subject.what);
                work.record_refusal("account.sign_in", "account", about, &reason);
                let (request_id, limited) = (work.by.request_id.as_deref(), subject.what);
                tracing::warn!(request_id, limited, seconds, "attempts to sign in are slowed down");
            }
        }
        if wait.is_none() {
            for subject in &subjects {
                attempts::insert(work.db, &subject.stored, work.by.now)?;
            }
        }
        Ok((made, wait))
    })?;
    wait.map_or(Ok(made), |seconds| Err(ActionError::TooMany(seconds)))
}

/// Whether nothing more may be tried at a subject now.
pub(super) fn is_used_up(register: &Register, subject: &Subject, now: Moment) -> Result<bool, ActionError> {
    let since = now.plus_seconds(-subject.limit.looks_back_seconds());
    let mut db = register.database.read()?;
    let latest = attempts::latest(&mut db, &subject.stored, since, subject.limit.looks_at())?;
    Ok(subject.limit.ready_at(&latest).is_some_and(|ready_at| ready_at > now))
}

/// Removes attempts that no longer count; answers how many.
pub fn purge(register: &Register, by: &By) -> Result<usize, ActionError> {
    by.require_keeper()?;
    let before = by.now.plus_seconds(-REMEMBERED_SECONDS);
    register.clear_away(by, |db| attempts::purge(db, before))
}
