//! Signing in with a password: the attempt is counted, the password compared, and then a session opened
//! or, for whoever has a second factor, the second step begun.

use super::attempts::{self, Subject};
use super::opening::{Caller, not_right, stranger};
use super::second_step::{FirstStep, after_first_step};
use super::{ActionError, By, Register, Work, passwords};
use crate::domain::access::SignInMethod;
use crate::domain::audit::ActorKind;
use crate::domain::ids::{Id, Moment};
use crate::domain::people::has_left;
use crate::store::people;

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
            if right
                && account.disabled_at.is_none()
                && !has_left(person.left_on, now.date())
                && register.deployment.access.lets_in_by_password(account.role) =>
        {
            let renewed = if passwords::is_outdated(&hash) { Some(passwords::hash(password)?) } else { None };
            Ok(Proved { person: person.id, hash, renewed, counted })
        }
        _ => {
            register.change(&by, |work| {
                work.record_refusal(
                    "account.sign_in",
                    "account",
                    known,
                    "wrong address or password, or no account that may sign in with one",
                );
                Ok(())
            })?;
            Err(not_right())
        }
    }
}

/// Signs somebody in by password: opens a session for the digest of a new cookie value, or, for whoever has
/// a second factor, begins the second step in the browser that has that cookie.
///
/// # Errors
/// Those of [`check_password`].
pub fn sign_in(
    register: &Register,
    email: &str,
    password: &str,
    digest: Vec<u8>,
    caller: &Caller,
    return_to: &str,
    now: Moment,
) -> Result<FirstStep, ActionError> {
    let proved = check_password(register, email, password, caller, now)?;
    register.change(&proved.by(caller, now), |work| {
        proved.settle_in(work)?;
        after_first_step(work, register, proved.person, SignInMethod::Password, digest, caller, return_to)
    })
}
