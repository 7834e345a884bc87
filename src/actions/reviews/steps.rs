//! What is done about an answer that has not come: reminders, somebody else too, somebody else instead. Each step is
//! taken once, whoever runs the job; a step whose day passed while nothing ran is taken late, and none is left out.

use chrono::NaiveDate;

use super::BATCH;
use super::asking;
use super::load::Loaded;
use crate::actions::{ActionError, By, Register, Work, closing, notify};
use crate::domain::ids::Id;
use crate::domain::notices::Notice;
use crate::domain::reviews::clock::Dates;
use crate::domain::reviews::reviewers::Resolution;
use crate::domain::reviews::{ReviewState, ReviewStep};
use crate::domain::task_words::date_words;
use crate::domain::tasks::{Assignee, AssigneeGroup, TaskAnswer, TaskCause};
use crate::store::reviews::{self, Review, StepTaken};
use crate::store::tasks::Task;
use crate::store::{outbox, tasks};

/// What a batch did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Batch {
    pub reminded: usize,
    pub added: usize,
    pub replaced: usize,
    /// Nobody else could be asked.
    pub nobody: usize,
    /// They could not be handled; the next run tries again.
    pub failed: usize,
    /// Where the next batch goes on.
    pub next: Option<(NaiveDate, Id)>,
}

/// Takes the steps that have come, after a place.
pub fn batch(register: &Register, by: &By, after: Option<(NaiveDate, Id)>) -> Result<Batch, ActionError> {
    by.require_keeper()?;
    let today = register.day(by.now);
    let found = reviews::with_a_step(&mut *register.database.read()?, today, after, BATCH)?;
    let mut batch = Batch {
        next: found
            .last()
            .filter(|_| i64::try_from(found.len()) == Ok(BATCH))
            .and_then(|last| last.next_step_on.map(|day| (day, last.id))),
        ..Batch::default()
    };
    for review in &found {
        let mut taken = Batch::default();
        match register.change(by, |work| one(work, register, review.id, &mut taken)) {
            Ok(()) => {
                batch.reminded += taken.reminded;
                batch.added += taken.added;
                batch.replaced += taken.replaced;
                batch.nobody += taken.nobody;
            }
            Err(ActionError::TakenOver) => return Err(ActionError::TakenOver),
            // One that fails holds up no other; the next run tries again.
            Err(error) => {
                tracing::error!(review = %review.id, %error, "a step of a review could not be taken");
                batch.failed += 1;
            }
        }
    }
    Ok(batch)
}

fn one(work: &mut Work<'_>, register: &Register, id: Id, batch: &mut Batch) -> Result<(), ActionError> {
    let loaded = Loaded::held(work.db, register, id, work.by.now)?;
    let review = &loaded.review;
    if review.state != ReviewState::Open || review.next_step_on.is_none_or(|day| day > loaded.today) {
        return Ok(());
    }
    let dates = Dates {
        due_on: review.due_on,
        add_on: review.add_on,
        replace_on: review.replace_on,
        silence_on: review.silence_on,
    };
    let all = register.deployment.reviews.steps(register.day(review.opened_at), dates);
    let taken = |step: ReviewStep| loaded.steps.iter().any(|known| known.step == step);
    let left: Vec<(NaiveDate, ReviewStep)> = all.into_iter().filter(|(_, step)| !taken(*step)).collect();
    let mut asked: Vec<Task> = loaded.asking().cloned().collect();
    // Of reminders that are late together only the last is said; all of them are noted.
    let due: Vec<ReviewStep> = left
        .iter()
        .filter(|(day, step)| *day <= loaded.today && *step != ReviewStep::Silence)
        .map(|(_, step)| *step)
        .collect();
    let last_reminder = due.iter().rev().find(|step| is_reminder(**step)).copied();
    for step in due {
        let says = match step {
            ReviewStep::Added => add(work, register, &loaded, &mut asked, batch)?,
            ReviewStep::Replaced => replace(work, register, &loaded, &mut asked, batch)?,
            reminder if Some(reminder) == last_reminder => {
                batch.reminded += 1;
                remind(work, register, &loaded, &asked, reminder)?
            }
            _ => "A later reminder was due at the same time.".to_owned(),
        };
        reviews::take_step(work.db, &StepTaken { review_id: id, step, says, at: work.by.now })?;
    }
    let next = left.iter().map(|(day, _)| *day).find(|day| *day > loaded.today);
    // Silence is counted by its own job, which finds it by its day.
    let after = Review { next_step_on: next, version: review.version + 1, ..review.clone() };
    super::apply::store(work, "review.step", review, &after)
}

fn is_reminder(step: ReviewStep) -> bool {
    matches!(step, ReviewStep::Reminder14 | ReviewStep::Reminder7 | ReviewStep::Reminder1)
}

