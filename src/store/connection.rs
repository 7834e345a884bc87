//! Connections: SQLite in the data folder by default, PostgreSQL by URL, chosen at run time.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use diesel::connection::{AnsiTransactionManager, Connection, SimpleConnection, TransactionManager};
use diesel::result::{DatabaseErrorKind, Error as DieselError};
use diesel_async::AsyncPgConnection;
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use diesel_async::async_connection_wrapper::BlockOn;
use diesel_async::pooled_connection::PoolableConnection;

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

/// PostgreSQL through tokio-postgres and rustls, used synchronously: no libpq, no OpenSSL.
pub type PgConn = AsyncConnectionWrapper<AsyncPgConnection, OwnRuntime>;

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

/// What can go wrong between Muster and its database.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Somebody changed the record since it was read.
    #[error("somebody else changed this meanwhile; look at it again and repeat your change")]
    Conflict,
    /// A unique key, a foreign key or a check of the schema refused the row.
    #[error("the database refused the row: {0}")]
    Constraint(String),
    /// The record does not exist.
    #[error("there is no such record")]
    NotFound,
    /// What is stored cannot be read: it was altered, or the key is another one.
    #[error("what is stored cannot be read: {0}")]
    Damaged(String),
    /// The database cannot be reached or answered with a fault.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// Any other fault of a query.
    #[error("a query failed: {0}")]
    Query(DieselError),
}

impl From<DieselError> for StoreError {
    fn from(error: DieselError) -> Self {
        match error {
            DieselError::NotFound => Self::NotFound,
            DieselError::DatabaseError(
                DatabaseErrorKind::UniqueViolation
                | DatabaseErrorKind::ForeignKeyViolation
                | DatabaseErrorKind::NotNullViolation
                | DatabaseErrorKind::CheckViolation,
                information,
            ) => Self::Constraint(information.message().to_owned()),
            DieselError::DatabaseError(DatabaseErrorKind::ClosedConnection, information) => {
                Self::Unavailable(information.message().to_owned())
            }
            other => Self::Query(other),
        }
    }
}

impl From<r2d2::Error> for StoreError {
    fn from(error: r2d2::Error) -> Self {
        Self::Unavailable(error.to_string())
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

/// The runtime that drives PostgreSQL's sockets, apart from the web server's own.
#[derive(Debug)]
pub struct OwnRuntime;

impl BlockOn for OwnRuntime {
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        runtime().block_on(future)
    }
    fn get_runtime() -> Self {
        Self
    }
}

#[allow(clippy::expect_used)]
fn runtime() -> &'static tokio::runtime::Runtime {
    static RUNTIME: OnceLock<tokio::runtime::Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("postgres")
            .enable_all()
            .build()
            .expect("the operating system gives a thread for the database")
    })
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

fn open_sqlite(path: &Path) -> Result<diesel::SqliteConnection, StoreError> {
    let unavailable = |error: &dyn std::fmt::Display| {
        StoreError::Unavailable(format!("{} cannot be opened: {error}", path.display()))
    };
    if !path.exists() {
        // Readable by its owner only, as the files that SQLite puts beside it will be.
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(path).map_err(|e| unavailable(&e))?;
    }
    let mut connection = diesel::SqliteConnection::establish(&path.to_string_lossy()).map_err(|e| unavailable(&e))?;
    connection
        .batch_execute(
            // Recursive triggers: what REPLACE throws away to make room counts as deleted.
            "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
             PRAGMA foreign_keys = ON; PRAGMA recursive_triggers = ON; PRAGMA cache_size = -8192; \
             PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 67108864;",
        )
        .map_err(|e| unavailable(&e))?;
    Ok(connection)
}

fn open_postgres(url: &str) -> Result<PgConn, StoreError> {
    let unavailable =
        |error: &dyn std::fmt::Display| StoreError::Unavailable(format!("PostgreSQL does not answer: {error}"));
    let mut config: tokio_postgres::Config =
        url.parse().map_err(|e| StoreError::Unavailable(format!("the database URL cannot be read: {e}")))?;
    config.application_name("muster");
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(Duration::from_secs(10));
    }
    runtime().block_on(async {
        let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        let tls = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|e| unavailable(&e))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let connector = tokio_postgres_rustls::MakeRustlsConnect::new(tls);
        let (client, connection) = config.connect(connector).await.map_err(|e| unavailable(&e))?;
        let connection =
            AsyncPgConnection::try_from_client_and_connection(client, connection).await.map_err(|e| unavailable(&e))?;
        Ok(connection.into())
    })
}
