//! Registering an app, a service account or a token in steps that somebody may leave and come back to:
//! five pages of one topic each, then the answers together with what whoever decides will read.

pub mod answers;
pub mod check;
pub mod lifetime;
pub mod owners;
pub mod page;
pub mod permissions;
pub mod reading;
pub mod start;
pub mod steps;
pub mod what;
pub mod why;
