//! One campaign: what it would do while it is drafted, how far it has come once it was opened.

use std::collections::HashMap;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};
use askama::Template;

use super::chosen::{self, Selected};
use super::draft::{self, Draft};
use super::far::Far;
use super::monitor::{self, Monitor};
use super::{state_today, tag};
use crate::actions::{FieldError, Register};
use crate::domain::ids::{Id, Moment};
use crate::domain::listing::thousands;
use crate::domain::permissions::Permission;
use crate::domain::reviews::campaigns::{CampaignState, Counts};
use crate::store::campaigns::{self, Campaign};
use crate::store::{audit, people_list};
use crate::web::conflict::{Difference, differences};
use crate::web::fields::{Errors, Fields};
use crate::web::frame::Frame;
use crate::web::identities::id;
use crate::web::refusal::Refusal;
use crate::web::session::Viewer;
use crate::web::show::Jump;
use crate::web::typed::Typed;
use crate::web::{Answer, page_with, paging, read, show};

/// What was just done, by the word that the link carries.
const DONE: &[(&str, &str)] = &[
    ("drafted", "The draft is stored. Nobody is asked yet: below is what it would do."),
    ("saved", "The draft is changed. Below is what it would do now."),
    ("opened", "It is opened, and what it selected is fixed. A job prepares it; you can leave this page."),
    ("cancelled", "It is cancelled. What was answered stays as it is."),
];

const LABELS: &[(&str, &str)] = &[
    ("name", "Name"),
    ("why", "Why you ask"),
    ("due_on", "Answers are due by"),
    ("due_by", "Everything whose review is due by"),
    ("filter", "Filter of identities"),
];

#[derive(Template)]
#[template(path = "campaigns/campaign.html")]
struct CampaignPage {
    frame: Frame,
    campaign: Campaign,
    reference: String,
    tag: &'static str,
    state: String,
    /// How it stands, a sentence.
    stands: String,
    /// That another day was asked for than it is due by; empty where none was.
    asked_for: String,
    facts: Vec<(&'static str, String)>,
    /// What it asks about, in words, with the list of identities of the same filter.
    words: Vec<String>,
    href: String,
    draft: Option<Draft>,
    monitor: Option<Monitor>,
    first: String,
    next: String,
    fields: Fields,
    errors: Errors,
    /// The version that the form of the draft carries.
    version: i64,
    conflict: bool,
    /// The form of the draft was sent, and not one of the buttons.
    edited: bool,
    differences: Vec<Difference>,
    /// What was typed, where its form is gone.
    typed: Vec<(String, String)>,
    may_change: bool,
    /// Until when an answer is due by each tier at the latest.
    tier_days: String,
}

impl CampaignPage {
    fn has_ended(&self) -> bool {
        self.campaign.state.has_ended()
    }

    fn is_draft(&self) -> bool {
        self.campaign.state == CampaignState::Draft
    }

    /// The sections of the page.
    fn jumps(&self) -> Vec<Jump> {
        match (&self.draft, &self.monitor) {
            (Some(draft), _) => show::jumps([
                ("preview", "What it would do now", true),
                ("whom", "Who would be asked", !draft.reviewers.is_empty()),
                ("left-out", "What is left out", !draft.left_out.is_empty()),
                ("which", "Everything that it selects", !draft.rows.is_empty()),
                ("change", "Change the draft", self.may_change),
            ]),
            (None, Some(monitor)) => show::jumps([
                ("far", "How far it is", true),
                ("whom", "By reviewer", !monitor.reviewers.is_empty()),
                ("left-out", "What was left out", !monitor.left_out.is_empty()),
                ("items", "Everything that it selected", true),
            ]),
            (None, None) => Vec::new(),
        }
    }

    /// Whether the form of the draft stands open: it was sent, or the draft cannot be opened as it is.
    fn shows_form(&self) -> bool {
        self.edited || self.draft.as_ref().is_some_and(|draft| draft.button.is_empty())
    }

