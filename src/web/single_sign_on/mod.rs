//! Single sign-on: to the provider, and back.
//!
//! The button is a form, so that no GET begins anything. Its answer leads to a page of ours that
//! leads on by a link: `form-action 'self'` holds for every redirect that a sent form follows, so
//! that a redirect straight to the provider would be blocked (Content Security Policy 3).

pub mod back;
pub mod faults;
pub mod signed_out;
pub mod start;

use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::web;

use super::errors::WebError;
use super::session::Viewer;
use crate::actions::Register;
use crate::actions::single_sign_on::CEREMONY_SECONDS;
use crate::connectors::openid_connect::{Provider, RelyingParty};
use crate::domain::access::SignInMethod;

/// The exact address that providers send people back to, after the base address.
pub const RETURN_PATH: &str = "/sign-in/single-sign-on/return";

/// The way in by single sign-on, where the deployment has one.
pub struct Way(Option<Provider>);

impl Way {
    /// Sets it up; nothing is asked of the provider yet, so that Muster starts while it is down.
    pub fn new(register: &Register) -> Result<Self, String> {
        let deployment = &register.deployment;
        let Some(settings) = &deployment.access.single_sign_on else { return Ok(Self(None)) };
        Provider::new(RelyingParty {
            issuer: settings.issuer.clone(),
            client_id: settings.client_id.clone(),
            client_secret: settings.client_secret.clone(),
            redirect_uri: format!("{}{RETURN_PATH}", deployment.base_url),
            groups_claim: settings.groups_claim.clone(),
            root_certificate: settings.root_certificate.clone(),
            longest_wait: settings.longest_wait,
        })
        .map(|provider| Self(Some(provider)))
    }

    /// The provider; where there is none, its pages do not exist.
    pub fn provider(&self) -> Result<&Provider, WebError> {
        self.0.as_ref().ok_or(WebError::NotFound)
    }

    /// Where somebody goes after signing out: whoever came by single sign-on hears that they are still
    /// signed in there, when it can be said where to sign out.
    pub async fn after_sign_out(&self, viewer: &Viewer) -> &'static str {
        let by_provider = viewer.signed_in.as_ref().is_some_and(|one| one.method == SignInMethod::SingleSignOn);
        match &self.0 {
            Some(provider) if by_provider && provider.end_session_address(viewer.now).await.is_some() => {
                "/sign-in/single-sign-on/signed-out"
            }
            _ => "/sign-in",
        }
    }
}

/// What the sign-in page says of the provider.
#[derive(Debug, Clone)]
pub struct Offer {
    pub name: String,
    /// Passwords are for administrators only.
    pub only: bool,
}

impl Offer {
    /// What the deployment offers.
    pub fn of(register: &web::Data<Register>) -> Option<Self> {
        let settings = register.deployment.access.single_sign_on.as_ref()?;
        Some(Self { name: settings.name.clone(), only: settings.only })
    }
}

/// What the provider is called on pages.
pub(super) fn provider_name(register: &Register) -> String {
    register.deployment.access.single_sign_on.as_ref().map(|settings| settings.name.clone()).unwrap_or_default()
}

/// The cookie that holds a sign-in to the browser it was begun in, so that nobody can make somebody
/// else's browser finish it (RFC 6749 section 10.12, RFC 9700 section 4.7).
fn cookie_name(base_url: &str) -> &'static str {
    if base_url.starts_with("https://") { "__Host-muster-single-sign-on" } else { "muster-single-sign-on" }
}

fn cookie(base_url: &str, token: String) -> Cookie<'static> {
    Cookie::build(cookie_name(base_url), token)
        .path("/")
        .http_only(true)
        // The return comes from the provider's site: Strict would keep the cookie back.
        .same_site(SameSite::Lax)
        .secure(base_url.starts_with("https://"))
        .max_age(Duration::seconds(CEREMONY_SECONDS))
        .finish()
}
