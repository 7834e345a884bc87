//! Adding and editing a person.

use actix_web::http::StatusCode;
use actix_web::web;
use askama::Template;

use crate::actions::people::{Opening, PersonDraft, add_draft, edit, written};
use crate::actions::{ActionError, FieldError, Register};
use crate::domain::ids::Id;
use crate::domain::people::Role;
use crate::store::people::{self, Person};
use crate::store::{Db, StoreError};
use crate::web::conflict::{Difference, differences};
use crate::web::errors::{WebError, sentence};
use crate::web::fields::{Errors, Fields, Posted};
use crate::web::frame::Frame;
use crate::web::session::Viewer;
use crate::web::{Answer, act, page, page_with, paging, read, see_other};

const LABELS: &[(&str, &str)] = &[
    ("name", "Name"),
    ("email", "E-mail address"),
    ("title", "Title"),
    ("department", "Department"),
    ("manager", "Manager"),
    ("deputy", "Deputy"),
    ("left_on", "Left on"),
    ("time_zone", "Time zone"),
];

#[derive(Template)]
#[template(path = "people/form.html")]
struct PersonForm {
    frame: Frame,
    fields: Fields,
    errors: Errors,
    /// The person who is edited; `None` when one is added.
    person: Option<(Id, String)>,
    version: i64,
    conflict: bool,
    differences: Vec<Difference>,
    roles: Vec<(&'static str, &'static str)>,
}

/// GET /people/new
pub async fn show_new(register: web::Data<Register>, viewer: Viewer) -> Answer {
    new_page(&register, &viewer, Fields::default(), Vec::new())
}

/// POST /people/new
pub async fn submit_new(register: web::Data<Register>, viewer: Viewer, Posted(fields): Posted) -> Answer {
    let by = viewer.by()?;
    let draft = draft(&fields);
    let role = match fields.get("role").map(str::parse::<Role>) {
        None => None,
        Some(Ok(role)) => Some(role),
        Some(Err(_)) => {
            let error = FieldError::new("role", "Choose one of the roles, or none");
            return new_page(&register, &viewer, fields, vec![error]);
        }
    };
    let opening = role.map_or(Opening::None, Opening::Link);
    match act(&register, move |register| add_draft(register, &by, &draft, opening)).await? {
        Ok((id, Some(link))) => {
            super::account::show_link(&register, &viewer, id, fields.raw("name"), &link, "The person was added.")
        }
        Ok((id, None)) => see_other(format!("/people/{id}?done=added")),
        Err(ActionError::Invalid(errors)) => new_page(&register, &viewer, fields, errors),
        Err(other) => Err(other.into()),
    }
}

fn new_page(register: &Register, viewer: &Viewer, fields: Fields, errors: Vec<FieldError>) -> Answer {
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page_with(
        status,
        &PersonForm {
            frame: Frame::new(register, viewer, "/people", "Add a person").with_error(!errors.is_empty()),
            fields,
            errors: Errors(errors),
            person: None,
            version: 0,
            conflict: false,
            differences: Vec::new(),
            roles: paging::options(Role::ALL, Role::word, Role::label),
        },
    )
}

/// GET /people/{id}/edit
pub async fn show_edit(register: web::Data<Register>, viewer: Viewer, id: web::Path<String>) -> Answer {
    let id: Id = id.parse().map_err(|_| WebError::NotFound)?;
    let (person, fields) = read(&register, move |db| stored(db, id)).await?;
    let frame = Frame::new(&register, &viewer, "/people", format!("Edit {}", person.name));
    page(&edit_form(frame, &person, fields))
}

/// POST /people/{id}/edit
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
    let by = viewer.by()?;
    let draft = draft(&fields);
    let outcome = act(&register, move |register| edit(register, &by, id, version, &draft)).await?;
    let (status, errors) = match outcome {
        Ok(()) => return see_other(format!("/people/{id}?done=saved")),
        Err(ActionError::Invalid(errors)) => (StatusCode::UNPROCESSABLE_ENTITY, errors),
        Err(ActionError::Refused(reason)) => {
            (StatusCode::UNPROCESSABLE_ENTITY, vec![FieldError::new("left_on", sentence(&reason))])
        }
        Err(error) if error.is_conflict() => (StatusCode::CONFLICT, Vec::new()),
        Err(other) => return Err(other.into()),
    };
    let (person, theirs) = read(&register, move |db| stored(db, id)).await?;
    let frame = Frame::new(&register, &viewer, "/people", format!("Edit {}", person.name)).with_error(true);
    let conflict = status == StatusCode::CONFLICT;
    page_with(
        status,
        &PersonForm {
            differences: if conflict { differences(&theirs, &fields, LABELS) } else { Vec::new() },
            conflict,
            errors: Errors(errors),
            // After a conflict the form carries the new version: sending it again writes over what is shown.
            version: if conflict { person.version } else { version },
            ..edit_form(frame, &person, fields)
        },
    )
}

fn edit_form(frame: Frame, person: &Person, fields: Fields) -> PersonForm {
    PersonForm {
        frame,
        fields,
        errors: Errors::default(),
        person: Some((person.id, person.name.clone())),
        version: person.version,
        conflict: false,
        differences: Vec::new(),
        roles: Vec::new(),
    }
}

/// The person and what the form shows of them.
fn stored(db: &mut Db, id: Id) -> Result<(Person, Fields), StoreError> {
    let person = people::find(db, id)?;
    let others: Vec<Id> = [person.manager_id, person.deputy_id].into_iter().flatten().collect();
    let others = people::find_many(db, &others)?;
    let named = |id: Option<Id>| others.iter().find(|other| Some(other.id) == id).map(written).unwrap_or_default();
    let mut fields = Fields::default();
    fields.push("name", person.name.clone());
    fields.push("email", person.email.clone());
    fields.push("title", person.title.clone().unwrap_or_default());
    fields.push("department", person.department.clone().unwrap_or_default());
    fields.push("manager", named(person.manager_id));
    fields.push("deputy", named(person.deputy_id));
    fields.push("left_on", person.left_on.map(|date| date.to_string()).unwrap_or_default());
    fields.push("time_zone", person.time_zone.clone().unwrap_or_default());
    Ok((person, fields))
}

fn draft(fields: &Fields) -> PersonDraft {
    let text = |name: &str| fields.raw(name).to_owned();
    PersonDraft {
        name: text("name"),
        email: text("email"),
        title: text("title"),
        department: text("department"),
        manager: text("manager"),
        deputy: text("deputy"),
        left_on: text("left_on"),
        time_zone: text("time_zone"),
    }
}
