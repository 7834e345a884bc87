//! What people are told when nobody answered a review: each mail once for a review, whoever runs the job.

use std::collections::BTreeSet;

use super::load::Loaded;
use crate::actions::{ActionError, Register, Work, notify};
use crate::domain::ids::Id;
use crate::domain::notices::Notice;
use crate::domain::reviews::ReviewStep;
use crate::domain::task_words::date_words;
use crate::store::outbox;
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

/// Reminds whoever is asked: in their digest, and by a mail of its own on the last day, or where somebody else is
/// asked beside them on the same day, which stands in the same mail.
pub fn remind(
    work: &mut Work<'_>,
    register: &Register,
    loaded: &Loaded,
    asked: &[Task],
    step: ReviewStep,
    beside: bool,
) -> Result<String, ActionError> {
    let due_on = loaded.review.due_on;
    if step != ReviewStep::Reminder1 && !beside {
        let tasks: Vec<&Task> = asked.iter().collect();
        notify::queue_for_tasks(register, work, &tasks)?;
        return Ok(format!("Its answer is due by {}.", date_words(due_on)));
    }
    let days = due_on.signed_duration_since(loaded.today).num_days();
    let (subject, due) = match days {
        ..=-1 => ("A review waits for your answer", "was"),
        0 => ("A review is due now", "is"),
        1 => ("A review is due tomorrow", "is"),
        _ => ("A review is due soon", "is"),
    };
    let mut lines = vec![
        format!("You are asked whether the access of {} is still needed.", loaded.identity.name),
        format!("Your answer {due} due by {}.", date_words(due_on)),
    ];
    lines.extend(beside.then(|| BESIDE.to_owned()));
    let notice = Notice {
        subject: subject.to_owned(),
        lines,
        path: path(loaded),
        link_words: "Answer the review".to_owned(),
        if_nothing: "Somebody else is asked too, and in the end it may stop working.".to_owned(),
    };
    tell(work, register, loaded, &having(loaded, asked), step.word(), &notice)?;
    Ok(format!("Its answer {due} due by {}.", date_words(due_on)))
}

/// Tells whoever was asked before that somebody else is asked beside them.
pub fn tell_beside(
    work: &mut Work<'_>,
    register: &Register,
    loaded: &Loaded,
    people: &BTreeSet<Id>,
) -> Result<(), ActionError> {
    let notice = Notice {
        subject: "Somebody else is asked about your review too".to_owned(),
        lines: vec![
            format!(
                "You are asked whether the access of {} is still needed. Your answer was due by {}.",
                loaded.identity.name,
                date_words(loaded.review.due_on)
            ),
            BESIDE.to_owned(),
        ],
        path: path(loaded),
        link_words: "Answer the review".to_owned(),
        if_nothing: "Somebody else is asked instead of you, and in the end it may stop working.".to_owned(),
    };
    tell(work, register, loaded, people, "beside", &notice)
}

/// Tells whoever did not answer that they are not asked any more.
pub fn tell_replaced(
    work: &mut Work<'_>,
    register: &Register,
    loaded: &Loaded,
    people: &BTreeSet<Id>,
) -> Result<(), ActionError> {
    let notice = Notice {
        subject: "Somebody else was asked about your review".to_owned(),
        lines: vec![
            format!("Somebody else was asked, because the day passed: {}.", loaded.identity.name),
            format!("An answer was due by {}. You may still add what you know.", date_words(loaded.review.due_on)),
        ],
        path: path(loaded),
        link_words: "Look at the review".to_owned(),
        if_nothing: "Somebody else decides.".to_owned(),
    };
    tell(work, register, loaded, people, "passed_on", &notice)
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
    let notice = Notice {
        subject: "Nobody answered a review, so you are asked".to_owned(),
        lines: vec![
            format!("You are asked whether the access of {} is still needed.", loaded.identity.name),
            format!(
                "Nobody has answered, and an answer was due by {}. Yours is due by {}.",
                date_words(loaded.review.due_on),
                date_words(task.due_on)
            ),
        ],
        path: path(loaded),
        link_words: "Answer the review".to_owned(),
        if_nothing: format!("Silence counts after {}.", date_words(silence_on)),
    };
    tell(work, register, loaded, &having(loaded, std::slice::from_ref(task)), step.word(), &notice)
}

fn path(loaded: &Loaded) -> String {
    format!("/reviews/{}", loaded.review.id)
}

/// Each of them gets it once: the key holds the review, what is told, and to whom.
fn tell(
    work: &mut Work<'_>,
    register: &Register,
    loaded: &Loaded,
    people: &BTreeSet<Id>,
    what: &str,
    notice: &Notice,
) -> Result<(), ActionError> {
    let rows: Vec<(Id, String, Notice)> = people
        .iter()
        .map(|person| (*person, format!("review:{}:{what}:{person}", loaded.review.id), notice.clone()))
        .collect();
    outbox::queue_notices(work.db, &rows, work.by.now, register.day(work.by.now))?;
    Ok(())
}
