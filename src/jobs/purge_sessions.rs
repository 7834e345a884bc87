//! Removes sessions, links and attempts to sign in that no longer count. They open no door any more; their
//! rows are only in the way.

use super::counted;
use crate::actions::runs::{JobReport, Lease};
use crate::actions::{ActionError, By, Register, attempts, links, sessions};

/// Runs the job at `by.now`.
pub fn run(register: &Register, by: &By, lease: &Lease) -> Result<JobReport, ActionError> {
    lease.renew(register)?;
    let removed = sessions::purge(register, by)?;
    let forgotten = attempts::purge(register, by)?;
    let links = links::purge(register, by)?;
    let mut report = JobReport::default();
    report.say(format!("{} removed", counted(removed, "ended session", "ended sessions")));
    report.say(format!("{} forgotten", counted(forgotten, "old attempt to sign in", "old attempts to sign in")));
    report.say(format!("{} removed", counted(links, "ended link", "ended links")));
    Ok(report)
}
