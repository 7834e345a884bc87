//! Opening the stage whose turn it is: whoever decides gets a task, and where nobody can, the administrators do.

use chrono::NaiveDate;

use super::load::{Loaded, load};
use crate::actions::{ActionError, Register, Work, closing, notify, raise};
use crate::domain::identities::OwnerAnswer;
use crate::domain::ids::{Id, Moment};
use crate::domain::people::Role;
use crate::domain::requests::people as rules;
use crate::domain::requests::{DecidedAs, RequestState, StageKind, reference};
use crate::domain::scopes::difference::Change;
use crate::domain::task_words::{self, ReasonFacts};
use crate::domain::tasks::{AssignedAs, Assignee, AssigneeGroup, TaskAnswer, TaskCause, TaskKind, TaskState};
use crate::store::identities::Identity;
use crate::store::request_stages::{self, Stage};
use crate::store::requests::{self, Request};
use crate::store::tasks::{self, Raised, Task};

/// Opens the current stage of a request, and says where nobody can decide.
pub(super) fn open(work: &mut Work<'_>, register: &Register, request: Id) -> Result<(), ActionError> {
    let loaded = load(work.db, register, request, work.by.now)?;
    let Some(stage) = loaded.current() else { return Ok(()) };
    let stage = Stage { due_on: Some(due_on(register, &loaded.request, loaded.today)), ..stage.clone() };
    request_stages::update(work.db, &stage)?;
    let loaded = load(work.db, register, request, work.by.now)?;
    raise(work, register, &loaded, &stage)?;
    missing(work, register, &loaded)
}

fn raise(work: &mut Work<'_>, register: &Register, loaded: &Loaded, stage: &Stage) -> Result<(), ActionError> {
    let Some((assignee, _)) = assignee(loaded, stage) else { return Ok(()) };
    let task = Task::new(
        Raised {
            kind: TaskKind::Decision,
            cause: TaskCause::Requested,
            identity: loaded.identity.id,
            request: Some(loaded.request.id),
            review: None,
            period: format!("{}:{}:{}", reference(loaded.request.number), stage.position, stage.round),
            reason: reason(loaded, register, stage),
            assignee,
            due_on: stage.due_on.unwrap_or(loaded.today),
        },
        work.by.now,
    );
    let task = Task { assigned_as: assigned_as(loaded, stage).unwrap_or(task.assigned_as), ..task };
    raise::one(register, work, &task)?;
    Ok(())
}

/// Why the task exists, for its assignee; no person is named here, because the log keeps it.
fn reason(loaded: &Loaded, register: &Register, stage: &Stage) -> String {
    let number = reference(loaded.request.number);
    let urgent = if loaded.request.urgency.is_some() { " It is urgent." } else { "" };
    let of = match loaded.stages.len() {
        1 => String::new(),
        all => format!(", step {} of {all}", stage.position),
    };
    let sheet = loaded.sheet(register);
    let asked = sheet.lines_of(&[Change::New, Change::Wider]);
    let what = match asked.split_first() {
        None => "Asked is that it may go on, with no more than it has.".to_owned(),
        Some((first, [])) => format!("Asked is: {}", first.sentence),
        Some((first, more)) => format!("Asked is, with {} more: {}", more.len(), first.sentence),
    };
    format!("{number}{of}.{urgent} {what}")
}

/// Who gets the task of a stage; `None` where nobody can decide.
fn assignee(loaded: &Loaded, stage: &Stage) -> Option<(Assignee, DecidedAs)> {
    let parts = loaded.parts();
    if let Some(named) = stage.named_id
        && let Some(human) = loaded.people.iter().find(|human| human.person == named)
        && let Ok(right) = loaded.may_decide(human)
    {
        return Some((Assignee::Person { person: named, assigned_as: AssignedAs::HandedOn }, right));
    }
    let in_time = loaded.owner_can();
    let found: Vec<(Id, DecidedAs)> = {
        let mut found: Vec<(Id, DecidedAs)> = loaded
            .people
            .iter()
            .filter_map(|human| {
                rules::decide(stage.kind, &parts, human, in_time).ok().map(|right| (human.person, right))
            })
            .collect();
        found.sort_by_key(|(person, right)| (*right, *person));
        found
    };
    let overdue = stage.due_on.is_some_and(|due| due < loaded.today);
    let owners = found.iter().find(|(_, right)| matches!(right, DecidedAs::BusinessOwner | DecidedAs::Deputy));
    if let Some((person, right)) = owners
        && !overdue
    {
        let assigned_as =
            if *right == DecidedAs::BusinessOwner { AssignedAs::BusinessOwner } else { AssignedAs::Deputy };
        return Some((Assignee::Person { person: *person, assigned_as }, *right));
    }
    let (_, right) =
        found.iter().find(|(_, right)| matches!(right, DecidedAs::Fallback | DecidedAs::Keeper)).or(owners)?;
    let analyst = found.iter().any(|(person, _)| {
        loaded.people.iter().any(|human| human.person == *person && human.role == Role::SecurityAnalyst)
    });
    let group = if stage.kind == StageKind::Security && analyst {
        AssigneeGroup::SecurityAnalysts
    } else {
        AssigneeGroup::Keepers
    };
    Some((Assignee::Group { group }, *right))
}

fn assigned_as(loaded: &Loaded, stage: &Stage) -> Option<AssignedAs> {
    assignee(loaded, stage).map(|(assignee, right)| match (assignee, right) {
        (Assignee::Person { assigned_as, .. }, _) => assigned_as,
        (Assignee::Group { .. }, DecidedAs::Keeper) => AssignedAs::Keeper,
        (Assignee::Group { .. }, _) => AssignedAs::Fallback,
    })
}

