//! The tasks by which people were asked in a campaign, as far as its progress goes by them: of tens of thousands only
//! what is counted is read.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::schema::tasks;
use super::tasks::Task;
use super::{Db, StoreError};
use crate::domain::ids::{Id, Moment};
use crate::domain::tasks::{AssignedAs, AssigneeGroup, TaskAnswer, TaskKind, TaskState};
use crate::each;

/// A task by which somebody was asked.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = tasks)]
pub struct AskedTask {
    pub review_id: Option<Id>,
    pub period: String,
    pub assignee_id: Option<Id>,
    pub assignee_group: Option<AssigneeGroup>,
    pub assigned_as: AssignedAs,
    pub due_on: NaiveDate,
    pub state: TaskState,
    pub answer: Option<TaskAnswer>,
    pub closed_at: Option<Moment>,
}

impl From<&Task> for AskedTask {
    fn from(task: &Task) -> Self {
        Self {
            review_id: task.review_id,
            period: task.period.clone(),
            assignee_id: task.assignee_id,
            assignee_group: task.assignee_group,
            assigned_as: task.assigned_as,
            due_on: task.due_on,
            state: task.state,
            answer: task.answer,
            closed_at: task.closed_at,
        }
    }
}

/// Those of these reviews, the oldest first.
pub fn of_reviews(db: &mut Db, reviews: &[Id]) -> Result<Vec<AskedTask>, StoreError> {
    let mut found = Vec::new();
    for chunk in reviews.chunks(500) {
        found.extend(each!(db, |c| tasks::table
            .filter(tasks::review_id.eq_any(chunk))
            .filter(tasks::kind.eq(TaskKind::Recertification))
            .order((tasks::created_at, tasks::id))
            .select(AskedTask::as_select())
            .load::<AskedTask>(c))?);
    }
    Ok(found)
}
