//! Adding and editing a record that one form describes as a whole: a system, a vendor.

use actix_web::http::StatusCode;
use actix_web::web;

use super::conflict::{Difference, differences};
use super::errors::WebError;
use super::fields::{Errors, Fields};
use super::frame::Frame;
use super::meant::{self, Candidates};
use super::session::Viewer;
use super::{Answer, act, read, see_other};
use crate::actions::{ActionError, By, Register};
use crate::domain::ids::Id;
use crate::store::{Db, StoreError};

/// A record with a form of its own.
pub trait Record {
    /// What the form says, as typed.
    type Draft: Send + 'static;
    /// The list's address, as `/systems`.
    const PATH: &'static str;
    /// What one is called, as `system`.
    const NOUN: &'static str;
    /// The fields and what readers call them, for what differs after a conflict.
    const LABELS: &'static [(&'static str, &'static str)];
    /// The fields that name a person.
    const PEOPLE: &'static [&'static str];

    fn draft(fields: &Fields) -> Self::Draft;
    fn add(register: &Register, by: &By, draft: &Self::Draft) -> Result<Id, ActionError>;
    fn edit(register: &Register, by: &By, id: Id, seen: i64, draft: &Self::Draft) -> Result<(), ActionError>;
    fn stored(db: &mut Db, id: Id) -> Result<Stored, StoreError>;
    fn page(status: StatusCode, frame: Frame, form: Form) -> Answer;
}

/// A record as it stands in the register.
pub struct Stored {
    pub name: String,
    pub version: i64,
    /// What the form shows of it.
    pub fields: Fields,
}

/// What a page shows of a form.
#[derive(Default)]
pub struct Form {
    pub fields: Fields,
    pub errors: Errors,
    /// The record that is edited; `None` when one is added.
    pub record: Option<(Id, String)>,
    pub version: i64,
    pub conflict: bool,
    pub differences: Vec<Difference>,
    /// Who may be meant by a name that fits nobody or several.
    pub candidates: Candidates,
}

/// GET /systems/new
pub fn show_new<R: Record>(register: &Register, viewer: &Viewer) -> Answer {
    R::page(StatusCode::OK, new_frame::<R>(register, viewer), Form::default())
}

fn new_frame<R: Record>(register: &Register, viewer: &Viewer) -> Frame {
    Frame::new(register, viewer, R::PATH, format!("Add a {}", R::NOUN))
}

/// POST /systems/new
pub async fn submit_new<R: Record>(register: &web::Data<Register>, viewer: &Viewer, fields: Fields) -> Answer {
    let fields = meant::settled(register, fields, R::PEOPLE).await?;
    let (by, draft) = (viewer.by()?, R::draft(&fields));
    match act(register, move |register| R::add(register, &by, &draft)).await? {
        Ok(id) => see_other(format!("{}/{id}?done=added", R::PATH)),
        Err(ActionError::Invalid(errors)) => {
            let candidates = meant::candidates(register, &fields, &errors, R::PEOPLE).await?;
            let frame = new_frame::<R>(register, viewer).with_error(true);
            let form = Form { fields, errors: Errors(errors), candidates, ..Form::default() };
            R::page(StatusCode::UNPROCESSABLE_ENTITY, frame, form)
        }
        Err(other) => Err(other.into()),
    }
}

/// GET /systems/{id}/edit
pub async fn show_edit<R: Record>(register: &web::Data<Register>, viewer: &Viewer, id: &str) -> Answer {
    let id: Id = id.parse().map_err(|_| WebError::NotFound)?;
    let stored = read(register, move |db| R::stored(db, id)).await?;
    let frame = Frame::new(register, viewer, R::PATH, format!("Edit {}", stored.name));
    let record = Some((id, stored.name));
    R::page(StatusCode::OK, frame, Form { fields: stored.fields, record, version: stored.version, ..Form::default() })
}

/// POST /systems/{id}/edit
pub async fn submit_edit<R: Record>(
    register: &web::Data<Register>,
    viewer: &Viewer,
    id: &str,
    fields: Fields,
) -> Answer {
    let id: Id = id.parse().map_err(|_| WebError::NotFound)?;
    let Some(version) = fields.value::<i64>("version") else {
        return Err(WebError::Bad("This form names no version; open its page again".to_owned()));
    };
    let fields = meant::settled(register, fields, R::PEOPLE).await?;
    let (by, draft) = (viewer.by()?, R::draft(&fields));
    let outcome = act(register, move |register| R::edit(register, &by, id, version, &draft)).await?;
    let (status, errors) = match outcome {
        Ok(()) => return see_other(format!("{}/{id}?done=saved", R::PATH)),
        Err(ActionError::Invalid(errors)) => (StatusCode::UNPROCESSABLE_ENTITY, errors),
        Err(error) if error.is_conflict() => (StatusCode::CONFLICT, Vec::new()),
        Err(other) => return Err(other.into()),
    };
    let stored = read(register, move |db| R::stored(db, id)).await?;
    let candidates = meant::candidates(register, &fields, &errors, R::PEOPLE).await?;
    let frame = Frame::new(register, viewer, R::PATH, format!("Edit {}", stored.name)).with_error(true);
    let conflict = status == StatusCode::CONFLICT;
    let form = Form {
        errors: Errors(errors),
        record: Some((id, stored.name)),
        // After a conflict the form carries the new version: sending it again writes over what is shown.
        version: if conflict { stored.version } else { version },
        conflict,
        differences: if conflict { differences(&stored.fields, &fields, R::LABELS) } else { Vec::new() },
        candidates,
        fields,
    };
    R::page(status, frame, form)
}
