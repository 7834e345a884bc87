//! What Muster does by itself: one file for each job, named by what it does.
//!
//! A job walks the road of a page: it reads the store and calls actions, a bounded batch in each
//! transaction. What it does is unique by itself, so that running it twice, or on three replicas at
//! once, adds nothing twice.

pub mod advance_campaigns;
pub mod apply_reviews;
pub mod apply_silence;
mod daily_digest;
pub mod escalate_reviews;
pub mod expire_identities;
pub mod lapse_grants;
pub mod letters;
pub mod move_tasks;
mod notice;
pub mod purge_job_runs;
pub mod purge_sessions;
pub mod raise_offboardings;
pub mod raise_recertifications;
mod review_lines;
pub mod scheduler;
mod security_notice;
pub mod send_mail;
pub mod settle_requests;
pub mod watch;

use crate::actions::runs::{JobReport, Lease};
use crate::actions::{ActionError, By, Register};
use crate::domain::jobs::Job;
use crate::domain::tasks::TaskCause;

/// What runs a job: `by.now` is the time it goes by, and the lease is renewed between its batches.
pub type Run = fn(&Register, &By, &Lease) -> Result<JobReport, ActionError>;

/// What a job runs.
pub fn run_of(job: Job) -> Run {
    match job {
        Job::RaiseRecertifications => raise_recertifications::run,
        Job::RaiseOffboardings => raise_offboardings::run,
        Job::ExpireIdentities => expire_identities::run,
        Job::LapseGrants => lapse_grants::run,
        Job::SettleRequests => settle_requests::run,
        Job::ApplyReviews => apply_reviews::run,
        Job::EscalateReviews => escalate_reviews::run,
        Job::ApplySilence => apply_silence::run,
        Job::AdvanceCampaigns => advance_campaigns::run,
        Job::MoveTasks => move_tasks::run,
        Job::SendMail => send_mail::run,
        Job::PurgeSessions => purge_sessions::run,
        Job::PurgeJobRuns => purge_job_runs::run,
    }
}

/// "1 task", "2 tasks".
fn counted(count: usize, one: &str, many: &str) -> String {
    let words = crate::domain::listing::thousands(i64::try_from(count).unwrap_or(i64::MAX));
    format!("{words} {}", if count == 1 { one } else { many })
}

/// What a reader must know of what could not be handled, while the rest went on.
fn say_failed(report: &mut JobReport, failed: usize) {
    if failed > 0 {
        report.say(format!(
            "{} could not be handled and {} tried again; the log says why",
            counted(failed, "item", "items"),
            if failed == 1 { "is" } else { "are" }
        ));
    }
}

/// What the batches of a cause did together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Raised {
    raised: usize,
    to_group: usize,
    clinical: usize,
    nobody_told: bool,
}

/// Raises the tasks of a cause, batch by batch.
fn raise_all(register: &Register, by: &By, lease: &Lease, cause: TaskCause) -> Result<Raised, ActionError> {
    let mut all = Raised::default();
    let mut place = None;
    loop {
        lease.renew(register)?;
        let batch = crate::actions::raise::batch(register, by, cause, place.as_ref())?;
        all.raised += batch.raised;
        all.to_group += batch.to_group;
        all.clinical += batch.clinical;
        all.nobody_told |= batch.nobody_told;
        place = batch.next;
        if place.is_none() {
            return Ok(all);
        }
    }
}

/// What a reader must know of tasks that went to the group.
fn say_group(report: &mut JobReport, raised: Raised) {
    if raised.to_group > 0 {
        let verb = if raised.to_group == 1 { "goes" } else { "go" };
        report.say(format!(
            "{} {verb} to the security analysts, because no owner can act",
            counted(raised.to_group, "of them", "of them")
        ));
    }
    if raised.nobody_told {
        report.say("No security analyst has an account, so nobody gets mail about those");
    }
}
