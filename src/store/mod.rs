//! The only place that speaks SQL: one file for each family of tables.
//!
//! Every query is written once, inside [`each!`], and compiled for both databases.
//! Insert and update are separate functions; an update names the version it saw and answers
//! [`StoreError::Conflict`] when somebody else was faster.

pub mod connection;
pub mod migrations;
pub mod schema;
pub mod types;

pub use connection::{Database, Db, StoreError};
