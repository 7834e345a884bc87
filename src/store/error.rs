//! What can go wrong between Muster and its database.

use diesel::result::{DatabaseErrorKind, Error as DieselError};

/// What can go wrong between Muster and its database.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Somebody changed the record since it was read.
    #[error("somebody else changed this meanwhile; look at it again and repeat your change")]
    Conflict,
    /// A unique key, a foreign key or a check of the schema refused the row.
    #[error("the database refused the row: {0}")]
    Constraint(String),
    /// The record does not exist.
    #[error("there is no such record")]
    NotFound,
    /// What is stored cannot be read: it was altered, or the key is another one.
    #[error("what is stored cannot be read: {0}")]
    Damaged(String),
    /// The database cannot be reached or answered with a fault.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// Any other fault of a query.
    #[error("a query failed: {0}")]
    Query(DieselError),
}

impl From<DieselError> for StoreError {
    fn from(error: DieselError) -> Self {
        match error {
            DieselError::NotFound => Self::NotFound,
            DieselError::DatabaseError(
                DatabaseErrorKind::UniqueViolation
                | DatabaseErrorKind::ForeignKeyViolation
                | DatabaseErrorKind::NotNullViolation
                | DatabaseErrorKind::CheckViolation,
                information,
            ) => Self::Constraint(information.message().to_owned()),
            DieselError::DatabaseError(DatabaseErrorKind::ClosedConnection, information) => {
                Self::Unavailable(information.message().to_owned())
            }
            other => Self::Query(other),
        }
    }
}

impl From<r2d2::Error> for StoreError {
    fn from(error: r2d2::Error) -> Self {
        Self::Unavailable(error.to_string())
    }
}
