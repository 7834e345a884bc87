//! Registering and editing.
use actix_web::web;

use crate::actions::Register;
use crate::web::Answer;
use crate::web::errors::WebError;

pub async fn show_new(_: web::Data<Register>) -> Answer {
    Err(WebError::NotFound)
}
pub async fn submit_new(_: web::Data<Register>) -> Answer {
    Err(WebError::NotFound)
}
pub async fn show_edit(_: web::Data<Register>) -> Answer {
    Err(WebError::NotFound)
}
pub async fn submit_edit(_: web::Data<Register>) -> Answer {
    Err(WebError::NotFound)
}
