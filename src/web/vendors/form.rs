//! Adding and editing a vendor.

use actix_web::http::StatusCode;
use actix_web::web;
use askama::Template;

use crate::actions::vendors::{self, VendorDraft};
use crate::actions::{ActionError, By, Register};
use crate::domain::ids::Id;
use crate::store::{Db, StoreError, registry};
use crate::web::fields::{Fields, Posted};
use crate::web::frame::Frame;
use crate::web::record_form::{self, Form, Record, Stored};
use crate::web::session::Viewer;
use crate::web::{Answer, page_with};

#[derive(Template)]
#[template(path = "vendors/form.html")]
struct VendorForm {
    frame: Frame,
    form: Form,
}

/// GET /vendors/new
pub async fn show_new(register: web::Data<Register>, viewer: Viewer) -> Answer {
    record_form::show_new::<VendorForm>(&register, &viewer)
}

/// POST /vendors/new
pub async fn submit_new(register: web::Data<Register>, viewer: Viewer, Posted(fields): Posted) -> Answer {
    record_form::submit_new::<VendorForm>(&register, &viewer, fields).await
}

/// GET /vendors/{id}/edit
pub async fn show_edit(register: web::Data<Register>, viewer: Viewer, id: web::Path<String>) -> Answer {
    record_form::show_edit::<VendorForm>(&register, &viewer, &id).await
}

/// POST /vendors/{id}/edit
pub async fn submit_edit(
    register: web::Data<Register>,
    viewer: Viewer,
    id: web::Path<String>,
    Posted(fields): Posted,
) -> Answer {
    record_form::submit_edit::<VendorForm>(&register, &viewer, &id, fields).await
}

impl Record for VendorForm {
    type Draft = VendorDraft;
    const PATH: &'static str = "/vendors";
    const NOUN: &'static str = "vendor";
    const LABELS: &'static [(&'static str, &'static str)] = &[
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
    const PEOPLE: &'static [&'static str] = &[];

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

    fn add(register: &Register, by: &By, draft: &VendorDraft) -> Result<Id, ActionError> {
        vendors::add(register, by, draft)
    }

    fn edit(register: &Register, by: &By, id: Id, seen: i64, draft: &VendorDraft) -> Result<(), ActionError> {
        vendors::edit(register, by, id, seen, draft)
    }

    fn stored(db: &mut Db, id: Id) -> Result<Stored, StoreError> {
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
        Ok(Stored { name: vendor.name, version: vendor.version, fields })
    }

    fn page(status: StatusCode, frame: Frame, form: Form) -> Answer {
        page_with(status, &Self { frame, form })
    }
}
