//! What became of the slots of a job: those that wait, those that were missed, and when its runs were under way.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::counted::counted;
use super::fragment::sql;
use super::job_runs::JobRun;
use super::schema::job_runs;
use super::{Db, StoreError};
use crate::domain::ids::{Id, Moment};
use crate::domain::jobs::Job;
use crate::domain::listing::{COUNT_LIMIT, Count};
use crate::domain::runs::{RunState, StartedBy};
use crate::domain::slots::UnderWay;
use crate::each;

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

/// What waits by the schedules since a moment or before: of each job that something waits of, how many and the oldest slot.
pub fn due_before(db: &mut Db, moment: Moment) -> Result<HashMap<Job, (i64, Moment)>, StoreError> {
    let found: Vec<(Job, i64, Option<Moment>)> = each!(db, |c| job_runs::table
        .filter(job_runs::state.eq(RunState::Due))
        .filter(job_runs::started_by.eq(StartedBy::Schedule))
        .filter(job_runs::slot_at.le(moment))
        .filter(sql::<Bool>("state IN ('due', 'claimed')"))
        .group_by(job_runs::job)
        .select((job_runs::job, diesel::dsl::count_star(), diesel::dsl::min(job_runs::slot_at)))
        .load(c))?;
    Ok(found.into_iter().filter_map(|(job, count, oldest)| oldest.map(|oldest| (job, (count, oldest)))).collect())
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
    let found: i64 = each!(db, |c| counted(
        job_runs::table
            .filter(job_runs::job.eq(job))
            // The word of the partial index: with a bound value SQLite would not use it.
            .filter(sql::<Bool>("state = 'missed'"))
            .filter(job_runs::finished_at.ge(since))
            .filter(job_runs::reason.eq(reason))
            .select(sql::<diesel::sql_types::Integer>("1"))
            .limit(COUNT_LIMIT + 1)
    )
    .get_result(c))?;
    Ok(Count::of(found))
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

/// The first slot of a job after a moment for which there was no run and will be none.
pub fn first_without_run(db: &mut Db, job: Job, after: Moment) -> Result<Option<Moment>, StoreError> {
    each!(db, |c| job_runs::table
        .filter(job_runs::job.eq(job))
        .filter(job_runs::state.eq_any([RunState::Missed, RunState::Skipped, RunState::Coalesced]))
        .filter(job_runs::slot_at.gt(after))
        .select(diesel::dsl::min(job_runs::slot_at))
        .first(c))
    .map_err(Into::into)
}

/// Forgets slots of a job after a moment that have no run: a clock that stood ahead accounted for them.
pub fn forget_after(db: &mut Db, job: Job, moment: Moment) -> Result<usize, StoreError> {
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
