//! Storing reviews that are opened, and asking whoever was found for each.

use std::collections::HashMap;

use super::wanted::Outcome;
use crate::actions::reviews::asking;
use crate::actions::{ActionError, Register, Work, notify};
use crate::domain::ids::Id;
use crate::domain::reviews::ReviewStep;
use crate::domain::reviews::reasons::{Reason, ReviewCause};
use crate::domain::tasks::{Assignee, TaskCause};
use crate::store::identities::Identity;
use crate::store::review_reasons;
use crate::store::review_steps::{self, StepTaken};
use crate::store::reviews::{self, Review};
use crate::store::tasks::{self, Task};

/// A review that is opened: why, and who was found to be asked.
pub type New = (Review, Vec<Reason>, Option<Assignee>);

/// Stores them, each with its first step and its task, or with a finding where nobody can be asked.
pub fn store_new(
    work: &mut Work<'_>,
    register: &Register,
    about: &HashMap<Id, Identity>,
    new: Vec<New>,
    outcome: &mut Outcome,
) -> Result<(), ActionError> {
    let rows: Vec<Review> = new.iter().map(|(review, _, _)| review.clone()).collect();
    reviews::insert_many(work.db, &rows)?;
    let mut raised: Vec<Task> = Vec::with_capacity(new.len());
    let mut steps: Vec<StepTaken> = Vec::with_capacity(new.len());
    for (review, reasons, found) in &new {
        review_reasons::attach(work.db, review.identity_id, review.id)?;
        let says: Vec<&str> = reasons.iter().map(|reason| reason.says.as_str()).collect();
        let says = says.join(" ");
        work.record_because("review.open", "review", review.id, Some(&says), None, Some(review));
        steps.push(StepTaken { review_id: review.id, step: ReviewStep::Opened, says: says.clone(), at: work.by.now });
        match found {
            Some(assignee) => raised.push(asking::ask(review, &cause_of(reasons), &says, *assignee, "", work)),
            None => {
                outcome.opened.nobody += 1;
                if let Some(identity) = about.get(&review.identity_id) {
                    asking::nobody(work, register, review, identity)?;
                }
            }
        }
        outcome.opened.opened += 1;
    }
    review_steps::insert_many(work.db, &steps)?;
    let added = tasks::insert_new(work.db, &raised)?;
    let raised: Vec<&Task> = raised.iter().filter(|task| added.contains(&task.id)).collect();
    for task in &raised {
        work.record("task.raise", "task", task.id, None, Some(*task));
    }
    outcome.opened.to_group += raised.iter().filter(|task| task.assignee_group.is_some()).count();
    notify::queue_for_tasks(register, work, &raised)?;
    outcome.reviews.extend(rows.into_iter().map(|review| (review.identity_id, review)));
    Ok(())
}

fn cause_of(reasons: &[Reason]) -> TaskCause {
    match reasons.first().map(|reason| reason.cause) {
        Some(ReviewCause::Clock) => TaskCause::ReviewDue,
        _ => TaskCause::ReviewAsked,
    }
}
