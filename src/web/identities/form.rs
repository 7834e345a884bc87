//! Registering and editing: one page for both, in five groups.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};
use askama::Template;
use chrono_tz::Tz;

use super::choices::{Choices, choices, launches};
use super::typed;
use crate::actions::identities::{IdentityRecord, written_list};
use crate::actions::{ActionError, FieldError, Register, identities};
use crate::domain::identities::ScopeList;
use crate::domain::ids::Id;
use crate::domain::reaching::IdentityTier;
use crate::domain::registration::{Known, Registration};
use crate::store::identity_parts::RevocationPath;
use crate::store::people::{self, Person};
use crate::store::{StoreError, identity_parts as parts};
use crate::web::errors::WebError;
use crate::web::fields::{Errors, Fields, Posted};
use crate::web::frame::Frame;
use crate::web::meant::{self, Candidates};
use crate::web::session::Viewer;
use crate::web::{Answer, act, page_with, read, see_other, show};

/// The fields that name a person.
const OWNERS: &[&str] = &["business_owner", "technical_owner"];

#[derive(Template)]
#[template(path = "identities/form.html")]
struct IdentityForm {
    frame: Frame,
    fields: Fields,
    errors: Errors,
    editing: Option<Editing>,
    differences: Vec<typed::Difference>,
    choices: Choices,
    /// Who may be meant by a name that fits nobody or several.
    candidates: Candidates,
    /// Whether the form writes what is issued, not what is asked for.
    issued: bool,
    zone: String,
    /// How long an interval between reviews may be.
    interval_hint: String,
}

impl IdentityForm {
    fn expiry_hint(&self) -> String {
        format!("It stops at the start of this day in {}. Left empty, it never expires", self.zone)
    }
}

/// The identity that is edited, as it was read.
#[derive(Debug, Clone)]
struct Editing {
    id: Id,
    name: String,
    version: i64,
}

/// What limits the interval between reviews: that of the tier is the longest that counts.
fn interval_hint(register: &Register, tier: Option<IdentityTier>) -> String {
    let table = &register.deployment.reviews;
    match tier {
        Some(tier) => format!(
            "From 1 to 3650. Left empty, or longer than its tier ({}) asks for, it is {}",
            tier.label().to_lowercase(),
            show::counted(i64::from(table.of(tier).interval_days), "day")
        ),
        None => {
            let longest: Vec<String> = IdentityTier::ALL
                .iter()
                .map(|tier| format!("{} {}", table.of(*tier).interval_days, tier.label().to_lowercase()))
                .collect();
            format!(
                "From 1 to 3650. The interval of its tier is the longest that counts, in days: {}",
                longest.join(", ")
            )
        }
    }
}

/// GET /identities/new
pub async fn show_new(register: web::Data<Register>, viewer: Viewer) -> Answer {
    new_page(&register, &viewer, Fields::default(), Vec::new()).await
}

/// POST /identities/new
pub async fn submit_new(register: web::Data<Register>, viewer: Viewer, Posted(fields): Posted) -> Answer {
    let fields = meant::settled(&register, fields, OWNERS).await?;
    let mut errors = Vec::new();
    let exists = match fields.get("exists") {
        Some("yes") => true,
        Some("no") => false,
        _ => {
            errors.push(FieldError::new("exists", "Say whether it works already"));
            false
        }
    };
    let parsed = match Registration::parse(&fields, &Known::default()) {
        Ok(parsed) => Some(parsed),
        Err(faults) => {
            errors.extend(faults.into_iter().map(|(field, error)| FieldError::new(field, error.to_string())));
            None
        }
    };
    let (Some(parsed), true) = (parsed, errors.is_empty()) else {
        return new_page(&register, &viewer, fields, errors).await;
    };
    let by = viewer.by()?;
    match act(&register, move |register| identities::register(register, &by, &parsed, exists)).await? {
        Ok(id) => see_other(format!("/identities/{id}?done=registered")),
        Err(ActionError::Invalid(errors)) => new_page(&register, &viewer, fields, errors).await,
        Err(other) => Err(other.into()),
    }
}

async fn new_page(register: &web::Data<Register>, viewer: &Viewer, fields: Fields, errors: Vec<FieldError>) -> Answer {
    let choices = read(register, choices).await?;
    let candidates = meant::candidates(register, &fields, &errors, OWNERS).await?;
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let frame = Frame::new(register, viewer, "/identities", "Register an identity").with_error(!errors.is_empty());
    page_with(
        status,
        &IdentityForm {
            frame,
            choices: Choices { launches: launches(&fields), ..choices },
            candidates,
            fields,
            errors: Errors(errors),
            editing: None,
            differences: Vec::new(),
            issued: false,
            zone: register.deployment.time_zone.name().to_owned(),
            interval_hint: interval_hint(register, None),
        },
    )
}

