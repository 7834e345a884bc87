//! The part of Muster's domain that stands by itself, at the place where its own paths expect it.

#[path = "../../../src/domain/scopes/mod.rs"]
pub mod scopes;
#[path = "../../../src/domain/words.rs"]
pub mod words;
