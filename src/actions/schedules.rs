//! When jobs run: made at the first start, changed by a keeper.

use super::{ActionError, By, FieldError, Register, slots};
use crate::domain::ids::Moment;
use crate::domain::jobs::Job;
use crate::domain::listing::thousands;
use crate::domain::runs::{CatchUp, Overlap};
use crate::domain::schedule::{Schedule, ScheduleError};
use crate::domain::slots::CATCH_UP_SECONDS;
use crate::store::schedules::{self, ScheduleRow};
use crate::store::{Db, StoreError, job_slots};

/// Gives every job that has none its first schedule. It begins now: nothing is made up for.
pub fn ensure(register: &Register, now: Moment) -> Result<(), ActionError> {
    let known: Vec<Job> =
        schedules::all(&mut *register.database.read()?)?.into_iter().map(|schedule| schedule.job).collect();
    if Job::ALL.iter().all(|job| known.contains(job)) {
        return Ok(());
    }
    register.change(&By::setup(now), |work| {
        for job in Job::ALL {
            let schedule = first(register, *job, now);
            if schedules::insert_if_new(work.db, &schedule)? {
                work.record("schedule.add", "schedule", job.word(), None, Some(&schedule));
            }
        }
        Ok(())
    })
}

/// The schedule that a job has in a new deployment.
fn first(register: &Register, job: Job, now: Moment) -> ScheduleRow {
    ScheduleRow {
        job,
        cron: job.default_cron().to_owned(),
        time_zone: register.deployment.time_zone.name().to_owned(),
        catch_up: CatchUp::Latest,
        catch_up_seconds: CATCH_UP_SECONDS,
        overlap: job.default_overlap(),
        paused_at: None,
        paused_by: None,
        pause_reason: None,
        last_slot_at: now,
        updated_at: now,
        version: 1,
    }
}

/// The schedule of every job, in the order of jobs: the stored one, or the one it starts with where the
/// register was never served. Reads only.
pub fn all(db: &mut Db, register: &Register, now: Moment) -> Result<Vec<ScheduleRow>, StoreError> {
    let stored = schedules::all(db)?;
    Ok(Job::ALL
        .iter()
        .map(|job| stored.iter().find(|row| row.job == *job).cloned().unwrap_or_else(|| first(register, *job, now)))
        .collect())
}

/// What a keeper wants of a schedule, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    pub cron: String,
    pub time_zone: String,
    pub catch_up: Option<CatchUp>,
    /// How late a slot is still made up for, in hours.
    pub catch_up_hours: String,
    pub overlap: Option<Overlap>,
}

/// What a keeper wants, read.
struct Read {
    schedule: Schedule,
    catch_up: CatchUp,
    catch_up_seconds: i64,
    overlap: Overlap,
}

/// The longest catch-up window: a year.
const MOST_HOURS: i64 = 366 * 24;

/// What is said of a schedule that comes more than once a minute.
const TOO_OFTEN: &str = "This comes more than once a minute, and every slot gets a row in the record of runs; write one \
                         second, for example \u{201c}0 * * * * *\u{201d} for every minute";

/// Reads what was typed. Slots are at least so many seconds apart.
///
/// # Errors
/// One for each field, in words.
fn read(wanted: &Wanted, apart: i64, now: Moment) -> Result<Read, Vec<FieldError>> {
    let schedule = Schedule::parse(&wanted.cron, &wanted.time_zone)
        .map_err(|error| {
            let field = if matches!(error, ScheduleError::UnknownZone(_)) { "time_zone" } else { "cron" };
            FieldError::new(field, capital(&error.to_string()))
        })
        .and_then(|schedule| match schedule.shortest_wait(now) {
            Some(wait) if wait < apart => Err(FieldError::new("cron", TOO_OFTEN)),
            _ => Ok(schedule),
        });
    let catch_up =
        wanted.catch_up.ok_or_else(|| FieldError::new("catch_up", "Choose what happens with runs that were missed"));
    let hours = match wanted.catch_up_hours.trim().parse::<i64>() {
        Ok(hours) if (1..=MOST_HOURS).contains(&hours) => Ok(hours * 3600),
        _ => Err(FieldError::new(
            "catch_up_hours",
            format!("Write a whole number of hours from 1 to {}, which is a year", thousands(MOST_HOURS)),
        )),
    };
    let overlap = wanted.overlap.ok_or_else(|| {
        FieldError::new("overlap", "Choose what happens when the time comes while the run before is under way")
    });
    match (schedule, catch_up, hours, overlap) {
        (Ok(schedule), Ok(catch_up), Ok(catch_up_seconds), Ok(overlap)) => {
            Ok(Read { schedule, catch_up, catch_up_seconds, overlap })
        }
        (schedule, catch_up, hours, overlap) => {
            Err([schedule.err(), catch_up.err(), hours.err(), overlap.err()].into_iter().flatten().collect())
        }
    }
}

/// Changes when a job runs. Slots of the schedule before are accounted for up to now; those of the new one count
/// from now on.
pub fn change(register: &Register, by: &By, job: Job, version: i64, wanted: &Wanted) -> Result<(), ActionError> {
    by.require_keeper()?;
    let apart = register.deployment.scheduler.shortest_wait_seconds();
    let read = read(wanted, apart, by.now).map_err(ActionError::Invalid)?;
    ensure(register, by.now)?;
    slots::catch_up(register, by.now)?;
    register.change(by, |work| {
        slots::account_for_all(work, job)?;
        let before = schedules::find_locked(work.db, job)?;
        let mut after = before.clone();
        after.cron = read.schedule.expression().to_owned();
        after.time_zone = read.schedule.zone().to_owned();
        after.catch_up = read.catch_up;
        after.catch_up_seconds = read.catch_up_seconds;
        after.overlap = read.overlap;
        after.last_slot_at = by.now;
        after.updated_at = by.now;
        after.version = version + 1;
        // A clock that stood ahead accounted for slots that are yet to come: they come again.
        let again = job_slots::forget_after(work.db, job, by.now)?;
        let reason = (again > 0).then(|| format!("{again} slots of a clock that stood ahead come again"));
        schedules::update(work.db, &after)?;
        work.record_because("schedule.change", "schedule", job.word(), reason.as_deref(), Some(&before), Some(&after));
        Ok(())
    })
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
