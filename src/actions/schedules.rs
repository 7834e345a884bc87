//! When jobs run: made at the first start, changed by a keeper, looked at by the scheduler.

use serde::Serialize;

use super::{ActionError, By, FieldError, Register};
use crate::domain::ids::Moment;
use crate::domain::jobs::Job;
use crate::domain::runs::{CatchUp, RunState, StartedBy, plan};
use crate::domain::schedule::{Schedule, ScheduleError};
use crate::store::schedules::{self, JobRun, ScheduleRow};

/// Gives every job that has none its first schedule. It begins now: nothing is made up for.
pub fn ensure(register: &Register, now: Moment) -> Result<(), ActionError> {
    let known: Vec<Job> =
        schedules::all(&mut *register.database.read()?)?.into_iter().map(|schedule| schedule.job).collect();
    if Job::ALL.iter().all(|job| known.contains(job)) {
        return Ok(());
    }
    register.change(&By::setup(now), |work| {
        for job in Job::ALL {
            let schedule = ScheduleRow {
                job: *job,
                cron: job.default_cron().to_owned(),
                time_zone: register.deployment.time_zone.name().to_owned(),
                catch_up: CatchUp::Latest,
                enabled: true,
                last_slot_at: now,
                updated_at: now,
                version: 1,
            };
            if schedules::insert_if_new(work.db, &schedule)? {
                work.record("schedule.add", "schedule", job.word(), None, Some(&schedule));
            }
        }
        Ok(())
    })
}

/// What a keeper wants of a schedule, as typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    pub cron: String,
    pub time_zone: String,
    pub catch_up: Option<CatchUp>,
    pub enabled: bool,
}

/// Reads cron and zone.
///
/// # Errors
/// One for each field, in words.
pub fn parse(wanted: &Wanted) -> Result<Schedule, Vec<FieldError>> {
    let schedule = Schedule::parse(&wanted.cron, &wanted.time_zone).map_err(|error| {
        let field = if matches!(error, ScheduleError::UnknownZone(_)) { "time_zone" } else { "cron" };
        vec![FieldError::new(field, capital(&error.to_string()))]
    });
    match (schedule, wanted.catch_up) {
        (Ok(schedule), Some(_)) => Ok(schedule),
        (Err(errors), Some(_)) => Err(errors),
        (outcome, None) => {
            let mut errors = outcome.err().unwrap_or_default();
            errors.push(FieldError::new("catch_up", "Choose what happens with runs that were missed"));
            Err(errors)
        }
    }
}

/// Changes when a job runs. Slots of the new schedule count from now on.
pub fn change(register: &Register, by: &By, job: Job, version: i64, wanted: &Wanted) -> Result<(), ActionError> {
    by.require_keeper()?;
    let schedule = parse(wanted).map_err(ActionError::Invalid)?;
    let Some(catch_up) = wanted.catch_up else {
        return Err(ActionError::field("catch_up", "Choose what happens with runs that were missed"));
    };
    register.change(by, |work| {
        let before = schedules::find(work.db, job)?;
        let mut after = before.clone();
        after.cron = schedule.expression().to_owned();
        after.time_zone = schedule.zone().to_owned();
        after.catch_up = catch_up;
        after.enabled = wanted.enabled;
        after.last_slot_at = before.last_slot_at.max(by.now);
        after.updated_at = by.now;
        after.version = version + 1;
        schedules::update(work.db, &after)?;
        work.record("schedule.change", "schedule", job.word(), Some(&before), Some(&after));
        Ok(())
    })
}

/// What a look at the schedules found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tick {
    pub due: usize,
    pub missed: usize,
    /// Another replica had the turn.
    pub not_my_turn: bool,
}

/// The slots of a job that were missed, as the audit log keeps them: one entry for a stretch.
#[derive(Debug, Serialize)]
struct Missed {
    job: Job,
    slots: usize,
    first: Moment,
    last: Moment,
}

/// Looks at every schedule: slots since the last look become runs that are due or missed.
///
/// That a slot gets one run is the unique key of `job_runs`, whoever has the turn. The times are those
/// of the process's clock, so that a test can move them.
pub fn tick(register: &Register, now: Moment) -> Result<Tick, ActionError> {
    let by = By::job("scheduler", now);
    // Most looks find nothing: they take no lock and write nothing.
    let quiet = schedules::all(&mut *register.database.read()?)?.iter().all(|row| {
        !row.enabled
            || Schedule::parse(&row.cron, &row.time_zone)
                .ok()
                .and_then(|schedule| schedule.next_after(row.last_slot_at))
                .is_none_or(|next| next > now)
    });
    if quiet {
        return Ok(Tick::default());
    }
    register.change(&by, |work| {
        if !schedules::take_turn(work.db)? {
            return Ok(Tick { not_my_turn: true, ..Tick::default() });
        }
        let mut tick = Tick::default();
        for row in schedules::all(work.db)?.iter().filter(|row| row.enabled) {
            // It was read when it was stored; should it be unreadable now, the others still run.
            let Ok(schedule) = Schedule::parse(&row.cron, &row.time_zone) else {
                tracing::error!(job = row.job.word(), cron = row.cron, "the schedule cannot be read");
                continue;
            };
            let plan = plan(schedule.slots_between(row.last_slot_at, now), row.catch_up, now);
            let Some(last) = plan.last() else { continue };
            let run = |slot: &Moment, state| JobRun::new(row.job, *slot, StartedBy::Schedule, state, now);
            let due: Vec<JobRun> = plan.due.iter().map(|slot| run(slot, RunState::Due)).collect();
            let missed: Vec<JobRun> = plan
                .missed
                .iter()
                .map(|slot| JobRun { finished_at: Some(now), ..run(slot, RunState::Missed) })
                .collect();
            tick.due += schedules::insert_runs(work.db, &due)?.len();
            let recorded = schedules::insert_runs(work.db, &missed)?.len();
            tick.missed += recorded;
            if let (Some(first), Some(last_missed), true) = (plan.missed.first(), plan.missed.last(), recorded > 0) {
                let missed = Missed { job: row.job, slots: recorded, first: *first, last: *last_missed };
                let reason = "nothing ran at these times, and a later run makes up for them or none was wanted";
                work.record_because("job.miss", "schedule", row.job.word(), Some(reason), None, Some(&missed));
            }
            schedules::advance(work.db, row.job, last)?;
        }
        Ok(tick)
    })
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
