//! Pausing a job: it runs only by hand until somebody lets it run again. What it misses is on record.

use super::{ActionError, By, Register, schedules as making, slots};
use crate::domain::jobs::Job;
use crate::domain::slots::PAUSED;
use crate::store::job_slots;
use crate::store::schedules::{self, ScheduleRow};

/// The longest reason, in letters.
const LONGEST_REASON: usize = 2_000;

/// Pauses a job. Slots that wait are missed with those that come while it is paused.
///
/// # Errors
/// `Invalid` without a reason, `Refused` when it is paused already.
pub fn pause(register: &Register, by: &By, job: Job, reason: &str) -> Result<(), ActionError> {
    by.require_keeper()?;
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(ActionError::field("reason", "Write why the job is paused, so that others know when it may go on"));
    }
    if reason.chars().count() > LONGEST_REASON {
        return Err(ActionError::field("reason", "Write at most 2,000 letters"));
    }
    making::ensure(register, by.now)?;
    slots::catch_up(register, by.now)?;
    register.change(by, |work| {
        slots::account_for_all(work, job)?;
        let before = schedules::find_locked(work.db, job)?;
        if before.paused_at.is_some() {
            return Err(ActionError::Refused("this job is paused already".to_owned()));
        }
        job_slots::miss_due(work.db, job, PAUSED, by.now)?;
        let after = ScheduleRow {
            paused_at: Some(by.now),
            paused_by: by.person,
            pause_reason: Some(reason.to_owned()),
            updated_at: by.now,
            version: before.version + 1,
            ..before.clone()
        };
        schedules::update(work.db, &after)?;
        work.record_because("schedule.pause", "schedule", job.word(), Some(reason), Some(&before), Some(&after));
        Ok(())
    })
}

/// Lets a paused job run again by its schedule, from now on.
///
/// # Errors
/// `Refused` when it is not paused.
pub fn resume(register: &Register, by: &By, job: Job) -> Result<(), ActionError> {
    by.require_keeper()?;
    making::ensure(register, by.now)?;
    slots::catch_up(register, by.now)?;
    register.change(by, |work| {
        slots::account_for_all(work, job)?;
        let before = schedules::find_locked(work.db, job)?;
        let Some(since) = before.paused_at else {
            return Err(ActionError::Refused("this job is not paused".to_owned()));
        };
        let after = ScheduleRow {
            paused_at: None,
            paused_by: None,
            pause_reason: None,
            updated_at: by.now,
            version: before.version + 1,
            ..before.clone()
        };
        schedules::update(work.db, &after)?;
        work.record("schedule.resume", "schedule", job.word(), Some(&before), Some(&after));
        slots::record_pause(work, job, PAUSED, since)
    })
}
