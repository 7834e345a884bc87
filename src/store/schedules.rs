//! When jobs run, and every run there was or should have been.

use diesel::prelude::*;
use diesel::sql_types::Bool;
use serde::Serialize;

use super::schema::{job_runs, schedules};
use super::types::Doc;
use super::types::sql::UtcTime;
use super::{Db, StoreError};
use crate::domain::ids::{Id, Moment};
use crate::domain::jobs::Job;
use crate::domain::listing::{COUNT_LIMIT, Count};
use crate::domain::runs::{CatchUp, Overlap, RunState, StartedBy};
use crate::domain::slots::{Rules, UnderWay};
use crate::each;

/// A row of `schedules`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = schedules, primary_key(job), treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct ScheduleRow {
    pub job: Job,
    pub cron: String,
    pub time_zone: String,
    pub catch_up: CatchUp,
    /// How late a slot is still made up for.
    pub catch_up_seconds: i64,
    pub overlap: Overlap,
    /// Since when it runs only by hand.
    pub paused_at: Option<Moment>,
    /// Who paused it; `None` when no person did.
    pub paused_by: Option<Id>,
    pub pause_reason: Option<String>,
    /// Every slot up to this one is accounted for. Moves by itself, so the audit log leaves it out.
    #[serde(skip)]
    pub last_slot_at: Moment,
    pub updated_at: Moment,
    pub version: i64,
}

