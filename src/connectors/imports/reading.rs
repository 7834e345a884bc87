//! What a reader is given beside the file.

use crate::domain::ids::Moment;

use super::column_map::ColumnMap;

/// What a reader is given beside the file.
#[derive(Debug, Clone, Copy)]
pub struct Reading<'a> {
    /// The deployment's own key for the fingerprints of secrets.
    pub fingerprint_key: &'a [u8; 32],
    /// For the ages in remarks.
    pub now: Moment,
    /// Needed by `ImportFormat::Csv` only.
    pub column_map: Option<&'a ColumnMap>,
}
