//! Tasks: what waits for the reader, all of them, and one at a time.

pub mod export;
pub mod facts;
pub mod filter;
pub mod form;
pub mod known;
pub mod list;
pub mod meanwhile;
pub mod permissions;
pub mod review;
pub mod task;

use chrono::NaiveDate;

use super::reviews::answer_by;
use super::show;
use crate::domain::tasks::{TaskKind, TaskState};
use crate::store::tasks::Task;

/// The tag of a task: its kind and its words, as "Overdue 2 days" or "Due in 4 days"; where somebody is asked whether
/// something is still needed, until when they answer.
pub fn status(task: &Task, today: NaiveDate) -> (&'static str, String) {
    match task.state {
        TaskState::Open => match (task.due_on - today).num_days() {
            days if days < 0 => ("bad", format!("Overdue {}", show::counted(-days, "day"))),
            days if task.kind == TaskKind::Recertification => {
                (if days <= 7 { "warn" } else { "info" }, answer_by(days, task.due_on))
            }
            0 => ("warn", "Due today".to_owned()),
            1 => ("warn", "Due tomorrow".to_owned()),
            days if days <= 7 => ("warn", format!("Due in {days} days")),
            days => ("info", format!("Due in {days} days")),
        },
        TaskState::Done => ("plain", "Done".to_owned()),
        TaskState::Cancelled => ("plain", "No longer applies".to_owned()),
    }
}

/// Where a task is done that has no page of its own: that of its request, of what names an owner, of what
/// asks anew.
pub fn elsewhere(task: &Task) -> Option<String> {
    match task.kind {
        TaskKind::Decision | TaskKind::Issuance | TaskKind::ApproverMissing => {
            task.request_id.map(|id| format!("/requests/{id}"))
        }
        TaskKind::Recertification | TaskKind::Narrowing | TaskKind::ReviewerMissing => {
            task.review_id.map(|id| format!("/reviews/{id}"))
        }
        TaskKind::OwnerMissing => task.identity_id.map(|id| format!("/identities/{id}/edit")),
        TaskKind::Reauthorisation => task.identity_id.map(|id| format!("/identities/{id}/request")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::{Id, Moment};
    use crate::domain::tasks::{Assignee, AssigneeGroup, TaskCause, TaskKind};
    use crate::store::tasks::Raised;

    #[test]
    fn a_task_is_overdue_the_day_after_it_was_due() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let task = Task::new(
            Raised {
                kind: TaskKind::Offboarding,
                cause: TaskCause::Expired,
                identity: Id::new(),
                request: None,
                review: None,
                period: "p".to_owned(),
                reason: "r".to_owned(),
                assignee: Assignee::Group { group: AssigneeGroup::SecurityAnalysts },
                due_on: day("2026-05-08"),
            },
            Moment::parse("2026-05-01T00:00:00Z").unwrap(),
        );
        assert_eq!(status(&task, day("2026-05-08")), ("warn", "Due today".to_owned()));
        assert_eq!(status(&task, day("2026-05-09")), ("bad", "Overdue 1 day".to_owned()));
        let asked = Task { kind: TaskKind::Recertification, ..task };
        assert_eq!(status(&asked, day("2026-05-01")), ("warn", "Answer by 8 May 2026".to_owned()));
        assert_eq!(status(&asked, day("2026-04-01")), ("info", "Answer by 8 May 2026".to_owned()));
        assert_eq!(status(&asked, day("2026-05-08")), ("warn", "Answer due today".to_owned()));
    }
}
