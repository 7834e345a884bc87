//! The scopes of Muster by themselves: the sources as they stand, without the rest of the crate.

pub mod domain;
