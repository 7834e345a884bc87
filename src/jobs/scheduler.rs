//! The scheduler: a thread of `serve` that looks at the schedules and runs what waits.
//!
//! Any number of replicas may have one. Who looks is a matter of turns; that a slot gets one run is a
//! unique key, and that a run has one worker is a lease with a fence.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::run_of;
use crate::actions::runs::{self, JobReport, Lease};
use crate::actions::{ActionError, By, Register, schedules};
use crate::domain::ids::Moment;
use crate::store::schedules::JobRun;

/// How often the schedules are looked at.
const TICK: Duration = Duration::from_secs(15);

/// How often runs that wait are looked for: somebody who starts a job by hand waits for it.
const LOOK: Duration = Duration::from_secs(2);

/// A scheduler that runs until it is stopped or dropped.
#[derive(Debug)]
pub struct Scheduler {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Scheduler {
    /// Starts the thread. Gives jobs without a schedule their first.
    ///
    /// # Errors
    /// The schedules cannot be stored, or the system gives no thread.
    pub fn start(register: Register) -> Result<Self, ActionError> {
        schedules::ensure(&register, register.now())?;
        let (stop, stopped) = channel::<()>();
        let thread = std::thread::Builder::new()
            .name("scheduler".to_owned())
            .spawn(move || {
                let mut ticked: Option<Instant> = None;
                loop {
                    if ticked.is_none_or(|at| at.elapsed() >= TICK) {
                        ticked = Some(Instant::now());
                        if let Err(error) = schedules::tick(&register, register.now()) {
                            tracing::error!(%error, "the schedules could not be looked at; the next look is in 15 seconds");
                        }
                    }
                    loop {
                        match run_next(&register, register.now()) {
                            Ok(true) => {}
                            Ok(false) => break,
                            Err(error) => {
                                tracing::error!(%error, "a run could not be taken or finished");
                                break;
                            }
                        }
                        // A stop is heeded between two runs; the one under way is finished.
                        if !matches!(stopped.try_recv(), Err(std::sync::mpsc::TryRecvError::Empty)) {
                            return;
                        }
                    }
                    match stopped.recv_timeout(LOOK) {
                        Err(RecvTimeoutError::Timeout) => {}
                        _ => return,
                    }
                }
            })
            .map_err(|error| ActionError::Refused(format!("the scheduler cannot be started: {error}")))?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Scheduler {
    /// Stops gracefully: the run under way is finished first.
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
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

/// Does a claimed run and notes how it went; answers the report or the error in words.
pub fn finish(register: &Register, run: JobRun, by: &By) -> Result<Result<JobReport, String>, ActionError> {
    let job = run.job.word();
    let started = Instant::now();
    let outcome = run_of(run.job)(register, by, &Lease::of(&run)).map_err(|error| error.to_string());
    let milliseconds = started.elapsed().as_secs_f64() * 1000.0;
    match &outcome {
        Ok(report) => tracing::info!(job, milliseconds, result = report.lines.join("; "), "job done"),
        Err(error) => tracing::error!(job, milliseconds, error, "job failed"),
    }
    if !runs::finish(register, run, outcome.clone(), register.now())? {
        tracing::warn!(job, "another worker took this run over meanwhile");
    }
    Ok(outcome)
}
