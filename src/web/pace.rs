//! How long the body of a request may take: a form comes in one breath, a file as long as some of it
//! keeps coming. A client that sends a byte a second holds nothing for long.

use std::future::Future;
use std::io::{self, ErrorKind};
use std::time::Duration;

use actix_web::error::PayloadError;
use actix_web::{HttpRequest, web};
use futures_util::{Stream, StreamExt, stream};
use tokio::time::{Instant, timeout, timeout_at};

use super::errors::WebError;
use crate::actions::Register;
use crate::config::Patience;

/// What must come of a file in each stretch of time: over the usual 20 seconds, three KiB a second.
const LEAST: usize = 64 * 1024;

fn patience(request: &HttpRequest) -> Duration {
    request
        .app_data::<web::Data<Register>>()
        .map_or_else(|| Patience::default().body, |register| register.deployment.access.patience.body)
}

/// The outcome, when it comes in the time that a whole form may take.
///
/// # Errors
/// `Slow` when it does not.
pub async fn in_time<F: Future>(request: &HttpRequest, body: F) -> Result<F::Output, WebError> {
    timeout(patience(request), body).await.map_err(|_| WebError::Slow)
}

/// The body of a file, which ends with a fault when too little of it comes, or more than is ever read.
pub fn paced(
    request: &HttpRequest,
    body: web::Payload,
    most: u64,
) -> impl Stream<Item = Result<web::Bytes, PayloadError>> + Unpin + use<> {
    let stretch = patience(request);
    let begin = (body, Instant::now() + stretch, 0_usize, most);
    Box::pin(stream::try_unfold(begin, move |(mut body, mut end, mut came, left)| async move {
        loop {
            match timeout_at(end, body.next()).await {
                Ok(None) => return Ok(None),
                Ok(Some(chunk)) => {
                    let chunk = chunk?;
                    came = came.saturating_add(chunk.len());
                    let length = u64::try_from(chunk.len()).unwrap_or(u64::MAX);
                    let left = left.checked_sub(length).ok_or(PayloadError::Overflow)?;
                    return Ok(Some((chunk, (body, end, came, left))));
                }
                Err(_) if came >= LEAST => (end, came) = (Instant::now() + stretch, 0),
                Err(_) => return Err(PayloadError::Io(io::Error::from(ErrorKind::TimedOut))),
            }
        }
    }))
}

/// Whether a body ended because too little of it came.
pub fn is_slow(error: &PayloadError) -> bool {
    matches!(error, PayloadError::Io(cause) if cause.kind() == ErrorKind::TimedOut)
}
