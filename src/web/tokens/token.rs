//! One token: what it may do, when it was used, and how it is stopped.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};
use askama::Template;

use super::row;
use crate::actions::{ActionError, FieldError, Register, api_tokens as actions};
use crate::domain::ids::Id;
use crate::domain::permissions::Permission;
use crate::store::api_tokens::{self, TokenLine};
use crate::store::identity_parts;
use crate::web::errors::WebError;
use crate::web::fields::{Errors, Fields, Posted};
use crate::web::frame::Frame;
use crate::web::session::Viewer;
use crate::web::{Answer, act, page_with, read, see_other, show as words};

#[derive(Template)]
#[template(path = "tokens/token.html")]
struct TokenPage {
    frame: Frame,
    identity: Id,
    name: String,
    ending: String,
    purpose: String,
    creator: String,
    /// Where the creator is shown; empty for those who may not look.
    creator_href: String,
    role: &'static str,
    scopes: Vec<&'static str>,
    created: String,
    ends: String,
    used: String,
    tag: &'static str,
    state: &'static str,
    revoked: bool,
    /// What was seen after it was revoked; empty before.
    proof: String,
    mine: bool,
    /// Where the form for revoking is sent; empty for those who may not.
    action: String,
    /// Where the reader came from: their own tokens, or everybody's.
    back: (&'static str, &'static str),
    fields: Fields,
    errors: Errors,
}

const DONE: &[(&str, &str)] = &[("revoked", "The token was revoked. It was tried, and it is refused.")];

/// GET /tokens/{id}
pub async fn show(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    let done = Fields::of_query(&request);
    render(&register, &viewer, id(&request)?, Fields::default(), Vec::new(), done.raw("done")).await
}

/// POST /tokens/{id}/revoke
pub async fn revoke(
    register: web::Data<Register>,
    request: HttpRequest,
    viewer: Viewer,
    Posted(fields): Posted,
) -> Answer {
    stop(&register, &viewer, id(&request)?, fields).await
}

/// The id in the address.
pub fn id(request: &HttpRequest) -> Result<Id, WebError> {
    request.match_info().get("id").and_then(|text| text.parse().ok()).ok_or(WebError::NotFound)
}

/// Revokes a token that the reader may see.
pub async fn stop(register: &web::Data<Register>, viewer: &Viewer, id: Id, fields: Fields) -> Answer {
    let (by, reason) = (viewer.by()?, fields.raw("reason").to_owned());
    match act(register, move |register| actions::revoke(register, &by, id, &reason)).await? {
        Ok(()) => see_other(format!("/tokens/{id}?done=revoked")),
        Err(ActionError::Invalid(errors)) => render(register, viewer, id, fields, errors, "").await,
        Err(other) => Err(other.into()),
    }
}

/// A token for whoever made it and for readers of the register; for others there is none.
async fn found(register: &web::Data<Register>, viewer: &Viewer, id: Id) -> Result<(TokenLine, Facts), WebError> {
    let (line, facts) = read(register, move |db| {
        let line = api_tokens::line(db, id)?;
        let path = identity_parts::revocation_path(db, line.token.identity_id)?;
        let identity = crate::store::identities::find(db, line.token.identity_id)?;
        let proof = path.filter(|_| line.token.revoked_at.is_some()).and_then(|path| path.proof);
        let facts = Facts { purpose: identity.purpose.unwrap_or_default(), proof: proof.unwrap_or_default() };
        Ok((line, facts))
    })
    .await?;
    let mine = viewer.person()? == line.token.person_id;
    if mine || viewer.may(Permission::ReadRegister) { Ok((line, facts)) } else { Err(WebError::NotFound) }
}

struct Facts {
    purpose: String,
    proof: String,
}

async fn render(
    register: &web::Data<Register>,
    viewer: &Viewer,
    id: Id,
    fields: Fields,
    errors: Vec<FieldError>,
    done: &str,
) -> Answer {
    let (line, facts) = found(register, viewer, id).await?;
    let mine = viewer.person()? == line.token.person_id;
    let revoked = line.token.revoked_at.is_some();
    let section = if viewer.may(Permission::KeepPeople) { "/tokens" } else { "/account" };
    let frame = Frame::new(register, viewer, section, line.token.name.clone())
        .with_error(!errors.is_empty())
        .with_done(done, if revoked { DONE } else { &[] });
    let (tag, state) = row::state(&line, viewer.now);
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page_with(
        status,
        &TokenPage {
            identity: line.token.identity_id,
            name: line.token.name.clone(),
            ending: line.token.ending.clone(),
            purpose: facts.purpose,
            creator: line.creator.clone(),
            creator_href: match viewer.may(Permission::ReadRegister) {
                true => format!("/people/{}", line.token.person_id),
                false => String::new(),
            },
            role: line.token.role.label(),
            scopes: line.token.scopes.0.iter().map(|scope| scope.label()).collect(),
            created: words::moment(line.token.created_at, frame.tz),
            ends: words::moment(line.token.ends_at, frame.tz),
            used: row::used(&line, frame.tz),
            tag,
            state,
            revoked,
            proof: facts.proof,
            mine,
            action: match (revoked, mine, viewer.may(Permission::KeepPeople)) {
                (true, ..) | (false, false, false) => String::new(),
                (false, true, _) => format!("/account/tokens/{id}/revoke"),
                (false, false, true) => format!("/tokens/{id}/revoke"),
            },
            back: match (mine, viewer.may(Permission::KeepPeople)) {
                (true, _) => ("/account/tokens", "Your API tokens"),
                (false, true) => ("/tokens", "API tokens"),
                (false, false) => ("/identities", "Identities"),
            },
            fields,
            errors: Errors(errors),
            frame,
        },
    )
}
