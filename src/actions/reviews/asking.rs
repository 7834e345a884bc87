//! Asking somebody about a review, and saying loudly that nobody can be asked.

use crate::actions::{ActionError, Register, Work, findings, raise};
use crate::domain::findings::FindingRule;
use crate::domain::task_words::days_after;
use crate::domain::tasks::{Assignee, AssigneeGroup, TaskCause, TaskKind};
use crate::store::findings::Finding;
use crate::store::identities::Identity;
use crate::store::reviews::Review;
use crate::store::tasks::{Raised, Task};

/// Somebody at the top has so many days to find a reviewer.
const FIND_DAYS: u64 = 7;

/// The task by which somebody is asked; `again` tells a second one from the first.
pub fn ask(review: &Review, cause: &TaskCause, says: &str, assignee: Assignee, again: &str, work: &Work<'_>) -> Task {
    Task::new(
        Raised {
            kind: TaskKind::Recertification,
            cause: *cause,
            identity: review.identity_id,
            request: None,
            review: Some(review.id),
            period: format!("review:{}{again}", review.id),
            reason: format!("{says} Say whether it is still needed."),
            assignee,
            due_on: review.due_on,
        },
        work.by.now,
    )
}

/// Nobody can be asked: the administrators have to find somebody, and a finding stands until then.
pub fn nobody(
    work: &mut Work<'_>,
    register: &Register,
    review: &Review,
    identity: &Identity,
) -> Result<(), ActionError> {
    let today = register.day(work.by.now);
    let says = "Nobody can be asked whether it is still needed: no owner, no deputy, no manager and no security \
                analyst can act.";
    findings::open(
        work,
        identity,
        Finding::new(identity.id, FindingRule::ReviewerMissing, says.to_owned(), work.by.now),
    )?;
    let task = Task::new(
        Raised {
            kind: TaskKind::ReviewerMissing,
            cause: TaskCause::NobodyToAsk,
            identity: identity.id,
            request: None,
            review: Some(review.id),
            period: format!("review:{}", review.id),
            reason: format!("{says} Open an account, or name an owner."),
            assignee: Assignee::Group { group: AssigneeGroup::Administrators },
            due_on: days_after(today, FIND_DAYS),
        },
        work.by.now,
    );
    raise::one(register, work, &task)?;
    Ok(())
}
