//! Closing a task whose question is answered elsewhere.

use super::{ActionError, Work};
use crate::domain::tasks::{TaskAnswer, TaskState};
use crate::store::tasks::{self, Task};

/// Closes a task whose question is answered elsewhere.
pub fn close(work: &mut Work<'_>, task: &Task, answer: TaskAnswer, note: Option<&str>) -> Result<(), ActionError> {
    let mut closed = task.clone();
    closed.state = if answer == TaskAnswer::Obsolete { TaskState::Cancelled } else { TaskState::Done };
    closed.answer = Some(answer);
    // Notes stand one below the other, the oldest first.
    closed.note = match (&task.note, note) {
        (Some(earlier), Some(note)) => Some(format!("{earlier}\n{note}")),
        (earlier, note) => note.map(str::to_owned).or_else(|| earlier.clone()),
    };
    closed.closed_at = Some(work.by.now);
    closed.closed_by = work.by.person;
    closed.version += 1;
    tasks::update(work.db, &closed)?;
    work.record("task.close", "task", task.id, Some(task), Some(&closed));
    Ok(())
}
