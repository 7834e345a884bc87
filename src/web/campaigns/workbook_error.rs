//! Why there is no workbook.

use rust_xlsxwriter::XlsxError;

use crate::store::StoreError;
use crate::web::errors::WebError;

/// Why there is no workbook.
#[derive(Debug, thiserror::Error)]
pub enum WorkbookError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the workbook cannot be written: {0}")]
    Write(String),
}

impl From<XlsxError> for WorkbookError {
    fn from(error: XlsxError) -> Self {
        Self::Write(error.to_string())
    }
}

impl From<std::io::Error> for WorkbookError {
    fn from(error: std::io::Error) -> Self {
        Self::Write(error.to_string())
    }
}

impl From<WorkbookError> for WebError {
    fn from(error: WorkbookError) -> Self {
        match error {
            WorkbookError::Store(error) => error.into(),
            other => Self::Fault(other.to_string()),
        }
    }
}
