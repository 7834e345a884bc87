//! The door: every request passes it, every response leaves through it.
//!
//! In: a request id, the session, the permission of the route, and where a change comes from.
//! Out: the fences, a page for every error, one log line, and another for the security team where it must know.

use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{ConnectionType, Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, ResponseError, web};
use askama::Template;
use futures_util::FutureExt;

use super::confirm;
use super::connection::{Answering, Lasting};
use super::errors::{ErrorText, WebError};
use super::fields::{self, Fields};
use super::frame::Frame;
use super::hosts::Hosts;
use super::limits::{self, Caller, Limits};
use super::peers::Peers;
use super::routes::Mark;
use super::session::{self, SignedInViewer, Viewer};
use super::typed::Typed;
use super::{api, bearer, fences, routes};
use crate::actions::events::{self, Facts};
use crate::actions::{Register, sessions};
use crate::domain::break_glass;
use crate::domain::events::SecurityEvent;
use crate::domain::permissions::Permission;

/// What is left to say when something fell that no handler stands around.
#[derive(Debug, thiserror::Error)]
#[error("Something went wrong on our side. Nothing was changed")]
struct Fallen {
    https: bool,
    request_id: String,
}

impl ResponseError for Fallen {
    fn error_response(&self) -> HttpResponse {
        let text = format!("{self}. The number of this request is {}\n", self.request_id);
        let mut answer = HttpResponse::InternalServerError().content_type("text/plain; charset=utf-8").body(text);
        fences::harden(answer.headers_mut(), self.https, false, &self.request_id);
        answer
    }
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    frame: Frame,
    text: String,
    ask: bool,
    request_id: String,
    status: u16,
    /// What was typed in the form that led here.
    typed: Vec<(String, String)>,
    /// The page that an address belongs to which is none itself; empty elsewhere.
    page: String,
    /// Where one signs in again, and comes back to the page of the form; empty where one is signed in.
    sign_in: String,
}

/// What the door knows beside the register.
#[derive(Clone)]
pub struct Gate {
    pub peers: Peers,
    pub hosts: Arc<Hosts>,
    pub limits: Arc<Limits>,
}

/// The middleware around every route. Whatever falls inside leaves as a bare page with the fences.
pub async fn pass(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let request_id = uuid::Uuid::now_v7().simple().to_string();
    let https = request.app_data::<web::Data<Register>>().is_some_and(|register| is_https(register));
    let fallen = |cause: String| {
        tracing::error!(target: "security", event = SecurityEvent::Crash.word(), request_id, cause, "fallen");
        Err(Fallen { https, request_id: request_id.clone() }.into())
    };
    match AssertUnwindSafe(through(request, next, &request_id)).catch_unwind().await {
        Ok(Ok(response)) => Ok(response),
        Ok(Err(error)) => fallen(error.to_string()),
        Err(_) => fallen("the door panicked".to_owned()),
    }
}

