//! Who is looking: the session behind the cookie.

use actix_web::cookie::{Cookie, SameSite};
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use std::future::{Ready, ready};

use super::errors::WebError;
use crate::actions::opening::Caller;
use crate::actions::{ActingToken, By};
use crate::domain::access::{SignInMethod, is_recent};
use crate::domain::api_tokens::TokenScope;
use crate::domain::ids::{Id, Moment};
use crate::domain::people::Role;
use crate::domain::permissions::{Permission, allows};
use crate::domain::tasks::AssigneeGroup;
use crate::store::sessions::Renewal;

/// Whose request this is, and what their pages' forms must carry.
#[derive(Debug, Clone)]
pub struct Viewer {
    pub signed_in: Option<SignedInViewer>,
    /// The token that asks on behalf of `signed_in`; `None` where a person looks themselves.
    pub token: Option<ViewerToken>,
    /// The token of the session's forms; a stranger's belongs to the cookie of the sign-in page.
    pub csrf: String,
    /// Where the request comes from; empty when that is not known.
    pub address: String,
    pub request_id: String,
    pub now: Moment,
}

/// Somebody who is signed in.
#[derive(Debug, Clone)]
pub struct SignedInViewer {
    pub person: Id,
    pub name: String,
    /// What they may do now: an administrator's work under emergency access, else what their account may.
    pub role: Role,
    /// The role of the account itself.
    pub standing: Role,
    /// The emergency access under which they act, and when it ends.
    pub emergency: Option<(Id, Moment)>,
    pub time_zone: Option<String>,
    pub session: Id,
    pub method: SignInMethod,
    /// When they last proved who they are.
    pub confirmed_at: Moment,
}

/// A token of Muster's own interface that asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewerToken {
    pub id: Id,
    pub scopes: Vec<TokenScope>,
}

impl ViewerToken {
    /// Whether its scopes open routes of that permission.
    pub fn may(&self, permission: Permission) -> bool {
        TokenScope::for_permission(permission).is_some_and(|scope| self.scopes.contains(&scope))
    }
}

/// Whose records somebody sees in lists and on pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sees {
    Everything,
    /// What they own or answer for.
    OwnedBy(Id),
}

impl Viewer {
    /// The role, or none for a stranger.
    pub fn role(&self) -> Option<Role> {
        self.signed_in.as_ref().map(|viewer| viewer.role)
    }

    /// Whether the viewer's role has that permission, and the token that asks for them where one does.
    pub fn may(&self, permission: Permission) -> bool {
        allows(self.role(), permission) && self.token.as_ref().is_none_or(|token| token.may(permission))
    }

    /// The person, on pages only a signed-in one reaches.
    pub fn person(&self) -> Result<Id, WebError> {
        self.signed_in.as_ref().map(|viewer| viewer.person).ok_or(WebError::SignedOut)
    }

    /// Whether they proved who they are recently enough for what has consequences.
    pub fn is_recent(&self) -> bool {
        self.signed_in.as_ref().is_some_and(|viewer| is_recent(viewer.confirmed_at, self.now))
    }

    /// Who acts, for an action.
    pub fn by(&self) -> Result<By, WebError> {
        let viewer = self.signed_in.as_ref().ok_or(WebError::SignedOut)?;
        let by = By::person(viewer.person, viewer.role, Some(self.request_id.clone()), self.now);
        let by = by.at_address(&self.address).under(viewer.emergency.map(|(id, _)| id));
        Ok(match &self.token {
            Some(token) => {
                let keeps_register = token.may(Permission::KeepRegister);
                by.through(ActingToken { id: token.id, keeps_register })
            }
            None => by,
        })
    }

    /// The groups whose tasks wait for the viewer. Emergency access makes nobody a member of one.
    pub fn groups(&self) -> &'static [AssigneeGroup] {
        self.signed_in.as_ref().map_or(&[], |viewer| AssigneeGroup::of(viewer.standing))
    }

    /// The emergency access under which the viewer acts.
    pub fn emergency(&self) -> Option<(Id, Moment)> {
        self.signed_in.as_ref().and_then(|viewer| viewer.emergency)
    }

    /// Whose records the viewer sees.
    pub fn sees(&self) -> Result<Sees, WebError> {
        let viewer = self.signed_in.as_ref().ok_or(WebError::SignedOut)?;
        Ok(if viewer.role == Role::Owner { Sees::OwnedBy(viewer.person) } else { Sees::Everything })
    }
}

