//! Signing in with a passkey: the one thing that needs a script, since only a script can ask a device.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use super::act;
use super::errors::WebError;
use super::json::{JsonError, Sent};
use super::session::{self, Viewer};
use super::sign_in::own_path;
use crate::actions::{Register, passkey_use};

/// POST /sign-in/passkey/begin: what the browser is to ask the device for.
pub async fn begin(
    register: web::Data<Register>,
    request: HttpRequest,
    viewer: Viewer,
    Sent(asked): Sent,
) -> Result<HttpResponse, JsonError> {
    let cookie = cookie(&register, &request)?;
    let next = own_path(asked.get("next").and_then(Value::as_str).unwrap_or_default()).to_owned();
    let now = viewer.now;
    let options = act(&register, move |register| passkey_use::begin_sign_in(register, &cookie, &next, now)).await??;
    Ok(HttpResponse::Ok().json(options))
}

/// POST /sign-in/passkey/finish: what the device answered.
pub async fn finish(
    register: web::Data<Register>,
    request: HttpRequest,
    viewer: Viewer,
    Sent(answer): Sent,
) -> Result<HttpResponse, JsonError> {
    let cookie = cookie(&register, &request)?;
    let token = session::new_token();
    let digest = session::digest(&token);
    let caller = session::caller(&request, &viewer);
    let now = viewer.now;
    let next =
        act(&register, move |register| passkey_use::finish_sign_in(register, &cookie, &answer, digest, &caller, now))
            .await??;
    let mut response = HttpResponse::Ok().json(json!({ "next": next }));
    session::give(&mut response, &register.deployment.base_url, token)?;
    Ok(response)
}

fn cookie(register: &Register, request: &HttpRequest) -> Result<Vec<u8>, WebError> {
    session::cookie_digest(request, &register.deployment.base_url).ok_or(WebError::Foreign)
}
