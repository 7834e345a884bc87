//! Changing one's own password.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, ResponseError, web};
use askama::Template;

use crate::actions::{FieldError, Register, own_password};
use crate::store::people;
use crate::web::errors::WebError;
use crate::web::fields::{Errors, Posted};
use crate::web::frame::Frame;
use crate::web::session::{self, Viewer};
use crate::web::welcome::{refused, with_cookie};
use crate::web::{Answer, act, page_with, read, see_other};

#[derive(Template)]
#[template(path = "account/password.html")]
struct PasswordPage {
    frame: Frame,
    email: String,
    /// Whether there is a password to change.
    has_one: bool,
    errors: Errors,
}

/// GET /account/password
pub async fn show(register: web::Data<Register>, viewer: Viewer) -> Answer {
    form(&register, &viewer, Vec::new(), StatusCode::OK).await
}

async fn form(register: &web::Data<Register>, viewer: &Viewer, errors: Vec<FieldError>, status: StatusCode) -> Answer {
    let id = viewer.person()?;
    let (person, account) = read(register, move |db| Ok((people::find(db, id)?, people::account(db, id)?))).await?;
    let page = PasswordPage {
        frame: Frame::new(register, viewer, "/account", "Change your password").with_error(!errors.is_empty()),
        email: person.email,
        has_one: account.is_some_and(|account| account.password_hash.is_some()),
        errors: Errors(errors),
    };
    page_with(status, &page)
}

/// POST /account/password
pub async fn submit(
    register: web::Data<Register>,
    request: HttpRequest,
    viewer: Viewer,
    Posted(fields): Posted,
) -> Answer {
    let by = viewer.by()?;
    let session = viewer.signed_in.as_ref().map(|viewer| viewer.session).ok_or(WebError::SignedOut)?;
    let (old, new) = (fields.raw("old_password").to_owned(), fields.raw("password").to_owned());
    if old.is_empty() {
        let error = FieldError::new("old_password", "Write the password you have now");
        return form(&register, &viewer, vec![error], StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    let token = session::new_token();
    let digest = session::digest(&token);
    let caller = session::caller(&request, &viewer);
    let outcome =
        act(&register, move |register| own_password::change(register, &by, session, (&old, &new), &digest, &caller))
            .await?;
    match outcome {
        Ok(()) => {
            let cookie = session::cookie(&register.deployment.base_url, token);
            with_cookie(see_other("/account?done=password")?, Some(cookie))
        }
        Err(error) => {
            let (error, errors) = refused(&register, &viewer, error)?;
            let answer = form(&register, &viewer, errors, error.status_code()).await?;
            Ok(error.with_retry_after(answer))
        }
    }
}
