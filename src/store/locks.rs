//! Turns at something that is no row yet, across replicas.

use diesel::prelude::*;
use diesel::sql_types::Text;

use super::{Db, StoreError};

/// Waits for its turn at something named, which lasts until the transaction ends. SQLite has one writer
/// anyway. Whoever takes several turns takes them in the order of their names.
pub fn take_turn(db: &mut Db, name: &str) -> Result<(), StoreError> {
    if let Db::Pg(c) = db {
        diesel::sql_query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))").bind::<Text, _>(name).execute(c)?;
    }
    Ok(())
}
