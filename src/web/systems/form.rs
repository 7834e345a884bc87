//! Adding and editing a system.

use actix_web::http::StatusCode;
use actix_web::web;
use askama::Template;

use crate::actions::people::written;
use crate::actions::systems::{SystemDraft, add, edit};
use crate::actions::{ActionError, FieldError, Register};
use crate::domain::ids::Id;
use crate::domain::systems::SystemKind;
use crate::store::people;
use crate::store::registry::{self, System};
use crate::store::{Db, StoreError};
use crate::web::conflict::{Difference, differences};
use crate::web::errors::WebError;
use crate::web::fields::{Errors, Fields, Posted};
use crate::web::frame::Frame;
use crate::web::session::Viewer;
use crate::web::{Answer, act, page, page_with, paging, read, see_other};

const LABELS: &[(&str, &str)] = &[
    ("name", "Name"),
    ("kind", "Kind"),
    ("base_url", "Address"),
    ("business_owner", "Business owner"),
    ("technical_owner", "Technical owner"),
    ("notes", "Notes"),
];

#[derive(Template)]
#[template(path = "systems/form.html")]
struct SystemForm {
    frame: Frame,
    fields: Fields,
    errors: Errors,
    /// The system that is edited; `None` when one is added.
    system: Option<(Id, String)>,
    version: i64,
    conflict: bool,
    differences: Vec<Difference>,
    kinds: Vec<(&'static str, &'static str)>,
}

/// GET /systems/new
pub async fn show_new(register: web::Data<Register>, viewer: Viewer) -> Answer {
    new_page(&register, &viewer, Fields::default(), Vec::new())
}

/// POST /systems/new
pub async fn submit_new(register: web::Data<Register>, viewer: Viewer, Posted(fields): Posted) -> Answer {
    let (by, draft) = (viewer.by()?, draft(&fields));
    match act(&register, move |register| add(register, &by, &draft)).await? {
        Ok(id) => see_other(format!("/systems/{id}?done=added")),
        Err(ActionError::Invalid(errors)) => new_page(&register, &viewer, fields, errors),
        Err(other) => Err(other.into()),
    }
}

fn new_page(register: &Register, viewer: &Viewer, fields: Fields, errors: Vec<FieldError>) -> Answer {
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let frame = Frame::new(register, viewer, "/systems", "Add a system").with_error(!errors.is_empty());
    page_with(status, &SystemForm { errors: Errors(errors), ..form(frame, None, 0, fields) })
}

/// GET /systems/{id}/edit
pub async fn show_edit(register: web::Data<Register>, viewer: Viewer, id: web::Path<String>) -> Answer {
    let id: Id = id.parse().map_err(|_| WebError::NotFound)?;
    let (system, fields) = read(&register, move |db| stored(db, id)).await?;
    let frame = Frame::new(&register, &viewer, "/systems", format!("Edit {}", system.name));
    page(&form(frame, Some((id, system.name)), system.version, fields))
}

/// POST /systems/{id}/edit
pub async fn submit_edit(
    register: web::Data<Register>,
    viewer: Viewer,
    id: web::Path<String>,
    Posted(fields): Posted,
) -> Answer {
    let id: Id = id.parse().map_err(|_| WebError::NotFound)?;
    let Some(version) = fields.value::<i64>("version") else {
        return Err(WebError::Bad("This form names no version; open its page again".to_owned()));
    };
    let (by, draft) = (viewer.by()?, draft(&fields));
    let outcome = act(&register, move |register| edit(register, &by, id, version, &draft)).await?;
    let (status, errors) = match outcome {
        Ok(()) => return see_other(format!("/systems/{id}?done=saved")),
        Err(ActionError::Invalid(errors)) => (StatusCode::UNPROCESSABLE_ENTITY, errors),
        Err(error) if error.is_conflict() => (StatusCode::CONFLICT, Vec::new()),
        Err(other) => return Err(other.into()),
    };
    let (system, theirs) = read(&register, move |db| stored(db, id)).await?;
    let frame = Frame::new(&register, &viewer, "/systems", format!("Edit {}", system.name)).with_error(true);
    let conflict = status == StatusCode::CONFLICT;
    // After a conflict the form carries the new version: sending it again writes over what is shown.
    let version = if conflict { system.version } else { version };
    let differences = if conflict { differences(&theirs, &fields, LABELS) } else { Vec::new() };
    let form = form(frame, Some((id, system.name)), version, fields);
    page_with(status, &SystemForm { errors: Errors(errors), conflict, differences, ..form })
}

fn form(frame: Frame, system: Option<(Id, String)>, version: i64, fields: Fields) -> SystemForm {
    SystemForm {
        frame,
        fields,
        errors: Errors::default(),
        system,
        version,
        conflict: false,
        differences: Vec::new(),
        kinds: paging::options(SystemKind::ALL, SystemKind::word, SystemKind::label),
    }
}

/// The system and what the form shows of it.
fn stored(db: &mut Db, id: Id) -> Result<(System, Fields), StoreError> {
    let system = registry::find_system(db, id)?;
    let owners: Vec<Id> = [system.business_owner_id, system.technical_owner_id].into_iter().flatten().collect();
    let owners = people::find_many(db, &owners)?;
    let named = |id: Option<Id>| owners.iter().find(|owner| Some(owner.id) == id).map(written).unwrap_or_default();
    let mut fields = Fields::default();
    fields.push("name", system.name.clone());
    fields.push("kind", system.kind.word());
    fields.push("base_url", system.base_url.clone().unwrap_or_default());
    fields.push("business_owner", named(system.business_owner_id));
    fields.push("technical_owner", named(system.technical_owner_id));
    fields.push("notes", system.notes.clone().unwrap_or_default());
    Ok((system, fields))
}

fn draft(fields: &Fields) -> SystemDraft {
    let text = |name: &str| fields.raw(name).to_owned();
    SystemDraft {
        name: text("name"),
        kind: text("kind"),
        base_url: text("base_url"),
        business_owner: text("business_owner"),
        technical_owner: text("technical_owner"),
        notes: text("notes"),
    }
}
