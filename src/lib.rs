//! Muster: the register of non-human identities of a healthcare organisation.
//!
//! Every SMART app, token and service account is a controlled identity with a business owner, a
//! technical owner, a purpose, minimum scopes, an expiry and a proved way to stop it.
//!
//! # The map
//!
//! | layer | what it is | knows |
//! | --- | --- | --- |
//! | [`domain`] | the rules, pure: no clock, no input or output, no database, no web | nothing |
//! | [`escape`] | how text of others is written into pages and mails | domain |
//! | [`config`] | what a deployment is told | domain |
//! | [`store`] | the only place with SQL: connections, schema, one file for each family of tables | domain |
//! | [`connectors`] | the outside: import formats | domain |
//! | [`mail`] | messages and their delivery | domain, config |
//! | [`actions`] | use cases, one transaction each: authorise, load, decide, write, record, notify | all above |
//! | [`jobs`] | what runs on a schedule, and the scheduler | actions |
//! | [`web`] | pages: the only place with actix; the table of routes | actions, jobs |
//! | [`cli`] | the command line | everything |
//!
//! A request walks one way: a row of [`web::routes`] names the handler and the permission; [`web::door`]
//! lets it in with its session; the handler reads the form into domain values and calls one action;
//! the action commits once, with its audit entry and its mail; the answer is a redirect to a page
//! whose struct stands beside its handler and whose template has the same name. A job walks the same road.
//!
//! # What always holds
//!
//! 1. No change without its audit entry in the same transaction ([`actions::Register::change`] is the gate).
//! 2. No secret of a governed identity is kept: importers drop it at the door and keep a keyed
//!    fingerprint and a strength class.
//! 3. GET changes nothing, and no link in a mail decides anything.
//! 4. "Unknown" is a value; only what was proved is shown as revoked.
//! 5. Nothing is capped, skipped or dropped without saying so.
//! 6. Both databases behave the same: the same suite runs on both.
//! 7. Every page works without JavaScript.
//! 8. Time is an argument; the domain never reads a clock.
//! 9. The audit log names people by id only.
//! 10. Whatever gives an identity more than it has is asked, approved and carried out by three people; the
//!     database lets nothing else make one active ([`actions::grants`] is the gate).
//!
//! `tests/suite/arrows.rs` draws the arrows from the sources and fails on a new one.
pub mod actions;
pub mod cli;
pub mod config;
pub mod connectors;
pub mod domain;
pub mod escape;
pub mod jobs;
pub mod mail;
pub mod store;
pub mod web;
