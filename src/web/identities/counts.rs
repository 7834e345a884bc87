//! Counts of the list, remembered as long as nothing changed.

use crate::domain::ids::Moment;
use crate::domain::listing::Count;
use crate::store::identity_list::{self, IdentityFilter};
use crate::store::{Db, StoreError};
use crate::web::remembered::Remembered;

/// Filters remembered at once.
const MOST: usize = 1_000;

/// Counts by filter and minute: filters by expiry and review move with the clock, so a count holds for its minute.
#[derive(Debug)]
pub struct Counts(Remembered<(IdentityFilter, i64), Count>);

impl Default for Counts {
    fn default() -> Self {
        Self(Remembered::new(MOST))
    }
}

impl Counts {
    /// How many identities match.
    pub fn count(&self, db: &mut Db, filter: &IdentityFilter, now: Moment) -> Result<Count, StoreError> {
        let key = (filter.clone(), now.utc().timestamp() / 60);
        self.0.get(db, key, |db| identity_list::count(db, filter, now))
    }
}
