//! When jobs run, and every run there was or should have been.

use diesel::prelude::*;
use serde::Serialize;

use super::schema::{job_runs, schedules};
use super::types::Doc;
use super::{Db, StoreError};
use crate::domain::ids::{Id, Moment};
use crate::domain::jobs::Job;
use crate::domain::runs::{CatchUp, RunState, StartedBy};
use crate::each;

/// A row of `schedules`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = schedules, primary_key(job), treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct ScheduleRow {
    pub job: Job,
    pub cron: String,
    pub time_zone: String,
    pub catch_up: CatchUp,
    pub enabled: bool,
    /// Every slot up to this one is accounted for. Moves by itself, so the audit log leaves it out.
    #[serde(skip)]
    pub last_slot_at: Moment,
    pub updated_at: Moment,
    pub version: i64,
}

/// A row of `job_runs`.
#[derive(Debug, Clone, PartialEq, Serialize, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = job_runs, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct JobRun {
    pub id: Id,
    pub job: Job,
    /// The time it should have run, or the time it was started by hand.
    pub slot_at: Moment,
    pub started_by: StartedBy,
    pub state: RunState,
    pub attempts: i64,
    pub lease_until: Option<Moment>,
    /// Grows with each claim: a worker that stood still cannot write over one that went on.
    pub fence: i64,
    pub started_at: Option<Moment>,
    pub finished_at: Option<Moment>,
    pub error: Option<String>,
    /// What it did, in words.
    pub result: Option<Doc<Vec<String>>>,
    pub created_at: Moment,
}

impl JobRun {
    /// A run that has not begun.
    pub fn new(job: Job, slot_at: Moment, started_by: StartedBy, state: RunState, now: Moment) -> Self {
        Self {
            id: Id::new(),
            job,
            slot_at,
            started_by,
            state,
            attempts: 0,
            lease_until: None,
            fence: 0,
            started_at: None,
            finished_at: None,
            error: None,
            result: None,
            created_at: now,
        }
    }
}

/// Every schedule, by job.
pub fn all(db: &mut Db) -> Result<Vec<ScheduleRow>, StoreError> {
    each!(db, |c| schedules::table.order(schedules::job).select(ScheduleRow::as_select()).load(c)).map_err(Into::into)
}

/// The schedule of a job.
pub fn find(db: &mut Db, job: Job) -> Result<ScheduleRow, StoreError> {
    each!(db, |c| schedules::table.filter(schedules::job.eq(job)).select(ScheduleRow::as_select()).first(c))
        .map_err(Into::into)
}

/// Stores a schedule unless the job has one; answers whether it is new.
pub fn insert_if_new(db: &mut Db, schedule: &ScheduleRow) -> Result<bool, StoreError> {
    let added = each!(db, |c| diesel::insert_into(schedules::table)
        .values(schedule)
        .on_conflict(schedules::job)
        .do_nothing()
        .execute(c))?;
    Ok(added == 1)
}

/// Stores a changed schedule over the version before it.
pub fn update(db: &mut Db, schedule: &ScheduleRow) -> Result<(), StoreError> {
    let changed = each!(db, |c| diesel::update(
        schedules::table.filter(schedules::job.eq(schedule.job)).filter(schedules::version.eq(schedule.version - 1)),
    )
    .set(schedule)
    .execute(c))?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Conflict) }
}

/// Notes that every slot up to this one is accounted for. The version stays: nobody decided anything.
pub fn advance(db: &mut Db, job: Job, last_slot_at: Moment) -> Result<(), StoreError> {
    each!(db, |c| diesel::update(schedules::table.filter(schedules::job.eq(job)))
        .set(schedules::last_slot_at.eq(last_slot_at))
        .execute(c))?;
    Ok(())
}

/// Takes the turn of looking at the schedules: on PostgreSQL only one replica has it at a time, and it
/// ends with the transaction; on SQLite the transaction that writes is the turn.
pub fn take_turn(db: &mut Db) -> Result<bool, StoreError> {
    match db {
        Db::Sqlite(_) => Ok(true),
        Db::Pg(c) => {
            diesel::select(diesel::dsl::sql::<diesel::sql_types::Bool>("pg_try_advisory_xact_lock(5566747265722)"))
                .get_result(c)
                .map_err(Into::into)
        }
    }
}

