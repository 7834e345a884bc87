//! Drafting a campaign: what it asks about, why, and until when. Nothing is asked yet.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};
use askama::Template;

use super::chosen::{self, Selected};
use crate::actions::campaigns::make;
use crate::actions::{ActionError, FieldError, Register};
use crate::domain::permissions::Permission;
use crate::domain::reviews::campaigns::{Selection, Typed, Wanted};
use crate::web::errors::WebError;
use crate::web::fields::{Errors, Fields, Posted};
use crate::web::frame::Frame;
use crate::web::session::Viewer;
use crate::web::{Answer, act, page_with, read, see_other};

#[derive(Template)]
#[template(path = "campaigns/new.html")]
struct NewCampaign {
    frame: Frame,
    fields: Fields,
    errors: Errors,
    /// What the filter says.
    words: Vec<String>,
    href: String,
    /// Until when an answer is due by each tier at the latest.
    tier_days: String,
}

/// GET /campaigns/new: with a filter, as the list of identities sends it.
pub async fn show_new(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    render(&register, &viewer, Fields::of_query(&request), Vec::new()).await
}

/// POST /campaigns
pub async fn submit_new(register: web::Data<Register>, viewer: Viewer, Posted(fields): Posted) -> Answer {
    let by = viewer.by()?;
    let wanted = match wanted(&register, &viewer, &fields).await? {
        Ok(wanted) => wanted,
        Err(errors) => return render(&register, &viewer, fields, errors).await,
    };
    let id = act(&register, move |register| make::make(register, &by, &wanted)).await??;
    see_other(format!("/campaigns/{id}?done=drafted"))
}

/// The campaign as it was typed, or everything that is wrong with it.
pub(super) async fn wanted(
    register: &web::Data<Register>,
    viewer: &Viewer,
    fields: &Fields,
) -> Result<Result<Wanted, Vec<FieldError>>, WebError> {
    let typed = Typed {
        name: fields.raw("name"),
        why: fields.raw("why"),
        due_on: fields.raw("due_on"),
        due_by: fields.raw("due_by"),
        filter: fields.raw("filter"),
    };
    let (wanted, mut errors) = match make::wanted(register, &viewer.by()?, typed) {
        Ok(wanted) => (Some(wanted), Vec::new()),
        Err(ActionError::Invalid(errors)) => (None, errors),
        Err(other) => return Err(other.into()),
    };
    if fields.raw("why").contains('\0') {
        errors.push(FieldError::new("why", "This text holds a sign that cannot be shown. Type it anew"));
    }
    let found = filter_of(register, viewer, fields).await?;
    errors.extend(found.faults.iter().map(|text| FieldError::new("filter", text.clone())));
    Ok(match wanted {
        Some(wanted) if errors.is_empty() => {
            let selection = Selection { due_by: wanted.selection.due_by, filter: found.canonical };
            Ok(Wanted { selection, ..wanted })
        }
        _ => Err(errors),
    })
}

/// What the field of the filter says.
async fn filter_of(register: &web::Data<Register>, viewer: &Viewer, fields: &Fields) -> Result<Selected, WebError> {
    let selection = Selection { due_by: None, filter: fields.raw("filter").to_owned() };
    let tells_names = viewer.may(Permission::ReadRegister);
    read(register, move |db| chosen::read(db, &selection, tells_names)).await
}

async fn render(
    register: &web::Data<Register>,
    viewer: &Viewer,
    fields: Fields,
    mut errors: Vec<FieldError>,
) -> Answer {
    let found = filter_of(register, viewer, &fields).await?;
    // A link may carry a filter that cannot be followed.
    if !errors.iter().any(|error| error.field == "filter") {
        errors.extend(found.faults.iter().map(|text| FieldError::new("filter", text.clone())));
    }
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let frame = Frame::new(register, viewer, "/campaigns", "Draft a campaign").with_error(!errors.is_empty());
    let Selected { words, href, .. } = found;
    let tier_days = super::tier_days(&register.deployment.reviews, register.day(viewer.now));
    page_with(status, &NewCampaign { frame, fields, errors: Errors(errors), words, href, tier_days })
}