    /// Whether the form that cancels stands open.
    fn shows_reason(&self) -> bool {
        !self.errors.of("reason").is_empty() || !self.fields.raw("reason").is_empty()
    }
}

/// GET /campaigns/{id}
pub async fn show(register: web::Data<Register>, far: web::Data<Far>, request: HttpRequest, viewer: Viewer) -> Answer {
    let query = Fields::of_query(&request);
    render(&register, &far, &viewer, id(&request)?, Fields::default(), Refusal::None, &query).await
}

/// The page, with what was typed and why it was refused. `query`: the place among the items, and what was just done.
pub(super) async fn render(
    register: &web::Data<Register>,
    far: &web::Data<Far>,
    viewer: &Viewer,
    id: Id,
    fields: Fields,
    refusal: Refusal,
    query: &Fields,
) -> Answer {
    let path = format!("/campaigns/{id}");
    let after: i64 = match query.get("after").map(str::parse::<i64>) {
        None => 0,
        Some(Ok(position)) if position >= 0 => position,
        Some(_) => return paging::restart(&path, &Fields::default()),
    };
    let (now, tells_names, known) = (viewer.now, viewer.may(Permission::ReadRegister), register.clone());
    let far = far.clone();
    let today = register.day(now);
    let (campaign, selected, draft, monitor, names, asked_for) = read(register, move |db| {
        let campaign = campaigns::find(db, id)?;
        let selected = chosen::read(db, &campaign.selection.0, tells_names)?;
        let is_draft = campaign.state == CampaignState::Draft;
        let draft = if is_draft { Some(draft::of(db, &known, &campaign, &selected, after, now)?) } else { None };
        let asks = campaign.opened_at.is_some();
        let monitor = if asks { Some(monitor::of(db, &known, &far, &campaign, after, today)?) } else { None };
        let people: Vec<Id> =
            [Some(campaign.made_by_id), campaign.opened_by_id, campaign.ended_by_id].into_iter().flatten().collect();
        let names = people_list::names_of(db, &people)?;
        let begun = campaign.prepared_at.is_some();
        let asked_for = if begun { audit::reason_of(db, "campaign", &id.to_string(), "campaign.begin")? } else { None };
        Ok((campaign, selected, draft, monitor, names, asked_for.unwrap_or_default()))
    })
    .await?;
    let monitored = monitor.as_ref().is_some_and(|monitor| !monitor.rows.is_empty());
    if after > 0 && !monitored && draft.as_ref().is_none_or(|draft| draft.rows.is_empty()) {
        return paging::restart(&path, &Fields::default());
    }
    let conflict = refusal.is_conflict();
    let (status, mut errors) = refusal.answer();
    let is_draft = campaign.state == CampaignState::Draft;
    let edited = fields.iter().any(|(name, _)| name == "name");
    let stored = stored(&campaign);
    // A stored filter may not be followed any more: what it named is gone.
    if is_draft && !edited {
        errors.extend(selected.faults.iter().map(|text| FieldError::new("filter", text.clone())));
    }
    let typed = if status != StatusCode::OK && ((edited && !is_draft) || campaign.state.has_ended()) {
        Typed::of(fields.iter()).0
    } else {
        Vec::new()
    };
    let seen: i64 = fields.value("version").unwrap_or(campaign.version);
    let counts = monitor.as_ref().map_or_else(Counts::default, |monitor| monitor.counts);
    let past = monitor.as_ref().map_or(0, |monitor| monitor.overdue);
    let state = state_today(&campaign, counts, today);
    let (kind, words) = tag(state, campaign.due_on, today);
    let frame = Frame::new(register, viewer, "/campaigns", campaign.name.clone()).wide();
    let tz = frame.tz;
    let frame = paging::framed(frame, query)
        .with_error(status != StatusCode::OK || !errors.is_empty())
        .with_done(still_fits(query.raw("done"), campaign.state), DONE);
    let Selected { words: about, href, .. } = selected;
    let next = monitor.as_ref().and_then(|monitor| monitor.next).or(draft.as_ref().and_then(|draft| draft.next));
    page_with(
        status,
        &CampaignPage {
            reference: campaign.reference(),
            tag: kind,
            state: words,
            asked_for,
            stands: stands(&campaign, state, counts, past, today),
            tier_days: super::tier_days(&register.deployment.reviews, today),
            facts: facts(&campaign, draft.as_ref().and_then(|draft| draft.due_on), &names, tz),
            words: about,
            href,
            draft,
            monitor,
            first: if after > 0 { path.clone() } else { String::new() },
            next: next.map(|position| format!("{path}?after={position}")).unwrap_or_default(),
            differences: if conflict && edited { differences(&stored, &fields, LABELS) } else { Vec::new() },
            // Sent again after a conflict, what was typed takes the place of what is shown as stored.
            version: if conflict || !edited { campaign.version } else { seen },
            fields: if edited { fields } else { stored.with("reason", fields.raw("reason")) },
            errors: Errors(errors),
            conflict,
            edited,
            typed,
            may_change: viewer.may(Permission::KeepRegister) && viewer.token.is_none(),
            campaign,
            frame,
        },
    )
}

/// What the form of the draft shows of it.
fn stored(campaign: &Campaign) -> Fields {
    let selection = &campaign.selection.0;
    let mut fields = Fields::default();
    fields.push("name", campaign.name.clone());
    fields.push("why", campaign.why.clone());
    fields.push("due_on", campaign.due_on.to_string());
    fields.push("due_by", selection.due_by.map(|day| day.to_string()).unwrap_or_default());
    fields.push("filter", selection.filter.clone());
    fields
}

/// How it stands, and what comes next. `past`: open reviews that are past their own day, which may be before the
/// campaign's: it is overdue by its own day, and that some of it is late already is said beside it.
fn stands(campaign: &Campaign, state: CampaignState, counts: Counts, past: i64, today: chrono::NaiveDate) -> String {
    let because = campaign.ended_because.as_deref().unwrap_or_default();
    let due = show::deadline(campaign.due_on);
    match state {
        CampaignState::Draft => {
            "Nobody is asked yet. What it selects is fixed when it is opened, whatever matches later.".to_owned()
        }
        CampaignState::Preparing => {
            "A job prepares it within minutes. You can leave this page: it goes on by itself.".to_owned()
        }
        CampaignState::Active => {
            let late = match past {
                0 => String::new(),
                1 => " 1 is overdue already, because its tier asks for an earlier answer.".to_owned(),
                many => {
                    format!(" {} are overdue already, because their tiers ask for an earlier answer.", thousands(many))
                }
            };
            format!("Answers are due by {due}, {}.{late}", show::distance(today, campaign.due_on))
        }
        CampaignState::Overdue => format!(
            "Answers were due by {due}. {} still open: others are asked too, then instead, and at last silence counts. \
             It never counts as a yes.",
            thousands(counts.open)
        ),
        CampaignState::Remediating => format!(
            "Everything is settled. {} not seen to have taken effect yet: it closes when that is proved.",
            thousands(counts.decided + counts.remediating)
        ),
        CampaignState::Closed => "Everything that it selected is accounted for.".to_owned(),
        CampaignState::Failed => format!("{}.", crate::web::errors::sentence(because)),
        CampaignState::Cancelled => format!("It was cancelled: \u{201c}{because}\u{201d}"),
    }
}

/// What was just done, as long as it is how the campaign stands: a page that is opened again later says nothing old.
fn still_fits(done: &str, state: CampaignState) -> &str {
    let fits = match done {
        "drafted" | "saved" => state == CampaignState::Draft,
        "opened" => state == CampaignState::Preparing,
        "cancelled" => state == CampaignState::Cancelled,
        _ => true,
    };
    if fits { done } else { "" }
}

/// Who did what to it, and when. `own`: the day that a draft has once it is opened.
fn facts(
    campaign: &Campaign,
    own: Option<chrono::NaiveDate>,
    names: &HashMap<Id, String>,
    tz: chrono_tz::Tz,
) -> Vec<(&'static str, String)> {
    let name = |id: Id| names.get(&id).cloned().unwrap_or_else(|| id.to_string());
    let when = |at: Moment| show::moment(at, tz);
    let by = |person: Option<Id>, at: Moment| match person {
        Some(person) => format!("{}, {}", when(at), name(person)),
        None => when(at),
    };
    let mut facts = vec![("Answers are due by", show::deadline(own.unwrap_or(campaign.due_on)))];
    facts.push(("Drafted", by(Some(campaign.made_by_id), campaign.made_at)));
    facts.extend(campaign.opened_at.map(|at| ("Opened", by(campaign.opened_by_id, at))));
    facts.extend(campaign.prepared_at.map(|at| ("Prepared", when(at))));
    facts.extend(campaign.ended_at.map(|at| ("Ended", by(campaign.ended_by_id, at))));
    facts
}
