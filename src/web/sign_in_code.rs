//! The second step of signing in: a one-time code, a recovery code, or a passkey.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, ResponseError, web};
use askama::Template;

use super::errors::WebError;
use super::fields::{Fields, Posted};
use super::frame::Frame;
use super::session::{self, Viewer};
use super::sign_in::{self, own_path};
use super::{Answer, act, page_with, see_other};
use crate::actions::second_step::{self, SecondStep, UnderWay};
use crate::actions::{ActionError, Register, passkeys};

#[derive(Template)]
#[template(path = "sign_in/code.html")]
struct CodePage {
    frame: Frame,
    error: String,
    has_codes: bool,
    has_passkeys: bool,
    next: String,
}

/// GET /sign-in/code
pub async fn show(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    if viewer.signed_in.is_some() {
        return see_other("/");
    }
    match waiting(&register, &request, &viewer).await? {
        Some(under_way) => form(&register, &viewer, under_way, String::new()),
        None => see_other("/sign-in"),
    }
}

/// The sign-in that waits in this browser.
async fn waiting(
    register: &web::Data<Register>,
    request: &HttpRequest,
    viewer: &Viewer,
) -> Result<Option<UnderWay>, WebError> {
    let Some(cookie) = session::cookie_digest(request, &register.deployment.base_url) else { return Ok(None) };
    let now = viewer.now;
    Ok(act(register, move |register| second_step::under_way(register, &cookie, now)).await??)
}

fn form(register: &Register, viewer: &Viewer, under_way: UnderWay, error: String) -> Answer {
    let status = if error.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page_with(
        status,
        &CodePage {
            frame: Frame::new(register, viewer, "", "Second step").with_error(!error.is_empty()),
            error,
            has_codes: under_way.has_codes,
            has_passkeys: under_way.has_passkeys && passkeys::why_not(&register.deployment.base_url).is_none(),
            next: under_way.return_to,
        },
    )
}

/// POST /sign-in/code
pub async fn submit(
    register: web::Data<Register>,
    request: HttpRequest,
    viewer: Viewer,
    Posted(fields): Posted,
) -> Answer {
    let next = own_path(fields.raw("next")).to_owned();
    let Some(cookie) = session::cookie_digest(&request, &register.deployment.base_url) else {
        return too_late(&register, viewer, next).await;
    };
    if fields.get("code").is_none() {
        return again(&register, &request, viewer, &fields, "Write the code first".to_owned()).await;
    }
    let token = session::new_token();
    let digest = session::digest(&token);
    let caller = session::caller(&request, &viewer);
    let (code, now) = (fields.raw("code").to_owned(), viewer.now);
    let step =
        act(&register, move |register| second_step::finish(register, &cookie, &code, digest, &caller, now)).await?;
    let step = match step {
        Ok(step) => step,
        Err(error @ ActionError::TooMany(_)) => {
            let error = WebError::from(error);
            let words = error.waiting(viewer.now, register.deployment.time_zone);
            let mut answer = again(&register, &request, viewer, &fields, words).await?;
            *answer.status_mut() = error.status_code();
            return Ok(error.with_retry_after(answer));
        }
        Err(error) => return Err(error.into()),
    };
    match step {
        SecondStep::SignedIn { return_to } => {
            let mut answer = see_other(return_to)?;
            session::give(&mut answer, &register.deployment.base_url, token)?;
            Ok(answer)
        }
        SecondStep::Wrong { left } => {
            let tries = if left == 1 { "one more try".to_owned() } else { format!("{left} more tries") };
            let error = format!("This code is not right. Write the one that is shown now; you have {tries}");
            again(&register, &request, viewer, &fields, error).await
        }
        SecondStep::Ended { return_to } => too_late(&register, viewer, return_to.unwrap_or(next)).await,
    }
}

async fn again(
    register: &web::Data<Register>,
    request: &HttpRequest,
    viewer: Viewer,
    fields: &Fields,
    error: String,
) -> Answer {
    match waiting(register, request, &viewer).await? {
        Some(under_way) => form(register, &viewer, under_way, error),
        None => too_late(register, viewer, own_path(fields.raw("next")).to_owned()).await,
    }
}

async fn too_late(register: &web::Data<Register>, viewer: Viewer, next: String) -> Answer {
    let error = "This sign-in took longer than five minutes, or too many codes were wrong. Sign in again".to_owned();
    sign_in::again(register, viewer, next, error).await
}
