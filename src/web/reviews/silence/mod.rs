//! Who would lose what by silence: said before it is ever done, with the rules it follows, with the run that stopped
//! because it would have cut too much, and with the two administrators who say that it counts.

mod counting;
mod found;
mod parts;
mod rows;
mod rules;
mod share;
mod stop;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};
use askama::Template;
use chrono::Days;

use self::counting::Counting;
use self::rows::Group;
use self::rules::RuleLine;
use self::share::Share;
use self::stop::{Earlier, Stop};
use crate::actions::reviews::agreeing::{self, Agreement};
use crate::actions::reviews::counting as two;
use crate::actions::reviews::silence::{self, SHOWN};
use crate::actions::{ActionError, FieldError, Register};
use crate::domain::ids::Id;
use crate::domain::listing::thousands;
use crate::domain::reviews::silence::StopState;
use crate::store::{StoreError, silence_stops};
use crate::web::errors::{WebError, sentence};
use crate::web::fields::{Errors, Fields, Posted};
use crate::web::frame::Frame;
use crate::web::identities::id;
use crate::web::session::Viewer;
use crate::web::{Answer, act, page_with, read, see_other, show};

/// So many days are looked ahead.
const AHEAD: u64 = 30;

/// The fields of the two reasons as the page ties them to their errors.
const AGREE_REASON: &str = "reason";
const COUNT_REASON: &str = "counting_reason";

const DONE: &[(&str, &str)] = &[
    ("agreed", "You agreed. A second person has to agree too before it goes on."),
    ("lifted", "Two people agreed. It goes on with the next run."),
    ("proposed", "You proposed it. Another administrator has to agree before silence counts."),
    ("withdrawn", "The proposal was taken back. Silence is only simulated, as before."),
    ("counts", "Silence counts from now on. The next run does what stands here."),
    ("simulated", "Silence is only simulated from now on. Nothing is suspended or revoked by it."),
];

