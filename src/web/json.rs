//! What the one script of passkeys sends and is answered: JSON, with errors in words.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse, ResponseError, web};
use serde_json::{Value, json};

use super::errors::{WebError, sentence};
use super::fields::check_token;

use crate::actions::ActionError;

/// What a passkey answers is a few kilobytes.
pub const LONGEST: usize = 64 * 1024;

/// The header that carries the token of the page's forms.
pub const TOKEN: &str = "x-csrf-token";

/// A JSON document whose token was checked. Every handler of a POST by the script takes one.
#[derive(Debug)]
pub struct Sent(pub Value);

/// An error that the script shows: `{"error": "..."}`.
#[derive(Debug, thiserror::Error)]
#[error("{text}")]
pub struct JsonError {
    status: StatusCode,
    text: String,
}

impl From<WebError> for JsonError {
    fn from(error: WebError) -> Self {
        match &error {
            WebError::Unavailable(cause) | WebError::Fault(cause) => tracing::error!(cause, "request failed"),
            _ => {}
        }
        Self { status: error.status_code(), text: format!("{error}.") }
    }
}

impl From<ActionError> for JsonError {
    fn from(error: ActionError) -> Self {
        match error {
            ActionError::Refused(reason) => {
                Self { status: StatusCode::UNPROCESSABLE_ENTITY, text: format!("{}.", sentence(&reason)) }
            }
            other => WebError::from(other).into(),
        }
    }
}

impl ResponseError for JsonError {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::build(self.status).json(json!({ "error": self.text }))
    }
}

impl FromRequest for Sent {
    type Error = JsonError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, JsonError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let body = web::Payload::from_request(&request, payload);
        Box::pin(async move {
            let token = request.headers().get(TOKEN).and_then(|value| value.to_str().ok()).unwrap_or_default();
            check_token(&request, token)?;
            let unreadable = || WebError::Bad("This cannot be read; open the page again".to_owned());
            if request.content_type() != "application/json" {
                return Err(unreadable().into());
            }
            let body = body.await.map_err(|_| unreadable())?;
            let bytes = body.to_bytes_limited(LONGEST).await.map_err(|_| unreadable())?.map_err(|_| unreadable())?;
            serde_json::from_slice(&bytes).map(Self).map_err(|_| unreadable().into())
        })
    }
}
