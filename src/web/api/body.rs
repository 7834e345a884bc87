//! The document that a program sends, read into a type of ours.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::web::errors::WebError;
use crate::web::fields::check_token;
use crate::web::json::{LONGEST, TOKEN};
use crate::web::pace;

/// The longest fault that is told whole, in characters: it repeats what was sent.
const LONGEST_FAULT: usize = 300;

/// A document that was read. Where a session sends it, its token was checked first.
#[derive(Debug)]
pub struct Body<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Body<T> {
    type Error = WebError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, WebError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let body = web::Payload::from_request(&request, payload);
        Box::pin(async move {
            let token = request.headers().get(TOKEN).and_then(|value| value.to_str().ok()).unwrap_or_default();
            check_token(&request, token)?;
            if !request.content_type().eq_ignore_ascii_case("application/json") {
                return Err(WebError::WrongKind("Send JSON, and the header Content-Type: application/json".to_owned()));
            }
            let unreadable = |_| WebError::Bad("What you sent did not arrive whole; send it again".to_owned());
            let body = body.await.map_err(|_| unreadable(()))?;
            let bytes = pace::in_time(&request, body.to_bytes_limited(LONGEST))
                .await?
                .map_err(|_| WebError::TooLong("This is longer than 64 KiB; ask for less at once".to_owned()))?
                .map_err(|_| unreadable(()))?;
            read(&bytes).map(Self)
        })
    }
}

/// Reads a document.
///
/// # Errors
/// `Bad` with the line and the column, or the name of a member that there is not.
fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, WebError> {
    let document = serde_json::from_slice(bytes).map_err(|error| fault(&error))?;
    let whole: Value = serde_json::from_slice(bytes).map_err(|error| fault(&error))?;
    if has_zero(&whole) {
        // PostgreSQL keeps no such text, and nobody can read one.
        return Err(WebError::Bad("A text in it holds the sign U+0000; leave it out".to_owned()));
    }
    Ok(document)
}

fn fault(error: &serde_json::Error) -> WebError {
    let text = error.to_string();
    let text = if text.chars().count() > LONGEST_FAULT {
        let begin: String = text.chars().take(LONGEST_FAULT).collect();
        format!("{begin}\u{2026} at line {} column {}", error.line(), error.column())
    } else {
        text
    };
    WebError::Bad(format!("This JSON cannot be read: {text}"))
}

fn has_zero(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(all) => all.iter().any(has_zero),
        Value::Object(members) => members.values().any(has_zero),
        _ => false,
    }
}
