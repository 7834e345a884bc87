//! Second factors: the generator of one-time codes, the recovery codes, and what they prove.

use serde::Serialize;

use super::sealed::{self, SealedPlace};
use super::{ActionError, By, Register, Work};
use crate::domain::access::SignInMethod;
use crate::domain::codes::{CodeSecret, RECOVERY_CODES, SECRET_BYTES, recovery_code, recovery_digest};
use crate::domain::ids::{Id, Moment};
use crate::domain::people::Role;
use crate::store::code_generators::{self, CodeGenerator};
use crate::store::sessions::Renewal;
use crate::store::{Db, StoreError, ceremonies, passkeys, people, sessions};

/// How long a secret that no code has confirmed is shown and accepted.
const SET_UP_SECONDS: i64 = 10 * 60;

/// What the audit log keeps of a change to second factors: how many of each there are then.
#[derive(Debug, Serialize)]
pub(super) struct FactorsRecord {
    codes: bool,
    passkeys: i64,
    recovery_codes: i64,
}

impl FactorsRecord {
    pub(super) fn read(db: &mut Db, person: Id) -> Result<Self, StoreError> {
        Ok(Self {
            codes: has_codes(db, person)?,
            passkeys: passkeys::count_of(db, person)?,
            recovery_codes: code_generators::recovery_codes_left(db, person)?,
        })
    }
}

/// Whether somebody has a confirmed generator of one-time codes.
pub fn has_codes(db: &mut Db, person: Id) -> Result<bool, StoreError> {
    Ok(code_generators::find(db, person)?.is_some_and(|generator| generator.confirmed_at.is_some()))
}

/// Whether somebody has a second factor of any kind.
pub fn has_any(db: &mut Db, person: Id) -> Result<bool, StoreError> {
    Ok(has_codes(db, person)? || passkeys::count_of(db, person)? > 0)
}

/// What somebody showed as their second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Proof {
    Code,
    RecoveryCode,
}

/// Checks a typed code and uses it up: the same code of the same half minute, or the same recovery code,
/// proves nothing a second time (RFC 6238 section 5.2, OWASP ASVS 5.0 6.5.1). `None` for a wrong one.
pub(super) fn prove_in(
    work: &mut Work<'_>,
    register: &Register,
    person: Id,
    typed: &str,
) -> Result<Option<Proof>, ActionError> {
    let now = work.by.now;
    if let Some(generator) = code_generators::find(work.db, person)?.filter(|found| found.confirmed_at.is_some())
        && let Some(step) = secret_of(register, &generator)?.step_of(typed, now)
        && code_generators::accept_step(work.db, person, step)?
    {
        return Ok(Some(Proof::Code));
    }
    if let Some(digest) = recovery_digest(typed)
        && code_generators::use_recovery_code(work.db, person, &digest, now)?
    {
        let after = FactorsRecord::read(work.db, person)?;
        work.record("account.use_recovery_code", "account", person, None, Some(&after));
        return Ok(Some(Proof::RecoveryCode));
    }
    Ok(None)
}

/// What is said of a wrong code.
pub fn wrong_code() -> ActionError {
    ActionError::field(
        "code",
        "This code is not right. Write the one that is shown now; each works once, so wait for the next if it was used",
    )
}

/// Begins to set up one-time codes: a new secret, which opens nothing until a first code was right.
///
/// # Errors
/// `Refused` when codes are set up already.
pub fn begin_codes(register: &Register, by: &By) -> Result<(), ActionError> {
    let person = own(by)?;
    let secret = CodeSecret::new(rand::random::<[u8; SECRET_BYTES]>());
    let sealed_secret = sealed::seal(register, &place(person), secret.bytes())?;
    let generator =
        CodeGenerator { person_id: person, sealed_secret, confirmed_at: None, last_step: 0, created_at: by.now };
    let begun = register.database.write(|db| {
        if has_codes(db, person)? {
            return Ok(false);
        }
        code_generators::begin(db, &generator)?;
        Ok::<bool, StoreError>(true)
    })?;
    if begun {
        Ok(())
    } else {
        Err(ActionError::Refused(
            "one-time codes are set up already; remove them first to set them up on another phone".to_owned(),
        ))
    }
}

/// The secret that waits for its first code; `None` when none does, or it has waited too long.
pub fn pending_secret(register: &Register, by: &By) -> Result<Option<CodeSecret>, ActionError> {
    let person = own(by)?;
    let found = {
        let mut db = register.database.read()?;
        code_generators::find(&mut db, person)?
    };
    found.filter(|generator| is_pending(generator, by.now)).map(|one| secret_of(register, &one)).transpose()
}

fn is_pending(generator: &CodeGenerator, now: Moment) -> bool {
    generator.confirmed_at.is_none() && now < generator.created_at.plus_seconds(SET_UP_SECONDS)
}

