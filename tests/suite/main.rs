//! The suite: speaks HTTP to the real server and calls the real actions, on one database at a time.
//!
//! `MUSTER_TEST_DATABASE` is `sqlite` (the default) or `postgres`; with PostgreSQL,
//! `MUSTER_TEST_POSTGRES_URL` names a server on which each test makes a database of its own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod app;

mod arrows;
mod audit;
mod bulk;
mod command;
mod command_line;
mod commands;
mod doors;
mod filters;
mod home;
mod identities;
mod identity_list;
mod imports;
mod jobs;
mod leavers;
mod mail;
mod owners;
mod people;
mod reach;
mod schema;
mod scopes;
mod sign_in;
mod systems;
mod task_answers;
mod task_page;
mod tasks;
mod vendors;