async fn through(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
    request_id: &str,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let started = Instant::now();
    let turn = request.request().conn_data::<Answering>().map(Answering::begin);
    let method = request.method().clone();
    let path = routes::as_logged(request.request());
    // A program is told in JSON what is wrong, and led to no page.
    let api = api::is_api(request.path());

    let entered = match admit(&request) {
        Ok(()) => enter(&request, request_id).await,
        Err(error) => Err((error, None)),
    };
    let mut response = match entered {
        Ok(()) => next.call(request).await?.map_into_boxed_body(),
        Err((WebError::SignedOut, _)) if !api && (method == Method::GET || method == Method::HEAD) => {
            let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
            let link = format!("/sign-in{}", Fields::default().with("next", target).to_query());
            let redirect = HttpResponse::SeeOther().insert_header((header::LOCATION, link)).finish();
            request.into_response(redirect)
        }
        Err((WebError::NoSecondFactor, _)) if !api => {
            let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
            let target = if request.method().is_safe() { target } else { "" };
            let link = format!("/account/second-factor{}", Fields::default().with("next", target).to_query());
            request.into_response(HttpResponse::SeeOther().insert_header((header::LOCATION, link)).finish())
        }
        Err((WebError::Unconfirmed, Some(viewer))) => confirm::hold::ask(request, *viewer).await,
        Err((error, viewer)) => {
            // The session ended while somebody wrote: what they wrote is shown to them.
            if matches!(error, WebError::SignedOut) && !api && is_own_form(&request) {
                fields::keep_unread(&mut request).await;
            }
            let answer = error.error_response();
            if let Some(viewer) = viewer {
                request.extensions_mut().insert(*viewer);
            }
            request.into_response(answer)
        }
    };

    confirm::claim::settle(response.request(), response.status()).await;
    let mut failed = response.response_mut().extensions_mut().remove::<ErrorText>();
    let bare = failed.is_none() && !response.headers().contains_key(header::CONTENT_TYPE);
    if bare && response.status() == StatusCode::METHOD_NOT_ALLOWED {
        failed = WebError::NoSuchMethod.error_response().extensions_mut().remove::<ErrorText>();
    }
    let event = event(&response, failed.as_ref());
    if let Some(error) = failed {
        response = explain(response, error, request_id);
    }
    let status = response.status().as_u16();
    let https = response.request().app_data::<web::Data<Register>>().is_some_and(|register| is_https(register));
    let is_static = response.request().path().starts_with("/static/") && status < 400;
    fences::harden(response.headers_mut(), https, is_static, request_id);
    if let Some(event) = event {
        report(event, response.request(), &path, status, request_id);
    }
    let milliseconds = started.elapsed().as_secs_f64() * 1000.0;
    let address = address(response.request()).map(|address| address.to_string());
    tracing::info!(request_id, address, %method, path, status, milliseconds, "request");
    Ok(response.map_body(|_, body| BoxBody::new(Lasting::new(body, turn))))
}

fn is_https(register: &Register) -> bool {
    register.deployment.base_url.starts_with("https://")
}

/// Refuses what is not for us, or is no request that anybody of ours sends, before anything is looked up.
fn admit(request: &ServiceRequest) -> Result<(), WebError> {
    let Some(gate) = request.app_data::<web::Data<Gate>>() else {
        return Err(WebError::Fault("the gate is not attached".to_owned()));
    };
    if !gate.peers.admits(request.peer_addr().map(|address| address.ip())) {
        return Err(WebError::PastTheProxy);
    }
    if !routes::is_probe(request.path()) && !gate.hosts.admit(request.head()) {
        return Err(WebError::Elsewhere);
    }
    fences::check(request.head())
}

/// What a security team is told of an answer, if anything.
fn event(response: &ServiceResponse<BoxBody>, failed: Option<&ErrorText>) -> Option<SecurityEvent> {
    let request = response.request();
    let known = routes::answering(request).is_some();
    let signed_in = request.extensions().get::<Viewer>().is_some_and(|viewer| viewer.signed_in.is_some());
    match (failed.and_then(|failed| failed.event), response.status()) {
        (Some(event), _) => Some(event),
        // What is hidden answers as if it were not there; who looks for it is told of all the same.
        (None, StatusCode::NOT_FOUND) if known && signed_in => Some(SecurityEvent::AuthzFail),
        (None, StatusCode::UNAUTHORIZED) => Some(SecurityEvent::AuthzFail),
        _ => None,
    }
}

/// One line for the security team. People are named by id; nothing that was typed stands in it.
fn report(event: SecurityEvent, request: &HttpRequest, path: &str, status: u16, request_id: &str) {
    let extensions = request.extensions();
    let viewer = extensions.get::<Viewer>();
    let person = viewer.and_then(|viewer| viewer.signed_in.as_ref()).map(|viewer| viewer.person.to_string());
    let address = address(request).map(|address| address.to_string()).unwrap_or_default();
    let method = request.method().as_str();
    events::report(event, &Facts { request_id, person: person.as_deref(), address: &address, method, path, status });
}

