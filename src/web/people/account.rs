//! A person's account: role, one-time links, disabling and enabling. Each change ends their sessions.

use actix_web::http::StatusCode;
use actix_web::web;
use askama::Template;

use crate::actions::links::{self, NewLink};
use crate::actions::{ActionError, By, FieldError, Register, accounts, end_sessions, factors};
use crate::domain::access::WAY_BACK_SECONDS;
use crate::domain::ids::Id;
use crate::domain::people::Role;
use crate::store::people::{self, Account};
use crate::web::errors::{WebError, sentence};
use crate::web::fields::{Errors, Fields, Posted};
use crate::web::frame::Frame;
use crate::web::session::Viewer;
use crate::web::{Answer, act, page, page_with, paging, read, see_other, show};

#[derive(Template)]
#[template(path = "people/account.html")]
struct AccountPage {
    frame: Frame,
    id: Id,
    name: String,
    account: Option<Account>,
    role: String,
    errors: Errors,
    roles: Vec<(&'static str, &'static str)>,
    /// It is the reader's own: changing it signs the reader out.
    own: bool,
    /// It has a second factor, which its owner may have lost.
    has_factor: bool,
}

#[derive(Template)]
#[template(path = "people/link.html")]
struct LinkPage {
    frame: Frame,
    id: Id,
    name: String,
    said: &'static str,
    link: String,
    until: String,
}

/// GET /people/{id}/account
pub async fn show(register: web::Data<Register>, viewer: Viewer, id: web::Path<String>) -> Answer {
    let id: Id = id.parse().map_err(|_| WebError::NotFound)?;
    account_page(&register, &viewer, id, &Fields::default(), Vec::new()).await
}

async fn account_page(
    register: &web::Data<Register>,
    viewer: &Viewer,
    id: Id,
    fields: &Fields,
    errors: Vec<FieldError>,
) -> Answer {
    let (person, account, has_factor) =
        read(register, move |db| Ok((people::find(db, id)?, people::account(db, id)?, factors::has_any(db, id)?)))
            .await?;
    let role = fields
        .text("role")
        .or_else(|| account.as_ref().map(|account| account.role.word().to_owned()))
        .unwrap_or_default();
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let frame =
        Frame::new(register, viewer, "/people", format!("Account of {}", person.name)).with_error(!errors.is_empty());
    page_with(
        status,
        &AccountPage {
            frame,
            id,
            name: person.name,
            account,
            role,
            errors: Errors(errors),
            roles: paging::options(Role::ALL, Role::word, Role::label),
            own: viewer.person().ok() == Some(id),
            has_factor,
        },
    )
}

/// POST /people/{id}/account/open
pub async fn open(
    register: web::Data<Register>,
    viewer: Viewer,
    id: web::Path<String>,
    Posted(fields): Posted,
) -> Answer {
    let Some(role) = fields.value::<Role>("role") else {
        let id: Id = id.parse().map_err(|_| WebError::NotFound)?;
        let error = FieldError::new("role", "Choose what the account may do");
        return account_page(&register, &viewer, id, &fields, vec![error]).await;
    };
    with_link(register, viewer, id, fields, "The account was opened.", move |register, by, id| {
        accounts::open(register, by, id, role)
    })
    .await
}

/// POST /people/{id}/account/link
pub async fn give_link(
    register: web::Data<Register>,
    viewer: Viewer,
    id: web::Path<String>,
    Posted(fields): Posted,
) -> Answer {
    with_link(register, viewer, id, fields, "The link was made.", |register, by, id| {
        links::give(register, by, id, WAY_BACK_SECONDS)
    })
    .await
}

