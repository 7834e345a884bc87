//! What the door does with a form whose sender must prove again who they are.
//!
//! The form is read in the door, before any handler, and not in the extractor that handlers take: a
//! route that is marked `Recent` is closed even when its handler reads no form at all.

use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, ResponseError, web};

use crate::actions::{Register, held_forms};
use crate::domain::ids::Id;
use crate::web::errors::WebError;
use crate::web::fields::{Fields, Posted};
use crate::web::session::Viewer;
use crate::web::{Answer, act, routes, see_other};

/// The field of a form that waited: its id, so that it is sent on once.
pub const FIELD: &str = "held_form";

/// A form that waited and is being sent on: its session and its id.
struct Claimed(Id, Id);

/// Asks whoever sent a request to prove again who they are. A page waits as a link, a form is kept.
pub async fn ask(mut request: ServiceRequest, viewer: Viewer) -> ServiceResponse<BoxBody> {
    request.extensions_mut().insert(viewer.clone());
    let target = request.uri().path_and_query().map_or("/", |target| target.as_str()).to_owned();
    let answer = if request.method().is_safe() {
        see_other(super::ask::link(&target))
    } else {
        // Checks the form's token: nobody but a page of ours puts a form into the queue.
        match request.extract::<Posted>().await {
            Ok(Posted(fields)) => hold(&request, &viewer, target, &fields).await,
            Err(error) => Err(error),
        }
    };
    let answer: HttpResponse = answer.unwrap_or_else(|error| error.error_response());
    request.into_response(answer)
}

async fn hold(request: &ServiceRequest, viewer: &Viewer, target: String, fields: &Fields) -> Answer {
    let fault = || WebError::Fault("the register is not attached".to_owned());
    let register = request.app_data::<web::Data<Register>>().ok_or_else(fault)?;
    let signed_in = viewer.signed_in.as_ref().ok_or(WebError::SignedOut)?;
    let (session, now) = (signed_in.session, viewer.now);
    let kept: Vec<(String, String)> = fields
        .iter()
        .filter(|(name, _)| *name != "csrf" && *name != FIELD)
        .map(|(name, text)| (name.to_owned(), text.to_owned()))
        .collect();
    // No text field takes one, and PostgreSQL keeps none.
    if kept.iter().any(|(name, text)| name.contains('\0') || text.contains('\0')) {
        return Err(WebError::Bad("This form holds a character that no text has (NUL); remove it".to_owned()));
    }
    let before = fields.value::<Id>(FIELD);
    let id = act(register, move |register| held_forms::hold(register, session, target, kept, before, now)).await??;
    see_other(format!("/confirm/{id}"))
}

/// Takes a form that waited when it is sent on; refuses it when it was sent before.
///
/// Part of [`Posted`], which every handler of a form takes. It is a courtesy against sending twice
/// without meaning to: what an action allows twice is decided by the action.
pub async fn claim(request: &HttpRequest, fields: &Fields) -> Result<(), WebError> {
    let Some(id) = fields.get(FIELD) else { return Ok(()) };
    let viewer = request.extensions().get::<Viewer>().cloned();
    let register = request.app_data::<web::Data<Register>>();
    let (Some(viewer), Some(register)) = (viewer, register) else { return Err(WebError::SignedOut) };
    if !viewer.is_recent() {
        return Ok(()); // It will wait again.
    }
    let signed_in = viewer.signed_in.as_ref().ok_or(WebError::SignedOut)?;
    let id: Id = id.parse().map_err(|_| WebError::Bad("Open the page of this form again".to_owned()))?;
    let target = request.uri().path_and_query().map_or("/", |target| target.as_str()).to_owned();
    let (session, now) = (signed_in.session, viewer.now);
    let taken = act(register, move |register| held_forms::claim(register, session, id, &target, now)).await??;
    if !taken {
        return Err(WebError::Refused(
            "This form was sent already, or it waited longer than ten minutes. Nothing was done now; look at the page \
             of what it was about"
                .to_owned(),
        ));
    }
    request.extensions_mut().insert(Claimed(session, id));
    Ok(())
}

/// After the answer: a form that was done is forgotten, one that was refused waits on.
pub async fn settle(request: &HttpRequest, status: StatusCode) {
    let claimed = request.extensions_mut().remove::<Claimed>();
    let (Some(Claimed(session, id)), Some(register)) = (claimed, request.app_data::<web::Data<Register>>()) else {
        return;
    };
    let done = status.is_success() || status.is_redirection();
    let settled = act(register, move |register| held_forms::settle(register, session, id, done)).await;
    // The form stays taken, which is the careful side: it cannot be sent twice.
    if !matches!(settled, Ok(Ok(()))) {
        tracing::error!(form = %id, "a form that waited could not be settled");
    }
}

/// The route that a waiting form goes to: the database's word for it, and only one of ours that asks for this.
pub fn route_of(target: &str) -> Result<&'static routes::Route, WebError> {
    routes::awaiting(target).ok_or(WebError::NotFound)
}