/// The network address of whoever sends a request.
fn address(request: &HttpRequest) -> Option<IpAddr> {
    let peer = request.peer_addr()?.ip();
    let gate = request.app_data::<web::Data<Gate>>()?;
    Some(gate.peers.client(peer, request.headers()))
}

/// Takes a request from the allowance of its sender.
fn take(request: &ServiceRequest, viewer: &Viewer) -> Result<(), WebError> {
    let caller = match (&viewer.token, &viewer.signed_in, address(request.request())) {
        (Some(token), ..) => Caller::Token(token.id),
        (None, Some(viewer), _) => Caller::Account(viewer.person),
        (None, None, Some(address)) => Caller::Address(address),
        (None, None, None) => return Ok(()),
    };
    let Some(gate) = request.app_data::<web::Data<Gate>>() else { return Ok(()) };
    gate.limits.take(caller, limits::cost(request.method(), request.path())).map_err(WebError::TooFast)
}

/// Lets a request in, with its viewer, or says why not.
async fn enter(request: &ServiceRequest, request_id: &str) -> Result<(), (WebError, Option<Box<Viewer>>)> {
    let Some(register) = request.app_data::<web::Data<Register>>().cloned() else {
        return Err((WebError::Fault("the register is not attached".to_owned()), None));
    };
    let now = register.now();
    let base_url = register.deployment.base_url.clone();
    let second_factor = register.deployment.access.second_factor;
    let break_glass_is_on = register.deployment.access.break_glass;
    let cookie = request.cookie(session::cookie_name(&base_url)).map(|cookie| cookie.value().to_owned());
    let mut viewer = Viewer {
        signed_in: None,
        token: None,
        csrf: cookie.as_deref().map(session::csrf).unwrap_or_default(),
        address: address(request.request()).map(|address| address.to_string()).unwrap_or_default(),
        request_id: request_id.to_owned(),
        now,
    };
    if routes::is_bare(request.path()) {
        request.extensions_mut().insert(viewer);
        return Ok(());
    }
    bearer::identify(request, &register, &mut viewer, cookie.is_some()).await.map_err(|error| (error, None))?;
    if let Some(token) = cookie {
        let digest = session::digest(&token);
        let found = web::block(move || sessions::resume(&register, &digest, now)).await;
        match found {
            Ok(Ok(Some(person))) => {
                // Turned off, it helps nobody whom it helped before.
                let emergency = person.emergency.filter(|_| break_glass_is_on);
                viewer.signed_in = Some(SignedInViewer {
                    person: person.person_id,
                    name: person.name,
                    role: break_glass::role_now(person.role, emergency.is_some()),
                    standing: person.role,
                    emergency,
                    time_zone: person.time_zone,
                    session: person.session_id,
                    method: person.method,
                    confirmed_at: person.confirmed_at,
                });
            }
            Ok(Ok(None)) => {}
            Ok(Err(error)) => return Err((error.into(), None)),
            Err(error) => return Err((WebError::Fault(error.to_string()), None)),
        }
    }
    if let Err(error) = take(request, &viewer) {
        return Err((error, Some(Box::new(viewer))));
    }
    let route = routes::answering(request.request());
    // Closed by default: what the table does not know reaches no handler, whatever routing would make of it.
    if routes::is_disguised(request.path()) || request.match_pattern().is_none() {
        return Err((WebError::NotFound, Some(Box::new(viewer))));
    }
    let Some(route) = route else {
        // The address has no such method: routing will answer 405.
        request.extensions_mut().insert(viewer);
        return Ok(());
    };
    let permission = route.permission;
    if route.marks.contains(&Mark::BreakGlass) && !break_glass_is_on {
        return Err((WebError::NotFound, Some(Box::new(viewer))));
    }
    let refused = if let Some(refusal) = bearer::refuses(route, &viewer) {
        Some(refusal)
    } else if viewer.signed_in.is_none() && permission != Permission::Public {
        Some(WebError::SignedOut)
    } else if permission != Permission::Public
        && viewer.token.is_none()
        && viewer.signed_in.as_ref().is_some_and(|viewer| second_factor.is_missing(viewer.method))
        && !route.marks.contains(&routes::Mark::WithoutFactor)
    {
        Some(WebError::NoSecondFactor)
    } else if !viewer.may(permission) {
        Some(WebError::Forbidden(Some(permission)))
    } else if viewer.token.is_none() && !request.method().is_safe() && !comes_from_us(request.headers(), &base_url) {
        Some(WebError::Foreign)
    } else if route.marks.contains(&routes::Mark::Recent) && !viewer.is_recent() {
        Some(WebError::Unconfirmed)
    } else {
        None
    };
    match refused {
        Some(error) => Err((error, Some(Box::new(viewer)))),
        None => {
            request.extensions_mut().insert(viewer);
            Ok(())
        }
    }
}

