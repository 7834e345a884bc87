//! The list's filter as it stands in a link. Without a state, open tasks are meant.

use chrono::NaiveDate;

use crate::domain::ids::Id;
use crate::domain::tasks::TaskState;
use crate::domain::words::Worded;
use crate::store::task_list::{AssigneeFilter, TaskFilter};
use crate::web::asked::{Asked, Faults};
use crate::web::errors::WebError;
use crate::web::fields::Fields;
use crate::web::session::{Sees, Viewer};

/// Reads what a link asks for, narrowed to what the viewer may see.
pub fn parse(fields: &Fields, viewer: &Viewer, today: NaiveDate) -> Result<(TaskFilter, Faults), WebError> {
    let mut asked = Asked::of(fields);
    // Which of the page's views is open; it narrows nothing.
    asked.word("view", "View", &[("all", "All open")]);
    let mut states = TaskState::pairs();
    states.push(("any", "Any"));
    let filter = TaskFilter {
        kind: asked.value("kind", "Kind"),
        state: match asked.word("state", "State", &states) {
            Some("any") => None,
            Some(word) => word.parse().ok(),
            None => Some(TaskState::Open),
        },
        assignee: assignee(&mut asked),
        overdue_on: asked.word("overdue", "Overdue", &[("1", "Only overdue ones")]).map(|_| today),
        not_reviewing: None,
        visible_to: match viewer.sees()? {
            Sees::Everything => None,
            Sees::OwnedBy(person) => Some(person),
        },
    };
    Ok((filter, asked.finish()))
}

/// A group by its word, or a person by id.
fn assignee(asked: &mut Asked<'_>) -> Option<AssigneeFilter> {
    let text = asked.get("assignee", "With")?;
    let found = text.parse().map(AssigneeFilter::Group).ok();
    let found = found.or_else(|| text.parse::<Id>().ok().map(AssigneeFilter::Person));
    if found.is_none() {
        asked.fault("assignee", format!("With: \u{201c}{text}\u{201d} is neither a group nor the id of a person."));
    }
    found
}
