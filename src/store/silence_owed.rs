//! The reviews that are still to be given the days of a standstill. There are few or none, so they are one setting.

use super::{Db, StoreError, settings};
use crate::domain::reviews::silence::Owed;

const SETTING: &str = "silence_owes_days";

/// All of them, in the order in which they came.
pub fn all(db: &mut Db) -> Result<Vec<Owed>, StoreError> {
    match settings::get(db, SETTING)? {
        Some(text) => serde_json::from_str(&text).map_err(|error| StoreError::Damaged(error.to_string())),
        None => Ok(Vec::new()),
    }
}

/// Stores them in place of those before.
pub fn set(db: &mut Db, owed: &[Owed]) -> Result<(), StoreError> {
    let text = serde_json::to_string(owed).map_err(|error| StoreError::Damaged(error.to_string()))?;
    settings::set(db, SETTING, &text)
}
