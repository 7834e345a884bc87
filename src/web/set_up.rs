//! The set-up of a register in which nobody has an account: the first administrator. Once somebody has one,
//! there is nothing at these addresses.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, ResponseError, web};
use askama::Template;

use super::errors::WebError;
use super::fields::{Errors, Fields, Posted};
use super::frame::Frame;
use super::session::{self, Viewer};
use super::welcome::{ended, look, refused, signed_in, with_cookie, with_link, without_password};
use super::{Answer, act, page_with, read};
use crate::actions::first_start::{self, FirstAdministrator};
use crate::actions::links::{Found, Opened};
use crate::actions::{FieldError, Register};
use crate::store::people;

#[derive(Template)]
#[template(path = "welcome/set_up.html")]
struct SetUp {
    frame: Frame,
    fields: Fields,
    errors: Errors,
}

/// GET /set-up/{token}
pub async fn open(register: web::Data<Register>, viewer: Viewer, token: web::Path<String>) -> Answer {
    still_empty(&register).await?;
    let token = token.into_inner();
    match look(&register, &viewer, token.clone()).await? {
        Found::FirstAdministrator => with_link(&register, token, "/set-up"),
        Found::Ended => ended(&register, &viewer, StatusCode::GONE, ADVICE),
        Found::Person(_) | Found::Unknown => ended(&register, &viewer, StatusCode::NOT_FOUND, ADVICE),
    }
}

/// GET /set-up
pub async fn show(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    still_empty(&register).await?;
    match carried(&register, &request, &viewer).await? {
        Ok(_) => form(&register, viewer, Fields::default(), Vec::new(), StatusCode::OK),
        Err(status) => ended(&register, &viewer, status, ADVICE),
    }
}

/// POST /set-up
pub async fn submit(
    register: web::Data<Register>,
    request: HttpRequest,
    viewer: Viewer,
    Posted(fields): Posted,
) -> Answer {
    still_empty(&register).await?;
    let token = match carried(&register, &request, &viewer).await? {
        Ok(token) => token,
        Err(status) => return ended(&register, &viewer, status, ADVICE),
    };
    let typed = FirstAdministrator {
        name: fields.raw("name").to_owned(),
        email: fields.raw("email").to_owned(),
        password: fields.raw("password").to_owned(),
    };
    let cookie = session::new_token();
    let digest = session::digest(&cookie);
    let (caller, now) = (session::caller(&request, &viewer), viewer.now);
    let outcome =
        act(&register, move |register| first_start::make(register, &token, &typed, digest, &caller, now)).await?;
    match outcome {
        Ok(Opened::SignedIn) => signed_in(&register, viewer, cookie).await,
        Ok(_) => {
            still_empty(&register).await?;
            ended(&register, &viewer, StatusCode::GONE, ADVICE)
        }
        Err(error) => {
            let (error, errors) = refused(&register, &viewer, error)?;
            let answer = form(&register, viewer, without_password(&fields), errors, error.status_code())?;
            Ok(error.with_retry_after(answer))
        }
    }
}

const ADVICE: &str = "The server prints a new one whenever it is started while nobody has an account.";

/// Answers 404 once anybody has an account.
async fn still_empty(register: &web::Data<Register>) -> Result<(), WebError> {
    if read(register, people::has_accounts).await? { Err(WebError::NotFound) } else { Ok(()) }
}

/// The token that the cookie carries, when it opens, or the status with which it is refused.
async fn carried(
    register: &web::Data<Register>,
    request: &HttpRequest,
    viewer: &Viewer,
) -> Result<Result<String, StatusCode>, WebError> {
    let Some(token) = session::link_token(request, &register.deployment.base_url) else {
        return Ok(Err(StatusCode::NOT_FOUND));
    };
    Ok(match look(register, viewer, token.clone()).await? {
        Found::FirstAdministrator => Ok(token),
        Found::Ended => Err(StatusCode::GONE),
        Found::Person(_) | Found::Unknown => Err(StatusCode::NOT_FOUND),
    })
}

fn form(
    register: &Register,
    mut viewer: Viewer,
    fields: Fields,
    errors: Vec<FieldError>,
    status: StatusCode,
) -> Answer {
    let cookie = session::for_form(&mut viewer, &register.deployment.base_url);
    let frame = Frame::new(register, &viewer, "", "Make the first administrator").with_error(!errors.is_empty());
    with_cookie(page_with(status, &SetUp { frame, fields, errors: Errors(errors) })?, cookie)
}
