//! A handler that panics: the request ends with its page, and the service goes on. Whatever it was
//! writing is rolled back, since a connection that was left in a transaction is closed.

use std::panic::AssertUnwindSafe;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::{Error, ResponseError};
use futures_util::FutureExt;

use super::errors::WebError;

/// Stands around each handler, so that its request is still known when it falls.
pub async fn caught(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let known = request.request().clone();
    match AssertUnwindSafe(next.call(request)).catch_unwind().await {
        Ok(Ok(response)) => Ok(response.map_into_boxed_body()),
        Ok(Err(error)) => Ok(ServiceResponse::from_err(error, known)),
        Err(_) => {
            let fault = WebError::Fault("the handler panicked".to_owned());
            Ok(ServiceResponse::new(known, fault.error_response()))
        }
    }
}
