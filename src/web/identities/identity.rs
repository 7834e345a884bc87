//! One identity.
use actix_web::web;

use crate::actions::Register;
use crate::web::Answer;
use crate::web::errors::WebError;

/// GET /identities/{id}
pub async fn show(_: web::Data<Register>) -> Answer {
    Err(WebError::NotFound)
}
