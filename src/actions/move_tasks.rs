//! Moving open tasks of people who cannot act any more: they have left, or their account is disabled.
//! A task goes to whoever would get it if it were raised now, and to the security analysts when nobody
//! is left. Its due date stays: that it is late is a fact.

use std::collections::HashMap;

use super::assignees::Owners;
use super::raise::BATCH;
use super::reviews::moving;
use super::reviews::reviewers::Around;
use super::{ActionError, By, Register, Work, notify, task_moves};
use crate::domain::ids::Id;
use crate::domain::tasks::{AssignedAs, Assignee, AssigneeGroup, TaskAnswer, TaskKind, TaskState};
use crate::store::StoreError;
use crate::store::identities::{self, Identity};
use crate::store::reviews::{self, Review};
use crate::store::tasks::{self, Task};
use crate::store::types::Doc;

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
        let around = Around::of(work.db, register, &rows, today)?;
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
                TaskKind::ReviewQuestion => to(before, Assignee::Group { group: AssigneeGroup::SecurityAnalysts }),
                // Who reviews is found by its own rules.
                TaskKind::Recertification => {
                    reviewed_by_others(work, register, before, identity, &around)?;
                    batch.moved += 1;
                    continue;
                }
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
        batch.moved += moved.len();
        batch.to_group = moved.iter().filter(|task| task.assignee_group.is_some()).count();
        // A full batch of which nothing could be done is left for the next run.
        batch.more = i64::try_from(found.len()) == Ok(BATCH) && batch.moved + batch.closed > 0;
        batch.nobody_told = notify::queue_for_tasks(register, work, &moved.iter().collect::<Vec<_>>())?;
        Ok(batch)
    })
}

/// Whoever would be asked now is asked about the review, and its way says so.
fn reviewed_by_others(
    work: &mut Work<'_>,
    register: &Register,
    task: &Task,
    identity: &Identity,
    around: &Around,
) -> Result<(), ActionError> {
    let Some(id) = task.review_id else { return Ok(()) };
    reviews::hold(work.db, id)?;
    let before = reviews::find(work.db, id)?;
    let way = around.reviewers_of(identity, &before).resolve(register.day(work.by.now)).way;
    let after = Review { resolution: Doc(way), version: before.version + 1, ..before.clone() };
    reviews::update(work.db, &after)?;
    work.record("review.find_reviewer", "review", id, Some(&before), Some(&after));
    let because = "whoever had it has left or can no longer sign in";
    moving::instead(work, register, &after, identity, around, task, because)
}

fn to(before: &Task, assignee: Assignee) -> Task {
    let mut after = before.clone();
    after.version += 1;
    let (assigned_as, whither) = match assignee {
        Assignee::Person { assigned_as, .. } => (assigned_as, format!("it went to the {}", assigned_as.label())),
        Assignee::Group { group } => (
            AssignedAs::Fallback,
            format!("nobody else who answers for it can be reached, so it went to {}", group_words(group)),
        ),
    };
    task_moves::assign(&mut after, assignee, assigned_as);
    let said = format!("whoever had it has left or can no longer sign in; {whither}");
    task_moves::add_note(&mut after, "Moved by Muster", Some(&said));
    after
}

fn group_words(group: AssigneeGroup) -> &'static str {
    match group {
        AssigneeGroup::SecurityAnalysts => "the security analysts",
        AssigneeGroup::EmergencyReviewers => "the administrators and security analysts",
        AssigneeGroup::Keepers => "whoever keeps the register",
        AssigneeGroup::Administrators => "the administrators",
    }
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
