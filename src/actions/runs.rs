//! Runs of jobs: started by hand, claimed, finished.

use std::cell::Cell;

use super::{ActionError, By, Hold, Register, Work};
use crate::domain::ids::Moment;
use crate::domain::jobs::Job;
use crate::domain::runs::{RunState, StartedBy};
use crate::store::StoreError;
use crate::store::job_claims::{self, Looking};
use crate::store::job_runs::{self, JobRun};
use crate::store::types::Doc;

/// Runs are kept for so many days; the last run of each job is kept for ever.
pub const KEPT_DAYS: i64 = 400;

/// Runs removed in a transaction.
const PURGED_AT_A_TIME: i64 = 1_000;

/// A run that was lost this often is given up.
const MOST_ATTEMPTS: i64 = 5;

/// How often a claim is tried again when others were faster.
const MOST_TRIES: usize = 5;

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
        job_runs::insert_many(work.db, std::slice::from_ref(&run))?;
        work.record("job.run", "job", job.word(), None, Some(&run));
        Ok(run)
    })
}

/// Begins a run from the command line, in this very process, as if the clock showed `slot_at`.
///
/// # Errors
/// `Refused` while another run of the job is under way: two are never beside each other.
pub fn begin(register: &Register, by: &By, job: Job, slot_at: Moment) -> Result<JobRun, ActionError> {
    by.require_keeper()?;
    let lease = i64::from(register.deployment.scheduler.lease_seconds);
    let looking = looking(register, by.now);
    let begun = register.change(by, |work| {
        if let Some(other) = job_claims::claimed(work.db, job)? {
            let Some(until) = other.lease_until.filter(|until| *until > looking.now && *until <= looking.longest_lease)
            else {
                return begin_in_place_of(work, other, job, slot_at, lease);
            };
            return Err(under_way(until));
        }
        store_begun(work, job, slot_at, lease)
    });
    match begun {
        // Another process was faster by a moment.
        Err(ActionError::Store(StoreError::Constraint(_))) => Err(under_way(by.now.plus_seconds(lease))),
        other => other,
    }
}

fn under_way(until: Moment) -> ActionError {
    ActionError::Refused(format!(
        "a run of this job is under way; try again when it is done. Should its worker be lost, that shows at {until}"
    ))
}

/// The run whose worker was lost waits again, and its worker can note nothing more.
fn begin_in_place_of(
    work: &mut Work<'_>,
    lost: JobRun,
    job: Job,
    slot_at: Moment,
    lease: i64,
) -> Result<JobRun, ActionError> {
    let fence = lost.fence;
    let waits = JobRun { state: RunState::Due, lease_until: None, fence: fence + 1, ..lost };
    job_runs::update(work.db, &waits, fence)?;
    store_begun(work, job, slot_at, lease)
}

fn store_begun(work: &mut Work<'_>, job: Job, slot_at: Moment, lease: i64) -> Result<JobRun, ActionError> {
    let now = work.by.now;
    let run = claimed(JobRun::new(job, slot_at, StartedBy::Command, RunState::Due, now), now, lease);
    if job_runs::insert_many(work.db, std::slice::from_ref(&run))? == 0 {
        return Err(under_way(now.plus_seconds(lease)));
    }
    work.record("job.run", "job", job.word(), None, Some(&run));
    Ok(run)
}

fn claimed(run: JobRun, now: Moment, lease_seconds: i64) -> JobRun {
    JobRun {
        state: RunState::Claimed,
        attempts: run.attempts + 1,
        lease_until: Some(now.plus_seconds(lease_seconds)),
        fence: run.fence + 1,
        started_at: Some(now),
        ..run
    }
}

fn looking(register: &Register, now: Moment) -> Looking {
    // Clocks of replicas may differ; a lease that ends a day too late comes from one that stood ahead.
    let lease = i64::from(register.deployment.scheduler.lease_seconds);
    Looking { now, longest_lease: now.plus_seconds(lease).plus_days(1) }
}

/// What became of one try to take a run.
enum Claim {
    Nothing,
    /// Its worker was lost too often, or somebody else was faster: there may be others.
    Again,
    Taken(JobRun),
}

