//! What goes wrong, in one shape for every program.

use actix_web::http::StatusCode;
use actix_web::http::header::WWW_AUTHENTICATE;
use actix_web::{HttpMessage, HttpRequest, HttpResponse};

use super::types::{ErrorAnswer, FieldFault};
use crate::actions::{ActionError, FieldError};
use crate::store::StoreError;
use crate::web::bearer::ByToken;
use crate::web::errors::{ErrorText, WebError, sentence};

/// The answer where something went wrong: to a request at an address for programs, and to one with a token;
/// `None` for others, which get a page.
pub fn explain(request: &HttpRequest, error: &ErrorText, status: StatusCode, request_id: &str) -> Option<HttpResponse> {
    if !super::is_api(request.path()) {
        request.extensions().get::<ByToken>()?;
    }
    let fields =
        error.fields.iter().map(|(field, message)| FieldFault { field: field.clone(), message: message.clone() });
    let answer = ErrorAnswer {
        error: error.code.to_owned(),
        message: error.text.clone(),
        fields: fields.collect(),
        request_id: request_id.to_owned(),
    };
    let mut building = HttpResponse::build(status);
    // Nothing was presented, so no more is said than how (RFC 6750 section 3).
    if error.code == WebError::SignedOut.code() {
        building.insert_header((WWW_AUTHENTICATE, "Bearer realm=\"Muster\""));
    }
    Some(building.json(answer))
}

/// What an action refused, with the members of the document that are wrong. `path` says where a field of the
/// action stands in it.
pub fn of_action(error: ActionError, path: impl Fn(&str) -> String) -> WebError {
    match error {
        ActionError::Invalid(found) => WebError::Faults(told(&found, path)),
        ActionError::Store(StoreError::Conflict) => WebError::Refused(
            "This changed since it was read; read it again, and send what you want with its version now".to_owned(),
        ),
        ActionError::Refused(reason) => WebError::Refused(sentence(&reason)),
        other => other.into(),
    }
}

/// The faults of an action by the member of the document.
pub fn told(found: &[FieldError], path: impl Fn(&str) -> String) -> Vec<(String, String)> {
    found.iter().map(|fault| (path(fault.field), fault.message.clone())).collect()
}
