//! What can be wrong with an entry, and the bounds it is held to.

use super::canonical::CanonicalError;
use crate::domain::words::UnknownWord;

/// The version of the body's form, its field `v`.
pub(super) const VERSION: u64 = 1;

/// The longest body, in bytes. A tile of C2SP tlog-tiles gives the length of an entry in 16 bits;
/// 60 KiB leaves room for what an export adds.
pub const LONGEST_BODY: usize = 60 * 1024;

/// Why an entry cannot be written or read.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum AuditError {
    /// A value that canonical JSON cannot hold.
    #[error("the audit entry holds a value that cannot be written down in one way only: {0}")]
    NotCanonical(#[from] CanonicalError),
    /// Too long even with every value replaced by its digest.
    #[error("the audit entry has {bytes} bytes and at most {LONGEST_BODY} are kept; shorten its reason")]
    TooLong {
        /// The length after shortening.
        bytes: usize,
    },
    /// The body is not JSON at all.
    #[error("the stored audit entry is not JSON ({0}); verify the log against a checkpoint kept elsewhere")]
    NotJson(String),
    /// The body is JSON that was not written by Muster: a name given twice, say, or other white space.
    #[error("the stored audit entry is not in canonical form; verify the log against a checkpoint kept elsewhere")]
    Altered,
    /// Written by a newer Muster.
    #[error("the stored audit entry has format version {0} and this Muster reads {VERSION}; use the newer one")]
    Version(String),
    /// A field is missing or holds what it cannot.
    #[error(
        "the stored audit entry has no readable \u{201c}{0}\u{201d}; verify the log against a checkpoint kept elsewhere"
    )]
    Field(&'static str),
    /// A field that version 1 does not have.
    #[error("the stored audit entry has a field \u{201c}{0}\u{201d} that its format does not have; verify the log")]
    Unexpected(String),
    /// A word that is not one of its list.
    #[error("the stored audit entry cannot be read: {0}")]
    Word(#[from] UnknownWord),
}
