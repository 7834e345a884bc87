//! Which run a worker takes next, and whether it still has it.

use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::fragment::sql;
use super::job_runs::JobRun;
use super::schema::job_runs;
use super::{Db, StoreError};
use crate::domain::ids::{Id, Moment};
use crate::domain::jobs::Job;
use crate::domain::runs::RunState;
use crate::each;

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
            .filter(sql::<Bool>("state IN ('due', 'claimed')"))
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
pub fn claimed(db: &mut Db, job: Job) -> Result<Option<JobRun>, StoreError> {
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
