//! Whether jobs run: who looked at the schedules last, what is late, and whose clock is wrong.

use super::{ActionError, Register, schedules as making};
use crate::domain::ids::{Id, Moment};
use crate::domain::jobs::Job;
use crate::domain::listing::{Count, thousands};
use crate::domain::pulse::{LATE_AFTER_SECONDS, LOOKED_WITHIN_SECONDS, MOST_COUNTED, MOST_SKEW_SECONDS, Pulse, pulse};
use crate::domain::schedule::Schedule;
use crate::domain::seldom::{Gap, seldom};
use crate::domain::slots::PAUSED;
use crate::store::schedulers::{self, Looker};
use crate::store::schedules::ScheduleRow;
use crate::store::{Db, StoreError, job_runs, job_slots};

/// Processes that have not looked for so many days are forgotten, and jumps that old are no news.
const KEPT_DAYS: i64 = 7;

/// The slots of a job that should have run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Late {
    pub job: Job,
    pub slots: usize,
    /// There are more than that: counting stopped.
    pub more: bool,
    pub oldest: Moment,
}

impl Late {
    /// "8 slots", or "more than 1,000 slots".
    pub fn words(&self) -> String {
        slots_words(self.slots, self.more)
    }
}

fn slots_words(slots: usize, more: bool) -> String {
    let count = thousands(i64::try_from(slots).unwrap_or(i64::MAX));
    let unit = if slots == 1 && !more { "slot" } else { "slots" };
    format!("{}{count} {unit}", if more { "more than " } else { "" })
}

/// A job that runs only by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paused {
    pub job: Job,
    pub since: Moment,
    /// Who paused it; `None` when no person did.
    pub by: Option<Id>,
    pub reason: String,
    /// The slots that it missed for that since.
    pub missed: Count,
}

/// A job that is not paused and of which no run has begun yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotYet {
    pub job: Job,
    /// The first time that has passed by since its schedule was made; none where that is still to come, which is no
    /// fault.
    pub passed: Option<Moment>,
}

/// How the jobs are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    pub pulse: Pulse,
    pub last_look: Option<Moment>,
    /// Jobs with slots that are late, in the order of jobs.
    pub late: Vec<Late>,
    /// Jobs that have not run yet, in the order of jobs.
    pub not_yet: Vec<NotYet>,
    /// Jobs that are paused, in the order of jobs. None of it is late.
    pub paused: Vec<Paused>,
    /// Jobs whose schedule leaves waits far longer than they are meant to have: nothing is late, and nothing runs. Those
    /// that are paused are not among them.
    pub seldom: Vec<(Job, Gap)>,
    /// Jobs whose slots are accounted for beyond now, because a clock stood ahead, and until when.
    pub ahead: Vec<(Job, Moment)>,
    /// The clock that is furthest from the database's, in seconds, when that is too far.
    pub skew_seconds: Option<i64>,
    /// How often clocks jumped of processes that looked lately, and the last jump: when, and by how many seconds.
    pub jumps: i64,
    pub jump: Option<(Moment, i64)>,
}

impl Health {
    /// The slots that are late, of all jobs, as far as they were counted.
    pub fn late_slots(&self) -> usize {
        self.late.iter().map(|late| late.slots).sum()
    }

    /// How many slots are late, in words: counting stops somewhere, and that is said.
    pub fn late_words(&self) -> String {
        slots_words(self.late_slots(), self.late.iter().any(|late| late.more))
    }

    /// The oldest of them.
    pub fn oldest_late(&self) -> Option<Moment> {
        self.late.iter().map(|late| late.oldest).min()
    }

    /// Jobs that have not run yet and whose first time is still to come.
    pub fn to_come(&self) -> Vec<Job> {
        self.not_yet.iter().filter(|one| one.passed.is_none()).map(|one| one.job).collect()
    }

    /// Jobs that have not run yet although a time of theirs has passed by, and the first such time.
    pub fn passed_by(&self) -> Vec<(Job, Moment)> {
        self.not_yet.iter().filter_map(|one| Some((one.job, one.passed?))).collect()
    }

    /// How a job is paused.
    pub fn paused_of(&self, job: Job) -> Option<&Paused> {
        self.paused.iter().find(|paused| paused.job == job)
    }

    /// What is late of a job.
    pub fn late_of(&self, job: Job) -> Option<&Late> {
        self.late.iter().find(|late| late.job == job)
    }
}

