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

use self::counting::Counting;
use self::rows::Group;
use self::rules::Rules;
use self::share::Share;
use self::stop::{Earlier, Stop};
use crate::actions::reviews::agreeing::{self, Agreement};
use crate::actions::reviews::counting as two;
use crate::actions::reviews::silence::{self, SHOWN};
use crate::actions::{ActionError, Register};
use crate::domain::listing::thousands;
use crate::domain::reviews::silence::StopState;
use crate::store::silence_stops;
use crate::web::fields::{Errors, Fields, Posted, incomplete};
use crate::web::frame::Frame;
use crate::web::identities::id;
use crate::web::refusal::Refusal;
use crate::web::session::Viewer;
use crate::web::show::Jump;
use crate::web::{Answer, act, page_with, read, see_other, show};

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
    rules: Rules,
    share: Share,
    /// How many meet which end: kind of tag, label, number.
    outcomes: Vec<(&'static str, String, String)>,
    groups: Vec<Group>,
    /// More are open than are read.
    beyond: bool,
    /// To how many silence comes, by how far its day is.
    ahead: String,
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
    /// Whether a day on the page was put off.
    fn any_put_off(&self) -> bool {
        self.groups.iter().flat_map(|group| &group.rows).any(|row| !row.put_off.is_empty())
    }
    /// A reason for letting it go on that was typed and that no form on the page holds any more.
    fn left_over(&self) -> &str {
        if self.stop.as_ref().is_some_and(|stop| stop.may_agree) { "" } else { &self.form.agree }
    }
    /// The same of a reason about counting: somebody proposed it meanwhile.
    fn count_left_over(&self) -> &str {
        if self.counting.asks_why() { "" } else { &self.form.count }
    }
    /// The sections of the page.
    fn jumps(&self) -> Vec<Jump> {
        let words = if self.counting.counts { "Silence counts" } else { "Silence is only simulated" };
        let first = [
            ("stopped", "The run that stopped".to_owned(), self.stop.is_some()),
            ("counts", words.to_owned(), true),
            ("rules", "The rules".to_owned(), true),
            ("reached", "To whom silence comes".to_owned(), true),
        ];
        let groups = self.groups.iter().map(|group| {
            let title = group.title.split(':').next().unwrap_or(group.title);
            (group.key, format!("{title}: {}", group.count), !group.rows.is_empty())
        });
        let last = [("earlier", "Earlier stops".to_owned(), !self.earlier.is_empty())];
        show::jumps(first.into_iter().chain(groups).chain(last))
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
    let version = fields.required("version")?;
    let reason = fields.raw("reason").to_owned();
    let typed = Typed { agree: reason.clone(), count: String::new() };
    let outcome = act(&register, move |register| silence::agree(register, &by, stop, version, &reason)).await?;
    match outcome {
        Ok(()) => {
            let waiting = read(&register, silence_stops::waiting).await?;
            let lifted = waiting.is_none_or(|stop| stop.state == StopState::Agreed);
            see_other(format!("/reviews/silence?done={}", if lifted { "lifted" } else { "agreed" }))
        }
        Err(error) => again(&register, &viewer, typed, error, AGREE_REASON).await,
    }
}

/// POST /reviews/silence/counting
pub async fn count(register: web::Data<Register>, viewer: Viewer, Posted(fields): Posted) -> Answer {
    let by = viewer.by()?;
    let reason = fields.raw("reason").to_owned();
    let typed = Typed { agree: String::new(), count: reason.clone() };
    let (done, outcome) = match fields.get("counts") {
        Some("yes") => {
            let outcome = act(&register, move |register| two::propose(register, &by, &reason).map(|_| ())).await?;
            ("proposed", outcome)
        }
        Some("agree") => {
            let (proposal, version) = (fields.required("proposal")?, fields.required("version")?);
            let said = Agreement { proposal, version, would_lose: fields.required("would_lose")?, reason };
            ("counts", act(&register, move |register| agreeing::agree(register, &by, &said)).await?)
        }
        Some("withdraw") => {
            let (proposal, version) = (fields.required("proposal")?, fields.required("version")?);
            ("withdrawn", act(&register, move |register| two::withdraw(register, &by, proposal, version)).await?)
        }
        Some("no") => ("simulated", act(&register, move |register| two::simulate(register, &by, &reason)).await?),
        _ => return Err(incomplete()),
    };
    match outcome {
        Ok(()) => see_other(format!("/reviews/silence?done={done}")),
        Err(error) => again(&register, &viewer, typed, error, COUNT_REASON).await,
    }
}

/// Both forms have a reason; each fault belongs to the one that was sent.
async fn again(
    register: &web::Data<Register>,
    viewer: &Viewer,
    typed: Typed,
    error: ActionError,
    field: &'static str,
) -> Answer {
    render(register, viewer, typed, Refusal::of(error)?.about(field), "").await
}

async fn render(register: &web::Data<Register>, viewer: &Viewer, typed: Typed, refusal: Refusal, done: &str) -> Answer {
    let now = viewer.now;
    let today = register.day(now);
    let own = register.clone();
    let found = read(register, move |db| found::gather(db, &own, now)).await?;
    let conflict = refusal.is_conflict();
    let (status, errors) = refusal.answer();
    let frame = Frame::new(register, viewer, "/reviews", "What silence does")
        .wide()
        .with_error(status != StatusCode::OK)
        .with_done(done, DONE);
    page_with(
        status,
        &SilencePage {
            counting: counting::counting(&found, viewer, frame.tz),
            rules: rules::rules(&register.deployment.reviews.rules),
            share: share::share(register, &found, today),
            outcomes: rows::outcomes(&found.planned),
            groups: rows::groups(register, &found),
            beyond: found.beyond,
            ahead: found.ahead.words(),
            stop: found.waiting.as_ref().map(|stop| stop::stop_of(stop, &found, viewer, today)),
            earlier: stop::earlier(&found, frame.tz),
            form: typed,
            errors: Errors(errors),
            conflict,
            frame,
        },
    )
}
