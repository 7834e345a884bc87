//! Counts of the list, remembered as long as nothing changed.
//!
//! Every change appends to the audit log, so the log's size tells whether a count still holds: on
//! any replica, for any filter, without a clock.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::domain::ids::Moment;
use crate::domain::listing::Count;
use crate::store::identity_list::{self, IdentityFilter};
use crate::store::{Db, StoreError, audit};

/// Filters remembered at once; beyond it all are forgotten.
const MOST: usize = 1_000;

/// Counts by filter, each with the size of the log at which it was made.
#[derive(Debug, Default)]
pub struct Counts(Mutex<HashMap<IdentityFilter, Remembered>>);

#[derive(Debug, Clone, Copy)]
struct Remembered {
    log_size: i64,
    /// Filters by expiry and review move with the clock: a count holds for its minute.
    minute: i64,
    count: Count,
}

impl Counts {
    /// How many identities match.
    pub fn count(&self, db: &mut Db, filter: &IdentityFilter, now: Moment) -> Result<Count, StoreError> {
        let log_size = audit::size(db)?;
        let minute = now.utc().timestamp() / 60;
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(filter).copied();
        if let Some(known) = known.filter(|known| known.log_size == log_size && known.minute == minute) {
            return Ok(known.count);
        }
        let count = identity_list::count(db, filter, now)?;
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST {
            all.clear();
        }
        all.insert(filter.clone(), Remembered { log_size, minute, count });
        Ok(count)
    }
}
