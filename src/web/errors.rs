//! What goes wrong becomes a status and a page with a way back, here and nowhere else.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};

use crate::actions::ActionError;
use crate::store::StoreError;

/// Why a request gets no page of its own.
#[derive(Debug, thiserror::Error)]
pub enum WebError {
    /// There is no such thing, or the reader may not know of it.
    #[error("There is nothing at this address")]
    NotFound,
    /// Nobody is signed in.
    #[error("Sign in first")]
    SignedOut,
    /// The account's role does not allow this.
    #[error("Your account may not do this")]
    Forbidden,
    /// The request did not come from one of our own pages.
    #[error(
        "This form was not sent from a page of Muster, or its page is too old. Open the page again and repeat what you did"
    )]
    Foreign,
    /// The request cannot be read.
    #[error("{0}")]
    Bad(String),
    /// More was sent than is taken.
    #[error("{0}")]
    TooLong(String),
    /// The state of things does not allow it.
    #[error("{0}")]
    Refused(String),
    /// The database is away.
    #[error("The register cannot be reached at the moment. Nothing was changed; try again in a minute")]
    Unavailable(String),
    /// Anything that should not happen.
    #[error("Something went wrong on our side. Nothing was changed")]
    Fault(String),
}

/// The words of an error, left on the response for `door` to make a page of.
#[derive(Debug, Clone)]
pub struct ErrorText {
    pub title: &'static str,
    pub text: String,
}

impl WebError {
    fn title(&self) -> &'static str {
        match self {
            Self::NotFound => "Page not found",
            Self::SignedOut => "Sign in",
            Self::Forbidden => "You cannot do this",
            Self::Foreign => "This form cannot be accepted",
            Self::Bad(_) => "This request cannot be read",
            Self::TooLong(_) => "This file is too long",
            Self::Refused(_) => "This cannot be done now",
            Self::Unavailable(_) => "The register cannot be reached",
            Self::Fault(_) => "Something went wrong",
        }
    }
}

impl ResponseError for WebError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::SignedOut => StatusCode::UNAUTHORIZED,
            Self::Forbidden | Self::Foreign => StatusCode::FORBIDDEN,
            Self::Bad(_) => StatusCode::BAD_REQUEST,
            Self::TooLong(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Refused(_) => StatusCode::CONFLICT,
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Fault(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        match self {
            Self::Unavailable(cause) | Self::Fault(cause) => tracing::error!(cause, "request failed"),
            _ => {}
        }
        let mut response = HttpResponse::build(self.status_code()).finish();
        response.extensions_mut().insert(ErrorText { title: self.title(), text: self.to_string() });
        response
    }
}

impl From<StoreError> for WebError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::NotFound,
            StoreError::Conflict => Self::Refused(sentence(&error.to_string())),
            StoreError::Unavailable(cause) => Self::Unavailable(cause),
            other => Self::Fault(other.to_string()),
        }
    }
}

impl From<ActionError> for WebError {
    fn from(error: ActionError) -> Self {
        match error {
            ActionError::Forbidden => Self::Forbidden,
            ActionError::Store(error) => error.into(),
            ActionError::Audit(error) => Self::Fault(error.to_string()),
            ActionError::Invalid(_) => Self::Bad(error.to_string()),
            ActionError::Refused(reason) => Self::Refused(sentence(&reason)),
        }
    }
}

/// With a capital first letter.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}
