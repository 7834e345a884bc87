//! \u{201c}I don\u{2019}t know\u{201d}: the technical owner is asked what they know. It is no answer to the review, and its
//! deadline stays.

use chrono::NaiveDate;

use super::decide::Kept;
use super::load::Loaded;
use super::reviewers::lets_in_whom_it_knows;
use crate::actions::{ActionError, Register, Work, raise};
use crate::domain::task_words::days_after;
use crate::domain::tasks::{AssignedAs, Assignee, AssigneeGroup, TaskCause, TaskKind};
use crate::store::people;
use crate::store::review_decisions::ReviewDecision;
use crate::store::reviews::{self, Review};
use crate::store::tasks::{Raised, Task};

/// Asks the technical owner, or the security analysts where there is none who can answer.
pub fn ask(
    work: &mut Work<'_>,
    register: &Register,
    loaded: &Loaded,
    decision: &ReviewDecision,
) -> Result<(), ActionError> {
    let before = &loaded.review;
    let after = Review { version: before.version + 1, ..before.clone() };
    reviews::update(work.db, &after)?;
    let recorded = (Kept { review: before, decision: None }, Kept { review: &after, decision: Some(decision) });
    let reason = decision.reason.as_deref();
    work.record_because("review.ask", "review", after.id, reason, Some(&recorded.0), Some(&recorded.1));
    let technical = crate::actions::assignees::Owners::of(work.db, std::slice::from_ref(&loaded.identity))?
        .candidates(&loaded.identity)
        .technical_owner
        .filter(|owner| owner.can_act(loaded.today) && Some(owner.person) != work.by.person);
    // Who cannot sign in tells nobody what they know.
    let technical = match technical {
        Some(owner) if !lets_in_whom_it_knows(register) => {
            people::account(work.db, owner.person)?.is_some().then_some(owner)
        }
        other => other,
    };
    let assignee = match technical {
        Some(owner) => Assignee::Person { person: owner.person, assigned_as: AssignedAs::TechnicalOwner },
        None => Assignee::Group { group: AssigneeGroup::SecurityAnalysts },
    };
    let task = Task::new(
        Raised {
            kind: TaskKind::ReviewQuestion,
            cause: TaskCause::QuestionAsked,
            identity: loaded.identity.id,
            request: None,
            review: Some(after.id),
            period: format!("review:{}:{}", after.id, decision.id),
            reason: format!(
                "Whoever reviews it does not know whether it is still needed: \u{201c}{}\u{201d} Write what you know; \
                 they decide.",
                reason.unwrap_or_default()
            ),
            assignee,
            // So that whoever decides still has time after the answer.
            due_on: half_way(loaded.today, after.due_on),
        },
        work.by.now,
    );
    raise::one(register, work, &task)?;
    Ok(())
}

/// The day in the middle between today and a deadline; today where that has passed.
fn half_way(today: NaiveDate, due_on: NaiveDate) -> NaiveDate {
    let left = due_on.signed_duration_since(today).num_days().max(0);
    days_after(today, (left / 2).unsigned_abs())
}
