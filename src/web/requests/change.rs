//! Asking for a change: from what is approved now, with the page that whoever decides would read.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};
use askama::Template;

use super::facts::Names;
use super::sheet::SheetView;
use super::ticks::{self, Ticks};
use crate::actions::identities::IdentityRecord;
use crate::actions::requests::{self, Asking, Preview};
use crate::actions::{ActionError, FieldError, Register, identities as acting};
use crate::domain::identities::{Environment, IdentityState, ScopeList};
use crate::domain::ids::Id;
use crate::domain::requests::{RequestState, latest_end, reference};
use crate::store::StoreError;
use crate::store::requests as stored;
use crate::web::errors::{WebError, full_sentence};
use crate::web::fields::{Errors, Fields, Posted};
use crate::web::frame::Frame;
use crate::web::identities::{self, id};
use crate::web::session::Viewer;
use crate::web::{Answer, act, page_with, read, see_other};

#[derive(Template)]
#[template(path = "requests/change.html")]
struct ChangePage {
    frame: Frame,
    id: Id,
    name: String,
    version: i64,
    sandbox: bool,
    fields: Fields,
    errors: Errors,
    /// Approved and not given by the system: nobody can be using these.
    unused: Vec<String>,
    ticks: Ticks,
    /// What is written, to be left out.
    written: Vec<ticks::Box>,
    /// The request that waits already: its reference and its address.
    waiting: Option<(String, String)>,
    /// Why nothing can be asked; empty where something can.
    why_not: String,
    /// What whoever decides would read; absent before it was looked at.
    preview: Option<Shown>,
    conflict: bool,
}

/// What is shown before it is sent.
struct Shown {
    sheet: SheetView,
    until_at_most: String,
    shortage: bool,
    /// It was to be sent, and is another than what was read before.
    edited: bool,
}

/// GET /identities/{id}/request
pub async fn show(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    let (id, record) = record(&register, &request, &viewer).await?;
    let approved: Vec<&str> =
        record.scopes.iter().filter(|row| row.list == ScopeList::Approved).map(|row| row.scope.as_str()).collect();
    let mut fields = Fields::default();
    if approved.is_empty() {
        // Asked before and not approved: what was written then is written already.
        let before = read(&register, move |db| {
            let Some(last) = stored::about(db, id)?.into_iter().next() else { return Ok(None) };
            Ok(Some((stored::scopes(db, last.id)?, last.reason)))
        })
        .await?;
        if let Some((scopes, reason)) = before {
            fields.push("scopes", scopes.join("\n"));
            fields.push("reason", reason);
        }
    } else {
        fields.push("scopes", approved.join("\n"));
    }
    render(&register, &viewer, id, record, fields, Outcome::Fresh).await
}

/// POST /identities/{id}/request: looked at first, sent from what was looked at.
pub async fn submit(
    register: web::Data<Register>,
    request: HttpRequest,
    viewer: Viewer,
    Posted(fields): Posted,
) -> Answer {
    let (id, record) = record(&register, &request, &viewer).await?;
    let by = viewer.by()?;
    let version: i64 = fields.required("version")?;
    let (fields, half_ticked) = ticks::applied(fields, &register.deployment);
    if record.identity.version != version {
        return render(&register, &viewer, id, record, fields, Outcome::Conflict).await;
    }
    if !half_ticked.is_empty() {
        return render(&register, &viewer, id, record, fields, Outcome::Faults(half_ticked)).await;
    }
    if fields.raw("step") == "add" {
        return render(&register, &viewer, id, record, fields, Outcome::Fresh).await;
    }
    let (asking, sends) = (asking(&fields), fields.raw("step") == "send");
    let (looked, asked) = (by.clone(), asking.clone());
    let previewed = act(&register, move |register| {
        requests::preview(&mut *register.database.read()?, register, &looked, id, &asked)
    })
    .await?;
    let preview = match previewed {
        Ok(preview) => preview,
        Err(ActionError::Invalid(errors)) => {
            return render(&register, &viewer, id, record, fields, Outcome::Faults(errors)).await;
        }
        Err(other) => return Err(other.into()),
    };
    // Sent is what was read: a page that was not shown, or shows something else now, is shown first.
    if !sends || fields.raw("digest") != preview.sheet.digest() {
        let edited = sends && !fields.raw("digest").is_empty();
        return render(&register, &viewer, id, record, fields, Outcome::Looked(Box::new(preview), edited)).await;
    }
    match act(&register, move |register| requests::ask(register, &by, id, version, &asking)).await? {
        Ok(sent) => see_other(format!("/requests/{sent}?done=sent")),
        Err(ActionError::Invalid(errors)) => {
            render(&register, &viewer, id, record, fields, Outcome::Faults(errors)).await
        }
        Err(ActionError::Store(StoreError::Conflict)) => {
            render(&register, &viewer, id, record, fields, Outcome::Conflict).await
        }
        Err(ActionError::Refused(text)) => {
            let errors = vec![FieldError::new("", full_sentence(&text))];
            render(&register, &viewer, id, record, fields, Outcome::Faults(errors)).await
        }
        Err(other) => Err(other.into()),
    }
}

