//! Proving again who one is, before what has consequences (OWASP ASVS 5.0 7.5.1, 7.5.3).
//!
//! Every way ends in [`confirmed_in`], which gives the session a new cookie value: the old one is
//! worth nothing from that moment (7.2.4).

use super::attempts::{self, Subject};
use super::factors::{method_of, prove_in};
use super::{ActionError, By, Register, Work, passkeys, passwords};
use crate::domain::access::{CONFIRMATION_TRIES, SignInMethod};
use crate::domain::ids::Id;
use crate::store::sessions::Renewal;
use crate::store::{StoreError, people, proofs, sessions};

/// What came of a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tried {
    Confirmed,
    /// Wrong; so many tries are left.
    Wrong(usize),
    /// Wrong too often: the session has ended.
    Ended,
}

/// The ways in which somebody can prove again who they are: what their account has, as far as the deployment
/// takes it.
pub fn ways(register: &Register, person: Id) -> Result<Vec<SignInMethod>, ActionError> {
    let (account, proofs) = {
        let mut db = register.database.read()?;
        (people::account(&mut db, person)?, proofs::of(&mut db, person)?)
    };
    let access = &register.deployment.access;
    let mut ways = proofs.ways();
    ways.retain(|way| match way {
        SignInMethod::Passkey => passkeys::why_not(&register.deployment.base_url).is_none(),
        SignInMethod::SingleSignOn => access.single_sign_on.is_some(),
        _ => account.as_ref().is_some_and(|account| access.lets_in_by_password(account.role)),
    });
    Ok(ways)
}

/// Tries a password, with a one-time code where the account has a generator.
///
/// A try is counted before it is looked at: at the account, whose password it is, as every other try is, at
/// its codes, at the network address, and at the session. After [`CONFIRMATION_TRIES`] wrong ones the session
/// ends: whoever sits at somebody else's desk cannot go on guessing.
///
/// # Errors
/// `TooMany` before anything is compared; `Conflict` when the session was renewed or ended meanwhile.
pub fn by_password(
    register: &Register,
    by: &By,
    session: Id,
    password: &str,
    code: &str,
    cookie: &Renewal,
) -> Result<Tried, ActionError> {
    let person = by.person.ok_or(ActionError::Forbidden)?;
    let (known, account, proofs) = {
        let mut db = register.database.read()?;
        (people::find(&mut db, person)?, people::account(&mut db, person)?, proofs::of(&mut db, person)?)
    };
    let in_session = Subject::session(register, session);
    let mut counted = vec![Subject::account(register, &known.email)];
    if proofs.code {
        counted.push(Subject::proof(register, "code", person));
    }
    let network = Subject::network(register, &by.address);
    let subjects: Vec<&Subject> = std::iter::once(&in_session).chain(&counted).chain(&network).collect();
    let tries = match attempts::take(register, by, &person.to_string(), &subjects) {
        Ok(tries) => tries,
        // Tries at the same moment have used up what the session had.
        Err(ActionError::TooMany(_)) if attempts::is_used_up(register, &in_session, by.now)? => {
            return end(register, by, person, session);
        }
        Err(error) => return Err(error),
    };
    let may = account.as_ref().is_some_and(|one| register.deployment.access.lets_in_by_password(one.role));
    let hash = account.and_then(|account| account.password_hash);
    let right = passwords::matches(password, hash.as_deref())? && may;
    let confirmed = register.change(by, |work| {
        // The code is used up with the confirmation, in one transaction.
        if right && (!proofs.code || (!code.is_empty() && prove_in(work, register, person, code)?.is_some())) {
            let method = if proofs.code { SignInMethod::PasswordAndCode } else { SignInMethod::Password };
            for subject in std::iter::once(&in_session).chain(&counted) {
                subject.forgive_in(work)?;
            }
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
    // Whoever came by single sign-on is signed in at the provider too, in whatever way they confirm.
    let kept = match method_of(work.db, person, session, work.by.now) {
        Ok(SignInMethod::SingleSignOn) => SignInMethod::SingleSignOn,
        Ok(_) => method,
        Err(ActionError::Store(StoreError::NotFound)) => return Err(StoreError::Conflict.into()),
        Err(error) => return Err(error),
    };
    sessions::renew(work.db, session, cookie, kept, work.by.now)?;
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
