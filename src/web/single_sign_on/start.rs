//! To the provider: to sign in, or to prove again who one is.

use actix_web::{HttpRequest, web};
use askama::Template;

use super::faults::{self, Attempt};
use super::{Way, cookie, cookie_name, provider_name};
use crate::actions::Register;
use crate::actions::single_sign_on::{self, Begun};
use crate::domain::ids::Id;
use crate::web::errors::WebError;
use crate::web::fields::Posted;
use crate::web::frame::Frame;
use crate::web::session::{self, Viewer};
use crate::web::sign_in::own_path;
use crate::web::{Answer, act, page, see_other};

/// The page between the form and the provider.
#[derive(Template)]
#[template(path = "sign_in/to_provider.html")]
struct ToProvider {
    frame: Frame,
    name: String,
    address: String,
}

/// POST /sign-in/single-sign-on
pub async fn submit(
    register: web::Data<Register>,
    way: web::Data<Way>,
    viewer: Viewer,
    Posted(fields): Posted,
) -> Answer {
    let next = own_path(fields.raw("next")).to_owned();
    if viewer.signed_in.is_some() {
        return see_other(next);
    }
    depart(&register, &way, &viewer, None, next).await
}

/// POST /confirm/single-sign-on: somebody who is signed in proves again who they are, at the provider,
/// and comes back to the page named by `next` (OWASP ASVS 5.0 7.5.3).
pub async fn confirm(
    register: web::Data<Register>,
    way: web::Data<Way>,
    viewer: Viewer,
    Posted(fields): Posted,
) -> Answer {
    let next = own_path(fields.raw("next")).to_owned();
    let session = viewer.signed_in.as_ref().map(|viewer| viewer.session).ok_or(WebError::SignedOut)?;
    depart(&register, &way, &viewer, Some(session), next).await
}

async fn depart(
    register: &web::Data<Register>,
    way: &Way,
    viewer: &Viewer,
    session: Option<Id>,
    next: String,
) -> Answer {
    let departure = match way.provider()?.begin(session.is_some(), viewer.now).await {
        Ok(departure) => departure,
        Err(refusal) => {
            let attempt = Attempt { session: session.is_some(), return_to: next };
            return faults::answer(register, viewer, &attempt, &refusal);
        }
    };
    let issuer = register.deployment.access.single_sign_on.as_ref().map(|settings| settings.issuer.clone());
    let begun = Begun {
        issuer: issuer.unwrap_or_default(),
        address: departure.address,
        state: departure.state,
        nonce: departure.nonce,
        verifier: departure.verifier,
        session,
    };
    let token = session::new_token();
    let digest = session::digest(&token);
    let (person, now) = (viewer.signed_in.as_ref().map(|one| one.person), viewer.now);
    act(register, move |register| single_sign_on::begin(register, person, &digest, &begun, &next, now)).await??;
    let mut answer = see_other("/sign-in/single-sign-on/go")?;
    answer
        .add_cookie(&cookie(&register.deployment.base_url, token))
        .map_err(|error| WebError::Fault(error.to_string()))?;
    Ok(answer)
}

/// GET /sign-in/single-sign-on/go: leads on to the provider. It changes nothing: reloaded, it leads
/// to the same place.
pub async fn go(register: web::Data<Register>, way: web::Data<Way>, request: HttpRequest, viewer: Viewer) -> Answer {
    way.provider()?;
    let base_url = &register.deployment.base_url;
    let address = match request.cookie(cookie_name(base_url)) {
        Some(cookie) => {
            let (digest, now) = (session::digest(cookie.value()), viewer.now);
            act(&register, move |register| single_sign_on::address(register, &digest, now)).await??
        }
        None => None,
    };
    let Some(address) = address else { return see_other("/sign-in") };
    let name = provider_name(&register);
    let frame = Frame::new(&register, &viewer, "", format!("To {name}"));
    page(&ToProvider { frame, name, address })
}