impl ScheduleRow {
    /// What it wants of its slots.
    pub fn rules(&self) -> Rules {
        Rules {
            catch_up: self.catch_up,
            catch_up_seconds: self.catch_up_seconds,
            overlap: self.overlap,
            paused: self.paused_at.is_some(),
        }
    }
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

/// Every schedule, by job.
pub fn all(db: &mut Db) -> Result<Vec<ScheduleRow>, StoreError> {
    each!(db, |c| schedules::table.order(schedules::job).select(ScheduleRow::as_select()).load(c)).map_err(Into::into)
}

/// The schedule of a job.
pub fn find(db: &mut Db, job: Job) -> Result<ScheduleRow, StoreError> {
    each!(db, |c| schedules::table.filter(schedules::job.eq(job)).select(ScheduleRow::as_select()).first(c))
        .map_err(Into::into)
}

/// The same, and nobody else accounts for its slots or changes it until the transaction ends.
pub fn find_locked(db: &mut Db, job: Job) -> Result<ScheduleRow, StoreError> {
    let of_job = || schedules::table.filter(schedules::job.eq(job));
    match db {
        Db::Pg(c) => of_job().select(ScheduleRow::as_select()).for_update().first(c),
        Db::Sqlite(c) => of_job().select(ScheduleRow::as_select()).first(c),
    }
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

/// Stores runs, leaving out slots that have one already; answers how many were stored.
pub fn insert_runs(db: &mut Db, runs: &[JobRun]) -> Result<usize, StoreError> {
    let mut added = 0;
    // SQLite binds at most 32,766 values in a statement, and a row here has 14.
    for chunk in runs.chunks(500) {
        added += each!(db, |c| diesel::insert_into(job_runs::table).values(chunk).on_conflict_do_nothing().execute(c))?;
    }
    Ok(added)
}

/// What a worker that looks for a run goes by.
#[derive(Debug, Clone, Copy)]
pub struct Looking {
    pub now: Moment,
    /// A lease that ends later than this was given by a clock that stood ahead, and counts as over: its job would
    /// stand still until then.
    pub longest_lease: Moment,
}

/// The jobs that have a run under way, whoever works at it.
fn under_way(db: &mut Db) -> Result<Vec<Job>, StoreError> {
    each!(db, |c| job_runs::table.filter(job_runs::state.eq(RunState::Claimed)).select(job_runs::job).load(c))
        .map_err(Into::into)
}

/// The runs that wait while no other of their job is under way, and those whose worker has not been heard of since
/// its lease ended; the oldest slot first. A slot in the future, which a hand may choose, is no reason to wait.
macro_rules! waiting {
    ($looking:expr, $busy:expr) => {
        job_runs::table
            .filter(
                job_runs::state.eq(RunState::Due).and(job_runs::job.ne_all($busy)).or(job_runs::state
                    .eq(RunState::Claimed)
                    .and(
                        job_runs::lease_until
                            .le($looking.now)
                            .assume_not_null()
                            .or(job_runs::lease_until.gt($looking.longest_lease).assume_not_null()),
                    )),
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
pub fn next_waiting(db: &mut Db, looking: Looking) -> Result<Option<JobRun>, StoreError> {
    let busy = under_way(db)?;
    match db {
        Db::Pg(c) => waiting!(looking, &busy).for_update().skip_locked().first(c).optional(),
        Db::Sqlite(c) => waiting!(looking, &busy).first(c).optional(),
    }
    .map_err(Into::into)
}

/// The same without a lock: whether it is worth a transaction.
pub fn next_waiting_unlocked(db: &mut Db, looking: Looking) -> Result<Option<JobRun>, StoreError> {
    let busy = under_way(db)?;
    each!(db, |c| waiting!(looking, &busy).first(c)).optional().map_err(Into::into)
}

/// The run of a job that is under way, or whose worker was lost.
pub fn claimed_run(db: &mut Db, job: Job) -> Result<Option<JobRun>, StoreError> {
    each!(db, |c| job_runs::table
        .filter(job_runs::job.eq(job))
        .filter(job_runs::state.eq(RunState::Claimed))
        .select(JobRun::as_select())
        .first(c)
        .optional())
    .map_err(Into::into)
}

/// Whether a run is still this claim's. On PostgreSQL nobody takes it over until the transaction ends; on SQLite
/// the transaction that writes is alone.
pub fn is_held(db: &mut Db, run: Id, fence: i64) -> Result<bool, StoreError> {
    let held = || {
        job_runs::table
            .filter(job_runs::id.eq(run))
            .filter(job_runs::fence.eq(fence))
            .filter(job_runs::state.eq(RunState::Claimed))
            .select(job_runs::id)
    };
    let found: Option<Id> = match db {
        Db::Pg(c) => held().for_share().first(c).optional(),
        Db::Sqlite(c) => held().first(c).optional(),
    }?;
    Ok(found.is_some())
}

/// When runs of a job were under way after a moment: the newest thousand of them.
pub fn under_way_after(db: &mut Db, job: Job, moment: Moment) -> Result<Vec<UnderWay>, StoreError> {
    let runs: Vec<JobRun> = each!(db, |c| job_runs::table
        .filter(job_runs::job.eq(job))
        .filter(job_runs::started_at.is_not_null())
        .filter(
            job_runs::finished_at
                .gt(moment)
                .assume_not_null()
                .or(job_runs::finished_at.is_null().and(job_runs::lease_until.gt(moment).assume_not_null())),
        )
        .order((job_runs::created_at.desc(), job_runs::id.desc()))
        .limit(1_000)
        .select(JobRun::as_select())
        .load(c))?;
    let times = runs.iter().filter_map(|run| {
        let (from, until) = (run.started_at?, run.finished_at.or(run.lease_until)?);
        Some(UnderWay { slot: run.slot_at, from, until })
    });
    Ok(times.collect())
}

/// What waits of a job by its schedule since a moment or before: how many, and the oldest slot.
pub fn due_before(db: &mut Db, job: Job, moment: Moment) -> Result<(i64, Option<Moment>), StoreError> {
    each!(db, |c| job_runs::table
        .filter(job_runs::job.eq(job))
        .filter(job_runs::state.eq(RunState::Due))
        .filter(job_runs::started_by.eq(StartedBy::Schedule))
        .filter(job_runs::slot_at.le(moment))
        .filter(diesel::dsl::sql::<diesel::sql_types::Bool>("state IN ('due', 'claimed')"))
        .select((diesel::dsl::count_star(), diesel::dsl::min(job_runs::slot_at)))
        .first(c))
    .map_err(Into::into)
}

/// Marks what waits of a job by its schedule as missed; answers the slots.
pub fn miss_due(db: &mut Db, job: Job, reason: &str, now: Moment) -> Result<Vec<Moment>, StoreError> {
    let waiting = || {
        job_runs::table
            .filter(job_runs::job.eq(job))
            .filter(job_runs::state.eq(RunState::Due))
            .filter(job_runs::started_by.eq(StartedBy::Schedule))
    };
    let runs: Vec<(Id, Moment)> = match db {
        Db::Pg(c) => waiting().order(job_runs::slot_at).select((job_runs::id, job_runs::slot_at)).for_update().load(c),
        Db::Sqlite(c) => waiting().order(job_runs::slot_at).select((job_runs::id, job_runs::slot_at)).load(c),
    }?;
    for chunk in runs.chunks(1_000) {
        let ids: Vec<Id> = chunk.iter().map(|(id, _)| *id).collect();
        each!(db, |c| diesel::update(job_runs::table.filter(job_runs::id.eq_any(&ids)))
            .set((
                job_runs::state.eq(RunState::Missed),
                job_runs::reason.eq(Some(reason)),
                job_runs::finished_at.eq(Some(now)),
            ))
            .execute(c))?;
    }
    Ok(runs.into_iter().map(|(_, slot)| slot).collect())
}

/// How many slots of a job were missed for that reason from a moment on, counted no further than the limit of lists.
pub fn count_missed(db: &mut Db, job: Job, reason: &str, since: Moment) -> Result<Count, StoreError> {
    let found: Vec<i32> = each!(db, |c| job_runs::table
        .filter(job_runs::job.eq(job))
        // The word of the partial index: with a bound value SQLite would not use it.
        .filter(diesel::dsl::sql::<Bool>("state = 'missed'"))
        .filter(job_runs::finished_at.ge(since))
        .filter(job_runs::reason.eq(reason))
        .select(diesel::dsl::sql::<diesel::sql_types::Integer>("1"))
        .limit(COUNT_LIMIT + 1)
        .load(c))?;
    Ok(Count::of(i64::try_from(found.len()).unwrap_or(i64::MAX)))
}

/// The slots of a job that were missed for that reason from a moment on: how many, the first and the last.
pub fn missed_since(
    db: &mut Db,
    job: Job,
    reason: &str,
    since: Moment,
) -> Result<(i64, Option<Moment>, Option<Moment>), StoreError> {
    use diesel::dsl::{count_star, max, min};
    each!(db, |c| job_runs::table
        .filter(job_runs::job.eq(job))
        .filter(job_runs::state.eq(RunState::Missed))
        .filter(job_runs::reason.eq(reason))
        .filter(job_runs::finished_at.ge(since))
        .select((count_star(), min(job_runs::slot_at), max(job_runs::slot_at)))
        .first(c))
    .map_err(Into::into)
}

/// Forgets slots of a job after a moment that have no run: a clock that stood ahead accounted for them.
pub fn forget_slots_after(db: &mut Db, job: Job, moment: Moment) -> Result<usize, StoreError> {
    let without_run = [RunState::Due, RunState::Missed, RunState::Skipped, RunState::Coalesced];
    each!(db, |c| diesel::delete(
        job_runs::table
            .filter(job_runs::job.eq(job))
            .filter(job_runs::started_by.eq(StartedBy::Schedule))
            .filter(job_runs::slot_at.gt(moment))
            .filter(job_runs::started_at.is_null())
            .filter(job_runs::state.eq_any(without_run)),
    )
    .execute(c))
    .map_err(Into::into)
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
    runs_after(db, job, None, limit)
}

/// The runs of a job after a place, newest slot first: slots that are made up for together are stored at one moment,
/// so that the order in which they were stored says nothing.
pub fn runs_after(db: &mut Db, job: Job, after: Option<(Moment, Id)>, limit: i64) -> Result<Vec<JobRun>, StoreError> {
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
pub fn last_run(db: &mut Db, job: Job) -> Result<Option<JobRun>, StoreError> {
    // The words of the index.
    const ENDED: &str = "coalesce(finished_at, started_at) DESC";
    let ran: Option<JobRun> = each!(db, |c| job_runs::table
        .filter(job_runs::job.eq(job))
        .filter(job_runs::started_at.is_not_null())
        .order((
            diesel::dsl::sql::<diesel::sql_types::Nullable<UtcTime>>(ENDED),
            job_runs::slot_at.desc(),
            job_runs::id.desc(),
        ))
        .select(JobRun::as_select())
        .first(c)
        .optional())?;
    match ran {
        Some(run) => Ok(Some(run)),
        None => Ok(runs_of(db, job, 1)?.pop()),
    }
}

/// The run of a job that was done last.
pub fn last_done(db: &mut Db, job: Job) -> Result<Option<JobRun>, StoreError> {
    each!(db, |c| job_runs::table
        .filter(job_runs::job.eq(job))
        .filter(job_runs::started_at.is_not_null())
        .filter(job_runs::state.eq(RunState::Done))
        .order((
            diesel::dsl::sql::<diesel::sql_types::Nullable<UtcTime>>("coalesce(finished_at, started_at) DESC"),
            job_runs::slot_at.desc(),
            job_runs::id.desc(),
        ))
        .select(JobRun::as_select())
        .first(c)
        .optional())
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
        kept.extend(last_run(db, *job)?.map(|run| run.id));
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
