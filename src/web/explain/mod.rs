//! `/explain`: what a scope allows, in words, taken apart, and who holds it.

pub mod page;
pub mod permission;
pub mod reach;
