//! Answering tasks. An answer is bound to the version of the task and of the identity that were shown:
//! if either changed meanwhile, nothing is recorded and the reader sees what changed.

use super::assignees::Owners;
use super::{ActionError, By, Register, Work, notify, raise};
use crate::domain::identities::{IdentityState, StateCause};
use crate::domain::ids::Id;
use crate::domain::people::{Role, has_left};
use crate::domain::task_words::{DEFAULT_REVIEW_INTERVAL_DAYS, days_after, period};
use crate::domain::tasks::{AssignedAs, Assignee, AssigneeGroup, TaskAnswer, TaskCause, TaskKind, TaskState};
use crate::store::identities::{self, Identity};
use crate::store::tasks::{self, Task};
use crate::store::{Db, StoreError, people};

/// The longest reason or note, in characters.
pub const LONGEST_NOTE: usize = 2_000;

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
    if matches!(role, Role::Administrator | Role::SecurityAnalyst) || task.assignee_id == Some(person) {
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

/// The answers that a task can be given, in the order in which they are offered.
pub fn answers(task: &Task, role: Role) -> Vec<TaskAnswer> {
    let keeper = matches!(role, Role::Administrator | Role::SecurityAnalyst);
    let mut offered = match task.kind {
        TaskKind::Recertification => vec![TaskAnswer::Keep, TaskAnswer::Remove],
        TaskKind::Offboarding => vec![TaskAnswer::Done],
        TaskKind::Ownership => Vec::new(),
    };
    if task.kind == TaskKind::Recertification && task.assignee_group.is_none() {
        offered.push(TaskAnswer::DontKnow);
    }
    if keeper && task.kind != TaskKind::Ownership {
        offered.push(TaskAnswer::Obsolete);
    }
    offered
}

/// Answers a task.
///
/// - keep: the identity is reviewed again after its interval, or after
///   [`DEFAULT_REVIEW_INTERVAL_DAYS`] when it has none.
/// - remove: the identity goes to revoking, cause no longer needed, and its offboarding is raised.
/// - don't know: never a yes. The task stays open and goes to the technical owner, else to the
///   security analysts.
/// - done: somebody says how the identity was stopped. It is not shown as revoked: only proof may do
///   that.
/// - obsolete: keepers only, where what the task was about has changed.
///
/// # Errors
/// `Store(Conflict)` when the task or the identity changed since it was shown.
pub fn answer(register: &Register, by: &By, reply: &Reply) -> Result<Task, ActionError> {
    register.change(by, |work| {
        let (before, identity, owners) = load(work.db, reply.task)?;
        if let MayAnswer::No(_) = may_answer(&before, &identity, &owners, by.person, by.role) {
            return Err(ActionError::Forbidden);
        }
        if before.state != TaskState::Open
            || before.version != reply.version
            || identity.version != reply.identity_version
        {
            return Err(StoreError::Conflict.into());
        }
        let offered = answers(&before, by.role);
        let Some(answer) = reply.answer.filter(|answer| offered.contains(answer)) else {
            return Err(ActionError::field("answer", "Choose one of the answers; nothing was recorded"));
        };
        let reason = read_reason(answer, &reply.reason)?;
        let mut after = before.clone();
        after.version += 1;
        after.answer = Some(answer);
        add_note(&mut after, answer.label(), reason.as_deref());
        if answer == TaskAnswer::DontKnow {
            hand_on(work, register, &before, &mut after, &identity, &owners, reason.as_deref())?;
            return Ok(after);
        }
        after.state = if answer == TaskAnswer::Obsolete { TaskState::Cancelled } else { TaskState::Done };
        after.closed_at = Some(by.now);
        after.closed_by = by.person;
        tasks::update(work.db, &after)?;
        work.record_because("task.answer", "task", after.id, reason.as_deref(), Some(&before), Some(&after));
        match answer {
            TaskAnswer::Keep => keep(work, register, identity, reason.as_deref())?,
            TaskAnswer::Remove => remove(work, register, identity, reason.as_deref())?,
            TaskAnswer::Obsolete => check_obsolete(&before, &identity)?,
            _ => {}
        }
        Ok(after)
    })
}

/// Gives a task to a person by hand.
pub fn reassign(
    register: &Register,
    by: &By,
    task: Id,
    version: i64,
    to: Option<Id>,
    reason: &str,
) -> Result<Task, ActionError> {
    by.require_keeper()?;
    let to = to.ok_or_else(|| ActionError::field("assignee", "Choose who is to have it"))?;
    let reason = typed(reason).map_err(|message| ActionError::field("reassign_reason", message))?;
    let reason = reason.ok_or_else(|| {
        ActionError::field("reassign_reason", "Write why it goes to somebody else; they will read it")
    })?;
    register.change(by, |work| {
        let before = tasks::find(work.db, task)?;
        if before.state != TaskState::Open || before.version != version {
            return Err(StoreError::Conflict.into());
        }
        if before.kind == TaskKind::Ownership {
            return Err(ActionError::Refused(
                "nobody can accept an ownership for somebody else; name another owner of the identity".to_owned(),
            ));
        }
        let person = people::find(work.db, to).map_err(|error| match error {
            StoreError::NotFound => ActionError::field("assignee", "Choose somebody from the list"),
            other => other.into(),
        })?;
        if has_left(person.left_on, register.day(by.now)) {
            return Err(ActionError::field("assignee", "This person has left; choose somebody who is here"));
        }
        if before.assignee_id == Some(to) {
            return Err(ActionError::field("assignee", "This person has it already; choose somebody else"));
        }
        let mut after = before.clone();
        after.version += 1;
        assign(&mut after, Assignee::Person { person: to, assigned_as: AssignedAs::ByHand });
        add_note(&mut after, "Given to somebody else", Some(&reason));
        tasks::update(work.db, &after)?;
        work.record_because("task.reassign", "task", after.id, Some(&reason), Some(&before), Some(&after));
        notify::queue_for_tasks(register, work, &[&after])?;
        Ok(after)
    })
}

/// A task, its identity and who answers for that.
pub fn load(db: &mut Db, id: Id) -> Result<(Task, Identity, Owners), StoreError> {
    let task = tasks::find(db, id)?;
    let identity = identities::find(db, task.identity_id)?;
    let owners = Owners::of(db, std::slice::from_ref(&identity))?;
    Ok((task, identity, owners))
}

fn keep(work: &mut Work<'_>, register: &Register, before: Identity, reason: Option<&str>) -> Result<(), ActionError> {
    if !matches!(before.state, IdentityState::Active | IdentityState::Suspended) {
        return Err(ActionError::Refused(format!(
            "there is nothing to keep: this identity is {}; a security analyst can close the task as no longer applying",
            before.state.label().to_lowercase()
        )));
    }
    let mut after = before.clone();
    let days = before.review_interval_days.unwrap_or(DEFAULT_REVIEW_INTERVAL_DAYS);
    after.next_review_on = Some(days_after(register.day(work.by.now), days.unsigned_abs()));
    after.updated_at = work.by.now;
    after.version += 1;
    identities::update(work.db, &after)?;
    work.record_because("identity.keep", "identity", after.id, reason, Some(&before), Some(&after));
    Ok(())
}

fn remove(work: &mut Work<'_>, register: &Register, before: Identity, reason: Option<&str>) -> Result<(), ActionError> {
    if matches!(before.state, IdentityState::Revoking | IdentityState::Revoked | IdentityState::Rejected) {
        return Err(ActionError::Refused(format!(
            "this identity is {} already; a security analyst can close the task as no longer applying",
            before.state.label().to_lowercase()
        )));
    }
    let mut after = before.clone();
    after.state = IdentityState::Revoking;
    after.state_cause = StateCause::NoLongerNeeded;
    after.state_changed_at = work.by.now;
    after.updated_at = work.by.now;
    after.version += 1;
    identities::update(work.db, &after)?;
    work.record_because("identity.remove", "identity", after.id, reason, Some(&before), Some(&after));
    raise::raise_revoking(register, work, &after)?;
    Ok(())
}

/// "I don't know" goes to whoever may know better, and is never taken for a yes.
fn hand_on(
    work: &mut Work<'_>,
    register: &Register,
    before: &Task,
    after: &mut Task,
    identity: &Identity,
    owners: &Owners,
    reason: Option<&str>,
) -> Result<(), ActionError> {
    let today = register.day(work.by.now);
    let technical = owners.candidates(identity).technical_owner;
    let next = technical
        .filter(|owner| owner.can_act(today) && before.assignee_id != Some(owner.person))
        .filter(|owner| work.by.person != Some(owner.person))
        .map_or(Assignee::Group { group: AssigneeGroup::SecurityAnalysts }, |owner| Assignee::Person {
            person: owner.person,
            assigned_as: AssignedAs::TechnicalOwner,
        });
    assign(after, next);
    tasks::update(work.db, after)?;
    work.record_because("task.hand_on", "task", after.id, reason, Some(before), Some(&*after));
    notify::queue_for_tasks(register, work, &[&*after])?;
    Ok(())
}

/// A review that is due may not be closed as if it were not.
fn check_obsolete(task: &Task, identity: &Identity) -> Result<(), ActionError> {
    let reviewable = matches!(identity.state, IdentityState::Active | IdentityState::Suspended);
    let same_date = identity.next_review_on.is_some_and(|date| period(TaskCause::ReviewDue, date) == task.period);
    if task.kind == TaskKind::Recertification && reviewable && same_date {
        return Err(ActionError::Refused(
            "this review is still due: answer it, or give the identity another review date first".to_owned(),
        ));
    }
    Ok(())
}

fn assign(task: &mut Task, assignee: Assignee) {
    (task.assignee_id, task.assignee_group, task.assigned_as) = match assignee {
        Assignee::Person { person, assigned_as } => (Some(person), None, assigned_as),
        Assignee::Group { group } => (None, Some(group), AssignedAs::Fallback),
    };
}

/// Notes stand one below the other, the oldest first.
fn add_note(task: &mut Task, heading: &str, reason: Option<&str>) {
    if let Some(reason) = reason {
        let line = format!("{heading}: {reason}");
        task.note = Some(match &task.note {
            Some(earlier) => format!("{earlier}\n{line}"),
            None => line,
        });
    }
}

fn read_reason(answer: TaskAnswer, text: &str) -> Result<Option<String>, ActionError> {
    let reason = typed(text).map_err(|message| ActionError::field("reason", message))?;
    let missing = match answer {
        TaskAnswer::Remove => "Write why it is no longer needed; whoever stops it will read it",
        TaskAnswer::DontKnow => "Write what you do know, or who may know more; whoever gets it next will read it",
        TaskAnswer::Done => "Write how it was stopped: where, what was done, and by whom it was seen",
        TaskAnswer::Obsolete => "Write what has changed, so that nothing is left to do",
        _ => return Ok(reason),
    };
    match reason {
        Some(reason) => Ok(Some(reason)),
        None => Err(ActionError::field("reason", missing)),
    }
}

fn typed(text: &str) -> Result<Option<String>, String> {
    let text = text.trim();
    if text.chars().count() > LONGEST_NOTE {
        return Err(format!("Write at most {LONGEST_NOTE} characters"));
    }
    Ok((!text.is_empty()).then(|| text.replace("\r\n", "\n")))
}
