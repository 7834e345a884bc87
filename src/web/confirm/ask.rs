//! The page that asks somebody to prove again who they are, and what comes of it.
//!
//! One way is here: the password, with a one-time code where the account has a generator. A passkey answers
//! in `passkey`, single sign-on in `single_sign_on`; the page offers the ways that [`confirm::ways`] lists,
//! and each ends in [`confirm::confirmed_in`].

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, ResponseError, web};
use askama::Template;

use crate::actions::confirm::{self, Tried};
use crate::actions::{ActionError, Register};
use crate::domain::access::SignInMethod;
use crate::web::errors::WebError;
use crate::web::fields::Fields;
use crate::web::frame::Frame;
use crate::web::session::{self, Viewer};
use crate::web::single_sign_on::provider_name;
use crate::web::{Answer, act, page_with, see_other, show};

/// What somebody asked for, and how they go on.
#[derive(Debug, Clone)]
pub struct Asked {
    /// A sentence.
    pub what: String,
    /// A second one, where a form waits.
    pub kept: String,
    /// Where this page's form is sent.
    pub action: String,
    /// The page that waits; empty where a form does.
    pub next: String,
    /// Where one goes instead of doing it.
    pub back: String,
    /// Where it goes on afterwards.
    pub onward: String,
}

#[derive(Template)]
#[template(path = "confirm/confirm.html")]
struct ConfirmPage {
    frame: Frame,
    asked: Asked,
    ways: Vec<SignInMethod>,
    /// What the provider of single sign-on is called.
    provider: String,
    error: String,
}

impl ConfirmPage {
    fn password(&self) -> bool {
        self.ways.iter().any(|way| matches!(way, SignInMethod::Password | SignInMethod::PasswordAndCode))
    }
    fn code(&self) -> bool {
        self.ways.contains(&SignInMethod::PasswordAndCode)
    }
    fn passkey(&self) -> bool {
        self.ways.contains(&SignInMethod::Passkey)
    }
    fn single_sign_on(&self) -> bool {
        self.ways.contains(&SignInMethod::SingleSignOn)
    }
    /// Whether a way that needs no script is beside the passkey.
    fn other_than_passkey(&self) -> bool {
        self.ways.iter().any(|way| *way != SignInMethod::Passkey)
    }
    fn minutes(&self) -> String {
        show::seconds(crate::domain::access::CONFIRMED_SECONDS)
    }
}

/// Says one thing, with one way on.
#[derive(Template)]
#[template(path = "confirm/said.html")]
struct SaidPage {
    frame: Frame,
    text: String,
    href: String,
    link: String,
}

/// The page that asks.
pub async fn show(register: &web::Data<Register>, viewer: &Viewer, asked: Asked, error: String) -> Answer {
    let status = if error.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    show_as(status, register, viewer, asked, error).await
}

async fn show_as(
    status: StatusCode,
    register: &web::Data<Register>,
    viewer: &Viewer,
    asked: Asked,
    error: String,
) -> Answer {
    let person = viewer.person()?;
    let ways = act(register, move |register| confirm::ways(register, person)).await??;
    let provider = provider_name(register);
    let frame = Frame::new(register, viewer, "", "Confirm that it is you").with_error(!error.is_empty());
    page_with(status, &ConfirmPage { frame, asked, ways, provider, error })
}

/// A page with one sentence and one way on.
pub fn say(
    register: &Register,
    viewer: &Viewer,
    status: StatusCode,
    title: &str,
    text: &str,
    (href, link): (&str, &str),
) -> Answer {
    let frame = Frame::new(register, viewer, "", title);
    page_with(status, &SaidPage { frame, text: text.to_owned(), href: href.to_owned(), link: link.to_owned() })
}

/// What is said to a form whose token is not the session's. Two tabs may ask at once: the first to
/// answer renews the session, so that the other's page is too old, and its reader is shown the way on.
pub fn too_old(register: &Register, viewer: &Viewer, error: WebError, onward: &str) -> Answer {
    if !matches!(error, WebError::Foreign) || !viewer.is_recent() {
        return Err(error);
    }
    let text = "You confirmed that it is you in another window, after this page was opened.";
    say(register, viewer, StatusCode::FORBIDDEN, "This page is too old", text, (onward, "Go on"))
}

/// Takes the answer to that page. A request that was under way with the old cookie while another one
/// renewed it goes on with the new one.
pub async fn submit(
    register: &web::Data<Register>,
    request: &HttpRequest,
    mut viewer: Viewer,
    fields: &Fields,
    asked: Asked,
) -> Answer {
    let password = fields.raw("password").to_owned();
    if password.is_empty() {
        return show(register, &viewer, asked, "Write your password".to_owned()).await;
    }
    let (token, cookie) = session::renewal(request, &register.deployment.base_url)?;
    let (by, signed_in) = (viewer.by()?, viewer.signed_in.clone().ok_or(WebError::SignedOut)?);
    let code = fields.raw("code").trim().to_owned();
    let tried = act(register, move |register| {
        confirm::by_password(register, &by, signed_in.session, &password, &code, &cookie)
    })
    .await?;
    match tried {
        Ok(Tried::Confirmed) => renewed(register, token, &asked.onward),
        Ok(Tried::Wrong(left)) => {
            let left = if left == 1 { "One more try is left".to_owned() } else { format!("{left} tries are left") };
            show(register, &viewer, asked, format!("That is not right. {left}, then you are signed out")).await
        }
        Ok(Tried::Ended) => {
            viewer.signed_in = None;
            let text = "There were too many wrong tries, so you were signed out. Nothing of what waited was done.";
            let way = ("/sign-in", "Sign in again");
            let answer = say(register, &viewer, StatusCode::FORBIDDEN, "You were signed out", text, way)?;
            with(answer, session::no_cookie(&register.deployment.base_url))
        }
        Err(error @ ActionError::TooMany(_)) => {
            let error = WebError::from(error);
            let words = error.waiting(viewer.now, register.deployment.time_zone);
            let answer = show_as(error.status_code(), register, &viewer, asked, words).await?;
            Ok(error.with_retry_after(answer))
        }
        Err(ActionError::Store(crate::store::StoreError::Conflict)) => see_other(&asked.onward),
        Err(error) => Err(error.into()),
    }
}

/// Goes on with the session's new cookie.
fn renewed(register: &Register, token: String, onward: &str) -> Answer {
    with(see_other(onward)?, session::cookie(&register.deployment.base_url, token))
}

fn with(mut answer: HttpResponse, cookie: actix_web::cookie::Cookie<'_>) -> Answer {
    answer.add_cookie(&cookie).map_err(|error| WebError::Fault(error.to_string()))?;
    Ok(answer)
}

/// The link to the page that asks before another one is shown.
pub fn link(next: &str) -> String {
    format!("/confirm{}", Fields::default().with("next", next).to_query())
}