/// What is stored, for a form.
struct Stored {
    record: IdentityRecord,
    path: Option<RevocationPath>,
    owners: Vec<Person>,
    choices: Choices,
}

impl Stored {
    fn fields(&self, zone: Tz) -> Fields {
        typed::fields(&self.record, self.path.as_ref(), &self.owners, zone)
    }
}

async fn stored(register: &web::Data<Register>, id: Id) -> Result<Stored, WebError> {
    read(register, move |db| {
        let record = identities::record(db, id)?;
        let owners: Vec<Id> =
            [record.identity.business_owner_id, record.identity.technical_owner_id].into_iter().flatten().collect();
        Ok(Stored {
            path: parts::revocation_path(db, id)?,
            owners: people::find_many(db, &owners)?,
            choices: choices(db)?,
            record,
        })
    })
    .await
}

/// GET /identities/{id}/edit
pub async fn show_edit(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    let stored = stored(&register, super::id(&request)?).await?;
    let fields = stored.fields(register.deployment.time_zone);
    edit_page(&register, &viewer, stored, fields, Refusal::None)
}

/// POST /identities/{id}/edit
pub async fn submit_edit(
    register: web::Data<Register>,
    request: HttpRequest,
    viewer: Viewer,
    Posted(fields): Posted,
) -> Answer {
    let id = super::id(&request)?;
    let fields = meant::settled(&register, fields, OWNERS).await?;
    let before = stored(&register, id).await?;
    let Some(version) = fields.value::<i64>("version") else {
        return Err(WebError::Bad("This form names no version; open its page again".to_owned()));
    };
    let outcome = match Registration::parse(&fields, &typed::known(&before.record, before.path.as_ref())) {
        Ok(parsed) => {
            let by = viewer.by()?;
            act(&register, move |register| identities::edit(register, &by, id, version, &parsed)).await?
        }
        // Somebody else's change is told before the faults of what was typed.
        Err(_) if before.record.identity.version != version => Err(StoreError::Conflict.into()),
        Err(faults) => Err(ActionError::Invalid(
            faults.into_iter().map(|(field, error)| FieldError::new(field, error.to_string())).collect(),
        )),
    };
    match outcome {
        Ok(()) => see_other(format!("/identities/{id}?done=saved")),
        Err(ActionError::Invalid(errors)) => {
            let candidates = meant::candidates(&register, &fields, &errors, OWNERS).await?;
            edit_page(&register, &viewer, before, fields, Refusal::Faults(errors, candidates))
        }
        Err(ActionError::Store(StoreError::Conflict)) => {
            let now = stored(&register, id).await?;
            let theirs = now.fields(register.deployment.time_zone);
            let differences = typed::differences(&theirs, &fields, &now.choices);
            edit_page(&register, &viewer, now, fields, Refusal::Conflict(differences))
        }
        Err(other) => Err(other.into()),
    }
}

/// Why the form is shown again.
enum Refusal {
    /// It is shown for the first time.
    None,
    Faults(Vec<FieldError>, Candidates),
    Conflict(Vec<typed::Difference>),
}

fn edit_page(
    register: &web::Data<Register>,
    viewer: &Viewer,
    stored: Stored,
    fields: Fields,
    refusal: Refusal,
) -> Answer {
    let (status, errors, candidates, differences) = match refusal {
        Refusal::None => (StatusCode::OK, Vec::new(), Candidates::default(), Vec::new()),
        Refusal::Faults(errors, close) => (StatusCode::UNPROCESSABLE_ENTITY, errors, close, Vec::new()),
        Refusal::Conflict(differences) => (StatusCode::CONFLICT, Vec::new(), Candidates::default(), differences),
    };
    let identity = &stored.record.identity;
    let frame = Frame::new(register, viewer, "/identities", format!("Edit {}", identity.name))
        .with_error(status != StatusCode::OK);
    // After a conflict the form carries the new version: sending it again writes over what is shown.
    let version = match (status, fields.value("version")) {
        (StatusCode::UNPROCESSABLE_ENTITY, Some(version)) => version,
        _ => identity.version,
    };
    page_with(
        status,
        &IdentityForm {
            frame,
            editing: Some(Editing { id: identity.id, name: identity.name.clone(), version }),
            issued: written_list(identity.state) == ScopeList::Issued,
            choices: Choices { launches: launches(&fields), ..stored.choices },
            candidates,
            fields,
            errors: Errors(errors),
            differences,
            zone: register.deployment.time_zone.name().to_owned(),
            interval_hint: interval_hint(register, Some(identity.tier)),
        },
    )
}
