//! Signing in in two steps: whoever has a second factor is signed in after both, and before the first
//! nobody learns whether there is a second.

use serde_json::json;

use super::attempts::{self, Subject};
use super::factors::{self, Proof};
use super::opening::{Caller, open_in, stranger};
use super::{ActionError, By, Register, Work, ceremonies};
use crate::domain::access::{CeremonyKind, MOST_TRIES, SignInMethod};
use crate::domain::audit::ActorKind;
use crate::domain::ids::{Id, Moment};
use crate::domain::people::has_left;
use crate::store::{self, Db, people};

/// What the first step led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FirstStep {
    SignedIn,
    /// The account has a second factor: the browser goes on to the second step.
    AnotherStep,
}

/// What the second step led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecondStep {
    /// Signed in; where the first step wanted to go.
    SignedIn { return_to: String },
    /// A wrong code, and how often another may be tried.
    Wrong { left: i64 },
    /// No sign-in is under way in this browser, or it has taken too long, or too many codes were wrong.
    Ended { return_to: Option<String> },
}

/// After a password, or another single thing, was right: opens the session, or asks for the second step
/// of whoever has a second factor, whatever the register requires. `digest` is of a new cookie value.
pub(super) fn after_first_step(
    work: &mut Work<'_>,
    register: &Register,
    person: Id,
    method: SignInMethod,
    digest: Vec<u8>,
    caller: &Caller,
    return_to: &str,
) -> Result<FirstStep, ActionError> {
    if !factors::has_any(work.db, person)? {
        open_in(work, register, person, method, digest, caller)?;
        return Ok(FirstStep::SignedIn);
    }
    let state = json!({ "method": method });
    ceremonies::begin_in(work, CeremonyKind::SecondFactor, &digest, Some(person), state, return_to)?;
    work.record_because::<()>("account.first_step", "account", person, Some(method.label()), None, None);
    Ok(FirstStep::AnotherStep)
}

/// What the page of the second step must know of the sign-in under way in a browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnderWay {
    pub has_codes: bool,
    pub has_passkeys: bool,
    pub return_to: String,
}

/// The sign-in that waits for its second step in the browser with that cookie.
pub fn under_way(register: &Register, cookie: &[u8], now: Moment) -> Result<Option<UnderWay>, ActionError> {
    let Some(ceremony) = ceremonies::find(register, CeremonyKind::SecondFactor, cookie, now)? else { return Ok(None) };
    let Some(person) = ceremony.person_id else { return Ok(None) };
    let mut db = register.database.read()?;
    Ok(Some(UnderWay {
        has_codes: factors::has_codes(&mut db, person)?,
        has_passkeys: store::passkeys::count_of(&mut db, person)? > 0,
        return_to: ceremony.return_to,
    }))
}

/// Takes the second step with a one-time code or a recovery code, and opens a session for `digest`.
///
/// # Errors
/// `TooMany` before anything is compared: however many sign-ins are begun, their codes are counted together.
pub fn finish(
    register: &Register,
    cookie: &[u8],
    code: &str,
    digest: Vec<u8>,
    caller: &Caller,
    now: Moment,
) -> Result<SecondStep, ActionError> {
    let ended = SecondStep::Ended { return_to: None };
    let Some(waiting) = ceremonies::find(register, CeremonyKind::SecondFactor, cookie, now)? else { return Ok(ended) };
    let Some(person) = waiting.person_id else { return Ok(ended) };
    let somebody = stranger(caller, now);
    let by = By { person: Some(person), kind: ActorKind::Person, ..somebody.clone() };
    let bound = waiting.digest;
    let counted = Subject::proof(register, "code", person);
    let network = Subject::network(register, &caller.address);
    let subjects: Vec<&Subject> = std::iter::once(&counted).chain(&network).collect();
    attempts::take(register, &somebody, &person.to_string(), &subjects)?;
    register.change(&by, |work| {
        let Some(ceremony) = store::ceremonies::count_try(work.db, &bound, CeremonyKind::SecondFactor, now)? else {
            return Ok(ended);
        };
        if !may_sign_in(work.db, person, now)? {
            store::ceremonies::delete(work.db, &bound)?;
            work.record_refusal_by(&somebody, "account.sign_in", "account", person, "the account was closed meanwhile");
            return Ok(SecondStep::Ended { return_to: Some(ceremony.return_to) });
        }
        if let Some(Proof::Code | Proof::RecoveryCode) = factors::prove_in(work, register, person, code)? {
            store::ceremonies::delete(work.db, &bound)?;
            counted.forgive_in(work)?;
            open_in(work, register, person, SignInMethod::PasswordAndCode, digest, caller)?;
            return Ok(SecondStep::SignedIn { return_to: ceremony.return_to });
        }
        work.record_refusal_by(&somebody, "account.sign_in", "account", person, "wrong code at the second step");
        let left = MOST_TRIES - ceremony.tries;
        if left <= 0 {
            store::ceremonies::delete(work.db, &bound)?;
            return Ok(SecondStep::Ended { return_to: Some(ceremony.return_to) });
        }
        Ok(SecondStep::Wrong { left })
    })
}

/// Whether somebody has an account that is neither disabled nor a leaver's.
pub(super) fn may_sign_in(db: &mut Db, person: Id, now: Moment) -> Result<bool, ActionError> {
    let Some(account) = people::account(db, person)? else { return Ok(false) };
    let person = people::find(db, person)?;
    Ok(account.disabled_at.is_none() && !has_left(person.left_on, now.date()))
}
