//! Suspending identities whose expiry has passed. A clinically critical one is never stopped by a timer.

use super::{ActionError, By, Register};
use crate::domain::identities::{Criticality, IdentityState, StateCause};
use crate::domain::ids::Id;
use crate::domain::listing::Cursor;
use crate::store::{StoreError, due, identities};

use super::raise::BATCH;

/// What a batch did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Batch {
    pub suspended: usize,
    /// Somebody changed these meanwhile; the next run looks at them again.
    pub changed_meanwhile: usize,
    /// Where the next batch goes on; `None` when nothing is left.
    pub next: Option<Cursor>,
}

/// Suspends the expired identities after a place, cause expired.
pub fn batch(register: &Register, by: &By, after: Option<&Cursor>) -> Result<Batch, ActionError> {
    by.require_keeper()?;
    let found = due::expired(&mut *register.database.read()?, false, by.now, after, BATCH)?;
    if found.is_empty() {
        return Ok(Batch::default());
    }
    let next = if i64::try_from(found.len()) == Ok(BATCH) { found.last().map(due::Due::cursor) } else { None };
    register.change(by, |work| {
        let mut batch = Batch { next, ..Batch::default() };
        let mut ids: Vec<Id> = found.iter().map(|due| due.id).collect();
        // Always in the same order, so that two replicas wait for each other's rows and not in a circle.
        ids.sort_unstable();
        let mut about = identities::find_many(work.db, &ids)?;
        about.sort_unstable_by_key(|identity| identity.id);
        for before in about {
            // Read again inside the transaction: the state may have changed since the sweep.
            let stoppable = matches!(before.state, IdentityState::Active | IdentityState::Approved)
                && before.criticality != Criticality::Clinical
                && before.has_expired(by.now);
            if !stoppable {
                batch.changed_meanwhile += 1;
                continue;
            }
            let mut after = before.clone();
            after.state = IdentityState::Suspended;
            after.state_cause = StateCause::Expired;
            after.state_changed_at = by.now;
            after.updated_at = by.now;
            after.version += 1;
            match identities::update(work.db, &after) {
                Ok(()) => {
                    work.record("identity.expire", "identity", after.id, Some(&before), Some(&after));
                    batch.suspended += 1;
                }
                Err(StoreError::Conflict) => batch.changed_meanwhile += 1,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(batch)
    })
}

/// A page of identities that care depends on and whose expiry has passed: how many, and the next place.
pub fn clinical_batch(
    register: &Register,
    by: &By,
    after: Option<&Cursor>,
) -> Result<(usize, Option<Cursor>), ActionError> {
    let found = due::expired(&mut *register.database.read()?, true, by.now, after, BATCH)?;
    let next = if i64::try_from(found.len()) == Ok(BATCH) { found.last().map(due::Due::cursor) } else { None };
    Ok((found.len(), next))
}
