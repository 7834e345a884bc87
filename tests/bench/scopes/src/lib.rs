//! The scopes of Muster by themselves: the sources as they stand, without the rest of the crate.

pub mod domain {
    #[path = "../../../../../src/domain/scopes/mod.rs"]
    pub mod scopes;
    #[path = "../../../../../src/domain/words.rs"]
    pub mod words;
}
