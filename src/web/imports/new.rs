//! Bringing a file.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};
use askama::Template;

use super::upload::{self, Sent};
use crate::actions::imports::{self, Upload, maps};
use crate::actions::{ActionError, FieldError, Register};
use crate::connectors::imports::ImportFormat;
use crate::domain::identities::Environment;
use crate::domain::imports::ImportSubject;
use crate::domain::permissions::Permission;
use crate::store::registry;
use crate::web::errors::WebError;
use crate::web::fields::{Errors, Fields};
use crate::web::frame::Frame;
use crate::web::session::Viewer;
use crate::web::{Answer, act, page_with, read, see_other};

/// The format's word for a list of people.
const PEOPLE: &str = "people";

#[derive(Template)]
#[template(path = "imports/new.html")]
struct NewImport {
    frame: Frame,
    errors: Errors,
    fields: Fields,
    formats: Vec<(String, String)>,
    environments: Vec<(&'static str, &'static str)>,
    maps: Vec<(String, String)>,
    /// The names of the systems that are known.
    systems: Vec<String>,
    longest: String,
}

impl NewImport {
    fn file_hint(&self) -> String {
        format!(
            "Up to {}. Secrets in it are never stored: only that there was one, its age and its strength.",
            self.longest
        )
    }
}

/// GET /imports/new
pub async fn show(register: web::Data<Register>, viewer: Viewer) -> Answer {
    form(&register, &viewer, Fields::default(), Errors::default(), StatusCode::OK).await
}

async fn form(
    register: &web::Data<Register>,
    viewer: &Viewer,
    fields: Fields,
    errors: Errors,
    status: StatusCode,
) -> Answer {
    let maps = act(register, maps::list).await??;
    let systems = read(register, registry::system_names).await?;
    let may_bring_people = viewer.may(Permission::KeepPeople);
    let mut formats: Vec<(String, String)> =
        ImportFormat::ALL.iter().map(|format| (format.word().to_owned(), format.label().to_owned())).collect();
    if may_bring_people {
        formats.push((PEOPLE.to_owned(), "List of people: CSV through a column map".to_owned()));
    }
    let frame = Frame::new(register, viewer, "/imports", "Import a file").with_error(!errors.is_empty());
    page_with(
        status,
        &NewImport {
            frame,
            errors,
            fields,
            formats,
            systems: systems.into_iter().map(|(_, name)| name).collect(),
            longest: upload::size_words(register.deployment.longest_upload),
            environments: Environment::ALL.iter().map(|place| (place.word(), place.label())).collect(),
            maps: maps
                .into_iter()
                .filter(|map| may_bring_people || map.subject == ImportSubject::Clients)
                .map(|map| {
                    let label = format!("{} ({})", map.name, map.subject.label().to_lowercase());
                    (map.name, label)
                })
                .collect(),
        },
    )
}

/// POST /imports/new
pub async fn submit(
    register: web::Data<Register>,
    request: HttpRequest,
    viewer: Viewer,
    payload: web::Payload,
) -> Answer {
    let Sent { fields, file } = upload::receive(&register, &request, payload).await?;
    let mut errors = Vec::new();
    let mut wrong = |field: &'static str, text: &str| errors.push(FieldError::new(field, text));
    let people = fields.get("format") == Some(PEOPLE);
    let format = if people { Some(ImportFormat::Csv) } else { fields.value::<ImportFormat>("format") };
    let environment = fields.value::<Environment>("environment");
    if format.is_none() {
        wrong("format", "Choose what the file is");
    }
    if environment.is_none() && !people {
        wrong("environment", "Choose the environment in which these clients work");
    }
    if format == Some(ImportFormat::Csv) && !people && fields.get("map").is_none() {
        wrong("map", "Choose the column map that fits the headings of this list");
    }
    if file.is_none() {
        wrong("file", "Choose a file");
    }
    let (Some(format), Some(file), true) = (format, file, errors.is_empty()) else {
        return form(&register, &viewer, fields, Errors(errors), StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    let by = viewer.by()?;
    let (system, column_map) = (fields.text("system"), fields.text("map"));
    let outcome = act(&register, move |register| {
        let upload = Upload {
            subject: if people { ImportSubject::People } else { ImportSubject::Clients },
            format,
            file_name: file.name.clone(),
            bytes: file.bytes().map_err(|error| {
                ActionError::field("file", format!("The file could not be read on our side ({error}). Send it again"))
            })?,
            system,
            environment,
            column_map,
        };
        imports::preview(register, &by, upload)
    })
    .await?;
    match outcome {
        Ok(id) => see_other(format!("/imports/{id}")),
        Err(ActionError::Invalid(errors)) => {
            form(&register, &viewer, fields, Errors(errors), StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(error) => Err(WebError::from(error)),
    }
}
