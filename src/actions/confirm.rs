//! Proving again who one is, before what has consequences (OWASP ASVS 5.0 7.5.1, 7.5.3).
//!
//! Every way ends in [`confirmed_in`], which gives the session a new cookie value: the old one is
//! worth nothing from that moment (7.2.4).

use super::factors::prove_in;
use super::{ActionError, By, Register, Work, passwords};
use crate::domain::access::{CONFIRMATION_TRIES, SignInMethod};
use crate::domain::ids::Id;
use crate::store::sessions::Renewal;
use crate::store::{StoreError, people, proofs, sessions};

/// What came of a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tried {
    Confirmed,
    /// Wrong; so many tries are left.
    Wrong(i64),
    /// Wrong too often: the session has ended.
    Ended,
}

/// The ways in which somebody can prove again who they are.
pub fn ways(register: &Register, person: Id) -> Result<Vec<SignInMethod>, ActionError> {
    let mut db = register.database.read()?;
    Ok(proofs::of(&mut db, person)?.ways())
}

/// Tries a password, with a one-time code where the account has a generator.
///
/// A try is counted before it is looked at. After [`CONFIRMATION_TRIES`] wrong ones the session ends:
/// whoever sits at somebody else's desk cannot go on guessing.
///
/// # Errors
/// `Conflict` when the session was renewed or ended meanwhile.
pub fn by_password(
    register: &Register,
    by: &By,
    session: Id,
    password: &str,
    code: &str,
    cookie: &Renewal,
) -> Result<Tried, ActionError> {
    let person = by.person.ok_or(ActionError::Forbidden)?;
    let (account, proofs) = {
        let mut db = register.database.read()?;
        (people::account(&mut db, person)?, proofs::of(&mut db, person)?)
    };
    let counted = register.database.write(|db| sessions::count_try(db, session, CONFIRMATION_TRIES))?;
    let Some(tries) = counted else { return end(register, by, person, session) };
    let hash = account.and_then(|account| account.password_hash);
    let right = passwords::matches(password, hash.as_deref())?;
    let confirmed = register.change(by, |work| {
        // The code is used up with the confirmation, in one transaction.
        if right && (!proofs.code || (!code.is_empty() && prove_in(work, register, person, code)?.is_some())) {
            let method = if proofs.code { SignInMethod::PasswordAndCode } else { SignInMethod::Password };
            confirmed_in(work, person, session, method, cookie)?;
            return Ok(true);
        }
        work.record_refusal("account.confirm", "account", person, "wrong password or code");
        Ok(false)
    })?;
    if confirmed {
        return Ok(Tried::Confirmed);
    }
    if tries >= CONFIRMATION_TRIES {
        return end(register, by, person, session);
    }
    Ok(Tried::Wrong(CONFIRMATION_TRIES - tries))
}

/// The session's holder proved again who they are, in whatever way: a new cookie, and an entry of it.
///
/// # Errors
/// `Conflict` when the session was renewed or ended meanwhile.
pub fn confirmed_in(
    work: &mut Work<'_>,
    person: Id,
    session: Id,
    method: SignInMethod,
    cookie: &Renewal,
) -> Result<(), ActionError> {
    sessions::confirm(work.db, session, cookie, method, work.by.now)?;
    work.record_because::<()>("account.confirm", "account", person, Some(method.label()), None, None);
    Ok(())
}

fn end(register: &Register, by: &By, person: Id, session: Id) -> Result<Tried, ActionError> {
    register.change(by, |work| {
        if !sessions::delete(work.db, session)? {
            return Err(StoreError::Conflict.into());
        }
        let why = format!("{CONFIRMATION_TRIES} wrong tries to prove again who they are");
        work.record_because::<()>("account.end_session", "account", person, Some(&why), None, None);
        Ok(Tried::Ended)
    })
}
