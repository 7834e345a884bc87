//! Naming owners, and their answers.

use super::reviews::early;
use super::{ActionError, By, FieldError, Register, Work, closing, notify};
use crate::domain::identities::{IdentityState, OwnerAnswer};
use crate::domain::ids::Id;
use crate::domain::life_cycle::parse_reason;
use crate::domain::ownership::{DAYS_TO_ANSWER, OwnerRole};
use crate::domain::people::{Role, has_left};
use crate::domain::tasks::{AssignedAs, Assignee, TaskAnswer, TaskCause, TaskKind, TaskState};
use crate::store::identities::{self, Identity};
use crate::store::tasks::{self, Raised, Task};
use crate::store::{StoreError, people};

/// What a named owner says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer<'a> {
    Accept,
    /// With the reason in words.
    Refuse(&'a str),
}

/// Who has that role for an identity, and what they answered.
pub fn owner(identity: &Identity, role: OwnerRole) -> (Option<Id>, Option<OwnerAnswer>) {
    match role {
        OwnerRole::Business => (identity.business_owner_id, identity.business_owner_answer),
        OwnerRole::Technical => (identity.technical_owner_id, identity.technical_owner_answer),
    }
}

/// Puts somebody, or nobody, in a role; answers whether that is a change. The same person keeps
/// the answer they gave.
pub fn set_owner(identity: &mut Identity, role: OwnerRole, person: Option<Id>) -> bool {
    if owner(identity, role).0 == person {
        return false;
    }
    set_answer(identity, role, person, person.map(|_| OwnerAnswer::Waiting), None);
    true
}

/// Sets a role's person, answer and time of answer as they are given.
pub fn set_answer(
    identity: &mut Identity,
    role: OwnerRole,
    person: Option<Id>,
    answer: Option<OwnerAnswer>,
    at: Option<crate::domain::ids::Moment>,
) {
    match role {
        OwnerRole::Business => {
            identity.business_owner_id = person;
            identity.business_owner_answer = answer;
            identity.business_owner_answered_at = at;
        }
        OwnerRole::Technical => {
            identity.technical_owner_id = person;
            identity.technical_owner_answer = answer;
            identity.technical_owner_answered_at = at;
        }
    }
}

/// Whether somebody can be named: they exist and have not left.
pub fn check_person(work: &mut Work<'_>, role: OwnerRole, person: Id) -> Result<(), ActionError> {
    let error = |message: String| ActionError::Invalid(vec![FieldError::new(role.word(), message)]);
    match people::find(work.db, person) {
        Ok(found) if has_left(found.left_on, work.by.now.date()) => {
            Err(error(format!("{} has left; name somebody else", found.name)))
        }
        Ok(_) => Ok(()),
        Err(StoreError::NotFound) => {
            Err(error("This person is not in the register any more; name somebody else".to_owned()))
        }
        Err(other) => Err(other.into()),
    }
}

/// Asks newly named owners for their answer: a task for each person and their digest. Tasks of
/// people who are not asked any more are closed. The identity must be stored already.
///
/// Answers who was asked; the caller queues their digests with [`tell`].
pub fn ask(register: &Register, work: &mut Work<'_>, identity: &Identity) -> Result<Vec<Id>, ActionError> {
    let known = tasks::about(work.db, identity.id)?;
    let open: Vec<&Task> =
        known.iter().filter(|task| task.kind == TaskKind::Ownership && task.state == TaskState::Open).collect();
    for task in &open {
        if !task.assignee_id.is_some_and(|person| is_waiting(identity, person)) {
            closing::close(work, task, TaskAnswer::Obsolete, None)?;
        }
    }
    let today = work.by.now.utc().with_timezone(&register.deployment.time_zone).date_naive();
    let due_on = today + chrono::Duration::days(DAYS_TO_ANSWER);
    let mut asked = Vec::new();
    for role in OwnerRole::ALL {
        let (Some(person), Some(OwnerAnswer::Waiting)) = owner(identity, *role) else { continue };
        if asked.contains(&person) || open.iter().any(|task| task.assignee_id == Some(person)) {
            continue;
        }
        let assigned_as = match role {
            OwnerRole::Business => AssignedAs::BusinessOwner,
            OwnerRole::Technical => AssignedAs::TechnicalOwner,
        };
        let roles: Vec<String> = OwnerRole::ALL
            .iter()
            .filter(|role| owner(identity, **role) == (Some(person), Some(OwnerAnswer::Waiting)))
            .map(|role| role.label().to_lowercase())
            .collect();
        let reason = format!("You were named as its {}. Accept, or refuse and say why.", roles.join(" and "));
        // Named, refused and named again on one day is new work.
        let base = format!("{person}:{today}");
        let again = known.iter().filter(|task| task.period.starts_with(&base)).count();
        let period = if again == 0 { base } else { format!("{base}:{}", again + 1) };
        let task = Task::new(
            Raised {
                kind: TaskKind::Ownership,
                cause: TaskCause::OwnerNamed,
                identity: identity.id,
                request: None,
                review: None,
                period,
                reason,
                assignee: Assignee::Person { person, assigned_as },
                due_on,
            },
            work.by.now,
        );
        if tasks::insert_if_new(work.db, &task)? {
            work.record("task.raise", "task", task.id, None, Some(&task));
        }
        asked.push(person);
    }
    Ok(asked)
}

