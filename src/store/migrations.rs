//! Bringing the schema up to date, once, whoever starts first.

use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::{Db, StoreError};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// The PostgreSQL advisory lock that replicas take turns on ("muster" in ASCII).
const LOCK: i64 = 0x006d_7573_7465_7200;

/// Why the schema could not be brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum MigrationError {
    /// The database was already used by a newer Muster.
    #[error(
        "this database was made by a newer Muster (it knows the migration {0}, this one does not); start that version instead"
    )]
    Newer(String),
    #[error("the database could not be brought up to date: {0}")]
    Failed(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Applies what is missing. Several processes may call it at once: one works, the others wait.
pub fn run(db: &mut Db) -> Result<(), MigrationError> {
    match db {
        Db::Pg(c) => {
            use diesel::connection::SimpleConnection;
            c.batch_execute(&format!("SELECT pg_advisory_lock({LOCK})")).map_err(StoreError::from)?;
            let outcome = apply(c, POSTGRES);
            c.batch_execute(&format!("SELECT pg_advisory_unlock({LOCK})")).map_err(StoreError::from)?;
            outcome
        }
        Db::Sqlite(_) => db.transaction(|db| match db {
            Db::Sqlite(c) => apply(c, SQLITE),
            Db::Pg(_) => Ok(()),
        }),
    }
}

fn apply<DB, C>(connection: &mut C, known: EmbeddedMigrations) -> Result<(), MigrationError>
where
    DB: diesel::backend::Backend,
    C: MigrationHarness<DB>,
    EmbeddedMigrations: diesel::migration::MigrationSource<DB>,
{
    let failed = |error: &dyn std::fmt::Display| MigrationError::Failed(error.to_string());
    let applied = connection.applied_migrations().map_err(|e| failed(&e))?;
    let ours: Vec<String> = diesel::migration::MigrationSource::<DB>::migrations(&known)
        .map_err(|e| failed(&e))?
        .iter()
        .map(|migration| migration.name().version().to_string())
        .collect();
    if let Some(unknown) = applied.iter().find(|version| !ours.contains(&version.to_string())) {
        return Err(MigrationError::Newer(unknown.to_string()));
    }
    connection.run_pending_migrations(known).map_err(|e| failed(&e))?;
    Ok(())
}
