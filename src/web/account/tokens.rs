//! One's own API tokens: seeing them, making one, revoking one.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};
use askama::Template;

use crate::actions::api_tokens::{self as actions, TokenDraft};
use crate::actions::{ActionError, FieldError, Register};
use crate::domain::api_tokens::{TokenScope, latest_end};
use crate::domain::listing::{PAGE_SIZE, Page};
use crate::store::api_tokens::{self, TokenLine};
use crate::web::errors::WebError;
use crate::web::fields::{Errors, Fields, Posted};
use crate::web::frame::Frame;
use crate::web::paging::{self, Paging};
use crate::web::session::Viewer;
use crate::web::tokens::row::Row;
use crate::web::tokens::token;
use crate::web::{Answer, act, page, page_with, read, show as words};

#[derive(Template)]
#[template(path = "account/tokens.html")]
struct TokensPage {
    frame: Frame,
    rows: Vec<Row>,
    paging: Paging,
    /// Stored word, label, hint, whether it is ticked.
    scopes: Vec<(&'static str, &'static str, &'static str, bool)>,
    end_hint: String,
    fields: Fields,
    errors: Errors,
}

#[derive(Template)]
#[template(path = "account/new_token.html")]
struct NewToken {
    frame: Frame,
    href: String,
    name: String,
    token: String,
    ending: String,
    base_url: String,
}

/// GET /account/tokens
pub async fn show(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    let asked = Fields::of_query(&request);
    render(&register, &viewer, &asked, Fields::default(), Vec::new()).await
}

async fn render(
    register: &web::Data<Register>,
    viewer: &Viewer,
    asked: &Fields,
    fields: Fields,
    errors: Vec<FieldError>,
) -> Answer {
    let (person, role) = (viewer.person()?, viewer.role().ok_or(WebError::SignedOut)?);
    let bare = Fields::default();
    let Some(from) = paging::from(asked, |_| true) else { return paging::restart("/account/tokens", &bare) };
    let place = from.clone();
    let found = read(register, move |db| {
        api_tokens::lines(db, Some(person), &place, PAGE_SIZE + 1).map(|rows| Page::of(rows, &place))
    })
    .await?;
    if paging::is_behind(&found, &from) {
        return paging::restart("/account/tokens", &bare);
    }
    let frame = paging::framed(Frame::new(register, viewer, "/account", "Your API tokens").wide(), asked)
        .with_error(!errors.is_empty());
    let ticked = fields.all("scopes");
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page_with(
        status,
        &TokensPage {
            rows: found.rows.iter().map(|line| Row::of(line, viewer.now, frame.tz)).collect(),
            paging: Paging::of("/account/tokens", &bare, &found, TokenLine::cursor),
            scopes: TokenScope::within(role)
                .into_iter()
                .map(|scope| (scope.word(), scope.label(), hint(scope), ticked.contains(&scope.word())))
                .collect(),
            end_hint: format!(
                "It is good to the end of this day in {}. The latest is {}",
                frame.zone,
                words::date(latest_end(words::today(viewer.now, frame.tz)))
            ),
            fields,
            errors: Errors(errors),
            frame,
        },
    )
}

fn hint(scope: TokenScope) -> &'static str {
    match scope {
        TokenScope::Read => "The lists and pages of identities and tasks, and their exports",
        TokenScope::ReadRegister => "People, owners, systems, vendors, imports, jobs and mail",
        TokenScope::ReadAudit => "Every entry, and its export",
        TokenScope::FileRequests => "It registers and asks in your name; it decides nothing and issues nothing",
        TokenScope::KeepRegister => "It answers no task, approves nothing and touches no account",
    }
}

/// POST /account/tokens
///
/// The token is in this answer and nowhere else: in no link, no log, and no cache.
pub async fn create(register: web::Data<Register>, viewer: Viewer, Posted(fields): Posted) -> Answer {
    let by = viewer.by()?;
    let draft = TokenDraft {
        name: fields.raw("name").to_owned(),
        purpose: fields.raw("purpose").to_owned(),
        scopes: fields.all("scopes").into_iter().map(str::to_owned).collect(),
        ends_on: fields.raw("ends_on").to_owned(),
    };
    let name = draft.name.trim().to_owned();
    match act(&register, move |register| actions::create(register, &by, &draft)).await? {
        Ok((id, token)) => page(&NewToken {
            frame: Frame::new(&register, &viewer, "/account", "Your new API token"),
            href: format!("/tokens/{id}"),
            name,
            token: token.text().to_owned(),
            ending: token.ending().to_owned(),
            base_url: register.deployment.base_url.clone(),
        }),
        Err(ActionError::Invalid(errors)) => render(&register, &viewer, &Fields::default(), fields, errors).await,
        Err(other) => Err(other.into()),
    }
}

/// POST /account/tokens/{id}/revoke
pub async fn revoke(
    register: web::Data<Register>,
    request: HttpRequest,
    viewer: Viewer,
    Posted(fields): Posted,
) -> Answer {
    let (id, person) = (token::id(&request)?, viewer.person()?);
    let line = read(&register, move |db| api_tokens::line(db, id)).await?;
    // Somebody else's token is not there for them.
    if line.token.person_id != person {
        return Err(WebError::NotFound);
    }
    token::stop(&register, &viewer, id, fields).await
}
