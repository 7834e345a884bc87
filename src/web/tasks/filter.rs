//! The list's filter as it stands in a link. Without a state, open tasks are meant.

use chrono::NaiveDate;

use crate::domain::ids::Id;
use crate::domain::tasks::TaskState;
use crate::store::task_list::{AssigneeFilter, TaskFilter};
use crate::web::errors::WebError;
use crate::web::fields::Fields;
use crate::web::session::{Sees, Viewer};

/// Reads what a link asks for, narrowed to what the viewer may see. What cannot be read is as if it
/// were absent.
pub fn parse(fields: &Fields, viewer: &Viewer, today: NaiveDate) -> Result<TaskFilter, WebError> {
    Ok(TaskFilter {
        kind: fields.value("kind"),
        state: match fields.get("state") {
            Some("any") => None,
            _ => Some(fields.value("state").unwrap_or(TaskState::Open)),
        },
        assignee: fields
            .value("assignee")
            .map(AssigneeFilter::Group)
            .or_else(|| fields.value::<Id>("assignee").map(AssigneeFilter::Person)),
        overdue_on: fields.is_set("overdue").then_some(today),
        visible_to: match viewer.sees()? {
            Sees::Everything => None,
            Sees::OwnedBy(person) => Some(person),
        },
    })
}
