//! Connections: SQLite in the data folder by default, PostgreSQL by URL, chosen at run time.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use diesel::connection::{AnsiTransactionManager, Connection, SimpleConnection, TransactionManager};
use diesel::result::Error as DieselError;
use diesel_async::pooled_connection::PoolableConnection;

use super::error::StoreError;
use super::opening::{PgConn, open_postgres, open_sqlite};

/// Runs one query body for whichever database the connection speaks to.
///
/// Inside the body `$c` is the concrete connection and `DB` its backend's type.
#[macro_export]
macro_rules! each {
    ($db:expr, |$c:ident| $body:expr) => {
        match $db {
            $crate::store::Db::Pg($c) => {
                #[allow(dead_code)]
                type DB = diesel::pg::Pg;
                $body
            }
            $crate::store::Db::Sqlite($c) => {
                #[allow(dead_code)]
                type DB = diesel::sqlite::Sqlite;
                $body
            }
        }
    };
}

/// One open connection.
#[allow(clippy::large_enum_variant)]
pub enum Db {
    Pg(PgConn),
    Sqlite(diesel::SqliteConnection),
}

impl std::fmt::Debug for Db {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(match self {
            Self::Pg(_) => "Db::Pg",
            Self::Sqlite(_) => "Db::Sqlite",
        })
    }
}

/// Where the data is: `sqlite:PATH` or `postgres://...`. Anything else is refused, so that a
/// misspelled address never quietly becomes an empty file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    Sqlite(PathBuf),
    Postgres(String),
}

impl std::str::FromStr for Address {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            if path.is_empty() {
                return Err("the database URL `sqlite:` names no file; write `sqlite:PATH`".to_owned());
            }
            return Ok(Self::Sqlite(PathBuf::from(path)));
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.to_owned()));
        }
        Err("the database URL must start with `sqlite:` or `postgres://`".to_owned())
    }
}

/// A pool of connections to one database.
#[derive(Clone)]
pub struct Database {
    pool: r2d2::Pool<Manager>,
    /// SQLite's busy handler is unfair: without this lock the slowest of many writers waits a
    /// hundred times longer than the median. PostgreSQL has none.
    writer: Option<Arc<Mutex<()>>>,
    address: Address,
}

impl std::fmt::Debug for Database {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Database({:?})", self.kind())
    }
}

impl Database {
    /// Opens the database and checks that it answers. Creates the SQLite file when it is missing.
    pub fn open(address: &Address) -> Result<Self, StoreError> {
        let size = match address {
            Address::Sqlite(_) => 4,
            Address::Postgres(_) => 8,
        };
        Self::open_sized(address, size)
    }

    /// Opens the database with a pool of the given size.
    pub fn open_sized(address: &Address, size: u32) -> Result<Self, StoreError> {
        let manager = Manager { address: address.clone() };
        // The pool hides the cause of a failed first connection, so one is made by hand.
        drop(manager.open()?);
        let pool = r2d2::Pool::builder()
            .max_size(size)
            .min_idle(Some(1))
            .connection_timeout(Duration::from_secs(10))
            .build(manager)?;
        let writer = match address {
            Address::Sqlite(_) => Some(Arc::new(Mutex::new(()))),
            Address::Postgres(_) => None,
        };
        Ok(Self { pool, writer, address: address.clone() })
    }

    /// "SQLite" or "PostgreSQL".
    pub fn kind(&self) -> &'static str {
        match self.address {
            Address::Sqlite(_) => "SQLite",
            Address::Postgres(_) => "PostgreSQL",
        }
    }

    /// Where the data is.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// A connection for reading.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when none is free within ten seconds.
    pub fn read(&self) -> Result<r2d2::PooledConnection<Manager>, StoreError> {
        Ok(self.pool.get()?)
    }

    /// Runs `work` in one transaction that may write; commits when it answers `Ok`.
    pub fn write<T, E: From<StoreError>>(&self, work: impl FnOnce(&mut Db) -> Result<T, E>) -> Result<T, E> {
        let _turn: Option<MutexGuard<'_, ()>> =
            self.writer.as_ref().map(|lock| lock.lock().unwrap_or_else(PoisonError::into_inner));
        let mut db = self.read()?;
        db.transaction(work)
    }
}

impl Db {
    /// Runs `work` in a transaction. SQLite takes the write lock at once: a transaction that
    /// started as a reader would be refused under load when it turns into a writer.
    pub fn transaction<T, E: From<StoreError>>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        match self {
            Self::Pg(c) => <PgConn as Connection>::TransactionManager::begin_transaction(c),
            Self::Sqlite(c) => AnsiTransactionManager::begin_transaction_sql(c, "BEGIN IMMEDIATE"),
        }
        .map_err(StoreError::from)?;
        let outcome = work(self);
        let ended = crate::each!(self, |c| end(c, outcome.is_ok()));
        match (outcome, ended) {
            (Ok(value), Ok(())) => Ok(value),
            (Ok(_), Err(error)) => Err(StoreError::from(error).into()),
            (Err(error), _) => Err(error),
        }
    }

    /// Runs statements that answer nothing.
    pub fn execute(&mut self, statements: &str) -> Result<(), StoreError> {
        crate::each!(self, |c| c.batch_execute(statements)).map_err(StoreError::from)
    }
}

fn end<C: Connection>(connection: &mut C, keep: bool) -> Result<(), DieselError> {
    if keep {
        C::TransactionManager::commit_transaction(connection)
    } else {
        C::TransactionManager::rollback_transaction(connection)
    }
}

/// Opens connections for the pool.
#[derive(Debug)]
pub struct Manager {
    address: Address,
}

impl Manager {
    fn open(&self) -> Result<Db, StoreError> {
        match &self.address {
            Address::Sqlite(path) => open_sqlite(path).map(Db::Sqlite),
            Address::Postgres(url) => open_postgres(url).map(Db::Pg),
        }
    }
}

impl r2d2::ManageConnection for Manager {
    type Connection = Db;
    type Error = StoreError;

    fn connect(&self) -> Result<Db, StoreError> {
        self.open()
    }

    fn is_valid(&self, db: &mut Db) -> Result<(), StoreError> {
        if self.has_broken(db) { Err(StoreError::Unavailable("the connection broke".to_owned())) } else { Ok(()) }
    }

    /// Without a round trip: whether the socket is closed or a transaction was left open.
    fn has_broken(&self, db: &mut Db) -> bool {
        std::thread::panicking()
            || match db {
                Db::Pg(c) => PoolableConnection::is_broken(&mut **c),
                Db::Sqlite(c) => AnsiTransactionManager::is_broken_transaction_manager(c),
            }
    }
}
