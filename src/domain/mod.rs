//! The rules of the register, pure: no clock, no input or output, no database, no web.
//!
//! Time is an argument, people are ids, and functions return values that say what should happen.

pub mod identities;
pub mod ids;
pub mod imported;
pub mod imported_people;
pub mod words;
