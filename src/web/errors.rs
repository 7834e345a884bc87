//! What goes wrong becomes a status and a page with a way back, here and nowhere else.

use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT_ENCODING, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, ResponseError};
use chrono_tz::Tz;

use super::show;
use crate::actions::ActionError;
use crate::domain::api_tokens::TokenScope;
use crate::domain::attempts::wait_words;
use crate::domain::events::SecurityEvent;
use crate::domain::ids::Moment;
use crate::domain::people::Role;
use crate::domain::permissions::{Permission, allows};
use crate::store::StoreError;

/// After how long a crowd has gone in.
const BUSY_SECONDS: i64 = 5;

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
    /// The register asks for a second factor, and the account has none yet.
    #[error("Set up a second step for signing in first")]
    NoSecondFactor,
    /// They must prove again who they are first; `door` asks for that.
    #[error("Prove again who you are first")]
    Unconfirmed,
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
    #[error("You have sent more than the register answers in a minute. Try again in {}", wait_words(*.0))]
    TooFast(i64),
    /// Nothing is done here in that way.
    #[error("Nothing can be done here in that way. Open the page and use its buttons")]
    NoSuchMethod,
    /// Something that a program sent cannot be accepted: the members of its document, and what is wrong with each.
    #[error(
        "Something in it cannot be accepted, and nothing was done. \u{201c}fields\u{201d} says what, and what to do"
    )]
    Faults(Vec<(String, String)>),
    /// The state of things does not allow it.
    #[error("{0}")]
    Refused(String),
    /// It was tried too often; it may be tried again after so many seconds.
    #[error("Too many attempts. Nothing was changed; try again in {}", wait_words(*.0))]
    TooMany(i64),
    /// Too many wait for the same at this moment.
    #[error("Too many people are signing in at this moment. Nothing was changed; try again in a few seconds")]
    Busy,
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
    /// What a program is told it is.
    pub code: &'static str,
    pub text: String,
    /// What is wrong with which member of a document.
    pub fields: Vec<(String, String)>,
    /// Whether somebody else may do it, whom the reader can ask.
    pub ask: bool,
    /// What a security team is told.
    pub event: Option<SecurityEvent>,
}

impl WebError {
    /// After how many seconds it may be tried again, where that is known (RFC 9110 section 10.2.3).
    pub fn retry_after(&self) -> Option<i64> {
        match self {
            Self::TooMany(seconds) | Self::TooFast(seconds) => Some(*seconds),
            Self::Busy => Some(BUSY_SECONDS),
            _ => None,
        }
    }

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

    /// What is said to somebody who must wait, with the time at which they need not any more.
    pub fn waiting(&self, now: Moment, tz: Tz) -> String {
        match self {
            Self::TooMany(seconds) => {
                let again = show::clock(now.plus_seconds(*seconds), tz);
                format!("Too many attempts. Try again in {}, at {again}", wait_words(*seconds))
            }
            other => other.to_string(),
        }
    }

    /// An answer that says so in its header.
    pub fn with_retry_after(&self, mut answer: HttpResponse) -> HttpResponse {
        if let Some(seconds) = self.retry_after() {
            answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        answer
    }

    /// What a program is told it is.
    pub fn code(&self) -> &'static str {
        match self {
            Self::SignedOut => "signed_out",
            Self::TokenInvalid(_) => "invalid_token",
            Self::TokenScope(_) => "insufficient_scope",
            Self::Forbidden(_)
            | Self::PeopleOnly
            | Self::Foreign
            | Self::PastTheProxy
            | Self::NoSecondFactor
            | Self::Unconfirmed => "forbidden",
            Self::NotFound => "not_found",
            Self::Bad(_) => "invalid_request",
            Self::Unclear(_) | Self::Faults(_) => "invalid",
            Self::TooLong(_) => "too_long",
            Self::Compressed | Self::WrongKind(_) => "wrong_kind",
            Self::Refused(_) => "conflict",
            Self::TooMany(_) | Self::TooFast(_) => "too_many_requests",
            Self::Busy | Self::Unavailable(_) | Self::Fault(_) => "unavailable",
            Self::LongTarget | Self::LongHead | Self::Slow | Self::NoSuchMethod | Self::Elsewhere => "refused",
        }
    }

