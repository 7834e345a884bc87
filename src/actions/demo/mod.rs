//! The demonstration: a plausible hospital with two years of history, entirely from `seeds/demo`.

mod approvals;
mod files;
mod fill;
mod history;
mod keys;

pub use fill::{SignIn, fill};
