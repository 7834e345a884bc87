//! What the door does with a form whose sender must prove again who they are.
//!
//! The form is read in the door, before any handler, and not in the extractor that handlers take: a
//! route that is marked `Recent` is closed even when its handler reads no form at all.

use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::{HttpMessage, HttpResponse, ResponseError, web};

use super::claim::FIELD;

use crate::actions::{Register, held_forms};
use crate::domain::ids::Id;
use crate::web::errors::WebError;
use crate::web::fields::{Fields, Posted};
use crate::web::session::Viewer;
use crate::web::{Answer, act, routes, see_other};

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

/// The route that a waiting form goes to: the database's word for it, and only one of ours that asks for this.
pub fn route_of(target: &str) -> Result<&'static routes::Route, WebError> {
    routes::awaiting(target).ok_or(WebError::NotFound)
}
