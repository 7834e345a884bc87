//! Adding and editing a system.

use actix_web::http::StatusCode;
use actix_web::web;
use askama::Template;

use crate::actions::people::written;
use crate::actions::systems::{self, SystemDraft};
use crate::actions::{ActionError, By, Register};
use crate::domain::ids::Id;
use crate::domain::systems::SystemKind;
use crate::store::{Db, StoreError, people, registry};
use crate::web::fields::{Fields, Posted};
use crate::web::frame::Frame;
use crate::web::record_form::{self, Form, Record, Stored};
use crate::web::session::Viewer;
use crate::web::{Answer, page_with, paging};

#[derive(Template)]
#[template(path = "systems/form.html")]
struct SystemForm {
    frame: Frame,
    form: Form,
    kinds: Vec<(&'static str, &'static str)>,
}

/// GET /systems/new
pub async fn show_new(register: web::Data<Register>, viewer: Viewer) -> Answer {
    record_form::show_new::<SystemForm>(&register, &viewer)
}

/// POST /systems/new
pub async fn submit_new(register: web::Data<Register>, viewer: Viewer, Posted(fields): Posted) -> Answer {
    record_form::submit_new::<SystemForm>(&register, &viewer, fields).await
}

/// GET /systems/{id}/edit
pub async fn show_edit(register: web::Data<Register>, viewer: Viewer, id: web::Path<String>) -> Answer {
    record_form::show_edit::<SystemForm>(&register, &viewer, &id).await
}

/// POST /systems/{id}/edit
pub async fn submit_edit(
    register: web::Data<Register>,
    viewer: Viewer,
    id: web::Path<String>,
    Posted(fields): Posted,
) -> Answer {
    record_form::submit_edit::<SystemForm>(&register, &viewer, &id, fields).await
}

impl Record for SystemForm {
    type Draft = SystemDraft;
    const PATH: &'static str = "/systems";
    const NOUN: &'static str = "system";
    const LABELS: &'static [(&'static str, &'static str)] = &[
        ("name", "Name"),
        ("kind", "Kind"),
        ("base_url", "Address"),
        ("business_owner", "Business owner"),
        ("technical_owner", "Technical owner"),
        ("notes", "Notes"),
    ];
    const PEOPLE: &'static [&'static str] = &["business_owner", "technical_owner"];

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

    fn add(register: &Register, by: &By, draft: &SystemDraft) -> Result<Id, ActionError> {
        systems::add(register, by, draft)
    }

    fn edit(register: &Register, by: &By, id: Id, seen: i64, draft: &SystemDraft) -> Result<(), ActionError> {
        systems::edit(register, by, id, seen, draft)
    }

    fn stored(db: &mut Db, id: Id) -> Result<Stored, StoreError> {
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
        Ok(Stored { name: system.name, version: system.version, fields })
    }

    fn page(status: StatusCode, frame: Frame, form: Form) -> Answer {
        page_with(
            status,
            &Self { frame, form, kinds: paging::options(SystemKind::ALL, SystemKind::word, SystemKind::label) },
        )
    }
}
