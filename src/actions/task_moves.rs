//! Moving a task: to somebody who was named, to whoever may know, to the security analysts.

use super::lookup::named_person;
use super::{ActionError, FieldError, Register, Work, notify};
use crate::domain::people::{Role, has_left};
use crate::domain::permissions::{Permission, allows};
use crate::domain::tasks::{AssignedAs, Assignee, AssigneeGroup};
use crate::store::people::{self, Person};
use crate::store::tasks::{self, Task};

/// Gives a task to somebody, or to the group; why they is another matter.
pub fn assign(task: &mut Task, assignee: Assignee, assigned_as: AssignedAs) {
    (task.assignee_id, task.assignee_group) = match assignee {
        Assignee::Person { person, .. } => (Some(person), None),
        Assignee::Group { group } => (None, Some(group)),
    };
    task.assigned_as = assigned_as;
}

/// Notes stand one below the other, the oldest first.
pub fn add_note(task: &mut Task, heading: &str, reason: Option<&str>) {
    if let Some(reason) = reason {
        let line = format!("{heading}: {reason}");
        task.note = Some(match &task.note {
            Some(earlier) => format!("{earlier}\n{line}"),
            None => line,
        });
    }
}

/// An end date that its asker may not set: the security analysts decide about it.
pub fn ask_for_end_date(
    work: &mut Work<'_>,
    register: &Register,
    before: &Task,
    after: &mut Task,
    reason: Option<&str>,
) -> Result<(), ActionError> {
    to_analysts(after);
    store(work, register, "task.ask_for_end_date", before, after, reason)
}

fn to_analysts(task: &mut Task) {
    assign(task, Assignee::Group { group: AssigneeGroup::SecurityAnalysts }, AssignedAs::HandedOn);
}

/// Gives a task to whoever was named by name or address, as typed.
///
/// # Errors
/// `Invalid` for field `somebody`: unknown, ambiguous, left, unable to answer, or has it already.
pub fn to_somebody(
    work: &mut Work<'_>,
    register: &Register,
    before: &Task,
    after: &mut Task,
    named: &str,
    reason: Option<&str>,
) -> Result<(), ActionError> {
    let mut errors: Vec<FieldError> = Vec::new();
    let Some(person) = named_person(work.db, work.by.token.is_none(), "somebody", named, &mut errors)? else {
        return Err(ActionError::Invalid(errors));
    };
    check_can_take(work, register, before, &person)?;
    // Whoever had it hands it on; a keeper of the register may give away what others have.
    let keeper = allows(Some(work.by.role), Permission::KeepRegister);
    let own = work.by.person.is_some() && before.assignee_id == work.by.person;
    let assigned_as = if keeper && !own { AssignedAs::ByHand } else { AssignedAs::HandedOn };
    assign(after, Assignee::Person { person: person.id, assigned_as }, assigned_as);
    store(work, register, "task.hand_on", before, after, reason)
}

fn check_can_take(work: &mut Work<'_>, register: &Register, before: &Task, person: &Person) -> Result<(), ActionError> {
    let name = &person.name;
    let account = people::account(work.db, person.id)?;
    let cannot = |why: String| Err(ActionError::field("somebody", why));
    if before.assignee_id == Some(person.id) {
        return cannot(format!("{name} has this task already; name somebody else"));
    }
    if has_left(person.left_on, register.day(work.by.now)) {
        return cannot(format!("{name} has left; name somebody who is here"));
    }
    match account {
        Some(account) if account.disabled_at.is_some() => {
            cannot(format!("The account of {name} is disabled, so they could not answer; name somebody else"))
        }
        Some(account) if account.role == Role::Auditor => {
            cannot(format!("{name} is an auditor, who reads and changes nothing; name somebody else"))
        }
        _ => Ok(()),
    }
}

/// Stores a task that moved, records it and tells whoever has it now.
fn store(
    work: &mut Work<'_>,
    register: &Register,
    action: &str,
    before: &Task,
    after: &Task,
    reason: Option<&str>,
) -> Result<(), ActionError> {
    tasks::update(work.db, after)?;
    work.record_because(action, "task", after.id, reason, Some(before), Some(after));
    notify::queue_for_tasks(register, work, &[after])?;
    Ok(())
}
