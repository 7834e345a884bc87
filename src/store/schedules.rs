//! When jobs run. What became of each slot stands in `job_runs`.

use diesel::prelude::*;
use diesel::sql_types::Bool;
use serde::Serialize;

use super::schema::schedules;
use super::{Db, StoreError};
use crate::domain::ids::{Id, Moment};
use crate::domain::jobs::Job;
use crate::domain::runs::{CatchUp, Overlap};
use crate::domain::slots::Rules;
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
        Db::Pg(c) => diesel::select(diesel::dsl::sql::<Bool>("pg_try_advisory_xact_lock(5566747265722)"))
            .get_result(c)
            .map_err(Into::into),
    }
}
