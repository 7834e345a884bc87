//! Runs of jobs: started by hand, claimed, finished.

use std::cell::Cell;

use super::{ActionError, By, Register};
use crate::domain::ids::{Id, Moment};
use crate::domain::jobs::Job;
use crate::domain::runs::{RunState, StartedBy};
use crate::store::schedules::{self, JobRun};
use crate::store::types::Doc;

/// A worker that has not finished by then is taken for lost, and somebody else may take its run. Two
/// that run at once harm nothing: what jobs do is unique by itself.
const LEASE_SECONDS: i64 = 600;

/// A worker renews its lease when so much of it is over.
const RENEWED_AFTER_SECONDS: i64 = 120;

/// Runs are kept for so many days; the last run of each job is kept for ever.
pub const KEPT_DAYS: i64 = 400;

/// Runs removed in a transaction.
const PURGED_AT_A_TIME: i64 = 1_000;

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

/// Begins a run from the command line, in this very process, as if the clock showed `slot_at`.
pub fn begin(register: &Register, by: &By, job: Job, slot_at: Moment) -> Result<JobRun, ActionError> {
    by.require_keeper()?;
    register.change(by, |work| {
        let run = claimed(JobRun::new(job, slot_at, StartedBy::Command, RunState::Due, by.now), by.now);
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

/// A worker's hold on its run. It is renewed between the batches of the work, so that a long run is not
/// taken for lost.
#[derive(Debug)]
pub struct Lease {
    /// The run and the fence of its claim.
    held: Option<(Id, i64)>,
    renewed_at: Cell<Option<Moment>>,
}

impl Lease {
    /// The hold on a run that was claimed.
    pub fn of(run: &JobRun) -> Self {
        Self { held: Some((run.id, run.fence)), renewed_at: Cell::new(run.started_at) }
    }

    /// Work that is on no record, so that nobody else can take it.
    pub fn none() -> Self {
        Self { held: None, renewed_at: Cell::new(None) }
    }

    /// Holds the run for another while, by the process's clock; does nothing when that was done lately.
    ///
    /// # Errors
    /// `Refused` when another worker took the run over: this one has to stop.
    pub fn renew(&self, register: &Register) -> Result<(), ActionError> {
        let Some((run, fence)) = self.held else { return Ok(()) };
        let now = register.now();
        if self.renewed_at.get().is_some_and(|at| now < at.plus_seconds(RENEWED_AFTER_SECONDS)) {
            return Ok(());
        }
        let until = now.plus_seconds(LEASE_SECONDS);
        if !register.database.write(|db| schedules::renew_lease(db, run, fence, until))? {
            return Err(ActionError::Refused("another worker took this run over, so this one stopped".to_owned()));
        }
        self.renewed_at.set(Some(now));
        Ok(())
    }
}

/// What a purge removed, as the audit log keeps it.
#[derive(Debug, serde::Serialize)]
struct Purged {
    runs: usize,
    created_before: Moment,
}

/// Removes runs older than [`KEPT_DAYS`], a bounded number of them; answers how many. Runs that wait or
/// are under way stay, and so does the last run of each job.
pub fn purge_batch(register: &Register, by: &By) -> Result<usize, ActionError> {
    by.require_keeper()?;
    let created_before = by.now.plus_days(-KEPT_DAYS);
    if schedules::old_runs(&mut *register.database.read()?, created_before, 1)?.is_empty() {
        return Ok(0);
    }
    register.change(by, |work| {
        let old = schedules::old_runs(work.db, created_before, PURGED_AT_A_TIME)?;
        let runs = schedules::delete_runs(work.db, &old)?;
        if runs > 0 {
            let purged = Purged { runs, created_before };
            work.record("job.purge_runs", "job", Job::PurgeJobRuns.word(), None, Some(&purged));
        }
        Ok(runs)
    })
}
