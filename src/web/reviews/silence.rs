//! Who would lose what by silence: said before it is ever done, with the rules it follows, and with the run that
//! stopped because it would have cut too much at once.

use std::collections::HashMap;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};
use askama::Template;
use chrono::{Days, NaiveDate};

use super::silence_tag;
use crate::actions::reviews::silence::{self, Planned, SHOWN};
use crate::actions::{ActionError, FieldError, Register};
use crate::domain::identities::IdentityState;
use crate::domain::ids::Id;
use crate::domain::listing::thousands;
use crate::domain::permissions::Permission;
use crate::domain::reviews::silence::{Silence, StopState, stops};
use crate::store::identity_names::{self, IdentityName};
use crate::store::review_list::{self, Beside};
use crate::store::silence_stops::{self, SilenceStop};
use crate::store::{Db, StoreError, people, reviews};
use crate::web::errors::{WebError, sentence};
use crate::web::fields::{Errors, Fields, Posted};
use crate::web::frame::Frame;
use crate::web::identities::id;
use crate::web::session::Viewer;
use crate::web::{Answer, act, page_with, read, see_other, show};

/// So many days are looked ahead, and so many of them are soon.
const AHEAD: u64 = 30;
const SOON: u64 = 7;

/// Earlier stops that are listed.
const EARLIER: i64 = 20;

/// Names of a stopped run that are listed openly; more of them stand behind one word.
const NAMED: usize = 20;

/// The fields of the two reasons as the page ties them to their errors.
const AGREE_REASON: &str = "reason";
const COUNT_REASON: &str = "counting_reason";

const DONE: &[(&str, &str)] = &[
    ("agreed", "You agreed. A second person has to agree too before it goes on."),
    ("lifted", "Two people agreed. It goes on with the next run."),
    ("counts", "Silence counts from now on. The next run does what stands here."),
    ("simulated", "Silence is only simulated from now on. Nothing is suspended or revoked by it."),
];

