//! Proving again with a passkey who one is. Only a script can ask a device for one, so this answers JSON.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use crate::actions::{Register, passkey_use};
use crate::web::act;
use crate::web::errors::WebError;
use crate::web::json::{JsonError, Sent};
use crate::web::session::{self, Viewer};
use crate::web::sign_in::own_path;

/// POST /confirm/passkey/begin: what the browser is to ask the device for.
pub async fn begin(
    register: web::Data<Register>,
    request: HttpRequest,
    viewer: Viewer,
    Sent(asked): Sent,
) -> Result<HttpResponse, JsonError> {
    let by = viewer.by()?;
    let cookie = session::cookie_digest(&request, &register.deployment.base_url).ok_or(WebError::SignedOut)?;
    let next = own_path(asked.get("next").and_then(Value::as_str).unwrap_or_default()).to_owned();
    let options =
        act(&register, move |register| passkey_use::begin_confirmation(register, &by, &cookie, &next)).await??;
    Ok(HttpResponse::Ok().json(options))
}

/// POST /confirm/passkey/finish: what the device answered.
pub async fn finish(
    register: web::Data<Register>,
    request: HttpRequest,
    viewer: Viewer,
    Sent(answer): Sent,
) -> Result<HttpResponse, JsonError> {
    let by = viewer.by()?;
    let session = viewer.signed_in.as_ref().map(|viewer| viewer.session).ok_or(WebError::SignedOut)?;
    let (token, cookie) = session::renewal(&request, &register.deployment.base_url)?;
    let next =
        act(&register, move |register| passkey_use::finish_confirmation(register, &by, session, &answer, &cookie))
            .await??;
    let mut response = HttpResponse::Ok().json(json!({ "next": next }));
    session::give(&mut response, &register.deployment.base_url, token)?;
    Ok(response)
}
