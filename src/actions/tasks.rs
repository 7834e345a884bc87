//! Answering tasks. An answer is bound to the version of the task and of the identity that were shown:
//! if either changed meanwhile, nothing is recorded and the reader sees what changed.

use super::assignees::Owners;
use super::{ActionError, By, FieldError, Register, Work, task_effects as effects, task_moves as moves};
use crate::domain::answers::{self, Answered, Asked, Decision, Typed};
use crate::domain::ids::Id;
use crate::domain::people::Role;
use crate::domain::permissions::{Permission, allows};
use crate::domain::task_words::date_words;
use crate::domain::tasks::{TaskAnswer, TaskState};
use crate::store::identities::{self, Identity};
use crate::store::tasks::{self, Task};
use crate::store::{Db, StoreError};

/// What somebody answers, and what they saw when they did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    pub task: Id,
    /// The version of the task that was shown.
    pub version: i64,
    /// The version of the identity that was shown.
    pub identity_version: i64,
    /// Nothing is chosen for anybody: without an answer nothing is recorded.
    pub answer: Option<TaskAnswer>,
    pub reason: String,
    /// The end date that an identity gets, as typed.
    pub until: String,
    /// Who else should do it, as typed.
    pub somebody: String,
}

/// Whether somebody may answer a task, or why not, in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MayAnswer {
    Yes,
    No(&'static str),
}

/// Whether `by` may answer a task: whoever has it, the deputy of the business owner who has it, and
/// keepers of the register.
pub fn may_answer(task: &Task, identity: &Identity, owners: &Owners, person: Option<Id>, role: Role) -> MayAnswer {
    let Some(person) = person else { return MayAnswer::Yes };
    if role == Role::Auditor {
        return MayAnswer::No("Auditors read and change nothing.");
    }
    if may_set_dates(role) || task.assignee_id == Some(person) {
        return MayAnswer::Yes;
    }
    let owner_has_it = task.assignee_id.is_some() && task.assignee_id == identity.business_owner_id;
    if owner_has_it && owners.is_deputy(identity, person) {
        return MayAnswer::Yes;
    }
    MayAnswer::No(
        "This is assigned to somebody else. Whoever has it can answer, the deputy of the business owner who has it, \
         or a security analyst.",
    )
}

/// Whether an end date that somebody of that role gives is set at once: only who keeps the register
/// may change an expiry. From anybody else it is a question to the security analysts.
pub fn may_set_dates(role: Role) -> bool {
    allows(Some(role), Permission::KeepRegister)
}

/// The answers that a task can be given, in the order in which they are offered.
pub fn answers(task: &Task, identity: &Identity, role: Role) -> Vec<TaskAnswer> {
    Asked { kind: task.kind, cause: task.cause, state: identity.state, keeper: may_set_dates(role) }.offered()
}

/// Answers a task.
///
/// - until: who keeps the register gives the identity that end date; from anybody else the task goes
///   to the security analysts, who decide about the date.
/// - another: the task stays open and goes to whoever was named.
/// - done: somebody says how the identity was stopped. It is not shown as revoked: only proof may do
///   that.
/// - obsolete: keepers only, where what the task was about has changed.
///
/// # Errors
/// `Store(Conflict)` when the task or the identity changed since it was shown; `Invalid` names every
/// field that is wrong.
pub fn answer(register: &Register, by: &By, reply: &Reply) -> Result<Task, ActionError> {
    by.refuse_tokens()?;
    register.change(by, |work| {
        let (before, identity, owners) = load(work.db, reply.task)?;
        if before.state != TaskState::Open
            || before.version != reply.version
            || identity.version != reply.identity_version
        {
            return Err(StoreError::Conflict.into());
        }
        // After the versions: whoever sends the same answer twice, and has given the task away with
        // the first, is told that it was answered and not that they may not.
        if let MayAnswer::No(_) = may_answer(&before, &identity, &owners, by.person, by.role) {
            return Err(ActionError::Forbidden);
        }
        let (decision, reason) = read(register, by, reply, &answers(&before, &identity, by.role))?;
        let mut after = before.clone();
        after.version += 1;
        after.answer = reply.answer;
        let reason = reason.as_deref();
        let heading = match (&decision, reply.answer) {
            (Decision::Until(date), _) => format!("Still needed until {}", date_words(*date)),
            (_, answer) => answer.map_or("", TaskAnswer::label).to_owned(),
        };
        moves::add_note(&mut after, &heading, reason);
        match &decision {
            Decision::Another(named) => moves::to_somebody(work, register, &before, &mut after, named, reason)?,
            Decision::Until(date) if !may_set_dates(by.role) => {
                after.wanted_until = Some(*date);
                moves::ask_for_end_date(work, register, &before, &mut after, reason)?;
            }
            _ => close(work, register, &before, &mut after, &identity, &decision, reason)?,
        }
        Ok(after)
    })
}

fn read(register: &Register, by: &By, reply: &Reply, offered: &[TaskAnswer]) -> Result<Answered, ActionError> {
    let typed = Typed { answer: reply.answer, reason: &reply.reason, until: &reply.until, somebody: &reply.somebody };
    answers::read(typed, offered, register.day(by.now)).map_err(|faults| {
        ActionError::Invalid(faults.iter().map(|fault| FieldError::new(fault.field(), fault.to_string())).collect())
    })
}

/// Closes a task with a decision, and does what was decided.
fn close(
    work: &mut Work<'_>,
    register: &Register,
    before: &Task,
    after: &mut Task,
    identity: &Identity,
    decision: &Decision,
    reason: Option<&str>,
) -> Result<(), ActionError> {
    after.state = if *decision == Decision::Obsolete { TaskState::Cancelled } else { TaskState::Done };
    after.closed_at = Some(work.by.now);
    after.closed_by = work.by.person;
    if let Decision::Until(date) = decision {
        after.wanted_until = Some(*date);
    }
    tasks::update(work.db, after)?;
    work.record_because("task.answer", "task", after.id, reason, Some(before), Some(&*after));
    match decision {
        Decision::Until(date) => effects::keep_until(work, register, identity, *date, reason),
        Decision::Done | Decision::Obsolete | Decision::Another(_) => Ok(()),
    }
}

/// A task, its identity and who answers for that.
pub fn load(db: &mut Db, id: Id) -> Result<(Task, Identity, Owners), StoreError> {
    let task = tasks::find(db, id)?;
    let Some(identity) = task.identity_id else { return Err(StoreError::NotFound) };
    let identity = identities::find(db, identity)?;
    let owners = Owners::of(db, std::slice::from_ref(&identity))?;
    Ok((task, identity, owners))
}
