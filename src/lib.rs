//! Muster: the register of non-human identities of a healthcare organisation.
pub mod actions;
pub mod cli;
pub mod config;
pub mod connectors;
pub mod domain;
pub mod jobs;
pub mod mail;
pub mod store;
pub mod web;
