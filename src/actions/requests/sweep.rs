//! What happens to requests by themselves: what is due takes effect, what nobody decided expires, what
//! nobody answered in time goes to somebody else.

use super::{decide, settle, stages};
use crate::actions::{ActionError, By, Register, Work};
use crate::domain::requests::{RequestKind, RequestState};
use crate::domain::tasks::TaskAnswer;
use crate::store::StoreError;
use crate::store::identities;
use crate::store::requests::{self, Request};

/// Requests handled in a sweep's read.
const BATCH: i64 = 200;

/// What a sweep did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    pub applied: usize,
    pub expired: usize,
    /// Tasks that went to somebody else.
    pub moved: usize,
    /// Somebody changed these meanwhile; the next run looks at them again.
    pub changed_meanwhile: usize,
    /// Requests whose next step this register refused, with the first reason.
    pub failed: usize,
}

/// Does what is due. Each request is a transaction of its own: one that cannot be done stops no other.
pub fn sweep(
    register: &Register,
    by: &By,
    mut between: impl FnMut() -> Result<(), ActionError>,
) -> Result<Swept, ActionError> {
    by.require_keeper()?;
    let mut swept = Swept::default();
    let due = requests::to_apply(&mut *register.database.read()?, by.now, BATCH)?;
    for request in due {
        between()?;
        let done = register.change(by, |work| settle::apply_in(work, register, request.id));
        swept.count(done, |swept| swept.applied += 1)?;
    }
    let late = requests::to_expire(&mut *register.database.read()?, by.now, BATCH)?;
    for request in late {
        between()?;
        let done = register.change(by, |work| {
            expire(work, &request)?;
            decide::notify_requester(work, register, &request)
        });
        swept.count(done, |swept| swept.expired += 1)?;
    }
    let mut place = 0;
    loop {
        between()?;
        let waiting = requests::waiting(&mut *register.database.read()?, by.now, place, BATCH)?;
        let Some(last) = waiting.last() else { return Ok(swept) };
        place = last.number;
        for request in waiting {
            let done = register.change(by, |work| stages::move_on(work, register, request.id));
            match done {
                Ok(false) => {}
                other => swept.count(other.map(drop), |swept| swept.moved += 1)?,
            }
        }
    }
}

impl Swept {
    fn count(&mut self, done: Result<(), ActionError>, count: impl FnOnce(&mut Self)) -> Result<(), ActionError> {
        match done {
            Ok(()) => count(self),
            Err(ActionError::Store(StoreError::Conflict)) => self.changed_meanwhile += 1,
            Err(ActionError::Refused(why)) => {
                tracing::warn!(why, "a request could not go on");
                self.failed += 1;
            }
            Err(other) => return Err(other),
        }
        Ok(())
    }
}

/// Writes down that nobody decided in time.
pub(super) fn expire(work: &mut Work<'_>, before: &Request) -> Result<(), ActionError> {
    requests::hold(work.db, before.id)?;
    let after =
        Request { state: RequestState::Expired, moved_at: work.by.now, version: before.version + 1, ..before.clone() };
    requests::update(work.db, &after)?;
    work.record("request.expire", "request", after.id, Some(before), Some(&after));
    stages::close_all(work, after.id, TaskAnswer::Obsolete, "nobody decided in time, and the request expired")?;
    if after.kind != RequestKind::Change {
        let identity = identities::find(work.db, after.identity_id)?;
        decide::reject(work, &identity, Some("nobody decided in time"))?;
    }
    Ok(())
}
