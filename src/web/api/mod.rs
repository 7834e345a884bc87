//! Requests for programs: a developer portal files them, follows them and takes them back, in JSON.
//!
//! Nothing here decides or issues: those routes are for people. What somebody sees here is what they see
//! on the pages, and each action is the one that the pages call.

pub mod body;
pub mod documents;
pub mod errors;
pub mod file;
pub mod list;
pub mod openapi;
pub mod preview;
pub mod reading;
pub mod sent;
pub mod show;
pub mod types;
pub mod view;
pub mod withdraw;
mod words;

use actix_web::web;

use super::errors::WebError;
use crate::actions::Register;

/// Whether an address is one for programs, which are told in JSON what is wrong.
pub fn is_api(path: &str) -> bool {
    path == "/api" || path.starts_with("/api/")
}

/// Does work of a request off the server's own threads.
async fn work<T: Send + 'static>(
    register: &web::Data<Register>,
    work: impl FnOnce(&Register) -> Result<T, WebError> + Send + 'static,
) -> Result<T, WebError> {
    let register = register.clone();
    web::block(move || work(&register)).await.map_err(|error| WebError::Fault(error.to_string()))?
}
