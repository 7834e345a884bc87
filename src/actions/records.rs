//! Adding and changing a record that is written as a whole: a system, a vendor.

use serde::Serialize;

use super::{ActionError, By, Register, Work};
use crate::domain::ids::{Id, Moment};
use crate::store::{Db, StoreError};

/// A record with a version.
pub trait Record: PartialEq + Serialize + Sized {
    /// The noun of the table's records, as the audit log has it: `system`.
    const ENTITY: &'static str;

    fn id(&self) -> Id;
    fn version(&self) -> i64;
    /// Makes it the next version.
    fn advance(&mut self, now: Moment);
    fn find(db: &mut Db, id: Id) -> Result<Self, StoreError>;
    fn insert(&self, db: &mut Db) -> Result<(), StoreError>;
    fn update(&self, db: &mut Db) -> Result<(), StoreError>;
}

/// Adds the record that `parse` makes.
pub fn add<R: Record>(
    register: &Register,
    by: &By,
    parse: impl FnOnce(&mut Work<'_>, Option<&R>) -> Result<R, ActionError>,
) -> Result<Id, ActionError> {
    by.require_keeper()?;
    register.change(by, |work| {
        let record = parse(work, None)?;
        record.insert(work.db)?;
        work.record(&format!("{}.add", R::ENTITY), R::ENTITY, record.id(), None, Some(&record));
        Ok(record.id())
    })
}

/// Stores what `parse` makes of the record. Nothing is written when nothing differs.
///
/// # Errors
/// `Store(Conflict)` when it was changed since version `seen`.
pub fn edit<R: Record>(
    register: &Register,
    by: &By,
    id: Id,
    seen: i64,
    parse: impl FnOnce(&mut Work<'_>, Option<&R>) -> Result<R, ActionError>,
) -> Result<(), ActionError> {
    by.require_keeper()?;
    register.change(by, |work| {
        let before = R::find(work.db, id)?;
        if before.version() != seen {
            return Err(StoreError::Conflict.into());
        }
        let mut after = parse(work, Some(&before))?;
        if after == before {
            return Ok(());
        }
        after.advance(by.now);
        after.update(work.db)?;
        work.record(&format!("{}.edit", R::ENTITY), R::ENTITY, id, Some(&before), Some(&after));
        Ok(())
    })
}
