//! Runs of jobs: started by hand, claimed, finished.

use super::{ActionError, By, Register};
use crate::domain::ids::Moment;
use crate::domain::jobs::Job;
use crate::domain::runs::{RunState, StartedBy};
use crate::store::schedules::{self, JobRun};
use crate::store::types::Doc;

/// A worker that has not finished by then is taken for lost, and somebody else may take its run. Two
/// that run at once harm nothing: what jobs do is unique by itself.
const LEASE_SECONDS: i64 = 600;

/// A run that was lost this often is given up.
const MOST_ATTEMPTS: i64 = 3;

/// What a job did, in words: counts first.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct JobReport {
    pub lines: Vec<String>,
}

impl JobReport {
    /// Adds a line.
    pub fn say(&mut self, line: impl Into<String>) {
        self.lines.push(line.into());
    }
}

/// Asks that a job runs now. The scheduler takes it within seconds.
pub fn queue(register: &Register, by: &By, job: Job) -> Result<JobRun, ActionError> {
    by.require_keeper()?;
    register.change(by, |work| {
        let run = JobRun::new(job, by.now, StartedBy::Hand, RunState::Due, by.now);
        schedules::insert_runs(work.db, std::slice::from_ref(&run))?;
        work.record("job.run", "job", job.word(), None, Some(&run));
        Ok(run)
    })
}

/// Begins a run by hand in this very process, as if the clock showed `slot_at`.
pub fn begin(register: &Register, by: &By, job: Job, slot_at: Moment) -> Result<JobRun, ActionError> {
    by.require_keeper()?;
    register.change(by, |work| {
        let run = claimed(JobRun::new(job, slot_at, StartedBy::Hand, RunState::Due, by.now), by.now);
        schedules::insert_runs(work.db, std::slice::from_ref(&run))?;
        work.record("job.run", "job", job.word(), None, Some(&run));
        Ok(run)
    })
}

fn claimed(run: JobRun, now: Moment) -> JobRun {
    JobRun {
        state: RunState::Claimed,
        attempts: run.attempts + 1,
        lease_until: Some(now.plus_seconds(LEASE_SECONDS)),
        fence: run.fence + 1,
        started_at: Some(now),
        ..run
    }
}

/// Takes the next run that waits; `None` when none does.
pub fn claim(register: &Register, now: Moment) -> Result<Option<JobRun>, ActionError> {
    // Looked for without a lock first: most looks find nothing.
    if schedules::next_waiting_unlocked(&mut *register.database.read()?, now)?.is_none() {
        return Ok(None);
    }
    register.database.write(|db| {
        let Some(run) = schedules::next_waiting(db, now)? else { return Ok(None) };
        let fence = run.fence;
        if run.attempts >= MOST_ATTEMPTS {
            let lost = JobRun {
                state: RunState::Failed,
                error: Some(format!("its worker was lost {MOST_ATTEMPTS} times")),
                lease_until: None,
                finished_at: Some(now),
                ..run
            };
            schedules::update_run(db, &lost, fence)?;
            return Ok(None);
        }
        let run = claimed(run, now);
        Ok(schedules::update_run(db, &run, fence)?.then_some(run))
    })
}

/// Notes how a run ended. Answers whether it still was this worker's: one that lost its lease writes nothing.
pub fn finish(
    register: &Register,
    run: JobRun,
    outcome: Result<JobReport, String>,
    now: Moment,
) -> Result<bool, ActionError> {
    let fence = run.fence;
    let (state, result, error) = match outcome {
        Ok(report) => (RunState::Done, Some(Doc(report.lines)), None),
        Err(error) => (RunState::Failed, None, Some(error)),
    };
    let ended = JobRun { state, result, error, lease_until: None, finished_at: Some(now), ..run };
    register.database.write(|db| schedules::update_run(db, &ended, fence)).map_err(ActionError::from)
}
