//! Raising tasks: a bounded batch in a transaction, with its audit entries and its mail.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::assignees::Owners;
use super::{ActionError, By, Register, Work, notify};
use crate::domain::identities::Criticality;
use crate::domain::ids::Id;
use crate::domain::listing::Cursor;
use crate::domain::task_words::{self, OFFBOARDING_DAYS, ReasonFacts, days_after};
use crate::domain::tasks::{TaskCause, TaskKind};
use crate::store::identities::{self, Identity};
use crate::store::tasks::{self, Raised, Task};
use crate::store::{Db, StoreError, due};

/// Identities handled in a transaction.
pub const BATCH: i64 = 500;

/// What a batch did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Batch {
    pub raised: usize,
    /// Of these, how many are with the group of security analysts because no owner can act.
    pub to_group: usize,
    /// Of these, how many are about identities that care depends on.
    pub clinical: usize,
    /// Tasks went to the security analysts, and none of them has an account.
    pub nobody_told: bool,
    /// Where the next batch goes on; `None` when nothing is left.
    pub next: Option<Cursor>,
}

/// Raises the offboardings of a cause for the identities after a place, as soon as it holds. Reviews are opened by
/// `reviews::open`.
pub fn batch(register: &Register, by: &By, cause: TaskCause, after: Option<&Cursor>) -> Result<Batch, ActionError> {
    by.require_keeper()?;
    let today = register.day(by.now);
    // Read before the transaction: a sweep that finds nothing takes no lock.
    let found = due::without_tasks(&mut *register.database.read()?, cause, by.now, today, after, BATCH)?;
    if found.is_empty() {
        return Ok(Batch::default());
    }
    let next = if i64::try_from(found.len()) == Ok(BATCH) { found.last().map(due::Due::cursor) } else { None };
    register.change(by, |work| {
        let ids: Vec<Id> = found.iter().map(|due| due.id).collect();
        let about: HashMap<Id, Identity> =
            identities::find_many(work.db, &ids)?.into_iter().map(|identity| (identity.id, identity)).collect();
        let owners = Owners::of(work.db, &about.values().cloned().collect::<Vec<_>>())?;
        let raised: Vec<Task> = found
            .iter()
            .filter_map(|due| about.get(&due.id).map(|identity| (due, identity)))
            .map(|(due, identity)| raise(work, identity, &owners, cause, due.on, today))
            .collect();
        let new = tasks::insert_new(work.db, &raised)?;
        // Another replica may have been faster; what it raised is its to report.
        let raised: Vec<&Task> = raised.iter().filter(|task| new.contains(&task.id)).collect();
        for task in &raised {
            work.record("task.raise", "task", task.id, None, Some(*task));
        }
        let nobody_told = notify::queue_for_tasks(register, work, &raised)?;
        Ok(Batch {
            raised: raised.len(),
            to_group: raised.iter().filter(|task| task.assignee_group.is_some()).count(),
            clinical: raised
                .iter()
                .filter(|task| task.identity_id.and_then(|id| about.get(&id)).is_some_and(is_clinical))
                .count(),
            nobody_told,
            next,
        })
    })
}

/// Stores one task and tells its assignee; answers whether it is new.
pub fn one(register: &Register, work: &mut Work<'_>, task: &Task) -> Result<bool, ActionError> {
    if !tasks::insert_if_new(work.db, task)? {
        return Ok(false);
    }
    work.record("task.raise", "task", task.id, None, Some(task));
    notify::queue_for_tasks(register, work, &[task])?;
    Ok(true)
}

/// Raises the offboarding of one identity that is being revoked, in the transaction that decided it;
/// answers it when it is new.
pub fn raise_revoking(
    register: &Register,
    work: &mut Work<'_>,
    identity: &Identity,
) -> Result<Option<Task>, ActionError> {
    raise_stopping(register, work, identity, TaskCause::Revoking)
}

/// The same for another cause to stop it.
pub fn raise_stopping(
    register: &Register,
    work: &mut Work<'_>,
    identity: &Identity,
    cause: TaskCause,
) -> Result<Option<Task>, ActionError> {
    let owners = Owners::of(work.db, std::slice::from_ref(identity))?;
    let on = identity.state_changed_at.date();
    let task = raise(work, identity, &owners, cause, on, register.day(work.by.now));
    Ok(one(register, work, &task)?.then_some(task))
}

fn raise(
    work: &Work<'_>,
    identity: &Identity,
    owners: &Owners,
    cause: TaskCause,
    on: NaiveDate,
    today: NaiveDate,
) -> Task {
    let (kind, due_on) = (TaskKind::Offboarding, days_after(today, OFFBOARDING_DAYS));
    let facts = ReasonFacts { clinical: is_clinical(identity), vendor_managed: identity.vendor_managed };
    Task::new(
        Raised {
            kind,
            cause,
            identity: identity.id,
            request: None,
            review: None,
            period: task_words::period(cause, on),
            reason: task_words::reason(cause, on, facts),
            assignee: owners.candidates(identity).assign(today),
            due_on,
        },
        work.by.now,
    )
}

fn is_clinical(identity: &Identity) -> bool {
    identity.criticality == Criticality::Clinical
}

/// How many identities have come due for a cause and have no task yet, counted no further than a batch.
pub fn waiting(db: &mut Db, register: &Register, by: &By, cause: TaskCause) -> Result<usize, StoreError> {
    Ok(due::without_tasks(db, cause, by.now, register.day(by.now), None, BATCH)?.len())
}
