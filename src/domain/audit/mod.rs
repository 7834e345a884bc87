//! The tamper-evident log as values: what an entry says, the bytes that are hashed, and the tree over them.
//!
//! Entries are the leaves of a Merkle tree as in RFC 6962 section 2.1 (RFC 9162 section 2.1), with SHA-256.
//! An auditor needs nothing of Muster to check one:
//!
//! ```text
//! leaf     { printf '\000'; cat body.json; } | sha256sum
//! node     { printf '\001'; cat left.bin right.bin; } | sha256sum      (32 raw bytes each)
//! root     fold the complete subtrees from the right: r = node(left, r)
//! ```
//!
//! What is hashed are the stored bytes of an entry, exactly; nothing is ever written out again to be hashed.

pub mod canonical;
mod changes;
pub mod check;
pub mod entry;
mod error;
mod shorten;
pub mod tree;
pub mod wording;

pub use changes::{Change, changes};
pub use entry::{Actor, ActorKind, AuditError, Entry, Outcome, StoredEntry};
