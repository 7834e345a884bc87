//! Asking somebody else because whoever was asked has left, cannot act, or owns it no longer; and looking again where
//! nobody could be asked.

use chrono::NaiveDate;

use super::asking;
use super::one_by_one::alone;
use super::reviewers::Around;
use crate::actions::{ActionError, By, Register, Work, closing, findings, notify};
use crate::domain::findings::FindingRule;
use crate::domain::ids::Id;
use crate::domain::reviews::ReviewState;
use crate::domain::task_words::days_after;
use crate::domain::tasks::{AssignedAs, Assignee, TaskAnswer, TaskCause, TaskKind, TaskState};
use crate::store::identities::Identity;
use crate::store::reviews::{self, Review};
use crate::store::task_list::{self, TaskFilter};
use crate::store::tasks::{self, Task};
use crate::store::types::Doc;
use crate::store::{StoreError, identities, review_reasons};

/// Asks whoever owns an identity now in the place of whoever was asked as its owner before.
pub fn to_the_owner(
    work: &mut Work<'_>,
    register: &Register,
    review: &Review,
    identity: &Identity,
    around: &Around,
) -> Result<(), ActionError> {
    let as_owner = |task: &Task| {
        task.kind == TaskKind::Recertification
            && task.state == TaskState::Open
            && matches!(task.assigned_as, AssignedAs::BusinessOwner | AssignedAs::Deputy)
            && task.assignee_id != identity.business_owner_id
    };
    let open = tasks::of_reviews(work.db, &[review.id])?;
    for task in open.iter().filter(|task| as_owner(task)) {
        instead(work, register, review, identity, around, task, "it has another owner now")?;
    }
    Ok(())
}

/// Asks somebody else instead of whoever has a task: by the rules, or nobody, loudly.
pub fn instead(
    work: &mut Work<'_>,
    register: &Register,
    review: &Review,
    identity: &Identity,
    around: &Around,
    task: &Task,
    because: &str,
) -> Result<(), ActionError> {
    closing::close(work, task, TaskAnswer::Another, Some(&format!("Moved by Muster: {because}")))?;
    let today = register.day(work.by.now);
    let Some(assignee) = around.reviewers_of(identity, review).resolve(today).found else {
        return asking::nobody(work, register, review, identity);
    };
    let others = tasks::of_reviews(work.db, &[review.id])?;
    let has_it = |other: &Task| match assignee {
        Assignee::Person { person, .. } => other.assignee_id == Some(person),
        Assignee::Group { group } => other.assignee_group == Some(group),
    };
    let asked = others
        .iter()
        .any(|other| other.kind == TaskKind::Recertification && other.state == TaskState::Open && has_it(other));
    if asked {
        return Ok(());
    }
    let again = format!(":{}", task.id);
    let mut moved = asking::ask(review, &task.cause, &reasons(work, review)?, assignee, &again, work);
    moved.due_on = days_of_their_own(work, register, review.id)?;
    tasks::insert(work.db, &moved)?;
    work.record("task.raise", "task", moved.id, None, Some(&moved));
    notify::queue_for_tasks(register, work, &[&moved])?;
    Ok(())
}

/// Whoever is asked now has days to answer, also where whoever was asked before let them pass: silence does not count
/// before. Answers until when.
fn days_of_their_own(work: &mut Work<'_>, register: &Register, id: Id) -> Result<NaiveDate, ActionError> {
    let before = reviews::find(work.db, id)?;
    let today = register.day(work.by.now);
    let until = days_after(today, u64::from(register.deployment.reviews.escalated_days));
    let open = before.state == ReviewState::Open && before.escalated_at.is_none();
    if open && before.silence_on < until {
        let after = Review { silence_on: until, version: before.version + 1, ..before.clone() };
        reviews::update(work.db, &after)?;
        work.record("review.give_days", "review", id, Some(&before), Some(&after));
    }
    Ok(if before.due_on < today { until } else { before.due_on })
}

fn reasons(work: &mut Work<'_>, review: &Review) -> Result<String, StoreError> {
    let says: Vec<String> =
        review_reasons::of_reviews(work.db, &[review.id])?.into_iter().map(|row| row.says).collect();
    Ok(says.join(" "))
}

/// What a second look found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Looked {
    pub found: usize,
    /// They could not be looked at; the next run tries again.
    pub failed: usize,
}

/// Looks again for somebody who can be asked, where nobody could be.
pub fn look_again(register: &Register, by: &By) -> Result<Looked, ActionError> {
    by.require_keeper()?;
    let filter =
        TaskFilter { kind: Some(TaskKind::ReviewerMissing), state: Some(TaskState::Open), ..TaskFilter::default() };
    let waiting: Vec<Id> = {
        let mut db = register.database.read()?;
        let mut from = crate::domain::listing::From::Start;
        let mut found = Vec::new();
        loop {
            let lines = task_list::lines(&mut db, &filter, &from, 500)?;
            let Some(last) = lines.last() else { break found };
            from = crate::domain::listing::From::After(last.cursor());
            found.extend(lines.iter().filter_map(|line| line.task.review_id));
        }
    };
    let mut looked = Looked::default();
    for id in waiting {
        match alone("looking for somebody to ask", id, || register.change(by, |work| one(work, register, id)))? {
            Some(found) => looked.found += usize::from(found),
            None => looked.failed += 1,
        }
    }
    Ok(looked)
}

fn one(work: &mut Work<'_>, register: &Register, id: Id) -> Result<bool, ActionError> {
    reviews::hold(work.db, id)?;
    let before = reviews::find(work.db, id)?;
    let identity = identities::find(work.db, before.identity_id)?;
    let open = tasks::of_reviews(work.db, &[id])?;
    let today = register.day(work.by.now);
    let around = Around::of(work.db, register, std::slice::from_ref(&identity), today)?;
    let resolution = around.reviewers_of(&identity, &before).resolve(today);
    let (Some(assignee), ReviewState::Open) = (resolution.found, before.state) else { return Ok(false) };
    let asked = open.iter().any(|task| task.kind == TaskKind::Recertification && task.state == TaskState::Open);
    let after = Review { resolution: Doc(resolution.way), version: before.version + 1, ..before.clone() };
    reviews::update(work.db, &after)?;
    work.record("review.find_reviewer", "review", id, Some(&before), Some(&after));
    if !asked {
        let again = format!(":{}", Id::new());
        let mut task = asking::ask(&after, &TaskCause::ReviewAsked, &reasons(work, &after)?, assignee, &again, work);
        task.due_on = days_of_their_own(work, register, id)?;
        tasks::insert(work.db, &task)?;
        work.record("task.raise", "task", task.id, None, Some(&task));
        notify::queue_for_tasks(register, work, &[&task])?;
    }
    found_somebody(work, &open, identity.id)?;
    Ok(true)
}

/// Somebody is asked now: whoever was to find somebody has nothing left to do.
pub fn found_somebody(work: &mut Work<'_>, tasks: &[Task], identity: Id) -> Result<(), ActionError> {
    for task in tasks.iter().filter(|task| task.kind == TaskKind::ReviewerMissing && task.state == TaskState::Open) {
        closing::close(work, task, TaskAnswer::Done, Some("somebody is asked now"))?;
    }
    findings::close(work, identity, &[FindingRule::ReviewerMissing], "somebody can be asked now")
}
