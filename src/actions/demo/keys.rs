//! The ids that the keys of the seed files stand for.

use std::collections::HashMap;

use crate::actions::ActionError;
use crate::domain::ids::Id;

/// Key to id.
pub type Keys = HashMap<String, Id>;

/// The id of a key.
pub fn id_of(keys: &Keys, key: &str) -> Result<Id, ActionError> {
    keys.get(key)
        .copied()
        .ok_or_else(|| ActionError::Refused(format!("seeds/demo names {key}, which it does not hold")))
}

/// The id of a key that may be absent.
pub fn id_of_some(keys: &Keys, key: Option<&String>) -> Result<Option<Id>, ActionError> {
    key.map(|key| id_of(keys, key)).transpose()
}
