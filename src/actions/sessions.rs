//! Signing in and out with a local account.

use std::sync::OnceLock;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};

use super::{ActionError, By, Register};
use crate::domain::ids::{Id, Moment};
use crate::domain::people::has_left;
use crate::store::people::{self, Session, SignedIn};

/// A session ends after this many seconds without a request.
pub const IDLE_SECONDS: i64 = 15 * 60;
/// A session ends after this many seconds whatever happens.
pub const LONGEST_SECONDS: i64 = 8 * 3600;
/// Use is noted at most this often, so that reading pages writes little.
const NOTED_EVERY_SECONDS: i64 = 30;

/// Hashes a password with Argon2id, 19 MiB, two passes (OWASP Password Storage Cheat Sheet).
pub fn hash_password(password: &str) -> Result<String, ActionError> {
    Argon2::default()
        .hash_password(password.as_bytes())
        .map(|hash: argon2::password_hash::phc::PasswordHash| hash.to_string())
        .map_err(|error| ActionError::Refused(format!("the password cannot be hashed: {error}")))
}

fn matches(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|parsed| Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok())
}

/// A hash that no password is known for: compared with when there is no such account, so that the
/// answer takes as long as for one there is.
fn decoy() -> &'static str {
    static DECOY: OnceLock<String> = OnceLock::new();
    DECOY.get_or_init(|| hash_password(&format!("{:?}", rand::random::<[u8; 32]>())).unwrap_or_default())
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
    request_id: Option<String>,
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
        Some(account) => matches(password, &account.password_hash),
        None => matches(password, decoy()),
    };
    let by = By { request_id, ..By::setup(now) };
    match (person, account) {
        (Some(person), Some(account))
            if right && account.disabled_at.is_none() && !has_left(person.left_on, now.date()) =>
        {
            let by = By { person: Some(person.id), kind: crate::domain::audit::ActorKind::Person, ..by };
            register.change(&by, |work| {
                let session = Session {
                    digest,
                    person_id: person.id,
                    created_at: now,
                    last_seen_at: now,
                    ends_at: now.plus_seconds(LONGEST_SECONDS),
                };
                people::insert_session(work.db, &session)?;
                work.record::<()>("account.sign_in", "account", person.id, None, None);
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
        people::signed_in(&mut db, digest)?
    };
    let Some(session) = found else { return Ok(None) };
    let idle_until = session.last_seen_at.plus_seconds(IDLE_SECONDS);
    let good = now < session.ends_at
        && now < idle_until
        && session.disabled_at.is_none()
        && !has_left(session.left_on, now.date());
    if !good {
        return Ok(None);
    }
    if now > session.last_seen_at.plus_seconds(NOTED_EVERY_SECONDS) {
        register.database.write(|db| people::touch_session(db, digest, now))?;
    }
    Ok(Some(session))
}

/// Ends a session.
pub fn sign_out(register: &Register, by: &By, digest: &[u8]) -> Result<(), ActionError> {
    register.change(by, |work| {
        people::delete_session(work.db, digest)?;
        if let Some(person) = by.person {
            work.record::<()>("account.sign_out", "account", person, None, None);
        }
        Ok(())
    })
}

/// Removes sessions that have ended; answers how many. Each ended by its own rule, so no entry is written.
pub fn purge(register: &Register, by: &By) -> Result<usize, ActionError> {
    by.require_keeper()?;
    register.database.write(|db| people::purge_sessions(db, by.now)).map_err(ActionError::from)
}
