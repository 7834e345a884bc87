//! One-time codes of one's own account: set up with a first code, removed, and the recovery codes.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};
use askama::Template;

use super::qr::{self, Drawn};
use super::second_factor::{self, next_of};
use crate::actions::{ActionError, FieldError, Register, factors};
use crate::store::people;
use crate::web::errors::{WebError, sentence};
use crate::web::fields::{Errors, Fields, Posted};
use crate::web::frame::Frame;
use crate::web::session::{self, Viewer};
use crate::web::{Answer, act, page, page_with, read, see_other};

#[derive(Template)]
#[template(path = "account/codes.html")]
struct CodesPage {
    frame: Frame,
    errors: Errors,
    next: String,
    qr: Option<Drawn>,
    groups: String,
    link: String,
}

#[derive(Template)]
#[template(path = "account/recovery_codes.html")]
struct RecoveryCodesPage {
    frame: Frame,
    codes: Vec<String>,
    /// One-time codes were set up just now.
    set_up: bool,
    next: String,
}

/// POST /account/second-factor/codes
pub async fn begin(register: web::Data<Register>, viewer: Viewer, Posted(fields): Posted) -> Answer {
    let by = viewer.by()?;
    match act(&register, move |register| factors::begin_codes(register, &by)).await? {
        Ok(()) => {
            let next = Fields::default().with("next", &next_of(&fields)).to_query();
            see_other(format!("/account/second-factor/codes{next}"))
        }
        Err(error) => refused(&register, &viewer, &fields, error).await,
    }
}

/// GET /account/second-factor/codes
pub async fn show(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    let fields = Fields::of_query(&request);
    set_up_page(&register, &viewer, &fields, Vec::new()).await
}

async fn set_up_page(
    register: &web::Data<Register>,
    viewer: &Viewer,
    fields: &Fields,
    errors: Vec<FieldError>,
) -> Answer {
    let by = viewer.by()?;
    let pending = act(register, move |register| factors::pending_secret(register, &by)).await??;
    let Some(secret) = pending else {
        let next = Fields::default().with("next", &next_of(fields)).to_query();
        return see_other(format!("/account/second-factor{next}"));
    };
    let person = viewer.person()?;
    let email = read(register, move |db| people::find(db, person)).await?.email;
    let link = secret.link(&register.deployment.register_name, &email);
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page_with(
        status,
        &CodesPage {
            frame: Frame::new(register, viewer, "/account", "Set up one-time codes").with_error(!errors.is_empty()),
            errors: Errors(errors),
            next: next_of(fields),
            qr: qr::draw(&link),
            groups: secret.groups(),
            link,
        },
    )
}

/// POST /account/second-factor/codes/confirm
pub async fn confirm(
    register: web::Data<Register>,
    request: HttpRequest,
    viewer: Viewer,
    Posted(fields): Posted,
) -> Answer {
    let (by, session) = (viewer.by()?, own_session(&viewer)?);
    let code = fields.raw("code").to_owned();
    let (token, cookie) = session::renewal(&request, &register.deployment.base_url)?;
    let outcome =
        act(&register, move |register| factors::confirm_codes(register, &by, session, &code, &cookie)).await?;
    match outcome {
        Ok(codes) => {
            let viewer = Viewer { csrf: session::csrf(&token), ..viewer };
            let mut answer = recovery_page(&register, &viewer, codes, true, next_of(&fields))?;
            session::give(&mut answer, &register.deployment.base_url, token)?;
            Ok(answer)
        }
        Err(ActionError::Invalid(errors)) => set_up_page(&register, &viewer, &fields, errors).await,
        Err(error) => refused(&register, &viewer, &fields, error).await,
    }
}

/// The recovery codes, shown once: they are in no link and in no log, and the browser keeps no copy.
fn recovery_page(register: &Register, viewer: &Viewer, codes: Vec<String>, set_up: bool, next: String) -> Answer {
    let frame = Frame::new(register, viewer, "/account", "Your recovery codes");
    page(&RecoveryCodesPage { frame, codes, set_up, next })
}

/// POST /account/second-factor/recovery-codes
pub async fn make_recovery_codes(register: web::Data<Register>, viewer: Viewer, Posted(fields): Posted) -> Answer {
    let (by, session) = (viewer.by()?, own_session(&viewer)?);
    match act(&register, move |register| factors::make_recovery_codes(register, &by, session)).await? {
        Ok(codes) => recovery_page(&register, &viewer, codes, false, next_of(&fields)),
        Err(error) => refused(&register, &viewer, &fields, error).await,
    }
}

/// POST /account/second-factor/codes/remove
pub async fn remove(register: web::Data<Register>, viewer: Viewer, Posted(fields): Posted) -> Answer {
    let (by, session) = (viewer.by()?, own_session(&viewer)?);
    match act(&register, move |register| factors::remove_codes(register, &by, session)).await? {
        Ok(()) => see_other("/account/second-factor?done=codes_removed"),
        Err(error) => refused(&register, &viewer, &fields, error).await,
    }
}

/// The session of the reader.
pub(super) fn own_session(viewer: &Viewer) -> Result<crate::domain::ids::Id, WebError> {
    viewer.signed_in.as_ref().map(|viewer| viewer.session).ok_or(WebError::SignedOut)
}

/// The page again with what was refused; other errors have pages of their own.
pub(super) async fn refused(
    register: &web::Data<Register>,
    viewer: &Viewer,
    fields: &Fields,
    error: ActionError,
) -> Answer {
    match error {
        ActionError::Invalid(errors) => second_factor::render(register, viewer, fields, errors).await,
        ActionError::Refused(reason) => {
            let error = FieldError::new("", sentence(&reason));
            second_factor::render(register, viewer, fields, vec![error]).await
        }
        other => Err(other.into()),
    }
}