    fn title(&self) -> &'static str {
        match self {
            Self::NotFound => "Page not found",
            Self::PastTheProxy | Self::Elsewhere => "Not here",
            Self::SignedOut => "Sign in",
            Self::NoSecondFactor => "A second step is needed",
            Self::Unconfirmed => "Confirm that it is you",
            Self::Forbidden(_) => "You cannot do this",
            Self::TokenInvalid(_) => "The token is not good",
            Self::TokenScope(_) => Self::TOKEN_SCOPE,
            Self::PeopleOnly => "Only for people",
            Self::Foreign => "This form cannot be accepted",
            Self::Bad(_) => "This request cannot be read",
            Self::Unclear(_) => "This request cannot be followed",
            Self::Faults(_) => "This cannot be accepted",
            Self::TooLong(_) => "This is too long",
            Self::LongTarget | Self::LongHead => "This request is too long",
            Self::Compressed | Self::WrongKind(_) => "This request cannot be read",
            Self::Slow => "This took too long",
            Self::TooFast(_) => "Too many requests",
            Self::NoSuchMethod => "This cannot be done here",
            Self::Refused(_) => "This cannot be done now",
            Self::TooMany(_) => "Too many attempts",
            Self::Busy => "Too many at once",
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
            Self::TokenScope(_) | Self::PeopleOnly | Self::TokenInvalid(_) => Some(SecurityEvent::AuthzFail),
            Self::TooMany(_) | Self::TooFast(_) => Some(SecurityEvent::RateLimitExceeded),
            Self::Fault(_) => Some(SecurityEvent::Crash),
            Self::NotFound | Self::SignedOut | Self::NoSecondFactor | Self::Unconfirmed => None,
            Self::Refused(_) | Self::Faults(_) | Self::Busy | Self::Unavailable(_) => None,
        }
    }
}

impl ResponseError for WebError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Elsewhere => StatusCode::MISDIRECTED_REQUEST,
            Self::SignedOut | Self::TokenInvalid(_) => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_)
            | Self::Foreign
            | Self::PastTheProxy
            | Self::NoSecondFactor
            | Self::Unconfirmed
            | Self::TokenScope(_)
            | Self::PeopleOnly => StatusCode::FORBIDDEN,
            Self::Bad(_) => StatusCode::BAD_REQUEST,
            Self::Unclear(_) | Self::Faults(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooLong(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::LongTarget => StatusCode::URI_TOO_LONG,
            Self::LongHead => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::Compressed | Self::WrongKind(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Slow => StatusCode::REQUEST_TIMEOUT,
            Self::NoSuchMethod => StatusCode::METHOD_NOT_ALLOWED,
            Self::Refused(_) => StatusCode::CONFLICT,
            Self::TooMany(_) | Self::TooFast(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Busy | Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Fault(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        match self {
            Self::Unavailable(cause) | Self::Fault(cause) => tracing::error!(cause, "request failed"),
            _ => {}
        }
        let mut building = HttpResponse::build(self.status_code());
        match self {
            // What is packed is refused, and this says what is not (RFC 9110 section 15.5.16).
            Self::Compressed => building.insert_header((ACCEPT_ENCODING, "identity")),
            Self::Slow => building.force_close(),
            _ => &mut building,
        };
        if let Some(challenge) = self.challenge() {
            building.insert_header((WWW_AUTHENTICATE, challenge));
        }
        let mut response = self.with_retry_after(building.finish());
        let (text, ask) = match self {
            Self::Forbidden(needed) => (refusal(*needed), true),
            _ => (self.to_string(), false),
        };
        let fields = match self {
            Self::Faults(fields) => fields.clone(),
            _ => Vec::new(),
        };
        let (title, code, event) = (self.title(), self.code(), self.event());
        response.extensions_mut().insert(ErrorText { title, code, text, fields, ask, event });
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
            ActionError::TooMany(seconds) => Self::TooMany(seconds),
            ActionError::Busy => Self::Busy,
            ActionError::TakenOver => Self::Refused(sentence(&error.to_string())),
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

/// A reason as a sentence of its own: with a capital first letter and a full stop.
pub(super) fn full_sentence(text: &str) -> String {
    let text = sentence(text);
    if text.ends_with('.') { text } else { format!("{text}.") }
}

/// With a capital first letter.
pub(super) fn sentence(text: &str) -> String {
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
    fn whoever_must_wait_is_told_how_long() {
        for (error, status, seconds) in [(ActionError::TooMany(30), 429, "30"), (ActionError::Busy, 503, "5")] {
            let answer = WebError::from(error).error_response();
            assert_eq!(answer.status().as_u16(), status);
            assert_eq!(answer.headers().get(RETRY_AFTER).unwrap(), seconds);
        }
    }

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
