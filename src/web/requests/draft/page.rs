//! What the five pages have in common: reading the draft, saving what was typed, and going on.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use super::answers;
use super::reading::{self, checked};
use super::steps::Step;
use crate::actions::request_drafts::{self, Typed};
use crate::actions::{ActionError, FieldError, Register};
use crate::domain::ids::Id;
use crate::store::request_drafts::{self as drafts, Draft};
use crate::store::{Db, StoreError, identities};
use crate::web::conflict::Difference;
use crate::web::errors::WebError;
use crate::web::fields::{Errors, Fields};
use crate::web::frame::Frame;
use crate::web::identities::choices::{Choices, choices, launches};
use crate::web::meant::{self, Candidates};
use crate::web::session::Viewer;
use crate::web::{act, read, see_other};

/// Where the pages of all drafts stand.
pub const START: &str = "/requests/new";

/// What a page shows of its draft.
pub struct Shown {
    pub id: Id,
    pub version: i64,
    pub name: String,
    pub app: String,
    pub lines: Vec<StepLine>,
    pub fields: Fields,
    pub errors: Errors,
    pub candidates: Candidates,
    pub choices: Choices,
    pub conflict: bool,
    pub differences: Vec<Difference>,
    pub origin: Option<Origin>,
}

/// The identity that the new one is a twin of.
pub struct Origin {
    pub id: Id,
    pub name: String,
    pub environment: &'static str,
}

/// A line of the list of steps.
pub struct StepLine {
    pub href: String,
    pub label: &'static str,
    pub current: bool,
    pub tag: &'static str,
    pub status: &'static str,
}

/// What comes after a form.
pub enum After {
    /// The browser goes on.
    On(HttpResponse),
    /// The page is shown again.
    Again(StatusCode, Box<Shown>),
}

/// The list of steps; the last line is the answers together.
pub fn lines(id: Id, fields: &Fields, faults: &[FieldError], current: Option<Step>) -> Vec<StepLine> {
    let line = |step: &Step| {
        let missing = faults.iter().any(|fault| step.has(fault.field));
        let begun = step.names().iter().any(|name| fields.get(name).is_some());
        let (tag, status) = match (missing, begun) {
            (false, _) => ("ok", "Complete"),
            (true, true) => ("warn", "Something is missing"),
            (true, false) => ("plain", "Not begun"),
        };
        StepLine {
            href: format!("/requests/drafts/{id}/{}", step.word()),
            label: step.label(),
            current: current == Some(*step),
            tag,
            status,
        }
    };
    Step::ALL.iter().map(line).collect()
}

/// The identity that a draft is a twin of, while it is in the register.
pub fn origin(db: &mut Db, draft: &Draft) -> Result<Option<Origin>, StoreError> {
    let Some(origin) = draft.origin_id else { return Ok(None) };
    match identities::find(db, origin) {
        Ok(identity) => {
            Ok(Some(Origin { id: identity.id, name: identity.name.clone(), environment: identity.environment.label() }))
        }
        Err(StoreError::NotFound) => Ok(None),
        Err(other) => Err(other),
    }
}

/// What a reader calls a draft.
pub fn name(fields: &Fields) -> String {
    fields.text("name").unwrap_or_else(|| "Without a name".to_owned())
}

/// What a sentence calls the identity.
pub fn app(fields: &Fields) -> String {
    fields.text("name").unwrap_or_else(|| "The app".to_owned())
}

/// The draft of that id, where it is the viewer's own.
pub async fn find(register: &web::Data<Register>, viewer: &Viewer, id: Id) -> Result<Draft, WebError> {
    let person = viewer.person()?;
    read(register, move |db| drafts::find(db, person, id)).await
}

/// The version that a form was read at.
pub fn version(fields: &Fields) -> Result<i64, WebError> {
    fields.value("version").ok_or_else(|| WebError::Bad("This form names no version; open its page again".to_owned()))
}

/// What a page shows when it is opened: with what is missing on it where the link asks for that.
pub async fn open(
    register: &web::Data<Register>,
    viewer: &Viewer,
    request: &HttpRequest,
    step: Step,
) -> Result<Shown, WebError> {
    let id = crate::web::identities::id(request)?;
    let draft = find(register, viewer, id).await?;
    let mut shown = shown(register, viewer, &draft, step, None).await?;
    if !Fields::of_query(request).is_set("missing") {
        shown.errors = Errors::default();
        shown.candidates = Candidates::default();
    }
    Ok(shown)
}

