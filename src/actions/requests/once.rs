//! A registration that is sent twice is made once.

use super::refused;
use crate::actions::{ActionError, Work};
use crate::domain::registration::Registration;
use crate::domain::requests::RequestError;
use crate::store::locks;
use crate::store::request_repeats::{self, Likeness};

/// Refuses a registration that its requester has sent already and that still waits.
pub(super) fn refuse_repeated(work: &mut Work<'_>, identity: &Registration) -> Result<(), ActionError> {
    let Some(requester) = work.by.person else { return Ok(()) };
    locks::take_turn(work.db, &format!("registrations of {requester}"))?;
    let name_key = identity.name.to_lowercase();
    let like = Likeness {
        requester,
        environment: identity.environment,
        name_key: &name_key,
        client_id: identity.client_id.as_deref(),
    };
    match request_repeats::waiting(work.db, like, work.by.now)? {
        Some(number) => Err(refused(&RequestError::Repeated(number))),
        None => Ok(()),
    }
}
