//! The audit log: the list, one entry, the files.

pub mod entry;
pub mod export;
pub mod filter;
pub mod list;
pub mod words;
