//! Reminds reviewers of what they have not answered; then asks somebody else too, then somebody else instead.

use super::counted;
use crate::actions::reviews::steps;
use crate::actions::runs::{JobReport, Lease};
use crate::actions::{ActionError, By, Register};

/// Runs the job at `by.now`.
pub fn run(register: &Register, by: &By, lease: &Lease) -> Result<JobReport, ActionError> {
    let mut place = None;
    let (mut reminded, mut added, mut replaced, mut nobody, mut failed) = (0, 0, 0, 0, 0);
    loop {
        lease.renew(register)?;
        let batch = steps::batch(register, by, place)?;
        reminded += batch.reminded;
        added += batch.added;
        replaced += batch.replaced;
        nobody += batch.nobody;
        failed += batch.failed;
        place = batch.next;
        if place.is_none() {
            break;
        }
    }
    let mut report = JobReport::default();
    report.say(format!("Reminded of {}", counted(reminded, "review", "reviews")));
    if added > 0 {
        report.say(format!("Somebody else is asked too about {}", counted(added, "review", "reviews")));
    }
    if replaced > 0 {
        report.say(format!("Somebody else is asked instead about {}", counted(replaced, "review", "reviews")));
    }
    if nobody > 0 {
        report.say(format!("About {} nobody else can be asked", counted(nobody, "review", "reviews")));
    }
    if failed > 0 {
        report.say(format!(
            "{} could not be handled and {} tried again; the log says why",
            counted(failed, "review", "reviews"),
            if failed == 1 { "is" } else { "are" }
        ));
    }
    Ok(report)
}
