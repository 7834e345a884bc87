//! Removes sessions that have ended. They open no door any more; their rows are only in the way.

use super::counted;
use crate::actions::runs::{JobReport, Lease};
use crate::actions::{ActionError, By, Register, ceremonies, sessions};

/// Runs the job at `by.now`.
pub fn run(register: &Register, by: &By, lease: &Lease) -> Result<JobReport, ActionError> {
    lease.renew(register)?;
    let removed = sessions::purge(register, by)?;
    ceremonies::purge(register, by)?;
    let mut report = JobReport::default();
    report.say(format!("{} removed", counted(removed, "ended session", "ended sessions")));
    Ok(report)
}
