//! What is reckoned from the register, remembered as long as nothing changed.
//!
//! Every change appends to the audit log, so the log's size tells whether a result still holds: on any replica, for
//! anything, without a clock. What moves with the time has the time in its key.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

use crate::store::{Db, StoreError, audit};

/// Results by what they are of, each with the size of the log at which it was reckoned.
#[derive(Debug)]
pub struct Remembered<Key, Value> {
    known: Mutex<HashMap<Key, (i64, Value)>>,
    /// As many at once; beyond it what holds no more is forgotten, or all of them.
    most: usize,
}

impl<Key: Eq + Hash, Value: Clone> Remembered<Key, Value> {
    /// Nothing yet, and never more than so many.
    pub fn new(most: usize) -> Self {
        Self { known: Mutex::new(HashMap::new()), most }
    }

    /// The result: as it is known, or reckoned.
    pub fn get(
        &self,
        db: &mut Db,
        key: Key,
        reckon: impl FnOnce(&mut Db) -> Result<Value, StoreError>,
    ) -> Result<Value, StoreError> {
        // Read first: what is changed while it is reckoned makes the log longer than this.
        let size = audit::size(db)?;
        if let Some((at, known)) = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&key)
            && *at == size
        {
            return Ok(known.clone());
        }
        let value = reckon(db)?;
        let mut all = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= self.most && !all.contains_key(&key) {
            all.retain(|_, (at, _)| *at == size);
            if all.len() >= self.most {
                all.clear();
            }
        }
        all.insert(key, (size, value.clone()));
        Ok(value)
    }
}