/// Queues the digests of people who were asked.
pub fn tell(register: &Register, work: &mut Work<'_>, asked: &[Id]) -> Result<(), ActionError> {
    notify::queue_digests(register, work, asked)
}

fn is_waiting(identity: &Identity, person: Id) -> bool {
    OwnerRole::ALL.iter().any(|role| owner(identity, *role) == (Some(person), Some(OwnerAnswer::Waiting)))
}

/// Names owners of one identity: `None` leaves a role as it is, `Some(None)` empties it.
///
/// # Errors
/// `Conflict` when the identity changed since `version` was read.
pub fn name_owners(
    register: &Register,
    by: &By,
    id: Id,
    version: i64,
    named: &[(OwnerRole, Option<Id>)],
) -> Result<(), ActionError> {
    by.require_keeper()?;
    register.change(by, |work| {
        let before = identities::find(work.db, id)?;
        if before.version != version {
            return Err(StoreError::Conflict.into());
        }
        let mut after = before.clone();
        for (role, person) in named {
            if set_owner(&mut after, *role, *person)
                && let Some(person) = person
            {
                check_person(work, *role, *person)?;
            }
        }
        if after == before {
            return Ok(());
        }
        store(work, "identity.name_owners", None, &before, &mut after)?;
        let asked = ask(register, work, &after)?;
        tell(register, work, &asked)?;
        super::requests::reassign(work, register, &after)
    })
}

/// A named owner accepts or refuses. Only they can; they may change their mind later.
///
/// # Errors
/// `Forbidden` for anybody else, `Invalid` for a refusal without a reason.
pub fn answer(register: &Register, by: &By, id: Id, role: OwnerRole, answer: Answer<'_>) -> Result<(), ActionError> {
    by.require(&[Role::Administrator, Role::SecurityAnalyst, Role::Owner])?;
    let person = by.person.ok_or(ActionError::Forbidden)?;
    let (said, task_answer, reason) = match answer {
        Answer::Accept => (OwnerAnswer::Accepted, TaskAnswer::Accept, None),
        Answer::Refuse(reason) => {
            let reason = parse_reason(reason).map_err(|error| ActionError::field("reason", error.to_string()))?;
            (OwnerAnswer::Refused, TaskAnswer::Refuse, Some(reason))
        }
    };
    register.change(by, |work| answer_in(work, id, role, person, (said, task_answer), reason.as_deref()))
}

/// Whoever decides about something as its business owner accepts that they are.
pub(super) fn accept_in(work: &mut Work<'_>, id: Id, person: Id) -> Result<(), ActionError> {
    answer_in(work, id, OwnerRole::Business, person, (OwnerAnswer::Accepted, TaskAnswer::Accept), None)
}

fn answer_in(
    work: &mut Work<'_>,
    id: Id,
    role: OwnerRole,
    person: Id,
    (said, task_answer): (OwnerAnswer, TaskAnswer),
    reason: Option<&str>,
) -> Result<(), ActionError> {
    let before = identities::find(work.db, id)?;
    let (named, known) = owner(&before, role);
    if named != Some(person) {
        return Err(ActionError::Forbidden);
    }
    if matches!(before.state, IdentityState::Revoked | IdentityState::Rejected) {
        return Err(ActionError::Refused(format!(
            "this identity is {}: nobody has to answer for it any more",
            before.state.label().to_lowercase()
        )));
    }
    if known == Some(said) {
        return Ok(());
    }
    let mut after = before.clone();
    set_answer(&mut after, role, named, Some(said), Some(work.by.now));
    let action = match said {
        OwnerAnswer::Refused => "identity.refuse_ownership",
        _ => "identity.accept_ownership",
    };
    store(work, action, reason, &before, &mut after)?;
    if !is_waiting(&after, person) {
        for task in tasks::about(work.db, id)? {
            if task.kind == TaskKind::Ownership && task.state == TaskState::Open && task.assignee_id == Some(person) {
                closing::close(work, &task, task_answer, reason)?;
            }
        }
    }
    Ok(())
}

/// Stores a changed identity as its next version, and records it.
pub fn store(
    work: &mut Work<'_>,
    action: &str,
    reason: Option<&str>,
    before: &Identity,
    after: &mut Identity,
) -> Result<(), ActionError> {
    after.version = before.version + 1;
    after.updated_at = work.by.now;
    identities::update(work.db, after)?;
    early::note_owners(work, before, after)?;
    work.record_because(action, "identity", after.id, reason, Some(before), Some(&*after));
    Ok(())
}
