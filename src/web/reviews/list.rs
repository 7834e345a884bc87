//! The list of reviews: what is open, what was decided, and what nobody answered.

use actix_web::{HttpRequest, web};
use askama::Template;
use chrono::NaiveDate;

use super::filter::{self, GROUPS, Reader, Wanted};
use super::{due_by_clock, outcome_tag, status};
use crate::actions::Register;
use crate::domain::ids::Id;
use crate::domain::listing::{Count, Page};
use crate::domain::permissions::Permission;
use crate::domain::reaching::IdentityTier;
use crate::domain::reviews::campaigns::CampaignState;
use crate::domain::reviews::reasons::ReviewCause;
use crate::domain::reviews::{ReviewOutcome, ReviewState};
use crate::domain::words::Worded;
use crate::store::review_list::{self, ReviewFilter, ReviewLine};
use crate::store::{Db, StoreError, campaigns};
use crate::web::asked::FaultLine;
use crate::web::fields::Fields;
use crate::web::frame::Frame;
use crate::web::paging::{self, Paging};
use crate::web::session::{Sees, Viewer};
use crate::web::{Answer, page_with, read, see_other, show};

/// Campaigns that the filter offers; an older one has its link on its own page.
const CAMPAIGNS: i64 = 100;

#[derive(Template)]
#[template(path = "reviews/list.html")]
struct ReviewList {
    frame: Frame,
    /// What in the link cannot be followed; then there are no rows.
    faults: Vec<FaultLine>,
    rows: Vec<Row>,
    views: Vec<(String, &'static str, bool)>,
    chips: Vec<(String, String)>,
    outcomes: Vec<(&'static str, &'static str)>,
    tiers: Vec<(&'static str, &'static str)>,
    causes: Vec<(&'static str, &'static str)>,
    /// What can be typed as who is asked besides a person.
    groups: Vec<&'static str>,
    /// Id and name; empty for whoever does not read campaigns.
    campaigns: Vec<(String, String)>,
    /// Who is asked, by name.
    asked: String,
    fields: Fields,
    paging: Paging,
    query: String,
    shown: String,
    of_all: String,
    /// The reader sees the reviews of some identities only.
    partly: bool,
    reads_register: bool,
    may_answer: bool,
}

struct Row {
    href: String,
    identity: String,
    why: String,
    tier: String,
    tag: &'static str,
    status: String,
    due_machine: String,
    due: String,
    /// The day by which it should have been asked about, where it was later and its reason does not say so already;
    /// empty otherwise.
    was_due: String,
    asked: String,
    outcome_tag: &'static str,
    outcome: &'static str,
    proof: &'static str,
}

/// The ways to look at reviews that are needed often.
const VIEWS: &[(&str, &str)] = &[
    ("Open", "/reviews"),
    ("Past their day", "/reviews?overdue=1"),
    ("Decided", "/reviews?state=decided"),
    ("Waiting for proof", "/reviews?state=remediating"),
    ("Closed", "/reviews?state=closed"),
    ("Cancelled", "/reviews?state=cancelled"),
    ("All", "/reviews?state=any"),
];

/// The view whose reviews a filter shows, whatever else it narrows.
fn view(filter: &ReviewFilter) -> String {
    match filter.state {
        _ if filter.overdue_on.is_some() => "/reviews?overdue=1".to_owned(),
        Some(ReviewState::Open) => "/reviews".to_owned(),
        Some(state) => format!("/reviews?state={}", state.word()),
        None => "/reviews?state=any".to_owned(),
    }
}

/// GET /reviews
pub async fn show(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    let fields = Fields::of_query(&request);
    let today = register.day(viewer.now);
    let reads_register = viewer.may(Permission::ReadRegister);
    let reader = Reader { sees: viewer.sees()?, tells_names: reads_register, today };
    let bare = paging::without_place(&fields);
    let Some(from) = paging::from(&fields, paging::reads_day) else { return paging::restart("/reviews", &bare) };
    let (typed, place, chosen) = (fields.clone(), from.clone(), fields.value::<Id>("campaign"));
    let (found, count, mut beside, wanted, campaigns) = read(&register, move |db| {
        let wanted = filter::read(db, &typed, reader)?;
        let campaigns = offered(db, reads_register, chosen)?;
        if !wanted.faults.is_empty() || wanted.named.canonical.is_some() {
            return Ok((Page::default(), Count::Exactly(0), std::collections::HashMap::new(), wanted, campaigns));
        }
        let found = review_list::page(db, &wanted.filter, &place)?;
        let ids: Vec<_> = found.rows.iter().map(|line| line.review.id).collect();
        let count = review_list::count(db, &wanted.filter)?;
        Ok((found, count, review_list::beside(db, &ids)?, wanted, campaigns))
    })
    .await?;
    let Wanted { faults, named, filter } = wanted;
    let view = if faults.is_empty() { view(&filter) } else { String::new() };
    if let Some(canonical) = named.canonical.as_ref().filter(|_| faults.is_empty()) {
        return see_other(format!("/reviews{}", canonical.to_query()));
    }
    if faults.is_empty() && paging::is_behind(&found, &from) {
        return paging::restart("/reviews", &bare);
    }
    let query = bare.to_query();
    let chips = paging::chips("/reviews", &bare, |name, value| match name {
        "state" if value == "any" => Some("State: any".to_owned()),
        "state" => paging::chip::<ReviewState>("State", value),
        "outcome" => paging::chip::<ReviewOutcome>("Outcome", value),
        "overdue" => Some("Past their day".to_owned()),
        "asked" => named.name(value).map(|name| format!("Who is asked: {name}")),
        "tier" => paging::chip::<IdentityTier>("Tier", value),
        "cause" => paging::chip::<ReviewCause>("Reason", value),
        "q" => Some(format!("Name contains \u{201c}{value}\u{201d}")),
        "campaign" => Some(match campaigns.iter().find(|(id, _)| id == value) {
            Some((_, name)) => format!("Campaign: {name}"),
            None => "Campaign: one that is not there".to_owned(),
        }),
        _ => None,
    });
    let rows: Vec<Row> = found
        .rows
        .iter()
        .map(|line| {
            let beside = beside.remove(&line.review.id).unwrap_or_default();
            row(line, beside, today, register.day(line.review.opened_at))
        })
        .collect();
    let (shown, of_all) = paging::tally(rows.len(), count, "review", "reviews");
    let frame = paging::framed(Frame::new(&register, &viewer, "/reviews", "Reviews").wide(), &fields)
        .with_error(!faults.is_empty());
    page_with(
        faults.status(),
        &ReviewList {
            faults: faults.lines("/reviews", &bare),
            paging: Paging::of("/reviews", &bare, &found, ReviewLine::cursor),
            rows,
            views: VIEWS.iter().map(|(label, href)| ((*label).to_owned(), *href, *href == view)).collect(),
            chips,
            outcomes: ReviewOutcome::pairs(),
            tiers: IdentityTier::pairs(),
            causes: ReviewCause::pairs(),
            groups: GROUPS.iter().map(|group| group.label()).chain(["Nobody"]).collect(),
            campaigns: if reads_register { campaigns } else { Vec::new() },
            asked: named.shown(bare.raw("asked")),
            shown,
            of_all,
            partly: viewer.sees()? != Sees::Everything,
            reads_register,
            may_answer: viewer.may(Permission::AnswerTasks),
            query,
            fields: bare,
            frame,
        },
    )
}

/// The campaigns that can be chosen, the newest first, and the one that the link names.
fn offered(db: &mut Db, all: bool, chosen: Option<Id>) -> Result<Vec<(String, String)>, StoreError> {
    let mut found = if all { campaigns::list(db, CampaignState::ALL, None, CAMPAIGNS)? } else { Vec::new() };
    if let Some(id) = chosen.filter(|id| !found.iter().any(|campaign| campaign.id == *id)) {
        match campaigns::find(db, id) {
            Ok(campaign) => found.push(campaign),
            Err(StoreError::NotFound) => {}
            Err(other) => return Err(other),
        }
    }
    Ok(found
        .into_iter()
        .map(|campaign| (campaign.id.to_string(), format!("{} {}", campaign.reference(), campaign.name)))
        .collect())
}

fn row(line: &ReviewLine, beside: review_list::Beside, today: NaiveDate, opened_on: NaiveDate) -> Row {
    let review = &line.review;
    let (tag, status) = status(review, today);
    let why = match (beside.reasons.as_slice(), &review.ended_because) {
        ([], Some(because)) => because.clone(),
        ([], None) => String::new(),
        ([only], _) => only.clone(),
        ([first, others @ ..], _) => format!("{first} And {} more.", others.len()),
    };
    Row {
        href: format!("/reviews/{}", review.id),
        identity: line.identity_name.clone(),
        tier: review.tier.label().to_lowercase(),
        tag,
        status,
        due_machine: review.due_on.to_string(),
        due: show::date(review.due_on),
        was_due: beside
            .clock
            .as_deref()
            .and_then(due_by_clock)
            .filter(|day| *day < opened_on)
            .map(show::date)
            // Under the name it is not said again.
            .filter(|day| !why.contains(day.as_str()))
            .unwrap_or_default(),
        why,
        asked: beside.asked.join(", "),
        outcome_tag: review.outcome.map_or("plain", outcome_tag),
        outcome: review.outcome.map_or("", ReviewOutcome::label),
        proof: review.proof.map_or("", |proof| proof.label()),
    }
}
