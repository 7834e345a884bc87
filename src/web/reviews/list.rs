//! The list of reviews: what is open, what was decided, and what nobody answered.

use actix_web::{HttpRequest, web};
use askama::Template;

use super::{filter, outcome_tag, status};
use crate::actions::Register;
use crate::domain::listing::{Count, Page};
use crate::domain::permissions::Permission;
use crate::domain::reviews::{ReviewOutcome, ReviewState};
use crate::store::review_list::{self, ReviewLine};
use crate::store::{StoreError, campaigns};
use crate::web::asked::FaultLine;
use crate::web::fields::Fields;
use crate::web::frame::Frame;
use crate::web::paging::{self, Paging};
use crate::web::session::{Sees, Viewer};
use crate::web::{Answer, page_with, read, show};

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
    fields: Fields,
    paging: Paging,
    query: String,
    shown: String,
    of_all: String,
    /// The reader sees the reviews of some identities only.
    partly: bool,
    reads_register: bool,
}

struct Row {
    href: String,
    identity: String,
    why: String,
    tag: &'static str,
    status: String,
    due_machine: String,
    due: String,
    asked: String,
    outcome_tag: &'static str,
    outcome: &'static str,
    proof: &'static str,
}

/// The ways to look at reviews that are needed often.
const VIEWS: &[(&str, &str)] = &[
    ("Open", "/reviews"),
    ("Overdue", "/reviews?overdue=1"),
    ("Decided", "/reviews?state=decided"),
    ("Waiting for proof", "/reviews?state=remediating"),
    ("Closed", "/reviews?state=closed"),
    ("Cancelled", "/reviews?state=cancelled"),
    ("All", "/reviews?state=any"),
];

/// GET /reviews
pub async fn show(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    let fields = Fields::of_query(&request);
    let today = register.day(viewer.now);
    let (wanted, faults) = filter::parse(&fields, &viewer, today)?;
    let bare = paging::without_place(&fields);
    let Some(from) = paging::from(&fields, filter::reads) else { return paging::restart("/reviews", &bare) };
    let (follows, place) = (faults.is_empty(), from.clone());
    let (found, count, mut beside, campaign) = read(&register, move |db| {
        if !follows {
            return Ok((Page::default(), Count::Exactly(0), std::collections::HashMap::new(), None));
        }
        let found = review_list::page(db, &wanted, &place)?;
        let ids: Vec<_> = found.rows.iter().map(|line| line.review.id).collect();
        let campaign = match wanted.campaign.map(|id| campaigns::find(db, id)) {
            None | Some(Err(StoreError::NotFound)) => None,
            Some(campaign) => Some(campaign?),
        };
        Ok((found, review_list::count(db, &wanted)?, review_list::beside(db, &ids)?, campaign))
    })
    .await?;
    if follows && paging::is_behind(&found, &from) {
        return paging::restart("/reviews", &bare);
    }
    let query = bare.to_query();
    let chips = paging::chips("/reviews", &bare, |name, value| match name {
        "state" if value == "any" => Some("State: any".to_owned()),
        "state" => paging::chip::<ReviewState>("State", value),
        "outcome" => paging::chip::<ReviewOutcome>("Outcome", value),
        "overdue" => Some("Overdue".to_owned()),
        "campaign" => Some(match &campaign {
            Some(campaign) => format!("Campaign: {}", campaign.name),
            None => "Campaign: one that is not there".to_owned(),
        }),
        _ => None,
    });
    let rows: Vec<Row> =
        found.rows.iter().map(|line| row(line, beside.remove(&line.review.id).unwrap_or_default(), today)).collect();
    let (shown, of_all) = paging::tally(rows.len(), count, "review", "reviews");
    let frame = paging::framed(Frame::new(&register, &viewer, "/reviews", "Reviews").wide(), &fields)
        .with_error(!faults.is_empty());
    page_with(
        faults.status(),
        &ReviewList {
            faults: faults.lines("/reviews", &bare),
            paging: Paging::of("/reviews", &bare, &found, ReviewLine::cursor),
            rows,
            views: VIEWS
                .iter()
                .map(|(label, href)| {
                    ((*label).to_owned(), *href, href.strip_prefix("/reviews") == Some(query.as_str()))
                })
                .collect(),
            chips,
            outcomes: paging::options(ReviewOutcome::ALL, ReviewOutcome::word, ReviewOutcome::label),
            shown,
            of_all,
            partly: viewer.sees()? != Sees::Everything,
            reads_register: viewer.may(Permission::ReadRegister),
            query,
            fields: bare,
            frame,
        },
    )
}

fn row(line: &ReviewLine, beside: review_list::Beside, today: chrono::NaiveDate) -> Row {
    let review = &line.review;
    let (tag, status) = status(review, today);
    Row {
        href: format!("/reviews/{}", review.id),
        identity: line.identity_name.clone(),
        why: match (beside.reasons.as_slice(), &review.ended_because) {
            ([], Some(because)) => because.clone(),
            ([], None) => String::new(),
            ([only], _) => only.clone(),
            ([first, others @ ..], _) => format!("{first} And {} more.", others.len()),
        },
        tag,
        status,
        due_machine: review.due_on.to_string(),
        due: show::date(review.due_on),
        asked: beside.asked.join(", "),
        outcome_tag: review.outcome.map_or("plain", outcome_tag),
        outcome: review.outcome.map_or("", ReviewOutcome::label),
        proof: review.proof.map_or("", |proof| proof.label()),
    }
}
