//! Muster: the register of non-human identities of a healthcare organisation.
pub mod domain;
pub mod store;
