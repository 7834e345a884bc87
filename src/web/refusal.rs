//! Why a page with a form is shown again, and with which status: one way for every page on which something is decided.

use actix_web::http::StatusCode;

use super::errors::{self, WebError};
use crate::actions::{ActionError, FieldError};
use crate::store::StoreError;

/// Why the page is shown again.
#[derive(Debug)]
pub enum Refusal {
    None,
    Faults(Vec<FieldError>),
    /// The state of things does not allow it: a sentence.
    Refused(String),
    /// Somebody was faster, or what is decided about changed.
    Conflict,
}

impl Refusal {
    /// What an action refused.
    ///
    /// # Errors
    /// What no form can mend: it is answered by a page of its own.
    pub fn of(error: ActionError) -> Result<Self, WebError> {
        match error {
            ActionError::Invalid(errors) => Ok(Self::Faults(errors)),
            ActionError::Refused(text) => {
                let text = errors::sentence(&text);
                Ok(Self::Refused(if text.ends_with('.') { text } else { format!("{text}.") }))
            }
            ActionError::Store(StoreError::Conflict) => Ok(Self::Conflict),
            other => Err(other.into()),
        }
    }

    /// Whether what was shown is not what stands now.
    pub fn is_conflict(&self) -> bool {
        matches!(self, Self::Conflict)
    }

    /// The status of the page, and what stands above its form.
    pub fn answer(self) -> (StatusCode, Vec<FieldError>) {
        match self {
            Self::None => (StatusCode::OK, Vec::new()),
            Self::Faults(errors) => (StatusCode::UNPROCESSABLE_ENTITY, errors),
            Self::Refused(text) => (StatusCode::CONFLICT, vec![FieldError::new("", text)]),
            Self::Conflict => (StatusCode::CONFLICT, Vec::new()),
        }
    }
}
