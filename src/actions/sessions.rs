//! Sessions: whose they are, using them, ending them.

use super::{ActionError, By, Register};
use crate::domain::access::CONFIRMED_SECONDS;
use crate::domain::break_glass;
use crate::domain::ids::{Id, Moment};
use crate::domain::people::has_left;
use crate::store::held_forms;
use crate::store::sessions::{self, SignedIn};

/// Use is noted at most this often, so that reading pages writes little.
const NOTED_EVERY_SECONDS: i64 = 30;

/// Who holds the session, if it is still good; notes that it was used.
pub fn resume(register: &Register, digest: &[u8], now: Moment) -> Result<Option<SignedIn>, ActionError> {
    let found = {
        let mut db = register.database.read()?;
        sessions::signed_in(&mut db, digest, now)?
    };
    let Some(mut session) = found else { return Ok(None) };
    // Turned off, it ends for everybody at once; and no other role is ever raised.
    let raised = break_glass::role_now(session.role, true) != session.role;
    session.emergency = session.emergency.filter(|_| raised && register.deployment.access.break_glass);
    let limits = register.deployment.access.sessions;
    let good = limits.hold(session.last_seen_at, session.ends_at, now)
        && session.disabled_at.is_none()
        && !has_left(session.left_on, now.date());
    if !good {
        return Ok(None);
    }
    if now > session.last_seen_at.plus_seconds(NOTED_EVERY_SECONDS) {
        register.database.write(|db| sessions::touch(db, digest, now))?;
    }
    Ok(Some(session))
}

/// Ends a session.
pub fn sign_out(register: &Register, by: &By, session: Id) -> Result<(), ActionError> {
    register.change(by, |work| {
        sessions::delete(work.db, session)?;
        if let Some(person) = by.person {
            work.record::<()>("account.sign_out", "account", person, None, None);
        }
        Ok(())
    })
}

/// How much of what had ended was removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Purged {
    pub sessions: usize,
    pub held_forms: usize,
    pub ceremonies: usize,
}

/// Removes sessions, forms that waited and steps of signing in that have ended. Each ended by its own
/// rule, so no entry is written.
pub fn purge(register: &Register, by: &By) -> Result<Purged, ActionError> {
    by.require_keeper()?;
    let idle_since = by.now.plus_seconds(-register.deployment.access.sessions.idle_seconds);
    register.clear_away(by, |db| {
        Ok(Purged {
            // Later by as long as a page may be open from which it is sent on.
            held_forms: held_forms::purge(db, by.now.plus_seconds(-CONFIRMED_SECONDS))?,
            ceremonies: sessions::purge_ceremonies(db, by.now)?,
            sessions: sessions::purge(db, by.now, idle_since)?,
        })
    })
}
