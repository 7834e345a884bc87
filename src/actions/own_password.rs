//! One's own password.

use super::attempts::{self, Subject};
use super::opening::Caller;
use super::{ActionError, By, Register, passwords};
use crate::domain::ids::Id;
use crate::domain::passwords::PasswordError;
use crate::store::{StoreError, account_links, people, sessions};

/// Changes one's own password: the old one is asked, every other session ends, and the session goes on under
/// the digest of a new cookie value (OWASP ASVS 5.0 6.2.2, 6.2.3, 7.4.3).
///
/// # Errors
/// `TooMany` before anything is compared; `Invalid` for the fields `old_password` and `password`; `Refused`
/// for an account without a password.
pub fn change(
    register: &Register,
    by: &By,
    session: Id,
    (old, new): (&str, &str),
    digest: &[u8],
    caller: &Caller,
) -> Result<(), ActionError> {
    let person = by.person.ok_or(ActionError::Forbidden)?;
    let (known, account) = {
        let mut db = register.database.read()?;
        (people::find(&mut db, person)?, people::account(&mut db, person)?)
    };
    let Some(before_hash) = account.and_then(|account| account.password_hash) else {
        return Err(ActionError::Refused("this account has no password to change".to_owned()));
    };
    let counted = Subject::account(register, &known.email);
    let network = Subject::network(register, &caller.address);
    let subjects: Vec<&Subject> = [Some(&counted), network.as_ref()].into_iter().flatten().collect();
    attempts::take(register, by, &person.to_string(), &subjects)?;
    if !passwords::matches(old, Some(&before_hash))? {
        register.change(by, |work| {
            work.record_refusal("account.change_password", "account", person, "the old password was not right");
            Ok(())
        })?;
        return Err(ActionError::field("old_password", "This is not your password; write the one you have now"));
    }
    register.change(by, |work| counted.forgive_in(work))?;
    if old == new {
        return Err(passwords::invalid(PasswordError::Unchanged));
    }
    passwords::check(register, &known.name, &known.email, new)?;
    let hash = passwords::hash(new)?;
    register.change(by, |work| {
        let before = people::account(work.db, person)?
            .filter(|account| account.password_hash.as_ref() == Some(&before_hash))
            .ok_or(StoreError::Conflict)?;
        let mut after = before.clone();
        after.password_hash = Some(hash);
        after.updated_at = by.now;
        after.version += 1;
        people::update_account(work.db, &after)?;
        account_links::end_of(work.db, person, by.now)?;
        sessions::keep_only(work.db, person, session, digest)?;
        work.record("account.change_password", "account", person, Some(&before), Some(&after));
        Ok(())
    })
}