#[derive(Template)]
#[template(path = "reviews/silence.html")]
struct SilencePage {
    frame: Frame,
    /// Whether silence suspends and revokes, or is only simulated.
    counts: bool,
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
    may_set: bool,
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
    fn stop_names_open(&self) -> bool {
        self.stop.as_ref().is_some_and(|stop| stop.names.len() <= NAMED)
    }
    /// A reason for letting it go on that was typed and that no form on the page holds any more.
    fn left_over(&self) -> &str {
        if self.stop.as_ref().is_some_and(|stop| stop.may_agree) { "" } else { &self.form.agree }
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

struct RuleLine {
    applies_to: String,
    tag: &'static str,
    then: &'static str,
    because: String,
}

/// What today's run would cut of production.
struct Share {
    words: String,
    limit: String,
    /// It would stop before it cuts anything.
    stops: bool,
}

struct Group {
    key: &'static str,
    title: &'static str,
    rows: Vec<Row>,
}

struct Row {
    review: Id,
    identity: Id,
    name: String,
    environment: &'static str,
    tier_tag: &'static str,
    tier: &'static str,
    asked: String,
    machine: String,
    day: String,
    tag: &'static str,
    does: String,
    because: String,
}

/// A run that stopped and waits.
struct Stop {
    id: Id,
    version: i64,
    words: String,
    names: Vec<(Id, String, &'static str)>,
    /// Identities that are not in the register any more, or that are too many to name here.
    unnamed: usize,
    agreed: String,
    /// Two people agreed.
    lifted: bool,
    may_agree: bool,
    /// Why the reader sees no form; empty when they do.
    why_not: String,
}

struct Earlier {
    machine: String,
    on: String,
    state: &'static str,
    words: String,
    who: String,
    reason: String,
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
    let wanted = match fields.get("counts") {
        Some("yes") => true,
        Some("no") => false,
        _ => return Err(incomplete()),
    };
    let reason = fields.raw("reason").to_owned();
    let typed = Typed { agree: String::new(), count: reason.clone() };
    let outcome = act(&register, move |register| silence::set_counts(register, &by, wanted, &reason)).await?;
    if outcome.is_ok() {
        return see_other(format!("/reviews/silence?done={}", if wanted { "counts" } else { "simulated" }));
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

/// What the page is made of.
struct Found {
    counts: bool,
    planned: Vec<Planned>,
    beyond: bool,
    production: i64,
    beside: HashMap<Id, Beside>,
    waiting: Option<(SilenceStop, Vec<IdentityName>)>,
    earlier: Vec<SilenceStop>,
    names: HashMap<Id, String>,
}

async fn render(register: &web::Data<Register>, viewer: &Viewer, typed: Typed, refusal: Refusal, done: &str) -> Answer {
    let today = register.day(viewer.now);
    let until = today.checked_add_days(Days::new(AHEAD)).unwrap_or(today);
    let own = register.clone();
    let found = read(register, move |db| gather(db, &own, until)).await?;
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
    let table = &register.deployment.reviews;
    page_with(
        status,
        &SilencePage {
            counts: found.counts,
            rules: table
                .rules
                .iter()
                .map(|rule| RuleLine {
                    applies_to: rule.applies_to(),
                    tag: silence_tag(rule.then),
                    then: rule.then.label(),
                    because: rule.because.clone(),
                })
                .collect(),
            share: share(register, &found, today),
            outcomes: outcomes(&found.planned),
            groups: groups(&found, today),
            beyond: found.beyond,
            until: show::date(until),
            stop: found.waiting.as_ref().map(|(stop, names)| stop_of(stop, names, &found, viewer)),
            earlier: earlier(&found, frame.tz),
            may_set: viewer.may(Permission::KeepPeople) && viewer.token.is_none(),
            form: typed,
            errors: Errors(errors),
            conflict: matches!(refusal, Refusal::Conflict),
            frame,
        },
    )
}

fn gather(db: &mut Db, register: &Register, until: NaiveDate) -> Result<Found, StoreError> {
    // One more than is shown tells whether there are others.
    let mut planned = silence::plan(db, register, until, SHOWN + 1)?;
    let shown = usize::try_from(SHOWN).unwrap_or(usize::MAX);
    let beyond = planned.len() > shown;
    planned.truncate(shown);
    let ids: Vec<Id> = planned.iter().map(|one| one.review.id).collect();
    let waiting = match silence_stops::waiting(db)? {
        None => None,
        Some(stop) => {
            let named: Vec<Id> = stop.reviews.0.iter().copied().take(shown).collect();
            let about: Vec<Id> = reviews::find_many(db, &named)?.iter().map(|review| review.identity_id).collect();
            let names = identity_names::names_of(db, &about)?;
            Some((stop, names))
        }
    };
    let mut earlier = silence_stops::latest(db, EARLIER + 1)?;
    earlier.retain(|stop| waiting.as_ref().is_none_or(|(waiting, _)| waiting.id != stop.id));
    earlier.truncate(usize::try_from(EARLIER).unwrap_or(usize::MAX));
    let mut agreed: Vec<Id> = earlier
        .iter()
        .chain(waiting.iter().map(|(stop, _)| stop))
        .flat_map(|stop| [stop.first_by_id, stop.second_by_id])
        .flatten()
        .collect();
    agreed.sort_unstable();
    agreed.dedup();
    Ok(Found {
        counts: silence::counts(db)?,
        beside: review_list::beside(db, &ids)?,
        production: silence_stops::in_production(db)?,
        names: people::find_many(db, &agreed)?.into_iter().map(|person| (person.id, person.name)).collect(),
        planned,
        beyond,
        waiting,
        earlier,
    })
}

/// Whether a run of today would do it: its day has passed.
fn has_passed(one: &Planned, today: NaiveDate) -> bool {
    one.review.silence_on < today
}

/// Whether silence does anything to it: what is being stopped already only loses its review.
fn is_touched(one: &Planned) -> bool {
    matches!(one.identity.state, IdentityState::Active | IdentityState::Suspended)
}

fn share(register: &Register, found: &Found, today: NaiveDate) -> Share {
    let table = &register.deployment.reviews;
    let agreed: &[Id] = match &found.waiting {
        Some((stop, _)) if stop.state == StopState::Agreed => &stop.reviews.0,
        _ => &[],
    };
    let cuts = found
        .planned
        .iter()
        .filter(|one| has_passed(one, today) && one.cuts_production() && !agreed.contains(&one.review.id))
        .count();
    let cuts = i64::try_from(cuts).unwrap_or(i64::MAX);
    // Where not all are read, and the last that was is past, others may be past too.
    let open_ended = found.beyond && found.planned.last().is_some_and(|one| has_passed(one, today));
    let at_least = if open_ended { "at least " } else { "" };
    let percent = percent_words(cuts, found.production);
    Share {
        words: format!(
            "A run today would cut {at_least}{} of {} identities that work in production{percent}.",
            thousands(cuts),
            thousands(found.production)
        ),
        limit: format!(
            "A run that would cut more than {} percent of them, and more than {}, cuts nothing and waits for two people.",
            table.breaker_percent, table.breaker_least
        ),
        stops: stops(cuts, found.production, table.breaker_percent, table.breaker_least),
    }
}

/// ", that is 2.5 percent", rounded up to a tenth so that it never reads as less than it is.
fn percent_words(part: i64, whole: i64) -> String {
    if whole <= 0 || part <= 0 {
        return String::new();
    }
    let tenths = part.saturating_mul(1_000).saturating_add(whole - 1) / whole;
    match tenths % 10 {
        0 => format!(", that is {} percent", tenths / 10),
        rest => format!(", that is {}.{rest} percent", tenths / 10),
    }
}

fn outcomes(planned: &[Planned]) -> Vec<(&'static str, String, String)> {
    let mut out = Vec::new();
    for silence in [Silence::Revoke, Silence::Suspend, Silence::Escalate, Silence::Keep] {
        let count = planned.iter().filter(|one| is_touched(one) && one.silence == silence).count();
        out.push((silence_tag(silence), silence.label().to_owned(), count.to_string()));
    }
    let untouched = planned.iter().filter(|one| !is_touched(one)).count();
    if untouched > 0 {
        out.push(("plain", "Nothing more: it is being stopped already".to_owned(), untouched.to_string()));
    }
    out
}

fn groups(found: &Found, today: NaiveDate) -> Vec<Group> {
    let soon = today.checked_add_days(Days::new(SOON)).unwrap_or(today);
    let rows = |within: &dyn Fn(NaiveDate) -> bool| -> Vec<Row> {
        found.planned.iter().filter(|one| within(one.review.silence_on)).map(|one| row(one, found, today)).collect()
    };
    vec![
        Group { key: "past", title: "Already past: the next run does it", rows: rows(&|day| day < today) },
        Group { key: "soon", title: "In the next 7 days", rows: rows(&|day| day >= today && day <= soon) },
        Group { key: "later", title: "Later", rows: rows(&|day| day > soon) },
    ]
}

fn row(one: &Planned, found: &Found, today: NaiveDate) -> Row {
    let (review, identity) = (&one.review, &one.identity);
    let (tag, does) = if is_touched(one) {
        (silence_tag(one.silence), one.silence.label().to_owned())
    } else {
        ("plain", format!("Nothing more: it is {}", identity.state.label().to_lowercase()))
    };
    Row {
        review: review.id,
        identity: identity.id,
        name: identity.name.clone(),
        environment: identity.environment.label(),
        tier_tag: identity.tier.tag(),
        tier: identity.tier.label(),
        asked: found.beside.get(&review.id).map(|beside| beside.asked.join(", ")).unwrap_or_default(),
        machine: review.silence_on.to_string(),
        day: format!("{}, {}", show::date(review.silence_on), show::distance(today, review.silence_on)),
        tag,
        does,
        because: one.because.clone(),
    }
}

fn cut_words(stop: &SilenceStop) -> String {
    format!("{} of {} identities that work in production", thousands(stop.cuts), thousands(stop.population))
}

fn agreed_words(stop: &SilenceStop, names: &HashMap<Id, String>) -> String {
    let name = |id: Option<Id>| id.map(|id| names.get(&id).cloned().unwrap_or_else(|| "somebody".to_owned()));
    match (name(stop.first_by_id), name(stop.second_by_id)) {
        (None, _) => "Nobody has agreed yet".to_owned(),
        (Some(first), None) => format!("{first} agreed"),
        (Some(first), Some(second)) => format!("{first} and {second} agreed"),
    }
}

fn stop_of(stop: &SilenceStop, names: &[IdentityName], found: &Found, viewer: &Viewer) -> Stop {
    let lifted = stop.state == StopState::Agreed;
    let me = viewer.person().ok();
    let keeps = viewer.may(Permission::KeepRegister) && viewer.token.is_none();
    let mine = stop.first_by_id.is_some() && stop.first_by_id == me;
    let why_not = match (lifted, keeps, mine) {
        (true, _, _) => {
            "Two people agreed, so it goes on with the next run. What is due by then besides is counted anew."
        }
        (_, false, _) => "Two people who keep the register can let it go on.",
        (_, _, true) => {
            "You agreed already. More than one identity is stopped by two people, so somebody else has to agree too."
        }
        _ => "",
    };
    Stop {
        id: stop.id,
        version: stop.version,
        words: cut_words(stop),
        unnamed: stop.reviews.0.len().saturating_sub(names.len()),
        names: names.iter().map(|name| (name.id, name.name.clone(), name.environment.label())).collect(),
        agreed: match &stop.reason {
            Some(reason) => format!("{}: \u{201c}{reason}\u{201d}", agreed_words(stop, &found.names)),
            None => format!("{}.", agreed_words(stop, &found.names)),
        },
        lifted,
        may_agree: why_not.is_empty(),
        why_not: why_not.to_owned(),
    }
}

fn earlier(found: &Found, tz: chrono_tz::Tz) -> Vec<Earlier> {
    found
        .earlier
        .iter()
        .map(|stop| Earlier {
            machine: stop.stopped_at.to_text(),
            on: show::moment(stop.stopped_at, tz),
            state: stop.state.label(),
            words: cut_words(stop),
            who: agreed_words(stop, &found.names),
            reason: stop.reason.clone().unwrap_or_default(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_never_reads_as_less_than_it_is() {
        assert_eq!(percent_words(1, 3), ", that is 33.4 percent");
        assert_eq!(percent_words(1, 50), ", that is 2 percent");
        assert_eq!(percent_words(1, 100_000), ", that is 0.1 percent");
        assert_eq!((percent_words(0, 5), percent_words(5, 0)), (String::new(), String::new()));
    }
}
