//! Moving open tasks of people who cannot act any more: they have left, or their account is disabled.
//! A task goes to whoever would get it if it were raised now, and to the security analysts when nobody
//! is left. Its due date stays: that it is late is a fact.

use std::collections::HashMap;

use super::assignees::Owners;
use super::raise::BATCH;
use super::reviews::reviewers::Around;
use super::{ActionError, By, Register, Work, notify, task_moves};
use crate::domain::ids::Id;
use crate::domain::tasks::{AssignedAs, Assignee, AssigneeGroup, TaskAnswer, TaskKind, TaskState};
use crate::store::StoreError;
use crate::store::identities::{self, Identity};
use crate::store::tasks::{self, Task};

/// What a batch did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Batch {
    pub moved: usize,
    /// Of these, how many are with the security analysts because nobody else can act.
    pub to_group: usize,
    /// Questions about ownership to somebody who has left: nobody else can answer them.
    pub closed: usize,
    /// Somebody changed these meanwhile; the next run looks at them again.
    pub changed_meanwhile: usize,
    /// Tasks went to the security analysts, and none of them has an account.
    pub nobody_told: bool,
    /// Whether there may be more to move.
    pub more: bool,
}

/// Moves some of the tasks that have to.
pub fn batch(register: &Register, by: &By) -> Result<Batch, ActionError> {
    by.require_keeper()?;
    let today = register.day(by.now);
    // Read before the transaction: a sweep that finds nothing takes no lock.
    let found = tasks::that_have_to_move(&mut *register.database.read()?, today, BATCH)?;
    if found.is_empty() {
        return Ok(Batch::default());
    }
    register.change(by, |work| {
        let mut ids: Vec<Id> = found.iter().filter_map(|task| task.identity_id).collect();
        ids.sort_unstable();
        ids.dedup();
        let rows = identities::find_many(work.db, &ids)?;
        let owners = Owners::of(work.db, &rows)?;
        let around = Around::of(work.db, &rows, today)?;
        let about: HashMap<Id, Identity> = rows.into_iter().map(|identity| (identity.id, identity)).collect();
        let mut batch = Batch::default();
        let mut moved = Vec::new();
        // In the order of ids, so that two replicas wait for each other's rows and not in a circle.
        for before in &found {
            let Some(identity) = before.identity_id.and_then(|id| about.get(&id)) else { continue };
            let after = match before.kind {
                TaskKind::Ownership => closed(work, before),
                // An owner may have approved it.
                TaskKind::Issuance | TaskKind::Narrowing => {
                    to(before, Assignee::Group { group: AssigneeGroup::Keepers })
                }
                // Who reviews is found by its own rules; where nobody is, whoever is at the top has to find somebody.
                TaskKind::Recertification => to(
                    before,
                    around
                        .reviewers(identity)
                        .resolve(today)
                        .found
                        .unwrap_or(Assignee::Group { group: AssigneeGroup::Administrators }),
                ),
                _ => to(before, owners.candidates(identity).assign(today)),
            };
            match tasks::update(work.db, &after) {
                Ok(()) => {}
                Err(StoreError::Conflict) => {
                    batch.changed_meanwhile += 1;
                    continue;
                }
                Err(other) => return Err(other.into()),
            }
            let action = if after.state == TaskState::Open { "task.move" } else { "task.close" };
            work.record(action, "task", after.id, Some(before), Some(&after));
            if after.state == TaskState::Open {
                moved.push(after);
            } else {
                batch.closed += 1;
            }
        }
        batch.moved = moved.len();
        batch.to_group = moved.iter().filter(|task| task.assignee_group.is_some()).count();
        // A full batch of which nothing could be done is left for the next run.
        batch.more = i64::try_from(found.len()) == Ok(BATCH) && batch.moved + batch.closed > 0;
        batch.nobody_told = notify::queue_for_tasks(register, work, &moved.iter().collect::<Vec<_>>())?;
        Ok(batch)
    })
}

fn to(before: &Task, assignee: Assignee) -> Task {
    let mut after = before.clone();
    after.version += 1;
    let (assigned_as, whither) = match assignee {
        Assignee::Person { assigned_as, .. } => (assigned_as, format!("it went to the {}", assigned_as.label())),
        Assignee::Group { .. } => (
            AssignedAs::Fallback,
            "nobody else who answers for it can be reached, so it went to the security analysts".to_owned(),
        ),
    };
    task_moves::assign(&mut after, assignee, assigned_as);
    let said = format!("whoever had it has left or can no longer sign in; {whither}");
    task_moves::add_note(&mut after, "Moved by Muster", Some(&said));
    after
}

fn closed(work: &Work<'_>, before: &Task) -> Task {
    let mut after = before.clone();
    after.version += 1;
    after.state = TaskState::Cancelled;
    after.answer = Some(TaskAnswer::Obsolete);
    after.closed_at = Some(work.by.now);
    let said = "whoever was named has left; another owner has to be named";
    task_moves::add_note(&mut after, "Closed by Muster", Some(said));
    after
}