/// Looks how the jobs are. Reads only.
pub fn health(db: &mut Db, register: &Register, now: Moment) -> Result<Health, StoreError> {
    let last_look = schedulers::last_look(db, now.plus_seconds(LOOKED_WITHIN_SECONDS))?;
    let mut late: Vec<Late> = Vec::new();
    let mut not_yet: Vec<NotYet> = Vec::new();
    let mut ahead = Vec::new();
    let mut paused = Vec::new();
    let mut rare = Vec::new();
    let before = now.plus_seconds(-LATE_AFTER_SECONDS);
    let (waiting, begun) = (job_slots::due_before(db, before)?, job_runs::begun(db)?);
    for row in making::all(db, register, now)? {
        if let Some(since) = row.paused_at {
            paused.push(Paused {
                job: row.job,
                since,
                by: row.paused_by,
                reason: row.pause_reason.clone().unwrap_or_default(),
                missed: job_slots::count_missed(db, row.job, PAUSED, since)?,
            });
        } else if let Ok(schedule) = Schedule::parse(&row.cron, &row.time_zone) {
            rare.extend(gap_of(row.job, &schedule, now).map(|gap| (row.job, gap)));
        }
        if row.last_slot_at > now.plus_seconds(LOOKED_WITHIN_SECONDS) {
            ahead.push((row.job, row.last_slot_at));
        }
        let waits = late_of(&row, waiting.get(&row.job).copied(), before);
        // A run from the command line needs no schedule.
        let ran = begun.contains(&row.job) || job_runs::has_begun(db, row.job)?;
        if row.paused_at.is_none() && !ran {
            not_yet.push(not_yet_of(db, &row, waits.as_ref())?);
        }
        late.extend(waits);
    }
    let lookers = schedulers::since(db, now.plus_days(-KEPT_DAYS))?;
    let lately = now.plus_seconds(-LOOKED_WITHIN_SECONDS);
    let skew_seconds = lookers
        .iter()
        .filter(|looker| looker.looked_at >= lately)
        .filter_map(|looker| looker.skew_seconds)
        .max_by_key(|skew| skew.abs())
        .filter(|skew| skew.abs() > MOST_SKEW_SECONDS);
    Ok(Health {
        pulse: pulse(
            last_look,
            !late.is_empty() || not_yet.iter().any(|one| one.passed.is_some()),
            !not_yet.is_empty(),
            now,
        ),
        last_look,
        late,
        not_yet,
        paused,
        seldom: rare,
        ahead,
        skew_seconds,
        jumps: lookers.iter().map(|looker| looker.jumps).sum(),
        jump: lookers.iter().filter_map(|looker| Some((looker.jumped_at?, looker.jump_seconds?))).max(),
    })
}

/// Of a job that never ran: the first of its times that passed by since somebody made or changed its schedule.
fn not_yet_of(db: &mut Db, row: &ScheduleRow, late: Option<&Late>) -> Result<NotYet, StoreError> {
    let without_run = job_slots::first_without_run(db, row.job, row.updated_at)?;
    Ok(NotYet { job: row.job, passed: without_run.into_iter().chain(late.map(|late| late.oldest)).min() })
}

/// The wait of a job under a schedule that is far longer than the one that it is meant to have.
pub fn gap_of(job: Job, schedule: &Schedule, now: Moment) -> Option<Gap> {
    seldom(schedule, &Schedule::parse(job.default_cron(), schedule.zone()).ok()?, now)
}

/// Slots of a job that wait for a worker, given how many do and the oldest, and those that nobody has accounted for yet.
fn late_of(row: &ScheduleRow, waiting: Option<(i64, Moment)>, before: Moment) -> Option<Late> {
    let mut open: Vec<Moment> = match Schedule::parse(&row.cron, &row.time_zone) {
        Ok(schedule) if row.paused_at.is_none() => {
            schedule.slots_between(row.last_slot_at, before).take(MOST_COUNTED + 1).collect()
        }
        _ => Vec::new(),
    };
    let more = open.len() > MOST_COUNTED;
    open.truncate(MOST_COUNTED);
    let (claimable, oldest_waiting) = waiting.unzip();
    let slots = usize::try_from(claimable.unwrap_or(0)).unwrap_or(usize::MAX).saturating_add(open.len());
    let oldest = oldest_waiting.into_iter().chain(open.first().copied()).min();
    oldest.map(|oldest| Late { job: row.job, slots, more, oldest })
}

/// Notes a look of a process, with what its clock is off from the database's.
pub fn note(register: &Register, looker: &Looker) -> Result<(), ActionError> {
    let before = looker.looked_at.plus_days(-KEPT_DAYS);
    register.database.write(|db| {
        schedulers::note(db, looker)?;
        schedulers::forget(db, before, looker.id)
    })?;
    Ok(())
}

/// This process's clock minus the database's, in seconds; `None` where the database has no clock of its own.
pub fn skew(register: &Register) -> Result<Option<i64>, ActionError> {
    let mut db = register.database.read()?;
    let shown = schedulers::database_clock(&mut db)?;
    Ok(shown.map(|shown| (register.now().utc() - shown.utc()).num_seconds()))
}

/// A process that has not looked yet.
pub fn looker(now: Moment) -> Looker {
    Looker {
        id: Id::new(),
        started_at: now,
        looked_at: now,
        skew_seconds: None,
        jumps: 0,
        jumped_at: None,
        jump_seconds: None,
    }
}
