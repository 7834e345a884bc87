//! A form that waits: proving again who one is, and sending it on.
//!
//! Nothing is sent by the browser alone, and nothing by opening a page: the form is shown once more with
//! the session's new token, and its sender presses one button.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};
use askama::Template;

use super::ask::{self, Asked};
use super::{claim, hold, words};
use crate::actions::Register;
use crate::domain::ids::Id;
use crate::store::held_forms::{self, HeldForm};
use crate::web::errors::WebError;
use crate::web::fields::Posted;
use crate::web::frame::Frame;
use crate::web::session::Viewer;
use crate::web::typed::Typed;
use crate::web::{Answer, page, read, routes, show};

#[derive(Template)]
#[template(path = "confirm/continue.html")]
struct ContinuePage {
    frame: Frame,
    what: String,
    form: HeldForm,
    until: String,
}

impl ContinuePage {
    /// What was filled in, as a reader knows it.
    fn filled(&self) -> Vec<(String, String)> {
        Typed::of(self.form.fields.0.iter().map(|(name, text)| (name.as_str(), text.as_str()))).0
    }

    /// The page on which it was filled in.
    fn back(&self) -> String {
        routes::page_of(&self.form.target)
    }

    fn id_field(&self) -> &'static str {
        claim::FIELD
    }
}

/// GET /confirm/{id}
pub async fn show(register: web::Data<Register>, viewer: Viewer, id: web::Path<String>) -> Answer {
    let Some((form, what)) = waiting(&register, &viewer, &id).await? else { return gone(&register, &viewer) };
    let until = show::moment(form.ends_at, Frame::new(&register, &viewer, "", "").tz);
    if !viewer.is_recent() {
        return ask::show(&register, &viewer, asked(&form, &what, &until), String::new()).await;
    }
    let frame = Frame::new(&register, &viewer, "", format!("One more step: {what}"));
    page(&ContinuePage { frame, what, form, until })
}

/// POST /confirm/{id}
pub async fn submit(
    register: web::Data<Register>,
    request: HttpRequest,
    viewer: Viewer,
    id: web::Path<String>,
    posted: Result<Posted, WebError>,
) -> Answer {
    let fields = match posted {
        Ok(Posted(fields)) => fields,
        Err(error) => {
            return ask::too_old(
                &register,
                &viewer,
                error,
                &format!("/confirm/{}", id.parse::<Id>().map_err(|_| WebError::NotFound)?),
            );
        }
    };
    let Some((form, what)) = waiting(&register, &viewer, &id).await? else { return gone(&register, &viewer) };
    let until = show::moment(form.ends_at, Frame::new(&register, &viewer, "", "").tz);
    let asked = asked(&form, &what, &until);
    ask::submit(&register, &request, viewer, &fields, asked).await
}

/// The form that waits under that id for this session, and what it asks for.
async fn waiting(
    register: &web::Data<Register>,
    viewer: &Viewer,
    id: &str,
) -> Result<Option<(HeldForm, String)>, WebError> {
    let Ok(id) = id.parse::<Id>() else { return Ok(None) };
    let signed_in = viewer.signed_in.as_ref().ok_or(WebError::SignedOut)?;
    let (session, now) = (signed_in.session, viewer.now);
    let Some(form) = read(register, move |db| held_forms::find(db, session, id, now)).await? else { return Ok(None) };
    let route = hold::route_of(&form.target)?;
    let target = form.target.clone();
    let what = read(register, move |db| words::asked(db, route, &target)).await?;
    Ok(Some((form, what)))
}

fn asked(form: &HeldForm, what: &str, until: &str) -> Asked {
    let here = format!("/confirm/{}", form.id);
    Asked {
        what: format!("You asked to {what}."),
        kept: format!(
            "Nothing was done yet. What you filled in is kept until {until}, and is sent only when you say so."
        ),
        action: here.clone(),
        next: String::new(),
        back: routes::page_of(&form.target),
        onward: here,
    }
}

/// The same for a form that was sent, waited too long, never was, or waits for somebody else.
fn gone(register: &Register, viewer: &Viewer) -> Answer {
    let text = "Nothing waits here. What waited was sent, or it waited longer than ten minutes.";
    ask::say(register, viewer, StatusCode::NOT_FOUND, "Nothing waits here", text, ("/", "Go to the start page"))
}
