//! Opening a session, whatever proved who somebody is.

use super::{ActionError, By, Register, Work};
use crate::domain::access::SignInMethod;
use crate::domain::ids::{Id, Moment};
use crate::store::people;
use crate::store::sessions::{self, Session};

/// Where a request comes from, as far as it is known: kept with the session it opens.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Caller {
    /// The network address; empty when it is not known.
    pub address: String,
    /// What the browser calls itself, at most 300 characters.
    pub agent: String,
    pub request_id: Option<String>,
    /// The session that this browser has until now. It ends when another one is opened (OWASP ASVS 5.0 7.2.4).
    pub session: Option<Id>,
}

/// What is said whatever was wrong.
pub(super) fn not_right() -> ActionError {
    ActionError::Refused("The e-mail address or the password is not right".to_owned())
}

/// Somebody of whom nothing is proved yet.
pub(super) fn stranger(caller: &Caller, now: Moment) -> By {
    By { request_id: caller.request_id.clone(), ..By::setup(now) }.at_address(&caller.address)
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
    if let Some(before) = caller.session {
        sessions::delete(work.db, before)?;
    }
    sessions::insert(work.db, &session)?;
    let how = Some(method.label());
    work.record_because::<()>("account.sign_in", "account", person, how, None, None);
    Ok(())
}