/// Takes the next run that waits; `None` when none does.
pub fn claim(register: &Register, now: Moment) -> Result<Option<JobRun>, ActionError> {
    for _ in 0..MOST_TRIES {
        match try_claim(register, now) {
            Ok(Claim::Nothing) => return Ok(None),
            Ok(Claim::Taken(run)) => return Ok(Some(run)),
            // The database lets no second run of a job be under way.
            Ok(Claim::Again) | Err(ActionError::Store(StoreError::Constraint(_))) => {}
            Err(other) => return Err(other),
        }
    }
    Ok(None)
}

fn try_claim(register: &Register, now: Moment) -> Result<Claim, ActionError> {
    let looking = looking(register, now);
    // Looked for without a lock first: most looks find nothing.
    if job_claims::next_waiting_unlocked(&mut *register.database.read()?, looking)?.is_none() {
        return Ok(Claim::Nothing);
    }
    register.database.write(|db| {
        let Some(run) = job_claims::next_waiting(db, looking)? else { return Ok(Claim::Nothing) };
        let fence = run.fence;
        if run.attempts >= MOST_ATTEMPTS {
            let lost = JobRun {
                state: RunState::Failed,
                error: Some(format!("its worker was lost {MOST_ATTEMPTS} times")),
                lease_until: None,
                finished_at: Some(now),
                ..run
            };
            job_runs::update(db, &lost, fence)?;
            return Ok(Claim::Again);
        }
        let run = claimed(run, now, i64::from(register.deployment.scheduler.lease_seconds));
        Ok(if job_runs::update(db, &run, fence)? { Claim::Taken(run) } else { Claim::Again })
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
    register.database.write(|db| job_runs::update(db, &ended, fence)).map_err(ActionError::from)
}

/// Lets a run wait again that failed because the database was away; after [`MOST_ATTEMPTS`] it has failed for good.
/// Answers whether it still was this worker's.
pub fn release(register: &Register, run: JobRun, error: String, now: Moment) -> Result<bool, ActionError> {
    if run.attempts >= MOST_ATTEMPTS {
        return finish(register, run, Err(error), now);
    }
    let fence = run.fence;
    let waits = JobRun { state: RunState::Due, error: Some(error), lease_until: None, ..run };
    register.database.write(|db| job_runs::update(db, &waits, fence)).map_err(ActionError::from)
}

/// A worker's hold on its run. It is renewed between the batches of the work, so that a long run is not
/// taken for lost.
#[derive(Debug)]
pub struct Lease {
    hold: Option<Hold>,
    renewed_at: Cell<Option<Moment>>,
}

impl Lease {
    /// The hold on a run that was claimed.
    pub fn of(run: &JobRun) -> Self {
        Self { hold: Some(Hold { run: run.id, fence: run.fence }), renewed_at: Cell::new(run.started_at) }
    }

    /// Work that is on no record, so that nobody else can take it.
    pub fn none() -> Self {
        Self { hold: None, renewed_at: Cell::new(None) }
    }

    /// The claim that every change of the worker is made under.
    pub fn hold(&self) -> Option<Hold> {
        self.hold
    }

    /// Holds the run for another while, by the process's clock; does nothing when that was done lately.
    ///
    /// # Errors
    /// `TakenOver` when another worker took the run over: this one has to stop.
    pub fn renew(&self, register: &Register) -> Result<(), ActionError> {
        let Some(hold) = self.hold else { return Ok(()) };
        let times = register.deployment.scheduler;
        let now = register.now();
        if self.renewed_at.get().is_some_and(|at| now < at.plus_seconds(times.renewed_after_seconds())) {
            return Ok(());
        }
        let until = now.plus_seconds(i64::from(times.lease_seconds));
        if !register.database.write(|db| job_claims::renew_lease(db, hold.run, hold.fence, until))? {
            return Err(ActionError::TakenOver);
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
    if job_runs::old(&mut *register.database.read()?, created_before, 1)?.is_empty() {
        return Ok(0);
    }
    register.change(by, |work| {
        let old = job_runs::old(work.db, created_before, PURGED_AT_A_TIME)?;
        let runs = job_runs::delete(work.db, &old)?;
        if runs > 0 {
            let purged = Purged { runs, created_before };
            work.record("job.purge_runs", "job", Job::PurgeJobRuns.word(), None, Some(&purged));
        }
        Ok(runs)
    })
}
