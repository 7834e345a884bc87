//! Sending a form on that waited: once, and not lost when it is refused.

use actix_web::http::StatusCode;
use actix_web::{HttpMessage, HttpRequest, web};

use crate::actions::{Register, held_forms};
use crate::domain::ids::Id;
use crate::web::act;
use crate::web::errors::WebError;
use crate::web::session::Viewer;

/// The field of a form that waited: its id, so that it is sent on once.
pub const FIELD: &str = "held_form";

/// A form that waited and is being sent on: its session and its id.
struct Claimed(Id, Id);

/// Takes a form that waited when it is sent on; refuses it when it was sent before.
///
/// Called for every form, with the text of its field [`FIELD`]. It is a courtesy against sending twice
/// without meaning to: what an action allows twice is decided by the action.
pub async fn claim(request: &HttpRequest, id: &str) -> Result<(), WebError> {
    if id.is_empty() {
        return Ok(());
    }
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
            "This form was sent already, or it waited too long. Nothing was done now; look at the page \
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
