//! What goes wrong becomes a status and a page with a way back, here and nowhere else.

use actix_web::http::StatusCode;
use actix_web::http::header::WWW_AUTHENTICATE;
use actix_web::{HttpResponse, ResponseError};

use crate::actions::ActionError;
use crate::domain::api_tokens::TokenScope;
use crate::domain::people::Role;
use crate::domain::permissions::{Permission, allows};
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
    /// The account's role does not allow this; the permission that it lacks, where that is known.
    #[error("Your account may not do this")]
    Forbidden(Option<Permission>),
    /// An API token that opens nothing, and why as far as that is said (RFC 6750 section 3.1).
    #[error("{0}")]
    TokenInvalid(String),
    /// An API token without the scope that this takes.
    #[error("This API token may not do this. It takes the scope {}", .0.word())]
    TokenScope(TokenScope),
    /// An API token where only a person may go.
    #[error("No API token may do this, only a person who has signed in")]
    PeopleOnly,
    /// The request did not come from one of our own pages.
    #[error(
        "This form was not sent from a page of Muster, or its page is too old. Open the page again and repeat what you did"
    )]
    Foreign,
    /// The request cannot be read.
    #[error("{0}")]
    Bad(String),
    /// What was asked for can be read, but not followed.
    #[error("{0}")]
    Unclear(String),
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
    /// Whether somebody else may do it, whom the reader can ask.
    pub ask: bool,
}

impl WebError {
    /// The title of a refusal for want of a scope.
    pub const TOKEN_SCOPE: &str = "The token lacks a scope";

    /// The challenge that goes with a refused token (RFC 6750 section 3).
    fn challenge(&self) -> Option<String> {
        match self {
            Self::TokenInvalid(why) => {
                Some(format!("Bearer realm=\"Muster\", error=\"invalid_token\", error_description=\"{why}\""))
            }
            Self::TokenScope(scope) => {
                Some(format!("Bearer realm=\"Muster\", error=\"insufficient_scope\", scope=\"{}\"", scope.word()))
            }
            _ => None,
        }
    }

    fn title(&self) -> &'static str {
        match self {
            Self::NotFound => "Page not found",
            Self::SignedOut => "Sign in",
            Self::Forbidden(_) => "You cannot do this",
            Self::TokenInvalid(_) => "The token is not good",
            Self::TokenScope(_) => Self::TOKEN_SCOPE,
            Self::PeopleOnly => "Only for people",
            Self::Foreign => "This form cannot be accepted",
            Self::Bad(_) => "This request cannot be read",
            Self::Unclear(_) => "This request cannot be followed",
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
            Self::SignedOut | Self::TokenInvalid(_) => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_) | Self::Foreign | Self::TokenScope(_) | Self::PeopleOnly => StatusCode::FORBIDDEN,
            Self::Bad(_) => StatusCode::BAD_REQUEST,
            Self::Unclear(_) => StatusCode::UNPROCESSABLE_ENTITY,
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
        let mut building = HttpResponse::build(self.status_code());
        if let Some(challenge) = self.challenge() {
            building.insert_header((WWW_AUTHENTICATE, challenge));
        }
        let mut response = building.finish();
        let (text, ask) = match self {
            Self::Forbidden(needed) => (refusal(*needed), true),
            _ => (self.to_string(), false),
        };
        response.extensions_mut().insert(ErrorText { title: self.title(), text, ask });
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
            ActionError::Forbidden => Self::Forbidden(None),
            ActionError::Store(error) => error.into(),
            ActionError::Audit(error) => Self::Fault(error.to_string()),
            ActionError::Invalid(_) => Self::Bad(error.to_string()),
            ActionError::Refused(reason) => Self::Refused(sentence(&reason)),
        }
    }
}

/// What was refused, and who may.
fn refusal(needed: Option<Permission>) -> String {
    let Some(permission) = needed else { return WebError::Forbidden(None).to_string() };
    let roles: Vec<String> = Role::ALL
        .iter()
        .filter(|role| allows(Some(**role), permission))
        .map(|role| format!("{}s", role.label().to_lowercase()))
        .collect();
    let who = match roles.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => "nobody".to_owned(),
    };
    format!(
        "Your account may not do this. It takes the right to {}, which {who} have",
        permission.label().to_lowercase()
    )
}

/// With a capital first letter.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_the_right_and_the_roles_that_have_it() {
        assert_eq!(
            refusal(Some(Permission::KeepRegister)),
            "Your account may not do this. It takes the right to keep the register, which administrators and security \
             analysts have"
        );
        assert!(refusal(Some(Permission::KeepPeople)).ends_with("which administrators have"));
        assert_eq!(refusal(None), "Your account may not do this");
    }
}
