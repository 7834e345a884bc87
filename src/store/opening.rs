//! How one connection is opened, to each of the two databases.

use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use diesel::connection::{Connection, SimpleConnection};
use diesel_async::AsyncPgConnection;
use diesel_async::async_connection_wrapper::{AsyncConnectionWrapper, BlockOn};

use super::error::StoreError;

/// PostgreSQL through tokio-postgres and rustls, used synchronously: no libpq, no OpenSSL.
pub type PgConn = AsyncConnectionWrapper<AsyncPgConnection, OwnRuntime>;

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

/// Opens a file of SQLite; creates it when it is missing.
pub(super) fn open_sqlite(path: &Path) -> Result<diesel::SqliteConnection, StoreError> {
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

/// Connects to PostgreSQL.
pub(super) fn open_postgres(url: &str) -> Result<PgConn, StoreError> {
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
