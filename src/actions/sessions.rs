//! Signing in and out with a local account.

use super::attempts::{self, Subject};
use super::{ActionError, By, Register, Work, passwords};
use crate::domain::access::SignInMethod;
use crate::domain::audit::ActorKind;
use crate::domain::ids::{Id, Moment};
use crate::domain::people::has_left;
use crate::store::people;
use crate::store::sessions::{self, Session, SignedIn};

/// Use is noted at most this often, so that reading pages writes little.
const NOTED_EVERY_SECONDS: i64 = 30;

/// Where a request comes from, as far as it is known: kept with the session it opens.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Caller {
    /// The network address; empty when it is not known.
    pub address: String,
    /// What the browser calls itself, at most 300 characters.
    pub agent: String,
    pub request_id: Option<String>,
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
    // The row is held from here on: whoever disables the account at this moment ends this session too.
    if !people::note_sign_in(work.db, person, now)? {
        return Err(not_right());
    }
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
    sessions::insert(work.db, &session)?;
    let how = Some(method.label());
    work.record_because::<()>("account.sign_in", "account", person, how, None, None);
    Ok(())
}

/// Somebody whose password was right. Nothing is written yet.
#[derive(Debug)]
pub struct Proved {
    pub person: Id,
    hash: String,
    /// The hash at today's cost, where the stored one was made at another.
    renewed: Option<String>,
    counted: Subject,
}

impl Proved {
    /// Inside a change: forgives the attempts and keeps a renewed hash.
    ///
    /// # Errors
    /// `Refused` when the password was changed meanwhile.
    pub(super) fn settle_in(&self, work: &mut Work<'_>) -> Result<(), ActionError> {
        let after = self.renewed.as_ref().unwrap_or(&self.hash);
        if !people::exchange_hash(work.db, self.person, &self.hash, after)? {
            return Err(not_right());
        }
        self.counted.forgive_in(work)
    }

    /// The person as the actor of what follows.
    pub fn by(&self, caller: &Caller, now: Moment) -> By {
        By { person: Some(self.person), kind: ActorKind::Person, ..stranger(caller, now) }
    }
}

/// What is said whatever was wrong.
fn not_right() -> ActionError {
    ActionError::Refused("The e-mail address or the password is not right".to_owned())
}

/// Somebody of whom nothing is proved yet.
pub(super) fn stranger(caller: &Caller, now: Moment) -> By {
    By { request_id: caller.request_id.clone(), ..By::setup(now) }
}

/// Checks an address and a password. The attempt is counted first; every way through compares exactly once.
///
/// # Errors
/// `TooMany` before anything is compared; `Refused` in the same words whatever was wrong, and the attempt is
/// recorded; `Busy` when too many sign in at once.
pub fn check_password(
    register: &Register,
    email: &str,
    password: &str,
    caller: &Caller,
    now: Moment,
) -> Result<Proved, ActionError> {
    let (person, account) = {
        let mut db = register.database.read()?;
        let person = people::find_by_email(&mut db, email)?;
        let account = match &person {
            Some(person) => people::account(&mut db, person.id)?,
            None => None,
        };
        (person, account)
    };
    let by = stranger(caller, now);
    // An unknown address is not kept: it may be a password typed into the wrong field.
    let known = person.as_ref().map_or_else(|| "unknown".to_owned(), |person| person.id.to_string());
    let counted = Subject::account(register, email);
    let network = Subject::network(register, &caller.address);
    let subjects: Vec<&Subject> = [Some(&counted), network.as_ref()].into_iter().flatten().collect();
    attempts::take(register, &by, &known, &subjects)?;
    let hash = account.as_ref().and_then(|account| account.password_hash.clone());
    let right = passwords::matches(password, hash.as_deref())?;
    match (person, account, hash) {
        (Some(person), Some(account), Some(hash))
            if right && account.disabled_at.is_none() && !has_left(person.left_on, now.date()) =>
        {
            let renewed = if passwords::is_outdated(&hash) { Some(passwords::hash(password)?) } else { None };
            Ok(Proved { person: person.id, hash, renewed, counted })
        }
        _ => {
            register.change(&by, |work| {
                work.record_refusal("account.sign_in", "account", known, "wrong address or password, or no account");
                Ok(())
            })?;
            Err(not_right())
        }
    }
}

/// Signs somebody in: opens a session for the digest of a new cookie value.
///
/// # Errors
/// Those of [`check_password`].
pub fn sign_in(
    register: &Register,
    email: &str,
    password: &str,
    digest: Vec<u8>,
    caller: &Caller,
    now: Moment,
) -> Result<Id, ActionError> {
    let proved = check_password(register, email, password, caller, now)?;
    register.change(&proved.by(caller, now), |work| {
        proved.settle_in(work)?;
        open_in(work, register, proved.person, SignInMethod::Password, digest, caller)?;
        Ok(proved.person)
    })
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

/// Removes sessions that have ended; answers how many. Each ended by its own rule, so no entry is written.
pub fn purge(register: &Register, by: &By) -> Result<usize, ActionError> {
    by.require_keeper()?;
    register.database.write(|db| sessions::purge(db, by.now)).map_err(ActionError::from)
}
