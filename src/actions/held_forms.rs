//! Forms that wait while their sender proves again who they are.
//!
//! Nothing of the register changes by them, so they are no entry of the audit log: what they ask for
//! is recorded when it is done.

use super::{ActionError, Register};
use crate::domain::access::HELD_SECONDS;
use crate::domain::guard::typed::holds_a_secret;
use crate::domain::ids::{Id, Moment};
use crate::store::held_forms::{self, HeldForm};
use crate::store::types::Doc;

/// The longest form that waits: the names and texts of its fields, in bytes.
pub const LONGEST: usize = 64 * 1024;

/// As many forms wait for one session at the same time.
const MOST: i64 = 20;

/// Fields that are written in words; ids and digests stand in others.
const WRITTEN: &[&str] =
    &["reason", "decision_reason", "withdraw_reason", "evidence", "urgency", "purpose", "description", "note"];

/// Whether a field of that name holds what may not be kept, not even for ten minutes.
fn is_secret(name: &str) -> bool {
    name.contains("password") || name == "code" || name == "secret"
}

/// Keeps a form for its session; answers the id under which it waits. `before` is the same form when
/// it had waited already and was sent too late.
///
/// # Errors
/// `Refused` for a form that is too long, holds a password, or comes after too many others.
pub fn hold(
    register: &Register,
    session: Id,
    target: String,
    fields: Vec<(String, String)>,
    before: Option<Id>,
    now: Moment,
) -> Result<Id, ActionError> {
    if fields.iter().any(|(name, text)| is_secret(name) && !text.is_empty()) {
        return Err(ActionError::Refused(
            "this form holds a password, which is not kept while you prove again who you are; do that first, from \
             your account, and then fill the form in again"
                .to_owned(),
        ));
    }
    if fields.iter().any(|(name, text)| WRITTEN.contains(&name.as_str()) && holds_a_secret(text)) {
        return Err(ActionError::Refused(
            "this form seems to hold a password or a key, and those are never kept here; go back, take it out and \
             write where it is kept instead"
                .to_owned(),
        ));
    }
    if fields.iter().map(|(name, text)| name.len() + text.len()).sum::<usize>() > LONGEST {
        return Err(ActionError::Refused(
            "this form is longer than the 64 KiB that can wait while you prove again who you are; do that first, from \
             your account, and send it again"
                .to_owned(),
        ));
    }
    let form = HeldForm {
        id: Id::new(),
        session_id: session,
        target,
        fields: Doc(fields),
        created_at: now,
        ends_at: now.plus_seconds(HELD_SECONDS),
        sent_at: None,
    };
    register.database.write(|db| {
        if let Some(before) = before {
            held_forms::delete(db, session, before)?;
        }
        if held_forms::count(db, session, now)? >= MOST {
            return Err(ActionError::Refused(format!(
                "{MOST} forms wait already until you prove again who you are; do that first, from your account"
            )));
        }
        held_forms::insert(db, &form)?;
        Ok(form.id)
    })
}

/// Takes a form that waited, to be sent on to its target; answers whether it was there, which is so once.
pub fn claim(register: &Register, session: Id, id: Id, target: &str, now: Moment) -> Result<bool, ActionError> {
    register.database.write(|db| held_forms::claim(db, session, id, target, now)).map_err(ActionError::from)
}

/// After it was sent on: forgets it when that was done, else lets it wait on, so that nothing typed is lost.
pub fn settle(register: &Register, session: Id, id: Id, done: bool) -> Result<(), ActionError> {
    register
        .database
        .write(|db| if done { held_forms::delete(db, session, id) } else { held_forms::release(db, id) })
        .map_err(ActionError::from)
}
