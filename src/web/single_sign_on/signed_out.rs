//! After signing out: the provider still knows the person.

use actix_web::web;
use askama::Template;

use super::{Way, provider_name};
use crate::actions::Register;
use crate::web::frame::Frame;
use crate::web::session::Viewer;
use crate::web::{Answer, page, see_other};

#[derive(Template)]
#[template(path = "sign_in/signed_out.html")]
struct SignedOut {
    frame: Frame,
    name: String,
    address: String,
}

/// GET /sign-in/single-sign-on/signed-out
pub async fn show(register: web::Data<Register>, way: web::Data<Way>, viewer: Viewer) -> Answer {
    let Some(address) = way.provider()?.end_session_address(viewer.now).await else { return see_other("/sign-in") };
    let frame = Frame::new(&register, &viewer, "", "Signed out");
    page(&SignedOut { frame, name: provider_name(&register), address })
}