/// Stores runs, leaving out slots that have one already; answers the ids of those that are new.
pub fn insert_runs(db: &mut Db, runs: &[JobRun]) -> Result<Vec<Id>, StoreError> {
    let mut added = Vec::with_capacity(runs.len());
    for run in runs {
        let rows = each!(db, |c| diesel::insert_into(job_runs::table).values(run).on_conflict_do_nothing().execute(c))?;
        if rows == 1 {
            added.push(run.id);
        }
    }
    Ok(added)
}

/// The runs that wait, or whose worker has not been heard of since its lease ended; the oldest slot
/// first. A slot in the future, which a hand may choose, is no reason to wait.
macro_rules! waiting {
    ($now:expr) => {
        job_runs::table
            .filter(
                job_runs::state
                    .eq(RunState::Due)
                    .or(job_runs::state.eq(RunState::Claimed).and(job_runs::lease_until.le($now).assume_not_null())),
            )
            // The words of the partial index: with bound values SQLite would not use it.
            .filter(diesel::dsl::sql::<diesel::sql_types::Bool>("state IN ('due', 'claimed')"))
            .order((job_runs::slot_at, job_runs::id))
            .limit(1)
            .select(JobRun::as_select())
    };
}

/// The next run that waits. On PostgreSQL its row is locked, and rows that others have locked are
/// passed over.
pub fn next_waiting(db: &mut Db, now: Moment) -> Result<Option<JobRun>, StoreError> {
    match db {
        Db::Pg(c) => waiting!(now).for_update().skip_locked().first(c).optional(),
        Db::Sqlite(c) => waiting!(now).first(c).optional(),
    }
    .map_err(Into::into)
}

/// The same without a lock: whether it is worth a transaction.
pub fn next_waiting_unlocked(db: &mut Db, now: Moment) -> Result<Option<JobRun>, StoreError> {
    each!(db, |c| waiting!(now).first(c)).optional().map_err(Into::into)
}

/// Stores a changed run, as long as nobody claimed it since: `fence` is the one the worker got.
/// Answers whether it was stored.
pub fn update_run(db: &mut Db, run: &JobRun, fence: i64) -> Result<bool, StoreError> {
    let changed = each!(db, |c| diesel::update(
        job_runs::table.filter(job_runs::id.eq(run.id)).filter(job_runs::fence.eq(fence)),
    )
    .set(run)
    .execute(c))?;
    Ok(changed == 1)
}

/// The latest runs of a job, newest slot first.
pub fn runs_of(db: &mut Db, job: Job, limit: i64) -> Result<Vec<JobRun>, StoreError> {
    each!(db, |c| job_runs::table
        .filter(job_runs::job.eq(job))
        .order((job_runs::created_at.desc(), job_runs::id.desc()))
        .limit(limit)
        .select(JobRun::as_select())
        .load(c))
    .map_err(Into::into)
}

/// Extends the lease of a run that is under way, as long as nobody claimed it since. Answers whether it was.
pub fn renew_lease(db: &mut Db, run: Id, fence: i64, until: Moment) -> Result<bool, StoreError> {
    let changed = each!(db, |c| diesel::update(
        job_runs::table
            .filter(job_runs::id.eq(run))
            .filter(job_runs::fence.eq(fence))
            .filter(job_runs::state.eq(RunState::Claimed)),
    )
    .set(job_runs::lease_until.eq(until))
    .execute(c))?;
    Ok(changed == 1)
}

/// Runs made before a moment, oldest first: not those that wait or are under way, and not the last run
/// of a job.
pub fn old_runs(db: &mut Db, before: Moment, limit: i64) -> Result<Vec<Id>, StoreError> {
    let mut kept = Vec::with_capacity(Job::ALL.len());
    for job in Job::ALL {
        kept.extend(runs_of(db, *job, 1)?.into_iter().map(|run| run.id));
    }
    each!(db, |c| job_runs::table
        .filter(job_runs::created_at.lt(before))
        .filter(job_runs::state.ne_all([RunState::Due, RunState::Claimed]))
        .filter(job_runs::id.ne_all(&kept))
        .order((job_runs::created_at, job_runs::id))
        .limit(limit)
        .select(job_runs::id)
        .load(c))
    .map_err(Into::into)
}

/// Removes runs from the record; answers how many there were.
pub fn delete_runs(db: &mut Db, runs: &[Id]) -> Result<usize, StoreError> {
    each!(db, |c| diesel::delete(job_runs::table.filter(job_runs::id.eq_any(runs))).execute(c)).map_err(Into::into)
}
