//! Passkeys of one's own account: named in a form, made by the browser, removed.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde_json::json;

use super::codes::{own_session, refused};
use super::second_factor::next_of;
use crate::actions::{Register, passkeys};
use crate::domain::ids::Id;
use crate::web::errors::WebError;
use crate::web::fields::{Fields, Posted};
use crate::web::frame::Frame;
use crate::web::json::{JsonError, Sent};
use crate::web::session::{self, Viewer};
use crate::web::{Answer, act, page, see_other};

#[derive(Template)]
#[template(path = "account/passkey.html")]
struct PasskeyPage {
    frame: Frame,
    name: String,
    /// What the browser is asked for, as JSON.
    options: String,
}

/// POST /account/second-factor/passkeys
pub async fn begin(
    register: web::Data<Register>,
    request: HttpRequest,
    viewer: Viewer,
    Posted(fields): Posted,
) -> Answer {
    let by = viewer.by()?;
    let cookie = own_cookie(&register, &request)?;
    let (name, next) = (fields.raw("name").to_owned(), next_of(&fields));
    match act(&register, move |register| passkeys::begin_adding(register, &by, &cookie, &name, &next)).await? {
        Ok(()) => see_other("/account/second-factor/passkeys"),
        Err(error) => refused(&register, &viewer, &fields, error).await,
    }
}

/// GET /account/second-factor/passkeys
pub async fn show(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    let by = viewer.by()?;
    let cookie = own_cookie(&register, &request)?;
    let Some(adding) = act(&register, move |register| passkeys::adding(register, &by, &cookie)).await?? else {
        return see_other("/account/second-factor");
    };
    let frame = Frame::new(&register, &viewer, "/account", "Add a passkey");
    page(&PasskeyPage { frame, name: adding.name, options: adding.options.to_string() })
}

/// POST /account/second-factor/passkeys/finish
pub async fn finish(
    register: web::Data<Register>,
    request: HttpRequest,
    viewer: Viewer,
    Sent(made): Sent,
) -> Result<HttpResponse, JsonError> {
    let (by, session) = (viewer.by()?, own_session(&viewer)?);
    let (token, cookie) = session::renewal(&request, &register.deployment.base_url)?;
    let next =
        act(&register, move |register| passkeys::finish_adding(register, &by, session, &made, &cookie)).await??;
    let link = Fields::default().with("done", "passkey").with("next", &next).to_query();
    let mut answer = HttpResponse::Ok().json(json!({ "next": format!("/account/second-factor{link}") }));
    session::give(&mut answer, &register.deployment.base_url, token)?;
    Ok(answer)
}

/// POST /account/second-factor/passkeys/{id}/remove
pub async fn remove(
    register: web::Data<Register>,
    viewer: Viewer,
    id: web::Path<String>,
    Posted(fields): Posted,
) -> Answer {
    let id: Id = id.parse().map_err(|_| WebError::NotFound)?;
    let (by, session) = (viewer.by()?, own_session(&viewer)?);
    match act(&register, move |register| passkeys::remove(register, &by, session, id)).await? {
        Ok(()) => see_other("/account/second-factor?done=passkey_removed"),
        Err(error) => refused(&register, &viewer, &fields, error).await,
    }
}

fn own_cookie(register: &Register, request: &HttpRequest) -> Result<Vec<u8>, WebError> {
    session::cookie_digest(request, &register.deployment.base_url).ok_or(WebError::SignedOut)
}
