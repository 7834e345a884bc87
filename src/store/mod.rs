//! The only place that speaks SQL: one file for each family of tables.
//!
//! Every query is written once, inside [`each!`], and compiled for both databases.
//! Insert and update are separate functions; an update names the version it saw and answers
//! [`StoreError::Conflict`] when somebody else was faster.

pub mod account_links;
pub mod administrators;
pub mod api_tokens;
pub mod attempts;
pub mod audit;
pub mod audit_check;
pub mod bulk;
mod by_day;
pub mod campaigns;
pub mod ceremonies;
pub mod clocks;
pub mod code_generators;
pub mod column_maps;
pub mod connection;
pub mod digest_lines;
pub mod due;
pub mod emergency;
pub mod findings;
pub mod grant_list;
pub mod grants;
pub mod held_forms;
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
pub mod job_claims;
pub mod job_runs;
pub mod job_slots;
pub mod locks;
pub mod migrations;
pub mod names;
pub mod near;
pub mod open_questions;
pub mod outbox;
pub mod owners;
pub mod passed_on;
pub mod passkeys;
pub mod people;
pub mod people_list;
pub mod proofs;
pub mod reaches;
pub mod registry;
pub mod registry_list;
pub mod request_drafts;
pub mod request_list;
pub mod request_repeats;
pub mod requests;
pub mod review_decisions;
pub mod review_list;
pub mod review_notes;
pub mod review_reasons;
pub mod review_silence;
pub mod review_steps;
pub mod reviews;
pub mod schedulers;
pub mod schedules;
pub mod schema;
pub mod sessions;
pub mod settings;
pub mod silence_proposals;
pub mod silence_stops;
pub mod task_list;
pub mod tasks;
pub mod types;

pub use connection::{Database, Db, StoreError};
