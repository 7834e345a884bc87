//! Pages: the only place with actix.
//!
//! A request walks one way: `routes` names the handler and the permission it needs, `door` lets it
//! in or not, the handler parses the form, calls one action, and answers with a page struct whose
//! template has the same name.

pub mod account;
pub mod api;
pub mod asked;
pub mod assets;
pub mod audit;
pub mod bearer;
pub mod break_glass;
pub mod bulk;
pub mod campaigns;
pub mod confirm;
pub mod conflict;
pub mod connection;
pub mod door;
pub mod errors;
pub mod explain;
pub mod export;
pub mod fences;
pub mod fields;
pub mod findings;
pub mod frame;
pub mod grants;
pub mod health;
pub mod home;
pub mod hosts;
pub mod identities;
pub mod imports;
pub mod jobs;
pub mod json;
pub mod limits;
pub mod mail;
pub mod meant;
pub mod owners;
pub mod pace;
pub mod paging;
pub mod panics;
pub mod peers;
pub mod people;
pub mod record_form;
pub mod refusal;
pub mod remembered;
pub mod requests;
pub mod reviews;
pub mod routes;
pub mod serve;
pub mod session;
pub mod set_up;
pub mod show;
pub mod sign_in;
pub mod sign_in_code;
pub mod sign_in_passkey;
pub mod single_sign_on;
pub mod systems;
pub mod tasks;
pub mod tokens;
pub mod typed;
pub mod vendors;
pub mod welcome;

use actix_web::http::StatusCode;
use actix_web::http::header::{ContentType, LOCATION};
use actix_web::{HttpResponse, web};

use crate::actions::{ActionError, Register};
use crate::store::{Db, StoreError};
use errors::WebError;

/// What a handler answers.
pub type Answer = Result<HttpResponse, WebError>;

/// A rendered page.
pub fn page(template: &impl askama::Template) -> Answer {
    page_with(StatusCode::OK, template)
}

/// A rendered page with a status of its own: 422 for a form that was refused, 409 for a conflict.
pub fn page_with(status: StatusCode, template: &impl askama::Template) -> Answer {
    let body = template.render().map_err(|error| WebError::Fault(error.to_string()))?;
    Ok(HttpResponse::build(status).content_type(ContentType::html()).body(body))
}

/// 303: the browser fetches the page that shows what was done.
pub fn see_other(location: impl AsRef<str>) -> Answer {
    Ok(HttpResponse::SeeOther().insert_header((LOCATION, location.as_ref())).finish())
}

/// Reads the database off the server's own threads.
pub async fn read<T: Send + 'static>(
    register: &web::Data<Register>,
    work: impl FnOnce(&mut Db) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, WebError> {
    let register = register.clone();
    web::block(move || {
        let mut db = register.database.read()?;
        work(&mut db)
    })
    .await
    .map_err(|error| WebError::Fault(error.to_string()))?
    .map_err(WebError::from)
}

/// Runs an action off the server's own threads.
pub async fn act<T: Send + 'static>(
    register: &web::Data<Register>,
    work: impl FnOnce(&Register) -> Result<T, ActionError> + Send + 'static,
) -> Result<Result<T, ActionError>, WebError> {
    let register = register.clone();
    web::block(move || work(&register)).await.map_err(|error| WebError::Fault(error.to_string()))
}
