//! Signing in and out.

use actix_web::cookie::Cookie;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::errors::WebError;
use super::fields::{Fields, Posted};
use super::frame::Frame;
use super::session::{self, Viewer};
use super::single_sign_on::{Offer, Way};
use super::{Answer, act, read, see_other};
use crate::actions::{ActionError, Register, sessions};
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
}

/// GET /sign-in
pub async fn show(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    let fields = Fields::of_query(&request);
    let next = own_path(fields.raw("next")).to_owned();
    if viewer.signed_in.is_some() {
        return see_other(next);
    }
    form(&register, viewer, String::new(), next, String::new(), StatusCode::OK).await
}

/// The form, with a new cookie that its token belongs to.
async fn form(
    register: &web::Data<Register>,
    mut viewer: Viewer,
    email: String,
    next: String,
    error: String,
    status: StatusCode,
) -> Answer {
    let first = !read(register, people::has_accounts).await?;
    let token = session::new_token();
    viewer.csrf = session::csrf(&token);
    let frame = Frame::new(register, &viewer, "", "Sign in").with_error(!error.is_empty());
    let mut answer =
        super::page_with(status, &SignIn { frame, email, next, error, first, provider: Offer::of(register) })?;
    answer
        .add_cookie(&session::cookie(&register.deployment.base_url, token))
        .map_err(|error| WebError::Fault(error.to_string()))?;
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
    if email.trim().is_empty() || password.is_empty() {
        let error = "Write your e-mail address and your password".to_owned();
        return form(&register, viewer, email, next, error, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    // A new value at every sign-in: a cookie planted beforehand is worth nothing afterwards.
    let token = session::new_token();
    let digest = session::digest(&token);
    let caller = session::caller(&request, &viewer);
    let (typed, now) = (email.clone(), viewer.now);
    let outcome =
        act(&register, move |register| sessions::sign_in(register, &typed, &password, digest, &caller, now)).await?;
    match outcome {
        Ok(_) => {
            let mut answer = see_other(next)?;
            answer
                .add_cookie(&session::cookie(&register.deployment.base_url, token))
                .map_err(|error| WebError::Fault(error.to_string()))?;
            Ok(answer)
        }
        Err(ActionError::Refused(reason)) => {
            form(&register, viewer, email, next, reason, StatusCode::UNPROCESSABLE_ENTITY).await
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
    let mut gone = Cookie::build(session::cookie_name(&register.deployment.base_url), "").path("/").finish();
    gone.make_removal();
    let mut answer: HttpResponse = see_other(next)?;
    answer.add_cookie(&gone).map_err(|error| WebError::Fault(error.to_string()))?;
    answer
        .headers_mut()
        .insert(HeaderName::from_static("clear-site-data"), HeaderValue::from_static("\"cache\", \"storage\""));
    Ok(answer)
}

/// Where to go after signing in: a path of ours, or the home page. `//host` and `/\host` would leave.
pub(super) fn own_path(next: &str) -> &str {
    let inside =
        next.starts_with('/') && !next.starts_with("//") && !next.contains('\\') && !next.chars().any(char::is_control);
    if inside { next } else { "/" }
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