/// Tells the administrators, once for a request, that one of its stages can be decided by nobody; closes
/// that again when somebody can.
fn missing(work: &mut Work<'_>, register: &Register, loaded: &Loaded) -> Result<(), ActionError> {
    let known = of(work, loaded.request.id, TaskKind::ApproverMissing)?;
    if loaded.shortage().is_none() {
        for task in known.iter().filter(|task| task.state == TaskState::Open) {
            closing::close(work, task, TaskAnswer::Done, Some("somebody can decide now"))?;
        }
        return Ok(());
    }
    if known.iter().any(|task| task.state == TaskState::Open) {
        return Ok(());
    }
    let facts = ReasonFacts { clinical: false, vendor_managed: false };
    let task = Task::new(
        Raised {
            kind: TaskKind::ApproverMissing,
            cause: TaskCause::NobodyEligible,
            identity: loaded.identity.id,
            request: Some(loaded.request.id),
            review: None,
            period: format!("{}:{}", reference(loaded.request.number), known.len() + 1),
            reason: task_words::reason(TaskCause::NobodyEligible, loaded.today, facts),
            assignee: Assignee::Group { group: AssigneeGroup::Administrators },
            due_on: due_on(register, &loaded.request, loaded.today),
        },
        work.by.now,
    );
    raise::one(register, work, &task)?;
    Ok(())
}

/// The tasks of one kind that belong to a request.
pub(super) fn of(work: &mut Work<'_>, request: Id, kind: TaskKind) -> Result<Vec<Task>, ActionError> {
    let found = tasks::of_request(work.db, request)?;
    Ok(found.into_iter().filter(|task| task.kind == kind).collect())
}

/// Closes every open task of a request.
pub(super) fn close_all(work: &mut Work<'_>, request: Id, answer: TaskAnswer, note: &str) -> Result<(), ActionError> {
    for task in tasks::of_request(work.db, request)?.iter().filter(|task| task.state == TaskState::Open) {
        closing::close(work, task, answer, Some(note))?;
    }
    Ok(())
}

/// Gives the task of the current stage to whoever decides now, where that is somebody else: an owner was
/// named or has gone, a deputy changed, an answer is overdue. Answers whether anything moved.
pub(super) fn move_on(work: &mut Work<'_>, register: &Register, request: Id) -> Result<bool, ActionError> {
    let loaded = load(work.db, register, request, work.by.now)?;
    if loaded.request.state_at(work.by.now) != RequestState::Open {
        return Ok(false);
    }
    missing(work, register, &loaded)?;
    let Some(stage) = loaded.current().cloned() else { return Ok(false) };
    let open = of(work, request, TaskKind::Decision)?.into_iter().find(|task| task.state == TaskState::Open);
    let Some(before) = open else {
        // Nobody could decide when the stage was opened.
        let again = Stage { round: stage.round + 1, ..stage };
        if assignee(&loaded, &again).is_none() {
            return Ok(false);
        }
        request_stages::update(work.db, &again)?;
        raise(work, register, &loaded, &again)?;
        return Ok(true);
    };
    let Some((assignee, _)) = assignee(&loaded, &stage) else { return Ok(false) };
    let same = match assignee {
        Assignee::Person { person, .. } => before.assignee_id == Some(person),
        Assignee::Group { group } => before.assignee_group == Some(group),
    };
    // Somebody who keeps the register may have given it to a person by hand.
    if same || before.assigned_as == AssignedAs::ByHand {
        return Ok(false);
    }
    let mut after = before.clone();
    after.version += 1;
    let right = assigned_as(&loaded, &stage).unwrap_or(AssignedAs::Fallback);
    super::super::task_moves::assign(&mut after, assignee, right);
    let late = stage.due_on.is_some_and(|due| due < loaded.today);
    let why = if late { "nobody answered in time" } else { "whoever had it does not decide about it any more" };
    super::super::task_moves::add_note(&mut after, "Moved by Muster", Some(why));
    tasks::update(work.db, &after)?;
    work.record("task.move", "task", after.id, Some(&before), Some(&after));
    notify::queue_for_tasks(register, work, &[&after])?;
    Ok(true)
}

/// After an identity changed its owners: who decides about what waits may be somebody else, and what asked
/// for an owner is done.
pub fn reassign(work: &mut Work<'_>, register: &Register, identity: &Identity) -> Result<(), ActionError> {
    if let Some(waiting) = requests::pending(work.db, identity.id)? {
        move_on(work, register, waiting.id)?;
    }
    let owned = identity.business_owner_id.is_some() && identity.business_owner_answer != Some(OwnerAnswer::Refused);
    if owned {
        for task in tasks::about(work.db, identity.id)? {
            if task.kind == TaskKind::OwnerMissing && task.state == TaskState::Open {
                closing::close(work, &task, TaskAnswer::Done, Some("an owner was named"))?;
            }
        }
    }
    Ok(())
}

/// When a request expires that is opened now.
pub(super) fn ends_at(register: &Register, now: Moment) -> Moment {
    now.plus_days(register.deployment.approvals.stages.open_days)
}

/// The day by which an answer is expected that is asked for now.
pub(super) fn due_on(register: &Register, request: &Request, today: NaiveDate) -> NaiveDate {
    let stages = &register.deployment.approvals.stages;
    let days = if request.urgency.is_some() { stages.urgent_answer_days } else { stages.answer_days };
    crate::domain::requests::latest_end(today, days)
}
