//! What the servers of the suite wrote to their log. A process has one log: every test that reads it shares it.

use std::io::Write;
use std::sync::{Arc, Mutex, OnceLock};

/// The log so far.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Everything that was written since the first test asked for the log.
    pub fn bytes(&self) -> Vec<u8> {
        self.0.lock().unwrap().clone()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The log, listened to from the first call on, in more detail than `muster serve` writes and without what
/// the suite's own browser does.
pub fn log() -> Log {
    static LOG: OnceLock<Log> = OnceLock::new();
    LOG.get_or_init(|| {
        let log = Log::default();
        let writer = log.clone();
        let filter = tracing_subscriber::EnvFilter::new(
            "debug,html5ever=off,selectors=off,cookie_store=off,tokio_postgres=info",
        );
        let _ = tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(move || writer.clone()).try_init();
        log
    })
    .clone()
}
