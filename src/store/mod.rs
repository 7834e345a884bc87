//! The only place that speaks SQL: one file for each family of tables.
//!
//! Every query is written once, inside [`each!`], and compiled for both databases.
//! Insert and update are separate functions; an update names the version it saw and answers
//! [`StoreError::Conflict`] when somebody else was faster.

pub mod administrators;
pub mod audit;
pub mod audit_check;
pub mod bulk;
pub mod column_maps;
pub mod connection;
pub mod due;
pub mod identities;
pub mod identity_documents;
pub mod identity_filter;
mod identity_line;
pub mod identity_list;
pub mod identity_names;
mod identity_narrow;
pub mod identity_parts;
pub mod import_rows;
pub mod imported_identities;
pub mod imports;
pub mod migrations;
pub mod names;
pub mod near;
pub mod outbox;
pub mod owners;
pub mod people;
pub mod people_list;
pub mod reaches;
pub mod registry;
pub mod registry_list;
pub mod schedules;
pub mod schema;
pub mod sessions;
pub mod settings;
pub mod task_list;
pub mod tasks;
pub mod types;

pub use connection::{Database, Db, StoreError};
