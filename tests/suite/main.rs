//! The suite: speaks HTTP to the real server and calls the real actions, on one database at a time.
//!
//! `MUSTER_TEST_DATABASE` is `sqlite` (the default) or `postgres`; with PostgreSQL,
//! `MUSTER_TEST_POSTGRES_URL` names a server on which each test makes a database of its own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod access;
mod answers;
mod app;

mod api_tokens;
mod approvals;
mod arrows;
mod asvs;
mod attempts;
mod audit;
mod authenticator;
mod break_glass;
mod bulk;
mod campaigns;
mod command;
mod command_line;
mod commands;
mod confirm;
mod confirm_ways;
mod cross_site;
mod dead_letters;
mod demonstration;
mod doors;
mod estate;
mod events;
mod fences;
mod filters;
mod findings;
mod first_start;
mod grants;
mod home;
mod identities;
mod identity_list;
mod imports;
mod jobs;
mod leavers;
mod limits;
mod links;
mod logged;
mod mail;
mod notices;
mod owners;
mod passkeys;
mod people;
mod provider;
mod reach;
mod remembered;
mod requests;
mod review_list;
mod reviews;
mod schedules;
mod schema;
mod scopes;
mod second_factor;
mod sections;
mod security_notices;
mod sessions;
mod sign_in;
mod silence_page;
mod single_sign_on;
mod single_sign_on_people;
mod single_sign_on_tokens;
mod slow;
mod systems;
mod task_answers;
mod task_page;
mod tasks;
mod vendors;
