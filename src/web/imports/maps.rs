//! Column maps: those that ship, those that were saved, and writing one.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};
use askama::Template;

use crate::actions::imports::maps::{self, KnownMap};
use crate::actions::{ActionError, Register};
use crate::web::errors::WebError;
use crate::web::fields::{Errors, Fields, Posted};
use crate::web::frame::Frame;
use crate::web::session::Viewer;
use crate::web::{Answer, act, page, page_with, see_other};

#[derive(Template)]
#[template(path = "imports/maps.html")]
struct MapList {
    frame: Frame,
    maps: Vec<KnownMap>,
}

#[derive(Template)]
#[template(path = "imports/map.html")]
struct MapPage {
    frame: Frame,
    errors: Errors,
    title: String,
    body: String,
    version: i64,
    /// The map that was shown; empty for a new one.
    name: String,
}

/// The title of a map that is being written.
const NEW: &str = "A new column map";

/// What a new map starts from.
const EXAMPLE: &str = "name = \"our-clients\"
description = \"The list our EHR team keeps\"
subject = \"clients\"
date_formats = [\"%Y-%m-%d\"]

[[columns]]
heading = \"Client ID\"
field = \"client_id\"

[[columns]]
heading = \"App name\"
field = \"name\"
";

/// GET /imports/maps
pub async fn show(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    let maps = act(&register, maps::list).await??;
    let done = Fields::of_query(&request);
    let frame = Frame::new(&register, &viewer, "/imports", "Column maps")
        .wide()
        .with_done(done.raw("done"), &[("saved", "The column map was saved.")]);
    page(&MapList { frame, maps })
}

/// GET /imports/maps/new
pub async fn show_new(register: web::Data<Register>, viewer: Viewer) -> Answer {
    form(&register, &viewer, NEW, EXAMPLE.to_owned(), 0, Errors::default())
}

/// GET /imports/maps/{name}
pub async fn show_one(register: web::Data<Register>, path: web::Path<String>, viewer: Viewer) -> Answer {
    let maps = act(&register, maps::list).await??;
    let map = maps.into_iter().find(|map| map.name == *path).ok_or(WebError::NotFound)?;
    form(&register, &viewer, &map.name, map.body, map.version, Errors::default())
}

/// POST /imports/maps
pub async fn submit(register: web::Data<Register>, viewer: Viewer, Posted(fields): Posted) -> Answer {
    let by = viewer.by()?;
    // Browsers send line ends as CR LF.
    let body = fields.raw("body").replace("\r\n", "\n");
    let version = fields.value::<i64>("version").unwrap_or(0);
    let (text, name) = (body.clone(), fields.raw("name").to_owned());
    let title = if name.is_empty() { NEW.to_owned() } else { name.clone() };
    match act(&register, move |register| maps::save(register, &by, &text, (&name, version))).await? {
        Ok(_) => see_other("/imports/maps?done=saved"),
        Err(ActionError::Invalid(errors)) => form(&register, &viewer, &title, body, version, Errors(errors)),
        Err(error) => Err(error.into()),
    }
}

fn form(register: &Register, viewer: &Viewer, title: &str, body: String, version: i64, errors: Errors) -> Answer {
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let frame = Frame::new(register, viewer, "/imports", title).with_error(!errors.is_empty());
    page_with(
        status,
        &MapPage {
            frame,
            errors,
            name: if title == NEW { String::new() } else { title.to_owned() },
            title: title.to_owned(),
            body,
            version,
        },
    )
}
