//! The batches of the job: what the clock says is due, and what something happened to.

use super::opening::open;
use super::wanted::{Opened, Wanted};
use crate::actions::reviews::BATCH;
use crate::actions::reviews::one_by_one::each_by_itself;
use crate::actions::{ActionError, By, Register};
use crate::domain::ids::Id;
use crate::domain::listing::Cursor;
use crate::domain::reviews::reasons::Reason;
use crate::domain::tasks::TaskCause;
use crate::store::{due, review_reasons};

/// Opens the reviews that the clock says are due, after a place.
pub fn due_batch(register: &Register, by: &By, after: Option<&Cursor>) -> Result<Opened, ActionError> {
    by.require_keeper()?;
    let today = register.day(by.now);
    // Read before the transaction: a sweep that finds nothing takes no lock.
    let found = due::without_tasks(&mut *register.database.read()?, TaskCause::ReviewDue, by.now, today, after, BATCH)?;
    if found.is_empty() {
        return Ok(Opened::default());
    }
    let next = if i64::try_from(found.len()) == Ok(BATCH) { found.last().map(due::Due::cursor) } else { None };
    let wanted: Vec<Wanted> =
        found.iter().map(|due| Wanted { identity: due.id, reasons: vec![Reason::clock(due.on, today)] }).collect();
    Ok(Opened { next, ..each(register, by, &wanted)? })
}

/// Opens what is wanted: at once, and each by itself where that fails.
fn each(register: &Register, by: &By, wanted: &[Wanted]) -> Result<Opened, ActionError> {
    let tried = each_by_itself(
        wanted,
        |one| one.identity.to_string(),
        |wanted| register.change(by, |work| Ok(open(work, register, wanted, None)?.opened)),
    )?;
    let failed = Opened { failed: tried.failed, ..Opened::default() };
    Ok(tried.done.into_iter().fold(failed, Opened::and))
}

/// Opens the reviews for which something happened, after an identity; the place of the next batch is the last identity.
pub fn reasons_batch(register: &Register, by: &By, after: Option<Id>) -> Result<(Opened, Option<Id>), ActionError> {
    by.require_keeper()?;
    let mut found = review_reasons::waiting(&mut *register.database.read()?, after, BATCH)?;
    let full = i64::try_from(found.len()) == Ok(BATCH);
    // The reasons of the last identity may go on in the next batch: they are read together then, unless they are all
    // there is.
    if let Some(last) = found.last().map(|row| row.identity_id)
        && full
        && found.first().is_some_and(|first| first.identity_id != last)
    {
        found.retain(|row| row.identity_id != last);
    }
    if found.is_empty() {
        return Ok((Opened::default(), None));
    }
    let place = found.last().map(|row| row.identity_id).filter(|_| full);
    let wanted: Vec<Wanted> = found
        .chunk_by(|one, other| one.identity_id == other.identity_id)
        .filter_map(|rows| rows.first().map(|first| (first.identity_id, rows)))
        .map(|(identity, rows)| Wanted {
            identity,
            reasons: rows
                .iter()
                .map(|row| Reason { cause: row.cause, period: row.period.clone(), says: row.says.clone() })
                .collect(),
        })
        .collect();
    Ok((each(register, by, &wanted)?, place))
}
