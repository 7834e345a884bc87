//! Ending sessions from a list of them: one's own, or as an administrator those of somebody else.
//!
//! The next request with such a session's cookie is refused by every replica, because each looks the
//! session up in the database (OWASP ASVS 5.0 7.4.1, 7.4.5, 7.5.2).

use super::{ActionError, By, Register};
use crate::domain::ids::Id;
use crate::domain::people::Role;
use crate::store::{StoreError, people, sessions};

/// Ends one of the actor's own sessions.
///
/// # Errors
/// `NotFound` for a session that is not theirs, as for one that does not exist.
pub fn one(register: &Register, by: &By, session: Id) -> Result<(), ActionError> {
    let person = by.person.ok_or(ActionError::Forbidden)?;
    register.change(by, |work| {
        if !sessions::delete_one_of(work.db, person, session)? {
            return Err(StoreError::NotFound.into());
        }
        work.record::<()>("account.end_session", "account", person, None, None);
        Ok(())
    })
}

/// Ends every session of the actor but the one they act in; answers how many.
pub fn others(register: &Register, by: &By, kept: Id) -> Result<usize, ActionError> {
    let person = by.person.ok_or(ActionError::Forbidden)?;
    register.change(by, |work| {
        let ended = sessions::delete_others(work.db, person, kept)?;
        if ended > 0 {
            work.record_because::<()>("account.end_other_sessions", "account", person, Some(&words(ended)), None, None);
        }
        Ok(ended)
    })
}

/// Ends every session of a person, in an administrator's name.
pub fn all_of(register: &Register, by: &By, person: Id) -> Result<(), ActionError> {
    by.require(&[Role::Administrator])?;
    register.change(by, |work| {
        people::find(work.db, person)?;
        let ended = sessions::delete_of(work.db, person)?;
        work.record_because::<()>("account.end_sessions", "account", person, Some(&words(ended)), None, None);
        Ok(())
    })
}

fn words(count: usize) -> String {
    if count == 1 { "1 session".to_owned() } else { format!("{count} sessions") }
}
