//! Back from the provider.

use actix_web::http::Method;
use actix_web::{HttpRequest, HttpResponse, web};

use super::faults::{self, Attempt};
use super::{Way, cookie, cookie_name};
use crate::actions::Register;
use crate::actions::single_sign_on::{self, Entered, Returned};
use crate::connectors::openid_connect::{Arrival, Provider, Refusal};
use crate::domain::single_sign_on::{Asserted, Fault};
use crate::web::errors::WebError;
use crate::web::fields::Fields;
use crate::web::session::{self, Viewer};
use crate::web::{Answer, act, see_other};

/// GET /sign-in/single-sign-on/return
///
/// The one GET that opens a session: RFC 6749 section 4.1.2 has the provider send the browser back by
/// a redirect, which is a GET. It is no door for anybody else's hand: it does something only with the
/// cookie of the browser that began, with the `state` of that beginning, and once.
pub async fn show(register: web::Data<Register>, way: web::Data<Way>, request: HttpRequest, viewer: Viewer) -> Answer {
    let provider = way.provider()?;
    if request.method() == Method::HEAD {
        return Ok(HttpResponse::Ok().finish());
    }
    let fields = Fields::of_query(&request);
    let Some(returned) = taken(&register, &request, &viewer, &fields).await? else {
        let attempt = Attempt { session: false, return_to: String::new() };
        let detail = "no sign-in of this browser has this state".to_owned();
        return refuse(&register, &request, &viewer, None, &attempt, Refusal { fault: Fault::Foreign, detail }).await;
    };
    let attempt = Attempt { session: returned.begun.session.is_some(), return_to: returned.return_to.clone() };
    let (caller, now) = (session::caller(&request, &viewer), viewer.now);
    if let (Some(_), Some(person)) = (returned.begun.session, returned.person) {
        let caller = caller.clone();
        act(&register, move |register| single_sign_on::count_confirmation(register, person, &caller, now)).await??;
    }
    let said = match hear(&register, provider, &viewer, &fields, &returned).await {
        Ok(said) => said,
        Err(refusal) => return refuse(&register, &request, &viewer, Some(&returned), &attempt, refusal).await,
    };
    let (token, entered) = match returned.begun.session {
        None => {
            let token = session::new_token();
            let digest = session::digest(&token);
            let enter = move |register: &Register| single_sign_on::enter(register, &said, &digest, &caller, now);
            (token, act(&register, enter).await??)
        }
        Some(session) => {
            let by = viewer.by()?;
            let (token, cookie) = session::renewal(&request, &register.deployment.base_url)?;
            let confirm =
                move |register: &Register| single_sign_on::confirm(register, &by, session, &said, &cookie, &caller);
            (token, act(&register, confirm).await??)
        }
    };
    match entered {
        Entered::In(_) => {
            let base_url = &register.deployment.base_url;
            let mut answer = see_other(&returned.return_to)?;
            let mut used = cookie(base_url, String::new());
            used.make_removal();
            for cookie in [session::cookie(base_url, token), used] {
                answer.add_cookie(&cookie).map_err(|error| WebError::Fault(error.to_string()))?;
            }
            Ok(answer)
        }
        // Recorded by the action.
        Entered::Out(fault) => {
            let detail = "by the register".to_owned();
            faults::answer(&register, &viewer, &attempt, &Refusal { fault, detail })
        }
    }
}

/// The sign-in that this browser began with this `state`, taken out so that it is used once.
async fn taken(
    register: &web::Data<Register>,
    request: &HttpRequest,
    viewer: &Viewer,
    fields: &Fields,
) -> Result<Option<Returned>, WebError> {
    // RFC 6749 section 3.1: no parameter stands twice.
    if ["state", "code", "iss", "error"].iter().any(|name| fields.all(name).len() > 1) {
        return Ok(None);
    }
    let Some(cookie) = request.cookie(cookie_name(&register.deployment.base_url)) else { return Ok(None) };
    let digest = session::digest(cookie.value());
    let (state, now) = (fields.raw("state").to_owned(), viewer.now);
    Ok(act(register, move |register| single_sign_on::take(register, &digest, &state, now)).await??)
}

/// What the provider says of whoever came back.
async fn hear(
    register: &web::Data<Register>,
    provider: &Provider,
    viewer: &Viewer,
    fields: &Fields,
    returned: &Returned,
) -> Result<Asserted, Refusal> {
    let refusal = |fault, detail: &str| Err(Refusal { fault, detail: detail.to_owned() });
    let begun = &returned.begun;
    let issuer = register.deployment.access.single_sign_on.as_ref().map(|settings| settings.issuer.as_str());
    if issuer != Some(begun.issuer.as_str()) {
        return refusal(Fault::Foreign, "the sign-in was begun with another provider");
    }
    // A confirmation belongs to the session that asked for it, and its holder is still there.
    if begun.session.is_some() && begun.session != viewer.signed_in.as_ref().map(|one| one.session) {
        return refusal(Fault::Foreign, "the session that asked for it is not the one that came back");
    }
    let named = Some(fields.raw("iss").to_owned()).filter(|issuer| !issuer.is_empty());
    match (fields.raw("error"), fields.raw("code")) {
        ("", "") => refusal(Fault::AtProvider, "the return has neither a code nor an error"),
        ("", code) => {
            let arrival = Arrival {
                code: code.to_owned(),
                issuer: named,
                nonce: begun.nonce.clone(),
                verifier: begun.verifier.clone(),
                fresh: begun.session.is_some(),
            };
            provider.finish(&arrival, viewer.now).await
        }
        (error, _) => {
            provider.check_issuer(named.as_deref(), viewer.now).await?;
            let fault = if error == "access_denied" { Fault::Denied } else { Fault::AtProvider };
            refusal(fault, &error.chars().take(100).collect::<String>())
        }
    }
}

/// Records the refusal and says it.
async fn refuse(
    register: &web::Data<Register>,
    request: &HttpRequest,
    viewer: &Viewer,
    returned: Option<&Returned>,
    attempt: &Attempt,
    refusal: Refusal,
) -> Answer {
    let (caller, now) = (session::caller(request, viewer), viewer.now);
    let (person, session, fault) = (returned.and_then(|one| one.person), attempt.session, refusal.fault);
    act(register, move |register| single_sign_on::refuse(register, person, session, fault, &caller, now)).await??;
    faults::answer(register, viewer, attempt, &refusal)
}
