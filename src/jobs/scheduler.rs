//! The scheduler: two threads of `serve`, one that looks at the schedules and one that runs what waits, so that a
//! long run keeps nobody from looking.
//!
//! Any number of replicas may have them. Who looks is a matter of turns; that a slot gets one run is a
//! unique key, and that a run has one worker is a lease with a fence.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::run_of;
use super::watch::Watch;
use crate::actions::runs::{self, JobReport, Lease};
use crate::actions::{ActionError, By, Register, schedules, slots};
use crate::domain::ids::Moment;
use crate::store::StoreError;
use crate::store::job_runs::JobRun;

/// How often runs that wait are looked for, at least: somebody who starts a job by hand waits for it.
const LOOK: Duration = Duration::from_secs(2);

/// A scheduler that runs until it is stopped or dropped.
#[derive(Debug)]
pub struct Scheduler {
    stops: Vec<Sender<()>>,
    threads: Vec<JoinHandle<()>>,
}

impl Scheduler {
    /// Starts the threads. Gives jobs without a schedule their first.
    ///
    /// # Errors
    /// The schedules cannot be stored, or the system gives no thread.
    pub fn start(register: Register) -> Result<Self, ActionError> {
        schedules::ensure(&register, register.now())?;
        let mut scheduler = Self { stops: Vec::new(), threads: Vec::new() };
        let worker = register.clone();
        scheduler.begin("scheduler", move |stopped| look_until(&register, stopped))?;
        scheduler.begin("jobs", move |stopped| run_until(&worker, stopped))?;
        Ok(scheduler)
    }

    fn begin(&mut self, name: &str, work: impl FnOnce(&Receiver<()>) + Send + 'static) -> Result<(), ActionError> {
        let (stop, stopped) = channel::<()>();
        let thread = std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || work(&stopped))
            .map_err(|error| ActionError::Refused(format!("the scheduler cannot be started: {error}")))?;
        self.stops.push(stop);
        self.threads.push(thread);
        Ok(())
    }
}

impl Drop for Scheduler {
    /// Stops gracefully: the run under way is finished first.
    fn drop(&mut self) {
        self.stops.clear();
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

/// Looks at the schedules tick by tick.
fn look_until(register: &Register, stopped: &Receiver<()>) {
    let tick = Duration::from_secs(u64::from(register.deployment.scheduler.tick_seconds));
    let mut watch = Watch::new(register.now());
    loop {
        watch.look(register);
        // Looked at piece by piece until every slot is accounted for, all as of one moment: the run that makes up for
        // the others stays the same.
        let now = register.now();
        loop {
            match slots::tick(register, now) {
                Ok(found) if found.more && matches!(stopped.try_recv(), Err(TryRecvError::Empty)) => {}
                Ok(_) => break,
                Err(error) => {
                    let seconds = tick.as_secs();
                    tracing::error!(%error, seconds, "the schedules could not be looked at; the next look is after a tick");
                    break;
                }
            }
        }
        if !matches!(stopped.recv_timeout(tick), Err(RecvTimeoutError::Timeout)) {
            return;
        }
    }
}

/// Runs what waits, one run after the other.
fn run_until(register: &Register, stopped: &Receiver<()>) {
    let tick = Duration::from_secs(u64::from(register.deployment.scheduler.tick_seconds));
    loop {
        loop {
            match run_next(register, register.now()) {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    tracing::error!(%error, "a run could not be taken or finished");
                    break;
                }
            }
            // A stop is heeded between two runs; the one under way is finished.
            if !matches!(stopped.try_recv(), Err(TryRecvError::Empty)) {
                return;
            }
        }
        if !matches!(stopped.recv_timeout(LOOK.min(tick)), Err(RecvTimeoutError::Timeout)) {
            return;
        }
    }
}

/// Takes the next run that waits, does it and notes how it went; answers whether there was one.
pub fn run_next(register: &Register, now: Moment) -> Result<bool, ActionError> {
    let Some(run) = runs::claim(register, now)? else { return Ok(false) };
    let by = By::job(run.job.word(), now);
    // Noted in its row either way; the next slot tries again.
    let _ = finish(register, run, &by)?;
    Ok(true)
}

/// Does a claimed run and notes how it went; answers the report or the error in words. Whatever it writes is written
/// under its claim: once another worker took the run over, nothing is. A run that failed because the database was away
/// waits again: the slot is still to be done.
pub fn finish(register: &Register, run: JobRun, by: &By) -> Result<Result<JobReport, String>, ActionError> {
    let job = run.job.word();
    let started = Instant::now();
    let lease = Lease::of(&run);
    let by = by.clone().holding(lease.hold());
    let outcome = run_of(run.job)(register, &by, &lease);
    let database_was_away =
        matches!(outcome, Err(ActionError::Store(StoreError::Unavailable(_) | StoreError::Query(_))));
    let outcome = outcome.map_err(|error| error.to_string());
    let milliseconds = started.elapsed().as_secs_f64() * 1000.0;
    match &outcome {
        Ok(report) => tracing::info!(job, milliseconds, result = report.lines.join("; "), "job done"),
        Err(error) => tracing::error!(job, milliseconds, error, "job failed"),
    }
    let noted = match &outcome {
        Err(error) if database_was_away => runs::release(register, run, error.clone(), register.now())?,
        _ => runs::finish(register, run, outcome.clone(), register.now())?,
    };
    if !noted {
        tracing::warn!(job, "another worker took this run over meanwhile");
    }
    Ok(outcome)
}
