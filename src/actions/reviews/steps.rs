//! What is done about an answer that has not come: reminders, somebody else too, somebody else instead. Each step is
//! taken once, whoever runs the job; a step whose day passed while nothing ran is taken late, and none is left out.
//! Late steps are not taken all at once: whoever was just asked has time first, and the days that follow move.

use chrono::NaiveDate;

use super::BATCH;
use super::load::Loaded;
use super::one_by_one::alone;
use super::{asking, step_notices};
use crate::actions::{ActionError, By, Register, Work, closing};
use crate::domain::ids::Id;
use crate::domain::reviews::clock::Dates;
use crate::domain::reviews::escalation;
use crate::domain::reviews::reviewers::Resolution;
use crate::domain::reviews::{ReviewState, ReviewStep};
use crate::domain::task_words::date_words;
use crate::domain::tasks::{AssignedAs, Assignee, AssigneeGroup, TaskAnswer, TaskCause};
use crate::store::review_steps::{self, StepTaken};
use crate::store::reviews::Review;
use crate::store::tasks::{self, Task};

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
    let found = review_steps::due(&mut *register.database.read()?, today, after, BATCH)?;
    let mut batch = Batch {
        next: found
            .last()
            .filter(|_| i64::try_from(found.len()) == Ok(BATCH))
            .and_then(|last| last.next_step_on.map(|day| (day, last.id))),
        ..Batch::default()
    };
    for review in &found {
        let mut taken = Batch::default();
        let done = alone("the step of a review", review.id, || {
            register.change(by, |work| one(work, register, review.id, &mut taken))
        })?;
        if done.is_none() {
            batch.failed += 1;
            continue;
        }
        batch.reminded += taken.reminded;
        batch.added += taken.added;
        batch.replaced += taken.replaced;
        batch.nobody += taken.nobody;
    }
    Ok(batch)
}

fn one(work: &mut Work<'_>, register: &Register, id: Id, batch: &mut Batch) -> Result<(), ActionError> {
    let loaded = Loaded::held(work.db, register, id, work.by.now)?;
    let review = &loaded.review;
    if review.state != ReviewState::Open || review.next_step_on.is_none_or(|day| day > loaded.today) {
        return Ok(());
    }
    let most = register.deployment.reviews.escalated_days;
    let mut dates = dates_of(review);
    let due = escalation::due(&left(register, &loaded, dates, &[]), loaded.today);
    let before: Vec<Task> = loaded.asking().cloned().collect();
    let mut taken: Vec<(ReviewStep, String)> = Vec::new();
    let mut beside = None;
    if due.add {
        dates = dates.after_adding(loaded.today, most);
        let (asked, says) = add(work, register, &loaded, &before, dates)?;
        batch.added += usize::from(asked.is_some());
        batch.nobody += usize::from(asked.is_none());
        beside = asked;
        taken.push((ReviewStep::Added, says + &moved(review, dates)));
    }
    // Whoever was just asked is not reminded; and of reminders that are late together only the last is said.
    for step in &due.reminders {
        let says = if Some(*step) == due.reminder() {
            batch.reminded += 1;
            step_notices::remind(work, register, &loaded, &before, *step, beside.is_some())?
        } else {
            "A later reminder was due at the same time.".to_owned()
        };
        taken.push((*step, says));
    }
    if let (Some(task), true) = (&beside, due.reminders.is_empty()) {
        let mut told = step_notices::having(&loaded, &before);
        told.retain(|person| task.assignee_id != Some(*person));
        step_notices::tell_beside(work, register, &loaded, &told)?;
    }
    if due.replace {
        dates = dates.after_replacing(loaded.today, most);
        let (asked, says) = replace(work, register, &loaded, &before, dates)?;
        batch.replaced += usize::from(asked);
        batch.nobody += usize::from(!asked);
        taken.push((ReviewStep::Replaced, says + &moved(review, dates)));
    }
    for (step, says) in &taken {
        let row = StepTaken { review_id: id, step: *step, says: says.clone(), at: work.by.now };
        review_steps::take(work.db, &row)?;
    }
    let now: Vec<ReviewStep> = taken.iter().map(|(step, _)| *step).collect();
    let after = Review {
        replace_on: dates.replace_on,
        silence_on: dates.silence_on,
        // None is left before silence, which its own job finds by its day.
        next_step_on: escalation::next(&left(register, &loaded, dates, &now)),
        version: review.version + 1,
        ..review.clone()
    };
    super::apply::store(work, "review.step", review, &after)
}

