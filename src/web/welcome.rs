//! Opening a one-time link: its person chooses a password, and is signed in.
//!
//! The token leaves the address at once: the first answer puts it into a cookie and leads to an address
//! without it, so that it is in no link, no `Referer` and no line of the log. Looking changes nothing; only
//! sending the form uses the link, so that a program that looks at links in messages does not use it up.

use actix_web::cookie::Cookie;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, ResponseError, web};
use askama::Template;

use super::errors::WebError;
use super::fields::{Errors, Fields, Posted};
use super::frame::Frame;
use super::session::{self, Viewer};
use super::{Answer, act, page_with, see_other};
use crate::actions::links::{self, Found, Opened};
use crate::actions::{ActionError, FieldError, Register};
use crate::store::people::Person;

#[derive(Template)]
#[template(path = "welcome/welcome.html")]
struct Welcome {
    frame: Frame,
    name: String,
    email: String,
    errors: Errors,
}

#[derive(Template)]
#[template(path = "welcome/ended.html")]
struct EndedPage {
    frame: Frame,
    /// Whom to ask, or what to do, for another link.
    advice: &'static str,
}

/// GET /welcome/{token}
pub async fn open(register: web::Data<Register>, viewer: Viewer, token: web::Path<String>) -> Answer {
    let token = token.into_inner();
    match look(&register, &viewer, token.clone()).await? {
        Found::Person(_) => with_link(&register, token, "/welcome"),
        Found::Ended => ended(&register, &viewer, StatusCode::GONE, ADVICE),
        Found::FirstAdministrator | Found::Unknown => ended(&register, &viewer, StatusCode::NOT_FOUND, ADVICE),
    }
}

/// GET /welcome
pub async fn show(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    match whose(&register, &request, &viewer).await? {
        Ok(person) => form(&register, viewer, &person, Vec::new(), StatusCode::OK),
        Err(status) => ended(&register, &viewer, status, ADVICE),
    }
}

/// POST /welcome
pub async fn submit(
    register: web::Data<Register>,
    request: HttpRequest,
    viewer: Viewer,
    Posted(fields): Posted,
) -> Answer {
    let person = match whose(&register, &request, &viewer).await? {
        Ok(person) => person,
        Err(status) => return ended(&register, &viewer, status, ADVICE),
    };
    let token = session::link_token(&request, &register.deployment.base_url).unwrap_or_default();
    let password = fields.raw("password").to_owned();
    let cookie = session::new_token();
    let digest = session::digest(&cookie);
    let (caller, now) = (session::caller(&request, &viewer), viewer.now);
    let outcome =
        act(&register, move |register| links::redeem(register, &token, &password, digest, &caller, now)).await?;
    match outcome {
        Ok(Opened::Ended) => ended(&register, &viewer, StatusCode::GONE, ADVICE),
        Ok(Opened::AsksMore) => without_link(&register, see_other("/sign-in?done=password")?),
        Ok(Opened::SignedIn) => signed_in(&register, viewer, cookie).await,
        Err(error) => {
            let (error, errors) = refused(&register, &viewer, error)?;
            let answer = form(&register, viewer, &person, errors, error.status_code())?;
            Ok(error.with_retry_after(answer))
        }
    }
}

const ADVICE: &str = "Ask an administrator of the register for a new one.";

/// What the link in the cookie opens for a person, or with which status it is refused.
async fn whose(
    register: &web::Data<Register>,
    request: &HttpRequest,
    viewer: &Viewer,
) -> Result<Result<Person, StatusCode>, WebError> {
    let Some(token) = session::link_token(request, &register.deployment.base_url) else {
        return Ok(Err(StatusCode::NOT_FOUND));
    };
    Ok(match look(register, viewer, token).await? {
        Found::Person(person) => Ok(*person),
        Found::Ended => Err(StatusCode::GONE),
        Found::FirstAdministrator | Found::Unknown => Err(StatusCode::NOT_FOUND),
    })
}

fn form(
    register: &Register,
    mut viewer: Viewer,
    person: &Person,
    errors: Vec<FieldError>,
    status: StatusCode,
) -> Answer {
    let cookie = session::for_form(&mut viewer, &register.deployment.base_url);
    let page = Welcome {
        frame: Frame::new(register, &viewer, "", "Choose your password").with_error(!errors.is_empty()),
        name: person.name.clone(),
        email: person.email.clone(),
        errors: Errors(errors),
    };
    with_cookie(page_with(status, &page)?, cookie)
}

/// What a token opens.
pub async fn look(register: &web::Data<Register>, viewer: &Viewer, token: String) -> Result<Found, WebError> {
    let now = viewer.now;
    Ok(act(register, move |register| links::look(register, &token, now)).await??)
}

/// Leads to the form, with the token in a cookie.
pub fn with_link(register: &Register, token: String, form: &str) -> Answer {
    with_cookie(see_other(form)?, Some(session::link_cookie(&register.deployment.base_url, token)))
}

/// The same answer without the token's cookie.
fn without_link(register: &Register, answer: HttpResponse) -> Answer {
    let mut gone = session::link_cookie(&register.deployment.base_url, String::new());
    gone.make_removal();
    with_cookie(answer, Some(gone))
}

/// Leads to the start page, signed in. A session that the browser had before ends: a link stands for itself.
pub async fn signed_in(register: &web::Data<Register>, viewer: Viewer, cookie: String) -> Answer {
    if let Some(before) = viewer.signed_in.as_ref().map(|viewer| viewer.session) {
        let by = viewer.by()?;
        act(register, move |register| crate::actions::sessions::sign_out(register, &by, before)).await??;
    }
    let answer = without_link(register, see_other("/")?)?;
    with_cookie(answer, Some(session::cookie(&register.deployment.base_url, cookie)))
}

pub fn with_cookie(mut answer: HttpResponse, cookie: Option<Cookie<'static>>) -> Answer {
    if let Some(cookie) = cookie {
        answer.add_cookie(&cookie).map_err(|error| WebError::Fault(error.to_string()))?;
    }
    Ok(answer)
}

/// A form that is shown again: with which error, and what stands at which field.
pub fn refused(
    register: &Register,
    viewer: &Viewer,
    error: ActionError,
) -> Result<(WebError, Vec<FieldError>), WebError> {
    match error {
        ActionError::Invalid(errors) => Ok((WebError::Unclear(String::new()), errors)),
        error @ (ActionError::TooMany(_) | ActionError::Busy) => {
            let error = WebError::from(error);
            let words = error.waiting(viewer.now, register.deployment.time_zone);
            Ok((error, vec![FieldError::new("", words)]))
        }
        other => Err(other.into()),
    }
}

/// The page of a link that opens nothing: it does not say whose it was.
pub fn ended(register: &Register, viewer: &Viewer, status: StatusCode, advice: &'static str) -> Answer {
    let frame = Frame::new(register, viewer, "", "This link opens nothing");
    page_with(status, &EndedPage { frame, advice })
}

/// The fields of a form that holds a password, without it.
pub fn without_password(fields: &Fields) -> Fields {
    fields.with("password", "")
}
