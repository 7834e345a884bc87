//! Asking the administrators, because nobody answered and nothing was cut.

use super::super::asking;
use super::super::load::Loaded;
use crate::actions::{ActionError, Register, Work};
use crate::domain::task_words::days_after;
use crate::domain::tasks::{AssignedAs, Assignee, AssigneeGroup, TaskCause};
use crate::store::reviews::Review;
use crate::store::tasks::{self, Task};

/// Asks them once about a review, however often it comes to them; answers the task where it is new. They have days
/// of their own to answer: those of whoever was asked before have passed.
pub fn ask(
    work: &mut Work<'_>,
    register: &Register,
    loaded: &Loaded,
    review: &Review,
    says: &str,
) -> Result<Option<Task>, ActionError> {
    if loaded.asking().any(|task| task.assignee_group == Some(AssigneeGroup::Administrators)) {
        return Ok(None);
    }
    if loaded.around.members(AssigneeGroup::Administrators).is_empty() {
        asking::nobody(work, register, review, &loaded.identity)?;
        return Ok(None);
    }
    let assignee = Assignee::Group { group: AssigneeGroup::Administrators };
    let mut task = asking::ask(review, &TaskCause::ReviewAsked, says, assignee, ":escalated", work);
    task.assigned_as = AssignedAs::Escalated;
    task.due_on = days_after(loaded.today, u64::from(register.deployment.reviews.escalated_days));
    // They may have been asked before, and have named somebody else.
    if !tasks::insert_if_new(work.db, &task)? {
        return Ok(None);
    }
    work.record("task.raise", "task", task.id, None, Some(&task));
    Ok(Some(task))
}
