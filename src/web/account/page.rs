//! One's own account: who Muster takes the reader for, and the ways to what can be changed.

use actix_web::{HttpRequest, web};
use askama::Template;

use crate::actions::Register;
use crate::store::people;
use crate::web::errors::WebError;
use crate::web::fields::Fields;
use crate::web::frame::Frame;
use crate::web::session::Viewer;
use crate::web::{Answer, page, read};

const DONE: &[(&str, &str)] = &[("password", "Your password was changed. You were signed out everywhere else.")];

#[derive(Template)]
#[template(path = "account/account.html")]
struct AccountPage {
    frame: Frame,
    name: String,
    email: String,
    role: &'static str,
    method: &'static str,
}

/// GET /account
pub async fn show(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    let signed_in = viewer.signed_in.clone().ok_or(WebError::SignedOut)?;
    let person = read(&register, move |db| people::find(db, signed_in.person)).await?;
    let fields = Fields::of_query(&request);
    let frame = Frame::new(&register, &viewer, "/account", "Your account").with_done(fields.raw("done"), DONE);
    page(&AccountPage {
        frame,
        name: person.name,
        email: person.email,
        role: signed_in.role.label(),
        method: signed_in.method.label(),
    })
}
