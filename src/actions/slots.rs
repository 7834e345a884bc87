//! Looking at the schedules: every slot since the last look gets a row that says what becomes of it.

use serde::Serialize;

use super::{ActionError, By, Register, Work};
use crate::domain::ids::Moment;
use crate::domain::jobs::Job;
use crate::domain::runs::{RunState, StartedBy};
use crate::domain::schedule::Schedule;
use crate::domain::slots::{Slot, plan};
use crate::store::job_runs::{self, JobRun};
use crate::store::job_slots;
use crate::store::schedules::{self, ScheduleRow};

/// What a look at the schedules found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tick {
    pub due: usize,
    pub coalesced: usize,
    pub skipped: usize,
    pub missed: usize,
    /// There are more than are handled at a time: look again at once.
    pub more: bool,
    /// Another replica had the turn.
    pub not_my_turn: bool,
}

/// Slots of a job that got no run of their own, as the audit log keeps them: one entry for a stretch.
#[derive(Debug, Serialize)]
pub(super) struct Stretch {
    pub job: Job,
    pub slots: i64,
    pub first: Moment,
    pub last: Moment,
}

/// Looks at every schedule: slots since the last look are due, made up for by a later one, left out or missed.
///
/// That a slot gets one run is the unique key of `job_runs`, whoever has the turn. The times are those
/// of the process's clock, so that a test can move them.
pub fn tick(register: &Register, now: Moment) -> Result<Tick, ActionError> {
    let by = By::job("scheduler", now);
    // Most looks find nothing: they take no lock and write nothing.
    let waiting: Vec<Job> = schedules::all(&mut *register.database.read()?)?
        .iter()
        .filter(|row| has_slot(row, now))
        .map(|row| row.job)
        .collect();
    if waiting.is_empty() {
        return Ok(Tick::default());
    }
    register.change(&by, |work| {
        if !schedules::take_turn(work.db)? {
            return Ok(Tick { not_my_turn: true, ..Tick::default() });
        }
        let mut tick = Tick::default();
        for job in waiting {
            account_for(work, job, &mut tick)?;
        }
        Ok(tick)
    })
}

/// Looks until nothing is left to account for.
pub fn catch_up(register: &Register, now: Moment) -> Result<(), ActionError> {
    while tick(register, now)?.more {}
    Ok(())
}

/// Accounts for every slot of a job up to now within a change, so that the change begins with none open.
pub(super) fn account_for_all(work: &mut Work<'_>, job: Job) -> Result<(), ActionError> {
    loop {
        let mut tick = Tick::default();
        account_for(work, job, &mut tick)?;
        if !tick.more {
            return Ok(());
        }
    }
}

fn has_slot(row: &ScheduleRow, now: Moment) -> bool {
    match Schedule::parse(&row.cron, &row.time_zone) {
        Ok(schedule) => schedule.next_after(row.last_slot_at).is_some_and(|next| next <= now),
        // It was read when it was stored; should it be unreadable now, the others still run.
        Err(error) => {
            tracing::error!(job = row.job.word(), cron = row.cron, %error, "the schedule cannot be read");
            false
        }
    }
}

/// The schedule is locked first: whoever changes or pauses it waits for this, or this for them.
fn account_for(work: &mut Work<'_>, job: Job, tick: &mut Tick) -> Result<(), ActionError> {
    let now = work.by.now;
    let row = schedules::find_locked(work.db, job)?;
    let Ok(schedule) = Schedule::parse(&row.cron, &row.time_zone) else { return Ok(()) };
    let runs = job_slots::under_way_after(work.db, job, row.last_slot_at)?;
    let plan = plan(&schedule, row.last_slot_at, &row.rules(), &runs, now);
    let Some(last) = plan.last() else { return Ok(()) };
    tick.more |= plan.more;
    tick.due += store(work, job, &plan.of(RunState::Due))?;
    for state in [RunState::Coalesced, RunState::Skipped, RunState::Missed] {
        let slots = plan.of(state);
        let stored = store(work, job, &slots)?;
        match state {
            RunState::Coalesced => tick.coalesced += stored,
            RunState::Skipped => tick.skipped += stored,
            _ => tick.missed += stored,
        }
        // A pause is one stretch, recorded when it ends.
        if stored > 0 && row.paused_at.is_none() {
            record(work, job, state, &slots, stored);
        }
    }
    Ok(schedules::advance(work.db, job, last)?)
}

fn store(work: &mut Work<'_>, job: Job, slots: &[&Slot]) -> Result<usize, ActionError> {
    let now = work.by.now;
    let runs: Vec<JobRun> = slots
        .iter()
        .map(|slot| JobRun {
            reason: slot.reason.clone(),
            finished_at: (slot.state != RunState::Due).then_some(now),
            ..JobRun::new(job, slot.at, StartedBy::Schedule, slot.state, now)
        })
        .collect();
    Ok(job_runs::insert_many(work.db, &runs)?)
}

fn record(work: &mut Work<'_>, job: Job, state: RunState, slots: &[&Slot], stored: usize) {
    let (Some(first), Some(last)) = (slots.first(), slots.last()) else { return };
    let action = match state {
        RunState::Coalesced => "job.coalesce",
        RunState::Skipped => "job.skip",
        _ => "job.miss",
    };
    let stretch = Stretch { job, slots: i64::try_from(stored).unwrap_or(i64::MAX), first: first.at, last: last.at };
    work.record_because(action, "schedule", job.word(), last.reason.as_deref(), None, Some(&stretch));
}

/// Records in one entry the slots that a paused job missed.
pub(super) fn record_pause(work: &mut Work<'_>, job: Job, reason: &str, since: Moment) -> Result<(), ActionError> {
    if let (slots, Some(first), Some(last)) = job_slots::missed_since(work.db, job, reason, since)? {
        let stretch = Stretch { job, slots, first, last };
        work.record_because("job.miss", "schedule", job.word(), Some(reason), None, Some(&stretch));
    }
    Ok(())
}