/// Whether a form was sent from a page of ours.
fn is_own_form(request: &ServiceRequest) -> bool {
    let register = request.app_data::<web::Data<Register>>();
    request.method() == Method::POST
        && register.is_some_and(|register| comes_from_us(request.headers(), &register.deployment.base_url))
}

/// Whether a change was sent from a page of ours, as far as the browser says: `Sec-Fetch-Site` where
/// it is sent, else `Origin`. A client that sends neither is no browser, and still needs the token.
fn comes_from_us(headers: &HeaderMap, base_url: &str) -> bool {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    match text(HeaderName::from_static("sec-fetch-site")) {
        Some("same-origin" | "none") => true,
        Some(_) => false,
        None => match text(header::ORIGIN) {
            // A name that the register does not answer under was refused before, so the host is ours.
            Some(origin) => {
                let scheme = base_url.split_once("://").map(|(scheme, _)| scheme);
                origin == base_url
                    || origin.split_once("://").is_some_and(|(its_scheme, name)| {
                        Some(its_scheme) == scheme && text(header::HOST) == Some(name)
                    })
            }
            None => true,
        },
    }
}

/// Puts a page in place of a bare error.
fn explain(response: ServiceResponse<BoxBody>, error: ErrorText, request_id: &str) -> ServiceResponse<BoxBody> {
    let status = response.status();
    let (request, bare) = response.into_parts();
    let closes = bare.head().connection_type() == ConnectionType::Close;
    let kept: Vec<(HeaderName, HeaderValue)> =
        bare.headers().iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    if let Some(mut answer) = api::errors::explain(&request, &error, status, request_id) {
        kept.into_iter().for_each(|(name, value)| answer.headers_mut().append(name, value));
        if closes {
            answer.head_mut().set_connection_type(ConnectionType::Close);
        }
        return ServiceResponse::new(request, answer);
    }
    let viewer = request.extensions().get::<Viewer>().cloned();
    let rendered = request.app_data::<web::Data<Register>>().zip(viewer).and_then(|(register, viewer)| {
        let frame = Frame::new(register, &viewer, "", error.title);
        ErrorPage {
            frame,
            text: error.text.clone(),
            ask: error.ask,
            request_id: request_id.to_owned(),
            status: status.as_u16(),
            typed: request.extensions_mut().remove::<Typed>().unwrap_or_default().0,
            page: if status == StatusCode::METHOD_NOT_ALLOWED {
                routes::page_of(request.path())
            } else {
                String::new()
            },
            sign_in: if status == StatusCode::UNAUTHORIZED {
                let page = routes::page_of(request.path());
                format!("/sign-in{}", Fields::default().with("next", &page).to_query())
            } else {
                String::new()
            },
        }
        .render()
        .ok()
    });
    let mut answer = HttpResponse::build(status);
    for header in kept {
        answer.insert_header(header);
    }
    if closes {
        answer.force_close();
    }
    let answer = match rendered {
        Some(body) => answer.content_type(header::ContentType::html()).body(body),
        None => answer.content_type("text/plain; charset=utf-8").body(format!("{}\n", error.text)),
    };
    ServiceResponse::new(request, answer)
}
