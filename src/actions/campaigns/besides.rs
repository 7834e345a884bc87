//! How many reviews wait for people and groups already, besides what a campaign would ask them about.

use std::collections::HashMap;

use crate::domain::ids::Id;
use crate::domain::tasks::{AssigneeGroup, TaskKind, TaskState};
use crate::store::{Db, StoreError, open_questions, tasks};

/// What waits already.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Besides {
    pub people: HashMap<Id, usize>,
    pub groups: HashMap<AssigneeGroup, usize>,
}

/// Counts it. `joined`: reviews that are open and would belong to the campaign, so that they are counted there.
pub fn besides(db: &mut Db, people: &[Id], groups: &[AssigneeGroup], joined: &[Id]) -> Result<Besides, StoreError> {
    let count = |number: i64| usize::try_from(number).unwrap_or_default();
    let mut found = Besides::default();
    for (person, number) in open_questions::of_people(db, people)? {
        found.people.insert(person, count(number));
    }
    for group in groups {
        found.groups.insert(*group, count(open_questions::of_group(db, *group)?));
    }
    for task in tasks::of_reviews(db, joined)? {
        if task.kind != TaskKind::Recertification || task.state != TaskState::Open {
            continue;
        }
        let own = match (task.assignee_id, task.assignee_group) {
            (Some(person), _) => found.people.get_mut(&person),
            (None, Some(group)) => found.groups.get_mut(&group),
            (None, None) => None,
        };
        if let Some(number) = own {
            *number = number.saturating_sub(1);
        }
    }
    Ok(found)
}
