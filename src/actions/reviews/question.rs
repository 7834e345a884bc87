//! \u{201c}I don\u{2019}t know\u{201d}: the technical owner is asked what they know. It is no answer to the review, and its
//! deadline stays.

use chrono::NaiveDate;

use super::decide::Kept;
use super::load::Loaded;
use super::reviewers::lets_in_whom_it_knows;
use crate::actions::assignees::Owners;
use crate::actions::{ActionError, Register, Work, raise};
use crate::domain::ids::Id;
use crate::domain::task_words::days_after;
use crate::domain::tasks::{AssignedAs, Assignee, AssigneeGroup, TaskCause, TaskKind};
use crate::store::review_decisions::ReviewDecision;
use crate::store::reviews::{self, Review};
use crate::store::tasks::{Raised, Task};
use crate::store::{Db, StoreError, people};

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
    let assignee = whom(work.db, register, loaded, work.by.person)?;
    let task = Task::new(
        Raised {
            kind: TaskKind::ReviewQuestion,
            cause: TaskCause::QuestionAsked,
            identity: loaded.identity.id,
            request: None,
            review: Some(after.id),
            period: period(after.id, decision.id),
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

/// Who is asked what they know where `asker` does not: the technical owner, or the security analysts where there is none
/// who can answer.
pub fn whom(db: &mut Db, register: &Register, loaded: &Loaded, asker: Option<Id>) -> Result<Assignee, StoreError> {
    let technical = Owners::of(db, std::slice::from_ref(&loaded.identity))?
        .candidates(&loaded.identity)
        .technical_owner
        .filter(|owner| owner.can_act(loaded.today) && Some(owner.person) != asker);
    // Who cannot sign in tells nobody what they know.
    let technical = match technical {
        Some(owner) if !lets_in_whom_it_knows(register) => {
            people::account(db, owner.person)?.is_some().then_some(owner)
        }
        other => other,
    };
    Ok(match technical {
        Some(owner) => Assignee::Person { person: owner.person, assigned_as: AssignedAs::TechnicalOwner },
        None => Assignee::Group { group: AssigneeGroup::SecurityAnalysts },
    })
}

/// The period of the task by which somebody is asked because of a decision: it tells whose answer raised it.
pub fn period(review: Id, decision: Id) -> String {
    format!("review:{review}:{decision}")
}

/// The day in the middle between today and a deadline; today where that has passed.
fn half_way(today: NaiveDate, due_on: NaiveDate) -> NaiveDate {
    let left = due_on.signed_duration_since(today).num_days().max(0);
    days_after(today, (left / 2).unsigned_abs())
}
