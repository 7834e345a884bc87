//! How long the server waits for others.

use std::time::Duration;

/// How long the server waits for the other end of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// From the first byte of a request to the end of its headers.
    pub head: Duration,
    /// For a whole form; for a file, the time in which some of it must come.
    pub body: Duration,
    /// Until somebody who reads an answer takes some of it.
    pub reader: Duration,
    /// Between two requests.
    pub idle: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self { head: seconds(5), body: seconds(20), reader: seconds(30), idle: seconds(30) }
    }
}