/// Confirms one-time codes with a first code. Every other session of theirs ends; this one gets a new cookie
/// value. Answers the recovery codes, which nobody can read afterwards.
///
/// # Errors
/// `Invalid` for field `code`; `Refused` when nothing waits for a code.
pub fn confirm_codes(
    register: &Register,
    by: &By,
    session: Id,
    code: &str,
    cookie: &Renewal,
) -> Result<Vec<String>, ActionError> {
    let person = own(by)?;
    register.change(by, |work| {
        let waiting = code_generators::find(work.db, person)?.filter(|generator| is_pending(generator, by.now));
        let Some(generator) = waiting else {
            return Err(ActionError::Refused("this set-up has taken too long; begin it again".to_owned()));
        };
        let before = FactorsRecord::read(work.db, person)?;
        let step = secret_of(register, &generator)?.step_of(code, by.now).ok_or_else(wrong_code)?;
        if !code_generators::accept_step(work.db, person, step)? || !code_generators::confirm(work.db, person, by.now)?
        {
            return Err(wrong_code());
        }
        let codes = new_recovery_codes(work, person)?;
        let method = method_of(work.db, person, session, by.now)?.with_code();
        sessions::renew(work.db, session, cookie, method, by.now)?;
        end_elsewhere(work, person, session)?;
        let after = FactorsRecord::read(work.db, person)?;
        work.record("account.set_up_codes", "account", person, Some(&before), Some(&after));
        Ok(codes)
    })
}

/// Removes one-time codes. Every other session of theirs ends.
pub fn remove_codes(register: &Register, by: &By, session: Id) -> Result<(), ActionError> {
    let person = own(by)?;
    register.change(by, |work| {
        let before = FactorsRecord::read(work.db, person)?;
        if !code_generators::delete(work.db, person)? {
            return Ok(());
        }
        after_removal(work, person, session)?;
        let after = FactorsRecord::read(work.db, person)?;
        work.record("account.remove_codes", "account", person, Some(&before), Some(&after));
        Ok(())
    })
}

/// Makes new recovery codes; the old ones open nothing any more.
///
/// # Errors
/// `Refused` for somebody who has no second factor that they could stand in for.
pub fn make_recovery_codes(register: &Register, by: &By, session: Id) -> Result<Vec<String>, ActionError> {
    let person = own(by)?;
    register.change(by, |work| {
        if !has_any(work.db, person)? {
            return Err(ActionError::Refused("set up one-time codes or a passkey first".to_owned()));
        }
        let before = FactorsRecord::read(work.db, person)?;
        let codes = new_recovery_codes(work, person)?;
        end_elsewhere(work, person, session)?;
        let after = FactorsRecord::read(work.db, person)?;
        work.record("account.make_recovery_codes", "account", person, Some(&before), Some(&after));
        Ok(codes)
    })
}

/// Removes every second factor of somebody who has lost them, with their sessions. What they sign in with
/// next is their password, or a link that an administrator gives.
pub fn remove_all(register: &Register, by: &By, person: Id) -> Result<(), ActionError> {
    by.require(&[Role::Administrator])?;
    register.change(by, |work| {
        work.require_administrator()?;
        people::find(work.db, person)?;
        let before = FactorsRecord::read(work.db, person)?;
        code_generators::delete(work.db, person)?;
        passkeys::delete_of(work.db, person)?;
        code_generators::delete_recovery_codes(work.db, person)?;
        sessions::delete_of(work.db, person)?;
        ceremonies::delete_of(work.db, person)?;
        let after = FactorsRecord::read(work.db, person)?;
        work.record("account.remove_factors", "account", person, Some(&before), Some(&after));
        Ok(())
    })
}

/// What follows the removal of a factor: recovery codes stand in for nothing once the last has gone, and
/// then this session is worth what a password is worth.
pub(super) fn after_removal(work: &mut Work<'_>, person: Id, session: Id) -> Result<(), ActionError> {
    if !has_any(work.db, person)? {
        code_generators::delete_recovery_codes(work.db, person)?;
        let method = method_of(work.db, person, session, work.by.now)?;
        if matches!(method, SignInMethod::PasswordAndCode | SignInMethod::Passkey) {
            sessions::set_method(work.db, session, SignInMethod::Password)?;
        }
    }
    end_elsewhere(work, person, session)
}

/// Ends every other session and every half-done sign-in of somebody whose factors change (OWASP ASVS 5.0 7.4.3).
pub(super) fn end_elsewhere(work: &mut Work<'_>, person: Id, session: Id) -> Result<(), ActionError> {
    sessions::delete_others(work.db, person, session)?;
    ceremonies::delete_of(work.db, person)?;
    Ok(())
}

/// How a session of somebody was opened.
pub(super) fn method_of(db: &mut Db, person: Id, session: Id, now: Moment) -> Result<SignInMethod, ActionError> {
    let found = sessions::of(db, person, now)?.into_iter().find(|row| row.id == session);
    found.map(|row| row.method).ok_or(ActionError::Store(StoreError::NotFound))
}

fn new_recovery_codes(work: &mut Work<'_>, person: Id) -> Result<Vec<String>, ActionError> {
    let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| recovery_code(rand::random())).collect();
    let digests: Vec<Vec<u8>> = codes.iter().filter_map(|code| recovery_digest(code)).collect();
    code_generators::replace_recovery_codes(work.db, person, &digests, work.by.now)?;
    Ok(codes)
}

fn secret_of(register: &Register, generator: &CodeGenerator) -> Result<CodeSecret, ActionError> {
    let bytes = sealed::open(register, &place(generator.person_id), &generator.sealed_secret)?;
    let bytes = bytes.try_into().map_err(|_| StoreError::Damaged("a secret has another length".to_owned()))?;
    Ok(CodeSecret::new(bytes))
}

fn place(person: Id) -> SealedPlace {
    SealedPlace { table: "code_generators", column: "sealed_secret", row: person }
}

/// The person who acts, at their own account.
pub(super) fn own(by: &By) -> Result<Id, ActionError> {
    by.person.ok_or(ActionError::Forbidden)
}
