//! Whether silence suspends and revokes, or is only simulated. A new deployment simulates.

use crate::store::{Db, StoreError, settings};

/// The setting that says that silence counts.
pub const SETTING: &str = "silence_counts";

/// Whether silence suspends and revokes, or is only simulated.
pub fn counts(db: &mut Db) -> Result<bool, StoreError> {
    Ok(settings::get(db, SETTING)?.as_deref() == Some("yes"))
}
