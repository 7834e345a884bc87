//! Asks the owners of identities whose review is due whether they are still needed.
//!
//! A task is raised on the day the review is due, without lead time; its owner then has
//! [`crate::domain::task_words::REVIEW_DAYS`] days. Identities that are active or suspended are asked
//! about; their reviews are those of the index `identities_review_due`.

use super::{counted, raise_all, say_group};
use crate::actions::runs::{JobReport, Lease};
use crate::actions::{ActionError, By, Register};
use crate::domain::tasks::TaskCause;

/// Runs the job at `by.now`.
pub fn run(register: &Register, by: &By, lease: &Lease) -> Result<JobReport, ActionError> {
    let raised = raise_all(register, by, lease, TaskCause::ReviewDue)?;
    let mut report = JobReport::default();
    report.say(format!("{} raised", counted(raised.raised, "recertification", "recertifications")));
    say_group(&mut report, raised);
    Ok(report)
}