/// Runs a change that makes a link, and shows it.
async fn with_link(
    register: web::Data<Register>,
    viewer: Viewer,
    id: web::Path<String>,
    fields: Fields,
    said: &'static str,
    change: impl FnOnce(&Register, &By, Id) -> Result<NewLink, ActionError> + Send + 'static,
) -> Answer {
    let id: Id = id.parse().map_err(|_| WebError::NotFound)?;
    let by = viewer.by()?;
    match act(&register, move |register| change(register, &by, id)).await? {
        Ok(link) => {
            let person = read(&register, move |db| people::find(db, id)).await?;
            show_link(&register, &viewer, id, &person.name, &link, said)
        }
        Err(error) => again(&register, &viewer, id, &fields, error).await,
    }
}

/// A one-time link, shown once: it is in no address and in no log, and the browser keeps no copy.
pub fn show_link(
    register: &Register,
    viewer: &Viewer,
    id: Id,
    name: &str,
    link: &NewLink,
    said: &'static str,
) -> Answer {
    let frame = Frame::new(register, viewer, "/people", format!("One-time link for {name}"));
    let until = show::moment(link.ends_at, frame.tz);
    page(&LinkPage { frame, id, name: name.to_owned(), said, link: link.url.clone(), until })
}

/// POST /people/{id}/account/role
pub async fn change_role(
    register: web::Data<Register>,
    viewer: Viewer,
    id: web::Path<String>,
    Posted(fields): Posted,
) -> Answer {
    let Some(role) = fields.value::<Role>("role") else {
        let id: Id = id.parse().map_err(|_| WebError::NotFound)?;
        let error = FieldError::new("role", "Choose what the account may do");
        return account_page(&register, &viewer, id, &fields, vec![error]).await;
    };
    simply(register, viewer, id, fields, "role", move |register, by, id| accounts::change_role(register, by, id, role))
        .await
}

/// POST /people/{id}/account/disable
pub async fn disable(
    register: web::Data<Register>,
    viewer: Viewer,
    id: web::Path<String>,
    Posted(fields): Posted,
) -> Answer {
    simply(register, viewer, id, fields, "disabled", accounts::disable).await
}

/// POST /people/{id}/account/enable
pub async fn enable(
    register: web::Data<Register>,
    viewer: Viewer,
    id: web::Path<String>,
    Posted(fields): Posted,
) -> Answer {
    simply(register, viewer, id, fields, "enabled", accounts::enable).await
}

/// POST /people/{id}/account/second-factor
pub async fn remove_factors(
    register: web::Data<Register>,
    viewer: Viewer,
    id: web::Path<String>,
    Posted(fields): Posted,
) -> Answer {
    simply(register, viewer, id, fields, "factors", factors::remove_all).await
}

/// POST /people/{id}/account/end-sessions
pub async fn end_sessions(
    register: web::Data<Register>,
    viewer: Viewer,
    id: web::Path<String>,
    Posted(fields): Posted,
) -> Answer {
    simply(register, viewer, id, fields, "ended", end_sessions::all_of).await
}

async fn simply(
    register: web::Data<Register>,
    viewer: Viewer,
    id: web::Path<String>,
    fields: Fields,
    done: &str,
    change: impl FnOnce(&Register, &By, Id) -> Result<(), ActionError> + Send + 'static,
) -> Answer {
    let id: Id = id.parse().map_err(|_| WebError::NotFound)?;
    let by = viewer.by()?;
    match act(&register, move |register| change(register, &by, id)).await? {
        Ok(()) => see_other(format!("/people/{id}?done={done}")),
        Err(error) => again(&register, &viewer, id, &fields, error).await,
    }
}

/// The page again with what was wrong; other errors have pages of their own.
async fn again(register: &web::Data<Register>, viewer: &Viewer, id: Id, fields: &Fields, error: ActionError) -> Answer {
    match error {
        ActionError::Invalid(errors) => account_page(register, viewer, id, fields, errors).await,
        ActionError::Refused(reason) => {
            let error = FieldError::new("", sentence(&reason));
            account_page(register, viewer, id, &Fields::default(), vec![error]).await
        }
        other => Err(other.into()),
    }
}
