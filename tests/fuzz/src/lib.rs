//! The scopes of Muster by themselves, for the fuzz targets.

pub mod domain {
    #[path = "../../../../src/domain/scopes/mod.rs"]
    pub mod scopes;
    #[path = "../../../../src/domain/words.rs"]
    pub mod words;
}
