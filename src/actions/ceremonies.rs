//! Ceremonies: what waits for its second step, bound to the browser that did the first. Their state is
//! in the database, so that any replica can take the second step.

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{ActionError, By, Register, Work};
use crate::domain::access::{CEREMONY_SECONDS, CeremonyKind};
use crate::domain::ids::{Id, Moment};
use crate::store::ceremonies::{self, Ceremony};
use crate::store::types::Doc;

/// The digest of a ceremony: of its kind and of the cookie, of whose value `cookie` is the digest. Another
/// browser has another cookie, so it finds no ceremony to take part in.
pub fn bound(kind: CeremonyKind, cookie: &[u8]) -> Vec<u8> {
    Sha256::new()
        .chain_update(b"ceremony\0")
        .chain_update(kind.word().as_bytes())
        .chain_update(b"\0")
        .chain_update(cookie)
        .finalize()
        .to_vec()
}

/// Begins a ceremony inside a change.
pub(super) fn begin_in(
    work: &mut Work<'_>,
    kind: CeremonyKind,
    cookie: &[u8],
    person: Option<Id>,
    state: Value,
    return_to: &str,
) -> Result<(), ActionError> {
    let now = work.by.now;
    ceremonies::begin(work.db, &ceremony(kind, cookie, person, state, return_to, now)).map_err(ActionError::from)
}

/// Begins a ceremony of which nothing is recorded: nobody has proved or changed anything yet.
pub(super) fn begin(
    register: &Register,
    kind: CeremonyKind,
    cookie: &[u8],
    person: Option<Id>,
    state: Value,
    return_to: &str,
    now: Moment,
) -> Result<(), ActionError> {
    let new = ceremony(kind, cookie, person, state, return_to, now);
    register.database.write(|db| ceremonies::begin(db, &new)).map_err(ActionError::from)
}

fn ceremony(
    kind: CeremonyKind,
    cookie: &[u8],
    person: Option<Id>,
    state: Value,
    return_to: &str,
    now: Moment,
) -> Ceremony {
    Ceremony {
        digest: bound(kind, cookie),
        kind,
        person_id: person,
        state: Doc(state),
        return_to: return_to.to_owned(),
        tries: 0,
        created_at: now,
        ends_at: now.plus_seconds(CEREMONY_SECONDS),
    }
}

/// The ceremony under way in that browser.
pub fn find(
    register: &Register,
    kind: CeremonyKind,
    cookie: &[u8],
    now: Moment,
) -> Result<Option<Ceremony>, ActionError> {
    let mut db = register.database.read()?;
    ceremonies::find(&mut db, &bound(kind, cookie), kind, now).map_err(ActionError::from)
}

/// Takes the ceremony under way in that browser: it is used up, whatever comes of it.
pub(super) fn take(
    register: &Register,
    kind: CeremonyKind,
    cookie: &[u8],
    now: Moment,
) -> Result<Option<Ceremony>, ActionError> {
    register.database.write(|db| ceremonies::take(db, &bound(kind, cookie), kind, now)).map_err(ActionError::from)
}

/// Removes ceremonies that nobody finished; answers how many. Each ended by its own rule, so no entry is written.
pub fn purge(register: &Register, by: &By) -> Result<usize, ActionError> {
    by.require_keeper()?;
    register.clear_away(by, |db| ceremonies::purge(db, by.now))
}
