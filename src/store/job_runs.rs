//! Every run of a job that there was or should have been.

use std::collections::HashSet;

use diesel::prelude::*;
use diesel::sql_types::Nullable;
use serde::Serialize;

use super::fragment::sql;
use super::schema::{job_runs, schedules};
use super::types::Doc;
use super::types::sql::UtcTime;
use super::{Db, StoreError};
use crate::domain::ids::{Id, Moment};
use crate::domain::jobs::Job;
use crate::domain::runs::{RunState, StartedBy};
use crate::each;

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
    /// Why there was no run.
    pub reason: Option<String>,
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
            reason: None,
        }
    }
}

/// Stores runs, leaving out slots that have one already; answers how many were stored.
pub fn insert_many(db: &mut Db, runs: &[JobRun]) -> Result<usize, StoreError> {
    let mut added = 0;
    // SQLite binds at most 32,766 values in a statement, and a row here has 14.
    for chunk in runs.chunks(500) {
        added += each!(db, |c| diesel::insert_into(job_runs::table).values(chunk).on_conflict_do_nothing().execute(c))?;
    }
    Ok(added)
}

/// Stores a changed run, as long as nobody claimed it since: `fence` is the one the worker got.
/// Answers whether it was stored.
pub fn update(db: &mut Db, run: &JobRun, fence: i64) -> Result<bool, StoreError> {
    let changed = each!(db, |c| diesel::update(
        job_runs::table.filter(job_runs::id.eq(run.id)).filter(job_runs::fence.eq(fence)),
    )
    .set(run)
    .execute(c))?;
    Ok(changed == 1)
}

/// The latest runs of a job, newest slot first.
pub fn latest(db: &mut Db, job: Job, limit: i64) -> Result<Vec<JobRun>, StoreError> {
    latest_after(db, job, None, limit)
}

/// The runs of a job after a place, newest slot first: slots that are made up for together are stored at one moment,
/// so that the order in which they were stored says nothing.
pub fn latest_after(db: &mut Db, job: Job, after: Option<(Moment, Id)>, limit: i64) -> Result<Vec<JobRun>, StoreError> {
    each!(db, |c| {
        let mut query = job_runs::table
            .filter(job_runs::job.eq(job))
            .order((job_runs::slot_at.desc(), job_runs::id.desc()))
            .limit(limit)
            .select(JobRun::as_select())
            .into_boxed::<DB>();
        if let Some((slot, id)) = after {
            query = query.filter(job_runs::slot_at.le(slot)).filter(job_runs::slot_at.lt(slot).or(job_runs::id.lt(id)));
        }
        query.load(c)
    })
    .map_err(Into::into)
}

/// The last run of a job: the one that ended last, or started last where it has not ended; of several that ended
/// at once the one of the latest slot. Where none ever began, the latest slot, which says why.
pub fn last(db: &mut Db, job: Job) -> Result<Option<JobRun>, StoreError> {
    match last_that_began(db, job, None)? {
        Some(run) => Ok(Some(run)),
        None => Ok(latest(db, job, 1)?.pop()),
    }
}

/// Whether a run of a job ever began.
pub fn has_begun(db: &mut Db, job: Job) -> Result<bool, StoreError> {
    Ok(last_that_began(db, job, None)?.is_some())
}

/// Of the jobs whose schedules are stored those of which a run ever began, in one question.
pub fn begun(db: &mut Db) -> Result<HashSet<Job>, StoreError> {
    let began = job_runs::table.filter(job_runs::job.eq(schedules::job)).filter(job_runs::started_at.is_not_null());
    let found: Vec<Job> =
        each!(db, |c| schedules::table.filter(diesel::dsl::exists(began)).select(schedules::job).load(c))?;
    Ok(found.into_iter().collect())
}

/// The run of a job that was done last.
pub fn last_done(db: &mut Db, job: Job) -> Result<Option<JobRun>, StoreError> {
    last_that_began(db, job, Some(RunState::Done))
}

/// When a job ran last that was done, as far as that lies before a moment. A run from the command line may act as if the
/// clock showed another time: what it did was done as of that time, whenever that was.
pub fn last_acted(db: &mut Db, job: Job, before: Moment) -> Result<Option<Moment>, StoreError> {
    let as_of: Option<Moment> = each!(db, |c| job_runs::table
        .filter(job_runs::job.eq(job))
        .filter(job_runs::state.eq(RunState::Done))
        .filter(job_runs::started_by.eq(StartedBy::Command))
        .filter(job_runs::slot_at.le(before))
        .order(job_runs::slot_at.desc())
        .select(job_runs::slot_at)
        .first(c)
        .optional())?;
    let at: Option<Moment> = each!(db, |c| job_runs::table
        .filter(job_runs::job.eq(job))
        .filter(job_runs::state.eq(RunState::Done))
        .filter(job_runs::started_by.ne(StartedBy::Command))
        .filter(job_runs::finished_at.le(before))
        .order(job_runs::finished_at.desc())
        .select(job_runs::finished_at.assume_not_null())
        .first(c)
        .optional())?;
    Ok(as_of.max(at))
}

/// The run of a job that ended last of those that began, in that state or any.
fn last_that_began(db: &mut Db, job: Job, state: Option<RunState>) -> Result<Option<JobRun>, StoreError> {
    // The words of the index.
    const ENDED: &str = "coalesce(finished_at, started_at) DESC";
    each!(db, |c| {
        let mut query = job_runs::table
            .filter(job_runs::job.eq(job))
            .filter(job_runs::started_at.is_not_null())
            .order((sql::<Nullable<UtcTime>>(ENDED), job_runs::slot_at.desc(), job_runs::id.desc()))
            .select(JobRun::as_select())
            .into_boxed::<DB>();
        if let Some(state) = state {
            query = query.filter(job_runs::state.eq(state));
        }
        query.first(c).optional()
    })
    .map_err(Into::into)
}

/// Runs made before a moment, oldest first: not those that wait or are under way, and neither the last run of a job nor
/// the last that was done, by which the days are counted on which it stood still.
pub fn old(db: &mut Db, before: Moment, limit: i64) -> Result<Vec<Id>, StoreError> {
    let mut kept = Vec::with_capacity(Job::ALL.len());
    for job in Job::ALL {
        kept.extend(last(db, *job)?.map(|run| run.id));
        kept.extend(last_done(db, *job)?.map(|run| run.id));
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
pub fn delete(db: &mut Db, runs: &[Id]) -> Result<usize, StoreError> {
    each!(db, |c| diesel::delete(job_runs::table.filter(job_runs::id.eq_any(runs))).execute(c)).map_err(Into::into)
}
