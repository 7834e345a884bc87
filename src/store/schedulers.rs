//! Who looks at the schedules, and what is wrong with their clocks.

use diesel::prelude::*;

use super::schema::schedulers;
use super::{Db, StoreError};
use crate::domain::ids::{Id, Moment};
use crate::each;

/// A row of `schedulers`: a process that looks.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = schedulers, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Looker {
    pub id: Id,
    pub started_at: Moment,
    /// Its last look that was noted.
    pub looked_at: Moment,
    /// Its clock minus the database's; `None` where the database has no clock of its own.
    pub skew_seconds: Option<i64>,
    /// How often its clock jumped.
    pub jumps: i64,
    pub jumped_at: Option<Moment>,
    /// The last jump; below zero when the clock went back.
    pub jump_seconds: Option<i64>,
}

/// Stores a look in place of that process's last.
pub fn note(db: &mut Db, looker: &Looker) -> Result<(), StoreError> {
    each!(db, |c| diesel::insert_into(schedulers::table)
        .values(looker)
        .on_conflict(schedulers::id)
        .do_update()
        .set(looker)
        .execute(c))?;
    Ok(())
}

/// The last look of anybody up to a moment: a clock that stood ahead says nothing of today.
pub fn last_look(db: &mut Db, until: Moment) -> Result<Option<Moment>, StoreError> {
    each!(db, |c| schedulers::table
        .filter(schedulers::looked_at.le(until))
        .order(schedulers::looked_at.desc())
        .select(schedulers::looked_at)
        .first(c)
        .optional())
    .map_err(Into::into)
}

/// Those who looked at a moment or after, the latest look first.
pub fn since(db: &mut Db, moment: Moment) -> Result<Vec<Looker>, StoreError> {
    each!(db, |c| schedulers::table
        .filter(schedulers::looked_at.ge(moment))
        .order((schedulers::looked_at.desc(), schedulers::id))
        .select(Looker::as_select())
        .load(c))
    .map_err(Into::into)
}

/// Forgets processes whose last look was before a moment, other than this one.
pub fn forget(db: &mut Db, before: Moment, but: Id) -> Result<(), StoreError> {
    each!(db, |c| diesel::delete(
        schedulers::table.filter(schedulers::looked_at.lt(before)).filter(schedulers::id.ne(but)),
    )
    .execute(c))?;
    Ok(())
}

/// What the database's own clock shows; `None` for SQLite, which has this process's.
pub fn database_clock(db: &mut Db) -> Result<Option<Moment>, StoreError> {
    match db {
        Db::Sqlite(_) => Ok(None),
        Db::Pg(c) => {
            let sql = diesel::dsl::sql::<super::types::sql::UtcTime>("clock_timestamp()");
            Ok(Some(diesel::select(sql).get_result::<Moment>(c)?))
        }
    }
}
