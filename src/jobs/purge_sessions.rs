//! Removes sessions that have ended, and with them forms, steps of signing in, links and attempts that no
//! longer count, and registrations that were begun and left for half a year. They open no door any more; their rows are only in the way.

use super::counted;
use crate::actions::runs::{JobReport, Lease};
use crate::actions::{ActionError, By, Register, attempts, links, request_drafts, sessions};

/// Runs the job at `by.now`.
pub fn run(register: &Register, by: &By, lease: &Lease) -> Result<JobReport, ActionError> {
    lease.renew(register)?;
    let removed = sessions::purge(register, by)?;
    let forgotten = attempts::purge(register, by)?;
    let links = links::purge(register, by)?;
    let mut report = JobReport::default();
    report.say(format!("{} removed", counted(removed.sessions, "ended session", "ended sessions")));
    if removed.held_forms > 0 {
        report.say(format!("{} removed", counted(removed.held_forms, "form that waited", "forms that waited")));
    }
    if removed.ceremonies > 0 {
        let words = ("step of signing in", "steps of signing in");
        report.say(format!("{} removed that nobody went on with", counted(removed.ceremonies, words.0, words.1)));
    }
    report.say(format!("{} forgotten", counted(forgotten, "old attempt to sign in", "old attempts to sign in")));
    report.say(format!("{} removed", counted(links, "ended link", "ended links")));
    let drafts = request_drafts::purge(register, by)?;
    if drafts > 0 {
        let words = ("registration", "registrations");
        report.say(format!(
            "{} removed that nobody touched for {} days",
            counted(drafts, words.0, words.1),
            request_drafts::KEPT_DAYS
        ));
    }
    Ok(report)
}
