//! What goes wrong becomes a status and a page with a way back, here and nowhere else.

use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT_ENCODING, RETRY_AFTER};
use actix_web::{HttpResponse, ResponseError};

use crate::actions::ActionError;
use crate::domain::events::SecurityEvent;
use crate::domain::people::Role;
use crate::domain::permissions::{Permission, allows};
use crate::store::StoreError;

/// Why a request gets no page of its own.
#[derive(Debug, thiserror::Error)]
pub enum WebError {
    /// There is no such thing, or the reader may not know of it.
    #[error("There is nothing at this address")]
    NotFound,
    /// The request does not come through the proxy in front.
    #[error("This server answers only the proxy in front of it. Open Muster at its usual address")]
    PastTheProxy,
    /// The request is for a name that is not ours.
    #[error(
        "This register does not answer under that name. Open it at its usual address. Whoever runs it adds a name with MUSTER_HOSTS"
    )]
    Elsewhere,
    /// Nobody is signed in.
    #[error("Sign in first")]
    SignedOut,
    /// The account's role does not allow this; the permission that it lacks, where that is known.
    #[error("Your account may not do this")]
    Forbidden(Option<Permission>),
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
    /// The address is longer than any of ours.
    #[error("This address is longer than any of the register's. Shorten the filter")]
    LongTarget,
    /// The headers are longer than a browser's.
    #[error("This request has too many headers, or too long ones. Remove the cookies of this site and try again")]
    LongHead,
    /// What was sent is packed.
    #[error("Send it without compression: the register reads nothing that is packed")]
    Compressed,
    /// What was sent is of a kind that is not read here.
    #[error("{0}")]
    WrongKind(String),
    /// What was sent came too slowly.
    #[error("What you sent did not arrive in time, and nothing was changed. Go back and send it again")]
    Slow,
    /// The same sender asked too often; the seconds until the next request is answered.
    #[error("You have sent more than the register answers in a minute. {}", again(*.0))]
    TooMany(u64),
    /// Nothing is done here in that way.
    #[error("Nothing can be done here in that way. Open the page and use its buttons")]
    NoSuchMethod,
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
    /// What a security team is told.
    pub event: Option<SecurityEvent>,
}

impl WebError {
    fn title(&self) -> &'static str {
        match self {
            Self::NotFound => "Page not found",
            Self::PastTheProxy | Self::Elsewhere => "Not here",
            Self::SignedOut => "Sign in",
            Self::Forbidden(_) => "You cannot do this",
            Self::Foreign => "This form cannot be accepted",
            Self::Bad(_) => "This request cannot be read",
            Self::Unclear(_) => "This request cannot be followed",
            Self::TooLong(_) => "This is too long",
            Self::LongTarget | Self::LongHead => "This request is too long",
            Self::Compressed | Self::WrongKind(_) => "This request cannot be read",
            Self::Slow => "This took too long",
            Self::TooMany(_) => "Too many requests",
            Self::NoSuchMethod => "This cannot be done here",
            Self::Refused(_) => "This cannot be done now",
            Self::Unavailable(_) => "The register cannot be reached",
            Self::Fault(_) => "Something went wrong",
        }
    }

    /// What it is to a security team. That nobody is signed in is none: so every visit begins.
    fn event(&self) -> Option<SecurityEvent> {
        match self {
            Self::Forbidden(_) | Self::PastTheProxy => Some(SecurityEvent::AuthzFail),
            Self::Foreign => Some(SecurityEvent::Foreign),
            Self::Bad(_) | Self::Unclear(_) | Self::TooLong(_) | Self::LongTarget | Self::LongHead => {
                Some(SecurityEvent::InputFail)
            }
            Self::Compressed | Self::WrongKind(_) | Self::Slow | Self::NoSuchMethod | Self::Elsewhere => {
                Some(SecurityEvent::InputFail)
            }
            Self::TooMany(_) => Some(SecurityEvent::RateLimitExceeded),
            Self::Fault(_) => Some(SecurityEvent::Crash),
            Self::NotFound | Self::SignedOut | Self::Refused(_) | Self::Unavailable(_) => None,
        }
    }
}

impl ResponseError for WebError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::SignedOut => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_) | Self::Foreign | Self::PastTheProxy => StatusCode::FORBIDDEN,
            Self::Elsewhere => StatusCode::MISDIRECTED_REQUEST,
            Self::Bad(_) => StatusCode::BAD_REQUEST,
            Self::Unclear(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooLong(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::LongTarget => StatusCode::URI_TOO_LONG,
            Self::LongHead => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::Compressed | Self::WrongKind(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Slow => StatusCode::REQUEST_TIMEOUT,
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::NoSuchMethod => StatusCode::METHOD_NOT_ALLOWED,
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
        let mut response = HttpResponse::build(self.status_code());
        match self {
            // What is packed is refused, and this says what is not (RFC 9110 section 15.5.16).
            Self::Compressed => response.insert_header((ACCEPT_ENCODING, "identity")),
            Self::TooMany(seconds) => response.insert_header((RETRY_AFTER, seconds.to_string())),
            Self::Slow => response.force_close(),
            _ => &mut response,
        };
        let mut response = response.finish();
        let (text, ask) = match self {
            Self::Forbidden(needed) => (refusal(*needed), true),
            _ => (self.to_string(), false),
        };
        response.extensions_mut().insert(ErrorText { title: self.title(), text, ask, event: self.event() });
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

/// When to try again.
fn again(seconds: u64) -> String {
    match seconds {
        1 => "Try again in a second".to_owned(),
        few if few < 120 => format!("Try again in {few} seconds"),
        many => format!("Try again in {} minutes", many.div_ceil(60)),
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
