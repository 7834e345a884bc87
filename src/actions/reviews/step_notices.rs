//! What people are told when nobody answered a review: each line once for a review, whoever runs the job. It stands in
//! their digest of the day, which names every review of which something is told.

use std::collections::BTreeSet;

use super::load::Loaded;
use crate::actions::notify::{Told, tell_of_review};
use crate::actions::{ActionError, Register, Work};
use crate::domain::ids::Id;
use crate::domain::notices::LineKind;
use crate::domain::reviews::ReviewStep;
use crate::domain::task_words::date_words;
use crate::store::tasks::Task;

const BESIDE: &str = "Somebody else is asked too, because nobody has answered. Whoever answers first decides.";

/// Everybody who has one of these tasks: the person, or whoever can act for the group.
pub fn having(loaded: &Loaded, tasks: &[Task]) -> BTreeSet<Id> {
    let mut people: BTreeSet<Id> = tasks.iter().filter_map(|task| task.assignee_id).collect();
    for group in tasks.iter().filter_map(|task| task.assignee_group) {
        people.extend(loaded.around.members(group));
    }
    people
}

/// Reminds whoever is asked. Where somebody else is asked beside them on the same day, that is said with it.
pub fn remind(
    work: &mut Work<'_>,
    register: &Register,
    loaded: &Loaded,
    asked: &[Task],
    step: ReviewStep,
    beside: bool,
) -> Result<String, ActionError> {
    let says = if beside { BESIDE } else { "" };
    let told = Told { review: loaded.review.id, what: step.word(), kind: LineKind::Due, says };
    tell_of_review(register, work, &having(loaded, asked), told)?;
    let due_on = loaded.review.due_on;
    let due = if due_on < loaded.today { "was" } else { "is" };
    Ok(format!("Its answer {due} due by {}.", date_words(due_on)))
}

/// Tells whoever was asked before that somebody else is asked beside them.
pub fn tell_beside(
    work: &mut Work<'_>,
    register: &Register,
    loaded: &Loaded,
    people: &BTreeSet<Id>,
) -> Result<(), ActionError> {
    let told = Told { review: loaded.review.id, what: "beside", kind: LineKind::Beside, says: BESIDE };
    tell_of_review(register, work, people, told)
}

/// Tells whoever did not answer that they are not asked any more.
pub fn tell_replaced(
    work: &mut Work<'_>,
    register: &Register,
    loaded: &Loaded,
    people: &BTreeSet<Id>,
) -> Result<(), ActionError> {
    let says = format!(
        "Somebody else was asked, because the day passed: an answer was due by {}. You may still add what you know.",
        date_words(loaded.review.due_on)
    );
    let told = Told { review: loaded.review.id, what: "passed_on", kind: LineKind::PassedOn, says: &says };
    tell_of_review(register, work, people, told)
}

/// Tells whoever is asked now, because nobody answered before.
pub fn tell_asked(
    work: &mut Work<'_>,
    register: &Register,
    loaded: &Loaded,
    task: &Task,
    step: ReviewStep,
    silence_on: chrono::NaiveDate,
) -> Result<(), ActionError> {
    let says = format!(
        "Nobody has answered, and an answer was due by {}, so you are asked. Silence counts after {}.",
        date_words(loaded.review.due_on),
        date_words(silence_on)
    );
    let told = Told { review: loaded.review.id, what: step.word(), kind: LineKind::Asked, says: &says };
    tell_of_review(register, work, &having(loaded, std::slice::from_ref(task)), told)
}