#[derive(Template)]
#[template(path = "reviews/silence.html")]
struct SilencePage {
    frame: Frame,
    counting: Counting,
    rules: Vec<RuleLine>,
    share: Share,
    /// How many meet which end: kind of tag, label, number.
    outcomes: Vec<(&'static str, String, String)>,
    groups: Vec<Group>,
    /// More are reached than are read.
    beyond: bool,
    until: String,
    stop: Option<Stop>,
    earlier: Vec<Earlier>,
    form: Typed,
    errors: Errors,
    conflict: bool,
}

impl SilencePage {
    fn shown(&self) -> String {
        thousands(SHOWN)
    }
    fn ahead(&self) -> u64 {
        AHEAD
    }
    /// A reason for letting it go on that was typed and that no form on the page holds any more.
    fn left_over(&self) -> &str {
        if self.stop.as_ref().is_some_and(|stop| stop.may_agree) { "" } else { &self.form.agree }
    }
    /// The same of a reason about counting: somebody proposed it meanwhile.
    fn count_left_over(&self) -> &str {
        if self.counting.asks_why() { "" } else { &self.form.count }
    }
    fn none(&self) -> bool {
        self.groups.iter().all(|group| group.rows.is_empty())
    }
}

/// What was typed into which of the two forms.
#[derive(Default)]
struct Typed {
    agree: String,
    count: String,
}

/// GET /reviews/silence
pub async fn show(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    let done = Fields::of_query(&request);
    render(&register, &viewer, Typed::default(), Refusal::None, done.raw("done")).await
}

/// POST /reviews/silence/{id}/agree
pub async fn agree(
    register: web::Data<Register>,
    request: HttpRequest,
    viewer: Viewer,
    Posted(fields): Posted,
) -> Answer {
    let (stop, by) = (id(&request)?, viewer.by()?);
    let version: i64 = fields.value("version").ok_or_else(incomplete)?;
    let reason = fields.raw("reason").to_owned();
    let typed = Typed { agree: reason.clone(), count: String::new() };
    let outcome = act(&register, move |register| silence::agree(register, &by, stop, version, &reason)).await?;
    if outcome.is_ok() {
        let waiting = read(&register, silence_stops::waiting).await?;
        let lifted = waiting.is_none_or(|stop| stop.state == StopState::Agreed);
        return see_other(format!("/reviews/silence?done={}", if lifted { "lifted" } else { "agreed" }));
    }
    refused(&register, &viewer, typed, outcome, AGREE_REASON).await
}

/// POST /reviews/silence/counting
pub async fn count(register: web::Data<Register>, viewer: Viewer, Posted(fields): Posted) -> Answer {
    let by = viewer.by()?;
    let reason = fields.raw("reason").to_owned();
    let typed = Typed { agree: String::new(), count: reason.clone() };
    let shown = || -> Result<(Id, i64), WebError> {
        let proposal = fields.value("proposal").ok_or_else(incomplete)?;
        Ok((proposal, fields.value("version").ok_or_else(incomplete)?))
    };
    let (done, outcome) = match fields.get("counts") {
        Some("yes") => {
            let outcome = act(&register, move |register| two::propose(register, &by, &reason).map(|_| ())).await?;
            ("proposed", outcome)
        }
        Some("agree") => {
            let (proposal, version) = shown()?;
            let would_lose = fields.value("would_lose").ok_or_else(incomplete)?;
            let said = Agreement { proposal, version, would_lose, reason };
            ("counts", act(&register, move |register| agreeing::agree(register, &by, &said)).await?)
        }
        Some("withdraw") => {
            let (proposal, version) = shown()?;
            ("withdrawn", act(&register, move |register| two::withdraw(register, &by, proposal, version)).await?)
        }
        Some("no") => ("simulated", act(&register, move |register| two::simulate(register, &by, &reason)).await?),
        _ => return Err(incomplete()),
    };
    if outcome.is_ok() {
        return see_other(format!("/reviews/silence?done={done}"));
    }
    refused(&register, &viewer, typed, outcome, COUNT_REASON).await
}

fn incomplete() -> WebError {
    WebError::Bad("This form is incomplete; open its page again".to_owned())
}

/// Why the page is shown again.
enum Refusal {
    None,
    Faults(Vec<FieldError>),
    /// The state of things does not allow it.
    Refused(String),
    /// Somebody was faster.
    Conflict,
}

async fn refused(
    register: &web::Data<Register>,
    viewer: &Viewer,
    typed: Typed,
    outcome: Result<(), ActionError>,
    field: &'static str,
) -> Answer {
    let refusal = match outcome {
        Ok(()) => Refusal::None,
        // Both forms have a reason; each error belongs to the one that was sent.
        Err(ActionError::Invalid(errors)) => {
            Refusal::Faults(errors.into_iter().map(|error| FieldError { field, ..error }).collect())
        }
        Err(ActionError::Refused(text)) => Refusal::Refused(sentence(&text)),
        Err(ActionError::Store(StoreError::Conflict)) => Refusal::Conflict,
        Err(other) => return Err(other.into()),
    };
    render(register, viewer, typed, refusal, "").await
}

async fn render(register: &web::Data<Register>, viewer: &Viewer, typed: Typed, refusal: Refusal, done: &str) -> Answer {
    let now = viewer.now;
    let today = register.day(now);
    let until = today.checked_add_days(Days::new(AHEAD)).unwrap_or(today);
    let own = register.clone();
    let found = read(register, move |db| found::gather(db, &own, until, now)).await?;
    let (status, errors) = match &refusal {
        Refusal::None => (StatusCode::OK, Vec::new()),
        Refusal::Faults(errors) => (StatusCode::UNPROCESSABLE_ENTITY, errors.clone()),
        Refusal::Refused(text) => (StatusCode::CONFLICT, vec![FieldError::new("", text.clone())]),
        Refusal::Conflict => (StatusCode::CONFLICT, Vec::new()),
    };
    let frame = Frame::new(register, viewer, "/reviews", "What silence does")
        .wide()
        .with_error(status != StatusCode::OK)
        .with_done(done, DONE);
    page_with(
        status,
        &SilencePage {
            counting: counting::counting(&found, viewer, frame.tz),
            rules: rules::lines(&register.deployment.reviews.rules),
            share: share::share(register, &found, today),
            outcomes: rows::outcomes(&found.planned),
            groups: rows::groups(register, &found, today),
            beyond: found.beyond,
            until: show::date(until),
            stop: found.waiting.as_ref().map(|stop| stop::stop_of(stop, &found, viewer, today)),
            earlier: stop::earlier(&found, frame.tz),
            form: typed,
            errors: Errors(errors),
            conflict: matches!(refusal, Refusal::Conflict),
            frame,
        },
    )
}