/// What a page shows when what was typed on it is not stored.
pub async fn again(
    register: &web::Data<Register>,
    viewer: &Viewer,
    request: &HttpRequest,
    step: Step,
    typed: Fields,
) -> Result<Shown, WebError> {
    let draft = find(register, viewer, crate::web::identities::id(request)?).await?;
    let version = version(&typed)?;
    let shown = shown(register, viewer, &draft, step, Some(typed)).await?;
    Ok(Shown { version, conflict: false, differences: Vec::new(), ..shown })
}

/// Everything that a page shows; `typed` in place of what is stored where something else was typed.
async fn shown(
    register: &web::Data<Register>,
    viewer: &Viewer,
    draft: &Draft,
    step: Step,
    typed: Option<Fields>,
) -> Result<Shown, WebError> {
    let (by, looked_at) = (viewer.by()?, draft.clone());
    let faults = act(register, move |register| checked(register, &by, &looked_at)).await??.faults;
    let stored = reading::fields(draft);
    let looked_at = draft.clone();
    let (found, origin) = read(register, move |db| Ok((choices(db)?, origin(db, &looked_at)?))).await?;
    let conflict = typed.is_some();
    let differences =
        typed.as_ref().map(|typed| answers::differences(step, &stored, typed, &found)).unwrap_or_default();
    let fields = typed.unwrap_or_else(|| stored.clone());
    let own: Vec<FieldError> = faults.iter().filter(|fault| !conflict && step.has(fault.field)).cloned().collect();
    Ok(Shown {
        id: draft.id,
        version: draft.version,
        name: name(&stored),
        app: app(&stored),
        lines: lines(draft.id, &stored, &faults, Some(step)),
        candidates: meant::candidates(register, &fields, &own, step.people()).await?,
        choices: Choices { launches: launches(&fields), ..found },
        errors: Errors(own),
        fields,
        conflict,
        differences,
        origin,
    })
}

/// Stores what was typed on a page, whatever is wrong with it, and goes where its button says.
pub async fn submit(
    register: &web::Data<Register>,
    viewer: &Viewer,
    request: &HttpRequest,
    step: Step,
    posted: Fields,
) -> Result<After, WebError> {
    let id = crate::web::identities::id(request)?;
    let version = version(&posted)?;
    let fields = meant::settled(register, posted, step.people()).await?;
    let typed: Typed = fields.iter().map(|(name, text)| (name.to_owned(), text.to_owned())).collect();
    let by = viewer.by()?;
    let saved =
        act(register, move |register| request_drafts::save(register, &by, id, version, &step.names(), typed)).await?;
    let draft = match saved {
        Ok(draft) => draft,
        Err(ActionError::Store(StoreError::Conflict)) => {
            let draft = find(register, viewer, id).await?;
            let shown = shown(register, viewer, &draft, step, Some(fields)).await?;
            return Ok(After::Again(StatusCode::CONFLICT, Box::new(shown)));
        }
        // Not even a draft keeps a secret: what was typed stays on the page of whoever typed it.
        Err(ActionError::Invalid(errors)) => {
            let again = again(register, viewer, request, step, fields).await?;
            let again = Shown { errors: Errors(errors), ..again };
            return Ok(After::Again(StatusCode::UNPROCESSABLE_ENTITY, Box::new(again)));
        }
        Err(other) => return Err(other.into()),
    };
    let go = fields.raw("go");
    if go == "later" {
        return Ok(After::On(see_other(format!("{START}?done=kept"))?));
    }
    let mut shown = shown(register, viewer, &draft, step, None).await?;
    let stays = matches!(go, "check" | "add");
    if stays {
        shown.errors.0.retain(|fault| fault.field == "scopes");
    }
    if !shown.errors.is_empty() {
        return Ok(After::Again(StatusCode::UNPROCESSABLE_ENTITY, Box::new(shown)));
    }
    let next = match step.next() {
        Some(_) if stays => format!("/requests/drafts/{id}/{}", step.word()),
        Some(next) => format!("/requests/drafts/{id}/{}", next.word()),
        None => format!("/requests/drafts/{id}"),
    };
    Ok(After::On(see_other(next)?))
}

/// The frame of a page.
pub fn frame(register: &Register, viewer: &Viewer, step: Step, status: StatusCode) -> Frame {
    Frame::new(register, viewer, "/requests", step.title()).with_error(status != StatusCode::OK)
}
