//! Signing in and out.

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, ResponseError, web};
use askama::Template;

use super::errors::WebError;
use super::fields::{Fields, Posted};
use super::frame::Frame;
use super::session::{self, Viewer};
use super::single_sign_on::{Offer, Way};
use super::{Answer, act, read, see_other};
use crate::actions::second_step::FirstStep;
use crate::actions::{ActionError, Register, passkeys, sessions, signing_in};
use crate::store::people;

#[derive(Template)]
#[template(path = "sign_in/sign_in.html")]
struct SignIn {
    frame: Frame,
    email: String,
    next: String,
    error: String,
    /// Nobody has an account: the page says how the first is made.
    first: bool,
    /// The provider of single sign-on, where there is one.
    provider: Option<Offer>,
    /// Why nobody can sign in by passkey here; empty when they can.
    no_passkeys: &'static str,
}

const DONE: &[(&str, &str)] =
    &[("password", "Your password was set. Your account asks for more than a password: sign in with both.")];

/// GET /sign-in
pub async fn show(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    let fields = Fields::of_query(&request);
    let next = own_path(fields.raw("next")).to_owned();
    if viewer.signed_in.is_some() {
        return see_other(next);
    }
    let done = fields.raw("done").to_owned();
    form(&register, viewer, String::new(), next, String::new(), StatusCode::OK, &done).await
}

/// The form again after a second step that came too late.
pub(super) async fn again(register: &web::Data<Register>, viewer: Viewer, next: String, error: String) -> Answer {
    form(register, viewer, String::new(), next, error, StatusCode::UNPROCESSABLE_ENTITY, "").await
}

/// The form, with a new cookie that its token belongs to.
async fn form(
    register: &web::Data<Register>,
    mut viewer: Viewer,
    email: String,
    next: String,
    error: String,
    status: StatusCode,
    done: &str,
) -> Answer {
    let first = !read(register, people::has_accounts).await?;
    let cookie = session::for_form(&mut viewer, &register.deployment.base_url);
    let frame = Frame::new(register, &viewer, "", "Sign in").with_error(!error.is_empty()).with_done(done, DONE);
    let no_passkeys = passkeys::why_not(&register.deployment.base_url).unwrap_or_default();
    let provider = Offer::of(register);
    let mut answer = super::page_with(status, &SignIn { frame, email, next, error, first, provider, no_passkeys })?;
    if let Some(cookie) = cookie {
        answer.add_cookie(&cookie).map_err(|error| WebError::Fault(error.to_string()))?;
    }
    Ok(answer)
}

/// POST /sign-in
pub async fn submit(
    register: web::Data<Register>,
    request: HttpRequest,
    viewer: Viewer,
    Posted(fields): Posted,
) -> Answer {
    let email = fields.raw("email").to_owned();
    let password = fields.raw("password").to_owned();
    let next = own_path(fields.raw("next")).to_owned();
    if viewer.signed_in.is_some() {
        // Nothing is tried, so nothing is counted; whoever wants to be somebody else signs out first.
        return see_other(next);
    }
    if email.trim().is_empty() || password.is_empty() {
        let error = "Write your e-mail address and your password".to_owned();
        return form(&register, viewer, email, next, error, StatusCode::UNPROCESSABLE_ENTITY, "").await;
    }
    // A new value at every sign-in: a cookie planted beforehand is worth nothing afterwards.
    let token = session::new_token();
    let digest = session::digest(&token);
    let caller = session::caller(&request, &viewer);
    let (typed, now, return_to) = (email.clone(), viewer.now, next.clone());
    let outcome = act(&register, move |register| {
        signing_in::sign_in(register, &typed, &password, digest, &caller, &return_to, now)
    })
    .await?;
    match outcome {
        Ok(step) => {
            let mut answer = see_other(if step == FirstStep::SignedIn { &next } else { "/sign-in/code" })?;
            session::give(&mut answer, &register.deployment.base_url, token)?;
            Ok(answer)
        }
        Err(ActionError::Refused(reason)) => {
            form(&register, viewer, email, next, reason, StatusCode::UNPROCESSABLE_ENTITY, "").await
        }
        Err(error @ (ActionError::TooMany(_) | ActionError::Busy)) => {
            let error = WebError::from(error);
            let words = error.waiting(viewer.now, register.deployment.time_zone);
            let answer = form(&register, viewer, email, next, words, error.status_code(), "").await?;
            Ok(error.with_retry_after(answer))
        }
        Err(error) => Err(error.into()),
    }
}

/// POST /sign-out
pub async fn sign_out(register: web::Data<Register>, way: web::Data<Way>, viewer: Viewer, Posted(_): Posted) -> Answer {
    let by = viewer.by()?;
    let session = viewer.signed_in.as_ref().map(|viewer| viewer.session).ok_or(WebError::SignedOut)?;
    act(&register, move |register| sessions::sign_out(register, &by, session)).await??;
    let next = way.after_sign_out(&viewer).await;
    let mut answer: HttpResponse = see_other(next)?;
    answer
        .add_cookie(&session::no_cookie(&register.deployment.base_url))
        .map_err(|error| WebError::Fault(error.to_string()))?;
    answer
        .headers_mut()
        .insert(HeaderName::from_static("clear-site-data"), HeaderValue::from_static("\"cache\", \"storage\""));
    Ok(answer)
}

/// Where to go after signing in: a path of ours as an address writes it, or the home page. `//host` and
/// `/\host` would leave, and so would they with a tab or a line's end between, which browsers take out.
pub fn own_path(next: &str) -> &str {
    let of_address = |byte: u8| byte.is_ascii_graphic() && !b"\\\"<>^`{|}".contains(&byte);
    if next.starts_with('/') && !next.starts_with("//") && next.bytes().all(of_address) { next } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::own_path;

    #[test]
    fn the_way_back_never_leaves_the_register() {
        for foreign in ["https://evil.example/", "//evil.example", "/\\evil.example", "", "javascript:x", "/a\r\nb"] {
            assert_eq!(own_path(foreign), "/", "{foreign:?}");
        }
        assert_eq!(own_path("/identities?q=a&sort=name"), "/identities?q=a&sort=name");
    }
}
