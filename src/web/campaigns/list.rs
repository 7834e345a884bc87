//! The list of campaigns, the newest first.

use actix_web::{HttpRequest, web};
use askama::Template;

use super::{settled, settled_words, state_today, tag};
use crate::actions::Register;
use crate::domain::listing::PAGE_SIZE;
use crate::domain::reviews::campaigns::{CampaignState, Counts};
use crate::store::campaigns::{self, Campaign};
use crate::web::asked::{Asked, FaultLine, Faults};
use crate::web::fields::Fields;
use crate::web::frame::Frame;
use crate::web::session::Viewer;
use crate::web::{Answer, page_with, paging, read, show};

#[derive(Template)]
#[template(path = "campaigns/list.html")]
struct CampaignList {
    frame: Frame,
    /// What in the link cannot be followed; then there are no rows.
    faults: Vec<FaultLine>,
    rows: Vec<Row>,
    views: Vec<(String, String, bool)>,
    query: String,
    filtered: bool,
    first: String,
    next: String,
}

struct Row {
    href: String,
    reference: String,
    name: String,
    tag: &'static str,
    state: String,
    due_machine: String,
    due: String,
    /// How far it is, in words; empty where nobody is asked.
    progress: String,
    settled: i64,
    asked: i64,
}

/// The states that a link asks for.
pub fn filter(fields: &Fields) -> (Vec<CampaignState>, Faults) {
    let mut asked = Asked::of(fields);
    let state: Option<CampaignState> = asked.value("state", "State");
    (state.map_or_else(|| CampaignState::ALL.to_vec(), |state| vec![state]), asked.finish())
}

/// GET /campaigns
pub async fn show(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    let fields = Fields::of_query(&request);
    let (states, faults) = filter(&fields);
    let bare = paging::without_place(&fields);
    let before: Option<i64> = match fields.get("after").map(str::parse::<i64>) {
        None => None,
        Some(Ok(number)) => Some(number),
        Some(Err(_)) => return paging::restart("/campaigns", &bare),
    };
    let (follows, today) = (faults.is_empty(), register.day(viewer.now));
    let found: Vec<(Campaign, Counts)> = read(&register, move |db| {
        let found = if follows { campaigns::list(db, &states, before, PAGE_SIZE + 1)? } else { Vec::new() };
        found
            .into_iter()
            .map(|campaign| {
                let asks = campaign.opened_at.is_some();
                let counts = if asks { campaigns::counts(db, campaign.id)? } else { Counts::default() };
                Ok((campaign, counts))
            })
            .collect()
    })
    .await?;
    if follows && found.is_empty() && before.is_some() {
        return paging::restart("/campaigns", &bare);
    }
    let size = usize::try_from(PAGE_SIZE).unwrap_or(usize::MAX);
    let next = match found.get(size.saturating_sub(1)) {
        Some((last, _)) if found.len() > size => {
            format!("/campaigns{}", bare.with("after", &last.number.to_string()).to_query())
        }
        _ => String::new(),
    };
    let frame = paging::framed(Frame::new(&register, &viewer, "/campaigns", "Campaigns").wide(), &fields)
        .with_error(!faults.is_empty());
    let query = bare.to_query();
    let mut views = vec![("All".to_owned(), String::new())];
    views.extend(CampaignState::ALL.iter().map(|state| (state.label().to_owned(), format!("?state={}", state.word()))));
    let views = views.into_iter().map(|(label, link)| (format!("/campaigns{link}"), label, link == query)).collect();
    page_with(
        faults.status(),
        &CampaignList {
            faults: faults.lines("/campaigns", &bare),
            rows: found.iter().take(size).map(|(campaign, counts)| row(campaign, *counts, today)).collect(),
            views,
            filtered: !query.is_empty(),
            first: if before.is_some() { format!("/campaigns{query}") } else { String::new() },
            next,
            query,
            frame,
        },
    )
}

fn row(campaign: &Campaign, counts: Counts, today: chrono::NaiveDate) -> Row {
    let state = state_today(campaign, counts, today);
    let (kind, words) = tag(state, campaign.due_on, today);
    let (settled, asked) = settled(counts);
    Row {
        href: format!("/campaigns/{}", campaign.id),
        reference: campaign.reference(),
        name: campaign.name.clone(),
        tag: kind,
        state: words,
        due_machine: campaign.due_on.to_string(),
        // Where all that it asks about is due earlier, the campaign is too, as soon as it is prepared.
        due: match campaign.state {
            CampaignState::Draft | CampaignState::Preparing => format!("{} at the latest", show::date(campaign.due_on)),
            _ => show::date(campaign.due_on),
        },
        progress: if asked > 0 { settled_words(counts) } else { String::new() },
        settled,
        asked,
    }
}
