//! Adding and editing a vendor.

use actix_web::http::StatusCode;
use actix_web::web;
use askama::Template;

use crate::actions::vendors::{VendorDraft, add, edit};
use crate::actions::{ActionError, FieldError, Register};
use crate::domain::ids::Id;
use crate::store::registry::{self, Vendor};
use crate::store::{Db, StoreError};
use crate::web::conflict::{Difference, differences};
use crate::web::errors::WebError;
use crate::web::fields::{Errors, Fields, Posted};
use crate::web::frame::Frame;
use crate::web::session::Viewer;
use crate::web::{Answer, act, page, page_with, read, see_other};

const LABELS: &[(&str, &str)] = &[
    ("name", "Name"),
    ("contact", "Contact"),
    ("contract_reference", "Contract: reference"),
    ("contract_ends_on", "Contract: ends on"),
    ("agreement_reference", "Agreement: reference"),
    ("agreement_ends_on", "Agreement: ends on"),
    ("baa_reference", "BAA: reference"),
    ("baa_ends_on", "BAA: ends on"),
    ("notes", "Notes"),
];

#[derive(Template)]
#[template(path = "vendors/form.html")]
struct VendorForm {
    frame: Frame,
    fields: Fields,
    errors: Errors,
    /// The vendor that is edited; `None` when one is added.
    vendor: Option<(Id, String)>,
    version: i64,
    conflict: bool,
    differences: Vec<Difference>,
}

/// GET /vendors/new
pub async fn show_new(register: web::Data<Register>, viewer: Viewer) -> Answer {
    new_page(&register, &viewer, Fields::default(), Vec::new())
}

/// POST /vendors/new
pub async fn submit_new(register: web::Data<Register>, viewer: Viewer, Posted(fields): Posted) -> Answer {
    let (by, draft) = (viewer.by()?, draft(&fields));
    match act(&register, move |register| add(register, &by, &draft)).await? {
        Ok(id) => see_other(format!("/vendors/{id}?done=added")),
        Err(ActionError::Invalid(errors)) => new_page(&register, &viewer, fields, errors),
        Err(other) => Err(other.into()),
    }
}

fn new_page(register: &Register, viewer: &Viewer, fields: Fields, errors: Vec<FieldError>) -> Answer {
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let frame = Frame::new(register, viewer, "/vendors", "Add a vendor").with_error(!errors.is_empty());
    page_with(status, &VendorForm { errors: Errors(errors), ..form(frame, None, 0, fields) })
}

/// GET /vendors/{id}/edit
pub async fn show_edit(register: web::Data<Register>, viewer: Viewer, id: web::Path<String>) -> Answer {
    let id: Id = id.parse().map_err(|_| WebError::NotFound)?;
    let (vendor, fields) = read(&register, move |db| stored(db, id)).await?;
    let frame = Frame::new(&register, &viewer, "/vendors", format!("Edit {}", vendor.name));
    page(&form(frame, Some((id, vendor.name)), vendor.version, fields))
}

/// POST /vendors/{id}/edit
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
        Ok(()) => return see_other(format!("/vendors/{id}?done=saved")),
        Err(ActionError::Invalid(errors)) => (StatusCode::UNPROCESSABLE_ENTITY, errors),
        Err(error) if error.is_conflict() => (StatusCode::CONFLICT, Vec::new()),
        Err(other) => return Err(other.into()),
    };
    let (vendor, theirs) = read(&register, move |db| stored(db, id)).await?;
    let frame = Frame::new(&register, &viewer, "/vendors", format!("Edit {}", vendor.name)).with_error(true);
    let conflict = status == StatusCode::CONFLICT;
    // After a conflict the form carries the new version: sending it again writes over what is shown.
    let version = if conflict { vendor.version } else { version };
    let differences = if conflict { differences(&theirs, &fields, LABELS) } else { Vec::new() };
    let form = form(frame, Some((id, vendor.name)), version, fields);
    page_with(status, &VendorForm { errors: Errors(errors), conflict, differences, ..form })
}

fn form(frame: Frame, vendor: Option<(Id, String)>, version: i64, fields: Fields) -> VendorForm {
    VendorForm { frame, fields, errors: Errors::default(), vendor, version, conflict: false, differences: Vec::new() }
}

/// The vendor and what the form shows of it.
fn stored(db: &mut Db, id: Id) -> Result<(Vendor, Fields), StoreError> {
    let vendor = registry::find_vendor(db, id)?;
    let mut fields = Fields::default();
    fields.push("name", vendor.name.clone());
    fields.push("contact", vendor.contact.clone().unwrap_or_default());
    fields.push("contract_reference", vendor.contract_reference.clone().unwrap_or_default());
    fields.push("contract_ends_on", vendor.contract_ends_on.map(|date| date.to_string()).unwrap_or_default());
    fields.push("agreement_reference", vendor.agreement_reference.clone().unwrap_or_default());
    fields.push("agreement_ends_on", vendor.agreement_ends_on.map(|date| date.to_string()).unwrap_or_default());
    fields.push("baa_reference", vendor.baa_reference.clone().unwrap_or_default());
    fields.push("baa_ends_on", vendor.baa_ends_on.map(|date| date.to_string()).unwrap_or_default());
    fields.push("notes", vendor.notes.clone().unwrap_or_default());
    Ok((vendor, fields))
}

fn draft(fields: &Fields) -> VendorDraft {
    let text = |name: &str| fields.raw(name).to_owned();
    VendorDraft {
        name: text("name"),
        contact: text("contact"),
        contract_reference: text("contract_reference"),
        contract_ends_on: text("contract_ends_on"),
        agreement_reference: text("agreement_reference"),
        agreement_ends_on: text("agreement_ends_on"),
        baa_reference: text("baa_reference"),
        baa_ends_on: text("baa_ends_on"),
        notes: text("notes"),
    }
}
