//! The door: every request passes it, every response leaves through it.
//!
//! In: a request id, the session, the permission of the route, and where a change comes from.
//! Out: the security headers, a page for every error, one log line.

use std::time::Instant;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, ResponseError, web};
use askama::Template;

use super::confirm;
use super::errors::{ErrorText, WebError};
use super::frame::Frame;
use super::peers::Peers;
use super::routes::Mark;
use super::session::{self, SignedInViewer, Viewer};
use super::{bearer, routes};
use crate::actions::{Register, sessions};
use crate::domain::break_glass;
use crate::domain::permissions::Permission;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
    form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'";

/// What is said to somebody who comes past the proxy.
const STRANGER: &str = "This server answers only the proxy in front of it. Open Muster at its usual address.\n";

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    frame: Frame,
    text: String,
    ask: bool,
    request_id: String,
    status: u16,
}

/// The middleware around every route.
pub async fn pass(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let started = Instant::now();
    let method = request.method().clone();
    let path = routes::as_logged(request.request());
    let request_id = uuid::Uuid::now_v7().simple().to_string();

    let peer = request.peer_addr().map(|address| address.ip());
    let admitted = request.app_data::<web::Data<Peers>>().is_none_or(|peers| peers.admits(peer));
    let entered = if admitted { enter(&request, &request_id).await } else { Ok(()) };
    let mut response = match entered {
        Ok(()) if !admitted => {
            tracing::warn!(request_id, ?peer, "refused: the request does not come from the proxy's network");
            let answer = HttpResponse::Forbidden().content_type("text/plain; charset=utf-8").body(STRANGER);
            request.into_response(answer)
        }
        Ok(()) => match next.call(request).await {
            Ok(response) => response.map_into_boxed_body(),
            Err(error) => return Err(error),
        },
        Err((WebError::SignedOut, _)) if method == Method::GET || method == Method::HEAD => {
            let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
            let link = format!("/sign-in{}", super::fields::Fields::default().with("next", target).to_query());
            let redirect = HttpResponse::SeeOther().insert_header((header::LOCATION, link)).finish();
            request.into_response(redirect)
        }
        Err((WebError::NoSecondFactor, _)) => {
            let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
            let target = if request.method().is_safe() { target } else { "" };
            let link =
                format!("/account/second-factor{}", super::fields::Fields::default().with("next", target).to_query());
            request.into_response(HttpResponse::SeeOther().insert_header((header::LOCATION, link)).finish())
        }
        Err((WebError::Unconfirmed, Some(viewer))) => confirm::hold::ask(request, *viewer).await,
        Err((error, viewer)) => {
            let answer = error.error_response();
            if let Some(viewer) = viewer {
                request.extensions_mut().insert(*viewer);
            }
            request.into_response(answer)
        }
    };

    confirm::claim::settle(response.request(), response.status()).await;
    let failed = response.response_mut().extensions_mut().remove::<ErrorText>();
    if let Some(error) = failed {
        response = explain(response, error, &request_id);
    } else if response.status() == StatusCode::NOT_FOUND && routes::is_unknown(response.request()) {
        response = explain(
            response,
            ErrorText { title: "Page not found", text: "There is nothing at this address".to_owned(), ask: false },
            &request_id,
        );
    }
    let status = response.status().as_u16();
    harden(response.request().clone(), response.headers_mut(), &request_id);
    let milliseconds = started.elapsed().as_secs_f64() * 1000.0;
    tracing::info!(request_id, %method, path, status, milliseconds, "request");
    Ok(response)
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
        address: request.peer_addr().map(|peer| peer.ip().to_canonical().to_string()).unwrap_or_default(),
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
    let refused = if request.headers().contains_key(header::CONTENT_ENCODING) {
        Some(WebError::Bad("Send the form without compression".to_owned()))
    } else if let Some(refusal) = bearer::refuses(route, &viewer) {
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

/// Whether a change was sent from a page of ours, as far as the browser says: `Sec-Fetch-Site` where
/// it is sent, else `Origin`. A client that sends neither is no browser, and still needs the token.
fn comes_from_us(headers: &HeaderMap, base_url: &str) -> bool {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    match text(HeaderName::from_static("sec-fetch-site")) {
        Some("same-origin" | "none") => true,
        Some(_) => false,
        None => match text(header::ORIGIN) {
            Some(origin) => {
                origin == base_url
                    || text(header::HOST)
                        .is_some_and(|host| origin.split_once("://").is_some_and(|(_, name)| name == host))
            }
            None => true,
        },
    }
}

/// Puts a page in place of a bare error.
fn explain(response: ServiceResponse<BoxBody>, error: ErrorText, request_id: &str) -> ServiceResponse<BoxBody> {
    let status = response.status();
    let retry_after = response.headers().get(header::RETRY_AFTER).cloned();
    let (request, bare) = response.into_parts();
    if let Some(mut answer) = bearer::explain(&request, &error, status.as_u16(), request_id) {
        if let Some(challenge) = bare.headers().get(header::WWW_AUTHENTICATE) {
            answer.headers_mut().insert(header::WWW_AUTHENTICATE, challenge.clone());
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
        }
        .render()
        .ok()
    });
    let mut answer = HttpResponse::build(status);
    if let Some(retry_after) = retry_after {
        answer.insert_header((header::RETRY_AFTER, retry_after));
    }
    let answer = match rendered {
        Some(body) => answer.content_type(header::ContentType::html()).body(body),
        None => answer.content_type("text/plain; charset=utf-8").body(format!("{}\n", error.text)),
    };
    ServiceResponse::new(request, answer)
}

/// The headers of every response, errors included.
fn harden(request: HttpRequest, headers: &mut HeaderMap, request_id: &str) {
    let mut set = |name: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    };
    set("content-security-policy", POLICY);
    set("x-content-type-options", "nosniff");
    set("referrer-policy", "same-origin");
    set("cross-origin-opener-policy", "same-origin");
    set("cross-origin-resource-policy", "same-origin");
    set("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()");
    set("x-request-id", request_id);
    let https = request
        .app_data::<web::Data<Register>>()
        .is_some_and(|register| register.deployment.base_url.starts_with("https://"));
    if https {
        set("strict-transport-security", "max-age=31536000; includeSubDomains");
    }
    if !request.path().starts_with("/static/") {
        set("cache-control", "no-store");
    }
}