/// Reminds whoever is asked: in their digest, and on the last day by a mail of its own.
fn remind(
    work: &mut Work<'_>,
    register: &Register,
    loaded: &Loaded,
    asked: &[Task],
    step: ReviewStep,
) -> Result<String, ActionError> {
    let tasks: Vec<&Task> = asked.iter().collect();
    if step != ReviewStep::Reminder1 {
        notify::queue_for_tasks(register, work, &tasks)?;
        return Ok(format!("Its answer is due by {}.", date_words(loaded.review.due_on)));
    }
    let days = loaded.review.due_on.signed_duration_since(loaded.today).num_days();
    let when = match days {
        ..=0 => "now",
        1 => "tomorrow",
        _ => "soon",
    };
    let notice = Notice {
        subject: format!("A review is due {when}"),
        lines: vec![
            format!("You are asked whether the access of {} is still needed.", loaded.identity.name),
            format!("Your answer is due by {}.", date_words(loaded.review.due_on)),
        ],
        path: format!("/reviews/{}", loaded.review.id),
        link_words: "Answer the review".to_owned(),
        if_nothing: "Somebody else is asked too, and in the end it may stop working.".to_owned(),
    };
    tell(work, register, loaded, &tasks, step, &notice)?;
    Ok(format!("Its answer is due {when}."))
}

/// Sends a notice to whoever has these tasks; each gets it once for a step.
fn tell(
    work: &mut Work<'_>,
    register: &Register,
    loaded: &Loaded,
    tasks: &[&Task],
    step: ReviewStep,
    notice: &Notice,
) -> Result<(), ActionError> {
    let mut recipients: Vec<Id> = tasks.iter().filter_map(|task| task.assignee_id).collect();
    for group in tasks.iter().filter_map(|task| task.assignee_group) {
        recipients.extend(loaded.around.members(group));
    }
    recipients.sort_unstable();
    recipients.dedup();
    let rows: Vec<(Id, String, Notice)> = recipients
        .into_iter()
        .map(|person| (person, format!("review:{}:{}:{person}", loaded.review.id, step.word()), notice.clone()))
        .collect();
    outbox::queue_notices(work.db, &rows, work.by.now, register.day(work.by.now))?;
    Ok(())
}

fn groups(asked: &[Task]) -> Vec<AssigneeGroup> {
    asked.iter().filter_map(|task| task.assignee_group).collect()
}

/// Somebody else is asked too.
fn add(
    work: &mut Work<'_>,
    register: &Register,
    loaded: &Loaded,
    asked: &mut Vec<Task>,
    batch: &mut Batch,
) -> Result<String, ActionError> {
    let people: Vec<Id> = loaded.tasks.iter().filter_map(|task| task.assignee_id).collect();
    let resolution = loaded.around.reviewers(&loaded.identity).more(&people, &groups(asked), loaded.today);
    match raise(work, register, loaded, &resolution, ReviewStep::Added)? {
        Some(task) => {
            asked.push(task);
            batch.added += 1;
            Ok(said(&resolution))
        }
        None => {
            batch.nobody += 1;
            Ok("Nobody else can be asked.".to_owned())
        }
    }
}

/// Somebody else is asked instead: whoever did not answer is not asked any more.
fn replace(
    work: &mut Work<'_>,
    register: &Register,
    loaded: &Loaded,
    asked: &mut Vec<Task>,
    batch: &mut Batch,
) -> Result<String, ActionError> {
    let resolution = loaded.around.reviewers(&loaded.identity).instead(&groups(asked), loaded.today);
    let Some(task) = raise(work, register, loaded, &resolution, ReviewStep::Replaced)? else {
        batch.nobody += 1;
        return Ok("Nobody else can be asked, so whoever was asked still is.".to_owned());
    };
    for before in asked.drain(..) {
        closing::close(
            work,
            &before,
            TaskAnswer::Obsolete,
            Some("nobody answered, so somebody else is asked instead"),
        )?;
    }
    asked.push(task);
    batch.replaced += 1;
    Ok(said(&resolution))
}

fn said(resolution: &Resolution) -> String {
    let way: Vec<String> =
        resolution.way.iter().map(|step| format!("{}: {}", step.asked_as.label(), step.verdict.label())).collect();
    format!("{}.", way.join("; "))
}

fn raise(
    work: &mut Work<'_>,
    register: &Register,
    loaded: &Loaded,
    resolution: &Resolution,
    step: ReviewStep,
) -> Result<Option<Task>, ActionError> {
    let Some(assignee) = resolution.found else { return Ok(None) };
    let says = format!("Nobody has answered, and an answer was due by {}.", date_words(loaded.review.due_on));
    let mut task =
        asking::ask(&loaded.review, &TaskCause::ReviewAsked, &says, assignee, &format!(":{}", step.word()), work);
    if matches!(assignee, Assignee::Group { .. }) {
        task.assigned_as = crate::domain::tasks::AssignedAs::Escalated;
    }
    if !tasks::insert_if_new(work.db, &task)? {
        return Ok(None);
    }
    work.record("task.raise", "task", task.id, None, Some(&task));
    let notice = Notice {
        subject: "Nobody answered a review, so you are asked".to_owned(),
        lines: vec![format!("You are asked whether the access of {} is still needed.", loaded.identity.name), says],
        path: format!("/reviews/{}", loaded.review.id),
        link_words: "Answer the review".to_owned(),
        if_nothing: format!("Silence counts after {}.", date_words(loaded.review.silence_on)),
    };
    tell(work, register, loaded, &[&task], step, &notice)?;
    Ok(Some(task))
}
