//! The second step of one's own account: what there is, and the ways to add and remove it.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};
use askama::Template;

use crate::actions::{FieldError, Register, passkeys as passkey_actions};
use crate::domain::access::SignInMethod;
use crate::domain::codes::RECOVERY_CODES;
use crate::domain::ids::{Id, Moment};
use crate::domain::listing::{Direction, From};
use crate::store::audit::{self, AuditFilter, AuditRow};
use crate::store::{Db, StoreError, code_generators, passkeys};
use crate::web::audit::words::{self, Sentence};
use crate::web::errors::WebError;
use crate::web::fields::{Errors, Fields};
use crate::web::frame::Frame;
use crate::web::session::Viewer;
use crate::web::sign_in::own_path;
use crate::web::{Answer, page_with, read, show};

/// What was done to second factors, for the list of latest changes.
const CHANGES: &[&str] = &[
    "account.set_up_codes",
    "account.remove_codes",
    "account.add_passkey",
    "account.remove_passkey",
    "account.make_recovery_codes",
    "account.use_recovery_code",
    "account.remove_factors",
];

/// Lines of latest changes.
const LATEST: usize = 5;

const DONE: &[(&str, &str)] = &[
    ("codes", "One-time codes are set up. Your other sessions have ended."),
    ("codes_removed", "One-time codes were removed. Your other sessions have ended."),
    ("passkey", "The passkey was added. Your other sessions have ended."),
    ("passkey_removed", "The passkey was removed. Your other sessions have ended."),
];

#[derive(Template)]
#[template(path = "account/second_factor.html")]
struct SecondFactorPage {
    frame: Frame,
    errors: Errors,
    /// The register asks for a second step, and nothing else is open until there is one.
    missing: bool,
    single_sign_on: bool,
    /// Where the reader was going.
    next: String,
    codes_since: String,
    passkeys: Vec<PasskeyLine>,
    no_passkeys: &'static str,
    name: String,
    recovery_left: i64,
    recovery_of: usize,
    latest: Vec<Sentence>,
}

struct PasskeyLine {
    id: Id,
    name: String,
    added: String,
    used: String,
}

impl SecondFactorPage {
    fn has_any(&self) -> bool {
        !self.codes_since.is_empty() || !self.passkeys.is_empty()
    }

    fn few_left(&self) -> bool {
        self.recovery_left <= 2
    }
}

/// GET /account/second-factor
pub async fn show(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    let fields = Fields::of_query(&request);
    render(&register, &viewer, &fields, Vec::new()).await
}

/// The page, also with what was wrong.
pub(super) async fn render(
    register: &web::Data<Register>,
    viewer: &Viewer,
    fields: &Fields,
    errors: Vec<FieldError>,
) -> Answer {
    let signed_in = viewer.signed_in.as_ref().ok_or(WebError::SignedOut)?;
    let person = signed_in.person;
    let (generator, keys, recovery_left, history, names) = read(register, move |db| {
        let history = latest(db, person)?;
        let names = words::names_for(db, &history)?;
        let generator = code_generators::find(db, person)?.and_then(|found| found.confirmed_at);
        Ok((generator, passkeys::of(db, person)?, code_generators::recovery_codes_left(db, person)?, history, names))
    })
    .await?;
    let frame = Frame::new(register, viewer, "/account", "Second step when you sign in")
        .with_error(!errors.is_empty())
        .with_done(fields.raw("done"), DONE);
    let tz = frame.tz;
    let day = |at: Moment| show::day(at, tz);
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page_with(
        status,
        &SecondFactorPage {
            errors: Errors(errors),
            missing: register.deployment.access.second_factor.is_missing(signed_in.method),
            single_sign_on: signed_in.method == SignInMethod::SingleSignOn,
            next: next_of(fields),
            codes_since: generator.map(day).unwrap_or_default(),
            passkeys: keys
                .into_iter()
                .map(|row| PasskeyLine {
                    id: row.id,
                    name: row.name,
                    added: day(row.created_at),
                    used: row.last_used_at.map(day).unwrap_or_default(),
                })
                .collect(),
            no_passkeys: passkey_actions::why_not(&register.deployment.base_url).unwrap_or_default(),
            name: fields.raw("name").to_owned(),
            recovery_left,
            recovery_of: RECOVERY_CODES,
            latest: history.iter().map(|row| words::sentence(row, &names, tz)).collect(),
            frame,
        },
    )
}

/// Where the reader was going before a second step was asked for; empty for nowhere else.
pub(super) fn next_of(fields: &Fields) -> String {
    match own_path(fields.raw("next")) {
        "/" => String::new(),
        path => path.to_owned(),
    }
}

/// The latest changes to somebody's second factors, the newest first.
fn latest(db: &mut Db, person: Id) -> Result<Vec<AuditRow>, StoreError> {
    let mut rows = Vec::new();
    for action in CHANGES {
        let about = AuditFilter {
            entity: Some("account".to_owned()),
            entity_id: Some(person.to_string()),
            action: Some((*action).to_owned()),
            ..AuditFilter::default()
        };
        rows.extend(audit::lines(db, &about, Direction::Descending, &From::Start, 5)?);
    }
    rows.sort_by_key(|row| std::cmp::Reverse(row.seq));
    rows.truncate(LATEST);
    Ok(rows)
}
