//! How many reviews wait for an answer of each person and of each group.

use diesel::prelude::*;

use super::schema::tasks;
use super::{Db, StoreError};
use crate::domain::ids::Id;
use crate::domain::tasks::{AssigneeGroup, TaskKind, TaskState};
use crate::each;

/// How many wait for each of these people; who has none is not among them.
pub fn of_people(db: &mut Db, people: &[Id]) -> Result<Vec<(Id, i64)>, StoreError> {
    let mut found = Vec::new();
    for chunk in people.chunks(500) {
        found.extend(each!(db, |c| tasks::table
            .filter(tasks::kind.eq(TaskKind::Recertification))
            .filter(tasks::state.eq(TaskState::Open))
            .filter(tasks::assignee_id.eq_any(chunk))
            .group_by(tasks::assignee_id)
            .select((tasks::assignee_id.assume_not_null(), diesel::dsl::count_star()))
            .load::<(Id, i64)>(c))?);
    }
    Ok(found)
}

/// How many wait for a group.
pub fn of_group(db: &mut Db, group: AssigneeGroup) -> Result<i64, StoreError> {
    each!(db, |c| tasks::table
        .filter(tasks::kind.eq(TaskKind::Recertification))
        .filter(tasks::state.eq(TaskState::Open))
        .filter(tasks::assignee_group.eq(group))
        .select(diesel::dsl::count_star())
        .first::<i64>(c))
    .map_err(Into::into)
}
