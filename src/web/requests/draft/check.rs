//! The answers together: what is missing, what whoever decides will read, and sending it.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};
use askama::Template;

use super::answers::{self, Group};
use super::page::{self, Origin, StepLine};
use super::reading::{self, Checked, checked};
use super::steps::Step;
use crate::actions::requests::{self, Preview};
use crate::actions::{ActionError, FieldError, Register};
use crate::domain::ids::Id;
use crate::domain::requests::latest_end;
use crate::domain::task_words::date_words;
use crate::store::StoreError;
use crate::store::request_drafts::Draft;
use crate::web::errors::WebError;
use crate::web::fields::Posted;
use crate::web::frame::Frame;
use crate::web::identities::choices::choices;
use crate::web::requests::facts::Names;
use crate::web::requests::sheet::SheetView;
use crate::web::session::Viewer;
use crate::web::{Answer, act, page_with, read, see_other};

#[derive(Template)]
#[template(path = "requests/draft/check.html")]
struct Check {
    frame: Frame,
    id: Id,
    version: i64,
    lines: Vec<StepLine>,
    groups: Vec<Group>,
    /// What is missing or wrong, each with where it is put right.
    missing: Vec<(String, String)>,
    /// It was sent just now and refused.
    refused: bool,
    /// It changed since the page was read from which it was sent.
    conflict: bool,
    sheet: Option<SheetView>,
    /// Until which day it may be approved at most.
    latest: String,
    /// Which part of the way nobody can decide.
    shortage: String,
    nobody_owns: bool,
    origin: Option<Origin>,
}

/// GET /requests/drafts/{id}
pub async fn show(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    let id = crate::web::identities::id(&request)?;
    let draft = match page::find(&register, &viewer, id).await {
        Ok(draft) => draft,
        // Whoever comes back by an old link finds what the draft has become.
        Err(WebError::NotFound) => {
            became(&register, &viewer, id).await?;
            return see_other(format!("/requests/{id}"));
        }
        Err(other) => return Err(other),
    };
    let found = look(&register, &viewer, &draft).await?;
    render(&register, &viewer, StatusCode::OK, draft, found).await
}

/// POST /requests/drafts/{id}/send
pub async fn send(
    register: web::Data<Register>,
    request: HttpRequest,
    viewer: Viewer,
    Posted(fields): Posted,
) -> Answer {
    let (id, version) = (crate::web::identities::id(&request)?, page::version(&fields)?);
    let draft = match page::find(&register, &viewer, id).await {
        Ok(draft) => draft,
        // The request has the id of its draft: this was sent a moment ago.
        Err(WebError::NotFound) => return sent_already(&register, &viewer, id).await,
        Err(other) => return Err(other),
    };
    let mut found = look(&register, &viewer, &draft).await?;
    if draft.version != version {
        return render(&register, &viewer, StatusCode::CONFLICT, draft, found).await;
    }
    let Some((registering, _)) = found.ready.take() else {
        return render(&register, &viewer, StatusCode::UNPROCESSABLE_ENTITY, draft, found).await;
    };
    let by = viewer.by()?;
    match act(&register, move |register| requests::register(register, &by, &registering)).await? {
        Ok(request) => see_other(format!("/requests/{request}?done=sent")),
        Err(ActionError::Invalid(faults)) => {
            let found = Checked { faults, ready: None };
            render(&register, &viewer, StatusCode::UNPROCESSABLE_ENTITY, draft, found).await
        }
        Err(ActionError::Store(StoreError::Conflict)) => sent_already(&register, &viewer, id).await,
        Err(other) => Err(other.into()),
    }
}

/// The request that a draft has become: a form that is sent twice asks once.
async fn sent_already(register: &web::Data<Register>, viewer: &Viewer, id: Id) -> Answer {
    became(register, viewer, id).await?;
    see_other(format!("/requests/{id}?done=sent"))
}

/// That a draft has become a request which its writer may see; it has the same id.
async fn became(register: &web::Data<Register>, viewer: &Viewer, id: Id) -> Result<(), WebError> {
    let (sees, now) = (viewer.sees()?, viewer.now);
    read(register, move |db| crate::web::requests::visible(db, sees, id, now)).await.map(drop)
}

async fn look(register: &web::Data<Register>, viewer: &Viewer, draft: &Draft) -> Result<Checked, WebError> {
    let (by, draft) = (viewer.by()?, draft.clone());
    Ok(act(register, move |register| checked(register, &by, &draft)).await??)
}

async fn render(
    register: &web::Data<Register>,
    viewer: &Viewer,
    status: StatusCode,
    draft: Draft,
    found: Checked,
) -> Answer {
    let fields = reading::fields(&draft);
    let looked_at = draft.clone();
    let read_sheet = found.ready.as_ref().map(|(_, preview)| preview.sheet.clone());
    let (choices, origin, names) = read(register, move |db| {
        let names = read_sheet.map(|sheet| Names::in_sheet(db, &sheet)).transpose()?.unwrap_or_default();
        Ok((choices(db)?, page::origin(db, &looked_at)?, names))
    })
    .await?;
    let frame = Frame::new(register, viewer, "/requests", "Check your answers").with_error(status != StatusCode::OK);
    let preview: Option<&Preview> = found.ready.as_ref().map(|(_, preview)| preview);
    let missing = |fault: &FieldError| {
        let href = Step::of(fault.field).map(|step| step.missing_href(draft.id, fault.field)).unwrap_or_default();
        (href, fault.message.clone())
    };
    page_with(
        status,
        &Check {
            id: draft.id,
            version: draft.version,
            lines: page::lines(draft.id, &fields, &found.faults, None),
            groups: answers::groups(draft.id, &fields, &choices),
            missing: found.faults.iter().map(missing).collect(),
            refused: status == StatusCode::UNPROCESSABLE_ENTITY,
            conflict: status == StatusCode::CONFLICT,
            sheet: preview.map(|preview| {
                let way = &preview.way;
                SheetView::of(&preview.sheet, &way.stages, &way.because, &page::name(&fields), &names)
            }),
            latest: preview
                .map(|preview| date_words(latest_end(register.day(viewer.now), preview.way.longest_days)))
                .unwrap_or_default(),
            shortage: preview
                .and_then(|preview| preview.shortage)
                .map(|stage| stage.label().to_lowercase())
                .unwrap_or_default(),
            nobody_owns: fields.get("business_owner").is_none(),
            frame,
            origin,
        },
    )
}