/// What a form asks for.
pub fn asking(fields: &Fields) -> Asking {
    Asking {
        scopes: fields.raw("scopes").to_owned(),
        reason: fields.raw("reason").to_owned(),
        until: fields.raw("until").to_owned(),
        urgent: fields.is_set("urgent"),
        urgency: fields.raw("urgency").to_owned(),
        test_data: fields.is_set("test_data"),
    }
}

enum Outcome {
    Fresh,
    /// What whoever decides would read; whether it was to be sent and is another than what was read before.
    Looked(Box<Preview>, bool),
    Faults(Vec<FieldError>),
    Conflict,
}

async fn record(
    register: &web::Data<Register>,
    request: &HttpRequest,
    viewer: &Viewer,
) -> Result<(Id, IdentityRecord), WebError> {
    let (id, sees, now) = (id(request)?, viewer.sees()?, viewer.now);
    let record = read(register, move |db| {
        identities::check_visible(db, sees, id, now)?;
        acting::record(db, id)
    })
    .await?;
    Ok((id, record))
}

async fn render(
    register: &web::Data<Register>,
    viewer: &Viewer,
    id: Id,
    record: IdentityRecord,
    fields: Fields,
    outcome: Outcome,
) -> Answer {
    let now = viewer.now;
    let looked = if let Outcome::Looked(preview, _) = &outcome { Some(preview.sheet.clone()) } else { None };
    let (waiting, names) = read(register, move |db| {
        let names = looked.map(|sheet| Names::in_sheet(db, &sheet)).transpose()?.unwrap_or_default();
        Ok((stored::pending(db, id)?, names))
    })
    .await?;
    let waiting = waiting.filter(|request| request.state_at(now) != RequestState::Expired);
    let identity = record.identity;
    let on = |list: ScopeList| {
        record.scopes.iter().filter(move |row| row.list == list).map(|row| row.scope.as_str()).collect::<Vec<_>>()
    };
    let unused = requests::facts::not_issued(&on(ScopeList::Approved), &on(ScopeList::Issued));
    let edited = matches!(outcome, Outcome::Looked(_, true));
    let (status, errors, preview, conflict) = match outcome {
        Outcome::Fresh => (StatusCode::OK, Vec::new(), None, false),
        Outcome::Looked(preview, _) => (StatusCode::OK, Vec::new(), Some(preview), false),
        Outcome::Faults(errors) => (StatusCode::UNPROCESSABLE_ENTITY, errors, None, false),
        Outcome::Conflict => (StatusCode::CONFLICT, Vec::new(), None, true),
    };
    let frame = Frame::new(register, viewer, "/requests", format!("Ask for a change: {}", identity.name))
        .with_error(status != StatusCode::OK);
    let gone = matches!(identity.state, IdentityState::Revoking | IdentityState::Revoked);
    let mut fields = fields;
    let preview = preview.map(|preview| {
        fields = fields.with("digest", &preview.sheet.digest());
        Shown {
            sheet: SheetView::of(&preview.sheet, &preview.way.stages, &preview.way.because, &identity.name, &names),
            until_at_most: crate::domain::task_words::date_words(latest_end(
                register.day(now),
                preview.way.longest_days,
            )),
            shortage: preview.shortage.is_some(),
            edited,
        }
    });
    page_with(
        status,
        &ChangePage {
            id,
            version: identity.version,
            sandbox: identity.environment == Environment::Sandbox,
            unused,
            ticks: Ticks::of(&fields, &identity.name, &register.deployment),
            written: ticks::written(&fields, &identity.name, &register.deployment),
            name: identity.name,
            waiting: waiting.map(|request| (reference(request.number), format!("/requests/{}", request.id))),
            why_not: if gone {
                format!("It is {}: nothing can be asked for it any more.", identity.state.label().to_lowercase())
            } else {
                String::new()
            },
            preview,
            fields,
            errors: Errors(errors),
            conflict,
            frame,
        },
    )
}
