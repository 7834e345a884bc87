//! Signing in and out with a local account.

use std::sync::OnceLock;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};

use super::{ActionError, By, Register, Work};
use crate::domain::access::{CONFIRMED_SECONDS, SignInMethod};
use crate::domain::ids::{Id, Moment};
use crate::domain::people::has_left;
use crate::store::people::{self, Account};
use crate::store::sessions::{self, Session, SignedIn};
use crate::store::{StoreError, held_forms};

/// Use is noted at most this often, so that reading pages writes little.
const NOTED_EVERY_SECONDS: i64 = 30;

/// Hashes a password with Argon2id, 19 MiB, two passes (OWASP Password Storage Cheat Sheet).
pub fn hash_password(password: &str) -> Result<String, ActionError> {
    Argon2::default()
        .hash_password(password.as_bytes())
        .map(|hash: argon2::password_hash::phc::PasswordHash| hash.to_string())
        .map_err(|error| ActionError::Refused(format!("the password cannot be hashed: {error}")))
}

pub(super) fn matches(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|parsed| Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok())
}

/// A hash that no password is known for: compared with when there is no such account, so that the
/// answer takes as long as for one there is.
fn decoy() -> &'static str {
    static DECOY: OnceLock<String> = OnceLock::new();
    DECOY.get_or_init(|| hash_password(&format!("{:?}", rand::random::<[u8; 32]>())).unwrap_or_default())
}

/// Where a request comes from, as far as it is known: kept with the session it opens.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Caller {
    /// The network address; empty when it is not known.
    pub address: String,
    /// What the browser calls itself, at most 300 characters.
    pub agent: String,
    pub request_id: Option<String>,
    /// The session that this browser has until now. It ends when another one is opened (OWASP ASVS 5.0 7.2.4).
    pub session: Option<Id>,
}

/// Opens a session for the digest of a new cookie value. Whoever calls it has checked who this is.
pub(super) fn open_in(
    work: &mut Work<'_>,
    register: &Register,
    person: Id,
    method: SignInMethod,
    digest: Vec<u8>,
    caller: &Caller,
) -> Result<(), ActionError> {
    let now = work.by.now;
    let session = Session {
        id: Id::new(),
        digest,
        person_id: person,
        method,
        created_at: now,
        last_seen_at: now,
        ends_at: now.plus_seconds(register.deployment.access.sessions.longest_seconds),
        confirmed_at: now,
        address: caller.address.clone(),
        agent: caller.agent.chars().take(300).collect(),
    };
    if let Some(before) = caller.session {
        sessions::delete(work.db, before)?;
    }
    sessions::insert(work.db, &session)?;
    let how = Some(method.label());
    work.record_because::<()>("account.sign_in", "account", person, how, None, None);
    Ok(())
}

/// Signs somebody in: opens a session for the digest of a new cookie value.
///
/// # Errors
/// `Refused` in the same words whatever was wrong; the attempt is recorded.
pub fn sign_in(
    register: &Register,
    email: &str,
    password: &str,
    digest: Vec<u8>,
    caller: &Caller,
    now: Moment,
) -> Result<Id, ActionError> {
    let (person, account) = {
        let mut db = register.database.read()?;
        let person = people::find_by_email(&mut db, email)?;
        let account = match &person {
            Some(person) => people::account(&mut db, person.id)?,
            None => None,
        };
        (person, account)
    };
    let right = match &account {
        Some(Account { password_hash: Some(hash), .. }) => matches(password, hash),
        // Compared all the same, so that the answer takes as long; nobody knows a password for it.
        _ => matches(password, decoy()),
    };
    let by = By { request_id: caller.request_id.clone(), ..By::setup(now) };
    match (person, account) {
        (Some(person), Some(account))
            if right && account.disabled_at.is_none() && !has_left(person.left_on, now.date()) =>
        {
            let by = By { person: Some(person.id), kind: crate::domain::audit::ActorKind::Person, ..by };
            register.change(&by, |work| {
                open_in(work, register, person.id, SignInMethod::Password, digest, caller)?;
                Ok(person.id)
            })
        }
        (person, _) => {
            // An unknown address is not kept: it may be a password typed into the wrong field.
            let known = person.map_or_else(|| "unknown".to_owned(), |person| person.id.to_string());
            register.change(&by, |work| {
                work.record_refusal("account.sign_in", "account", known, "wrong address or password, or no account");
                Ok(())
            })?;
            Err(ActionError::Refused("The e-mail address or the password is not right".to_owned()))
        }
    }
}

/// Who holds the session, if it is still good; notes that it was used.
pub fn resume(register: &Register, digest: &[u8], now: Moment) -> Result<Option<SignedIn>, ActionError> {
    let found = {
        let mut db = register.database.read()?;
        sessions::signed_in(&mut db, digest)?
    };
    let Some(session) = found else { return Ok(None) };
    let limits = register.deployment.access.sessions;
    let good = limits.hold(session.last_seen_at, session.ends_at, now)
        && session.disabled_at.is_none()
        && !has_left(session.left_on, now.date());
    if !good {
        return Ok(None);
    }
    if now > session.last_seen_at.plus_seconds(NOTED_EVERY_SECONDS) {
        register.database.write(|db| sessions::touch(db, digest, now))?;
    }
    Ok(Some(session))
}

/// Ends a session.
pub fn sign_out(register: &Register, by: &By, session: Id) -> Result<(), ActionError> {
    register.change(by, |work| {
        sessions::delete(work.db, session)?;
        if let Some(person) = by.person {
            work.record::<()>("account.sign_out", "account", person, None, None);
        }
        Ok(())
    })
}

/// How much of what had ended was removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Purged {
    pub sessions: usize,
    pub held_forms: usize,
    pub ceremonies: usize,
}

/// Removes sessions, forms that waited and steps of signing in that have ended. Each ended by its own
/// rule, so no entry is written.
pub fn purge(register: &Register, by: &By) -> Result<Purged, ActionError> {
    by.require_keeper()?;
    let idle_since = by.now.plus_seconds(-register.deployment.access.sessions.idle_seconds);
    register
        .database
        .write(|db| {
            Ok(Purged {
                // Later by as long as a page may be open from which it is sent on.
                held_forms: held_forms::purge(db, by.now.plus_seconds(-CONFIRMED_SECONDS))?,
                ceremonies: sessions::purge_ceremonies(db, by.now)?,
                sessions: sessions::purge(db, by.now, idle_since)?,
            })
        })
        .map_err(|error: StoreError| error.into())
}
