//! Suspends identities whose expiry has passed, cause expired. Pages show them as suspended from the
//! very moment; this writes it down. One that care depends on is never stopped by a timer: it stays as
//! it is, is shown as "expiry passed", and has its offboarding task like every other. Revocations of
//! Muster's own tokens that were cut off before they were proved are proved here.

use super::counted;
use crate::actions::runs::{JobReport, Lease};
use crate::actions::{ActionError, By, Register, api_tokens, expire};

/// Runs the job at `by.now`.
pub fn run(register: &Register, by: &By, lease: &Lease) -> Result<JobReport, ActionError> {
    let (mut suspended, mut changed_meanwhile, mut place) = (0, 0, None);
    loop {
        lease.renew(register)?;
        let batch = expire::batch(register, by, place.as_ref())?;
        suspended += batch.suspended;
        changed_meanwhile += batch.changed_meanwhile;
        place = batch.next;
        if place.is_none() {
            break;
        }
    }
    let (mut clinical, mut place) = (0, None);
    loop {
        lease.renew(register)?;
        let (found, next) = expire::clinical_batch(register, by, place.as_ref())?;
        clinical += found;
        place = next;
        if place.is_none() {
            break;
        }
    }
    let proved = api_tokens::prove_rest(register, by)?;
    let mut report = JobReport::default();
    report.say(format!("{} suspended", counted(suspended, "identity", "identities")));
    if clinical > 0 {
        report.say(format!(
            "{}, because care depends on them",
            counted(clinical, "expired identity was left as it is", "expired identities were left as they are")
        ));
    }
    if changed_meanwhile > 0 {
        report.say(format!(
            "{} changed meanwhile and left for the next run",
            counted(changed_meanwhile, "identity", "identities")
        ));
    }
    if proved > 0 {
        report.say(format!("{} proved", counted(proved, "revocation of an API token", "revocations of API tokens")));
    }
    Ok(report)
}