/// The days of a review.
pub(super) fn dates_of(review: &Review) -> Dates {
    Dates { due_on: review.due_on, add_on: review.add_on, replace_on: review.replace_on, silence_on: review.silence_on }
}

/// The steps that were not taken, neither before nor `now`, each with its day.
pub(super) fn left(
    register: &Register,
    loaded: &Loaded,
    dates: Dates,
    now: &[ReviewStep],
) -> Vec<(NaiveDate, ReviewStep)> {
    let opened_on = register.day(loaded.review.opened_at);
    let mut steps = register.deployment.reviews.steps(opened_on, dates);
    steps.retain(|(_, step)| !now.contains(step) && !loaded.steps.iter().any(|known| known.step == *step));
    steps
}

/// What the record of a late step adds: that silence counts later than was said before.
fn moved(before: &Review, dates: Dates) -> String {
    if dates.silence_on == before.silence_on {
        return String::new();
    }
    format!(
        " This came late, so silence counts after {} and not after {}: whoever is asked now has time to answer.",
        date_words(dates.silence_on),
        date_words(before.silence_on)
    )
}

fn groups(asked: &[Task]) -> Vec<AssigneeGroup> {
    asked.iter().filter_map(|task| task.assignee_group).collect()
}

/// Somebody else is asked too: their task, and what is noted.
fn add(
    work: &mut Work<'_>,
    register: &Register,
    loaded: &Loaded,
    asked: &[Task],
    dates: Dates,
) -> Result<(Option<Task>, String), ActionError> {
    let people: Vec<Id> = loaded.tasks.iter().filter_map(|task| task.assignee_id).collect();
    let resolution = loaded.reviewers().more(&people, &groups(asked), loaded.today);
    let task = raise(work, register, loaded, &resolution, ReviewStep::Added, dates)?;
    let says = if task.is_some() { said(&resolution) } else { "Nobody else can be asked.".to_owned() };
    Ok((task, says))
}

/// Somebody else is asked instead: whoever did not answer is not asked any more, and is told so. Answers whether there
/// is somebody, and what is noted.
fn replace(
    work: &mut Work<'_>,
    register: &Register,
    loaded: &Loaded,
    asked: &[Task],
    dates: Dates,
) -> Result<(bool, String), ActionError> {
    let resolution = loaded.reviewers().instead(&groups(asked), loaded.today);
    let Some(task) = raise(work, register, loaded, &resolution, ReviewStep::Replaced, dates)? else {
        return Ok((false, "Nobody else can be asked, so whoever was asked still is.".to_owned()));
    };
    for before in asked {
        closing::close(work, before, TaskAnswer::Obsolete, Some("nobody answered, so somebody else is asked instead"))?;
    }
    // Whoever belongs to the group that is asked now is still asked.
    let still = step_notices::having(loaded, std::slice::from_ref(&task));
    let mut told = step_notices::having(loaded, asked);
    told.retain(|person| !still.contains(person));
    step_notices::tell_replaced(work, register, loaded, &told)?;
    Ok((true, said(&resolution)))
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
    dates: Dates,
) -> Result<Option<Task>, ActionError> {
    let Some(assignee) = resolution.found else { return Ok(None) };
    let says = format!("Nobody has answered, and an answer was due by {}.", date_words(loaded.review.due_on));
    let again = format!(":{}", step.word());
    let mut task = asking::ask(&loaded.review, &TaskCause::ReviewAsked, &says, assignee, &again, work);
    task.due_on = dates.escalated_due(step, loaded.today, register.deployment.reviews.escalated_days);
    if matches!(assignee, Assignee::Group { .. }) {
        task.assigned_as = AssignedAs::Escalated;
    }
    if !tasks::insert_if_new(work.db, &task)? {
        return Ok(None);
    }
    work.record("task.raise", "task", task.id, None, Some(&task));
    step_notices::tell_asked(work, register, loaded, &task, step, dates.silence_on)?;
    Ok(Some(task))
}