impl FromRequest for Viewer {
    type Error = WebError;
    type Future = Ready<Result<Self, WebError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(request.extensions().get::<Self>().cloned().ok_or(WebError::SignedOut))
    }
}

/// The cookie's name: the `__Host-` prefix holds it to this host and to TLS (RFC 6265bis).
/// Plain HTTP, allowed on loopback only, cannot carry it.
pub fn cookie_name(base_url: &str) -> &'static str {
    if base_url.starts_with("https://") { "__Host-muster" } else { "muster" }
}

/// Where a request comes from, for the session that it opens.
pub fn caller(request: &HttpRequest, viewer: &Viewer) -> Caller {
    let agent = request.headers().get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    Caller {
        address: viewer.address.clone(),
        agent: agent.to_owned(),
        request_id: Some(viewer.request_id.clone()),
        session: viewer.signed_in.as_ref().map(|viewer| viewer.session),
    }
}

/// A new cookie value: 256 random bits.
pub fn new_token() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

/// What the database keeps of a cookie's value.
pub fn digest(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

/// The token that forms carry, made from the cookie's value: only pages of that session know it.
pub fn csrf(token: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::new().chain_update(b"form\0").chain_update(token.as_bytes()).finalize())
}

/// What the database keeps of the cookie that a request carries, whoever it belongs to.
pub fn cookie_digest(request: &HttpRequest, base_url: &str) -> Option<Vec<u8>> {
    request.cookie(cookie_name(base_url)).map(|cookie| digest(cookie.value()))
}

/// A new cookie value in the place of the one that a request carries: the value, and the digests of both.
pub fn renewal(request: &HttpRequest, base_url: &str) -> Result<(String, Renewal), WebError> {
    let from = cookie_digest(request, base_url).ok_or(WebError::SignedOut)?;
    let token = new_token();
    let to = digest(&token);
    Ok((token, Renewal { from, to }))
}

/// Sends the cookie that carries a token with an answer.
pub fn give(answer: &mut HttpResponse, base_url: &str, token: String) -> Result<(), WebError> {
    answer.add_cookie(&cookie(base_url, token)).map_err(|error| WebError::Fault(error.to_string()))
}

/// The cookie that takes the other away. A browser takes nothing under the `__Host-` prefix that does
/// not have all its attributes, not even this.
pub fn no_cookie(base_url: &str) -> Cookie<'static> {
    let mut gone = cookie(base_url, String::new());
    gone.make_removal();
    gone
}

/// The cookie that a stranger's form belongs to, whose token the viewer's page then carries. Whoever is signed
/// in keeps theirs.
pub fn for_form(viewer: &mut Viewer, base_url: &str) -> Option<Cookie<'static>> {
    if viewer.signed_in.is_some() {
        return None;
    }
    let token = new_token();
    viewer.csrf = csrf(&token);
    Some(cookie(base_url, token))
}

/// The name of the cookie that carries a one-time link from its address, which logs and histories keep, to
/// the form that uses it.
pub fn link_cookie_name(base_url: &str) -> &'static str {
    if base_url.starts_with("https://") { "__Host-muster-link" } else { "muster-link" }
}

/// The cookie that carries the token of a one-time link.
pub fn link_cookie(base_url: &str, token: String) -> Cookie<'static> {
    let mut cookie = cookie(base_url, token);
    cookie.set_name(link_cookie_name(base_url));
    cookie
}

/// The token of a one-time link that a request carries.
pub fn link_token(request: &HttpRequest, base_url: &str) -> Option<String> {
    request.cookie(link_cookie_name(base_url)).map(|cookie| cookie.value().to_owned())
}

/// The cookie that carries a token.
pub fn cookie(base_url: &str, token: String) -> Cookie<'static> {
    Cookie::build(cookie_name(base_url), token)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(base_url.starts_with("https://"))
        .finish()
}
