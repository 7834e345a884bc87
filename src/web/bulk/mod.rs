//! Changes to many identities: a frozen set, its preview, its result.

pub mod preview;
pub mod set;
