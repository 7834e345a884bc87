//! What waits for the reader: how far they are, what is looked at one by one, and the one group that is kept together;
//! then what waits for groups they belong to, and what they were asked about that others decide now.

use std::collections::HashSet;

use actix_web::{HttpRequest, web};
use askama::Template;

use super::answered::{Answered, answered};
use super::became;
use super::elsewhere::{self, Elsewhere};
use super::why;
use crate::actions::Register;
use crate::actions::reviews::together::{self, Mine, Seen};
use crate::domain::identities::CredentialKind;
use crate::domain::ids::Id;
use crate::store::campaigns::{self, Campaign};
use crate::store::identity_parts::credentials_of;
use crate::store::review_decisions::decided_by;
use crate::store::reviews::Review;
use crate::web::fields::{Errors, Fields, Posted};
use crate::web::frame::Frame;
use crate::web::refusal::Refusal;
use crate::web::requests::facts::Names;
use crate::web::session::Viewer;
use crate::web::show::Jump;
use crate::web::{Answer, act, page_with, read, see_other, show};

/// Reviews answered within so many days are shown; of a campaign all of them are.
const DONE_DAYS: i64 = 90;

/// Longer than a campaign is open.
const WHOLE_CAMPAIGN_DAYS: i64 = 3_650;

#[derive(Template)]
#[template(path = "reviews/mine.html")]
struct MinePage {
    frame: Frame,
    /// The campaign that the list keeps to: id, what readers call it, and why it asks where it asks them.
    campaign: Option<(Id, String, String)>,
    /// Looked at one by one: link, name, what matters, tag, due.
    alone: Vec<(String, String, String, &'static str, String)>,
    /// Kept together: review, version, identity version, digest, link, name, what it may do.
    together: Vec<Member>,
    /// What waits for groups of the reader, and what others decide now.
    elsewhere: Elsewhere,
    /// What they answered lately, the latest first.
    answered: Vec<Answered>,
    total: usize,
    errors: Errors,
    typed: String,
    conflict: bool,
}

struct Member {
    review: Id,
    version: i64,
    identity_version: i64,
    digest: String,
    name: String,
    whose: String,
    /// The campaign that asks, and what others are asked who may know.
    beside: Vec<String>,
    lines: Vec<String>,
}

const DONE: &[(&str, &str)] = &[("kept", "They are kept. Each has its own receipt on the page of its review.")];

/// GET /reviews/mine
pub async fn show(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    let fields = Fields::of_query(&request);
    render(&register, &viewer, fields.value("campaign"), Refusal::None, "", fields.raw("done")).await
}

/// POST /reviews/mine
pub async fn keep(register: web::Data<Register>, viewer: Viewer, Posted(fields): Posted) -> Answer {
    let by = viewer.by()?;
    let campaign: Option<Id> = fields.value("campaign");
    let seen: Vec<Seen> = fields.all("seen").into_iter().filter_map(read_seen).collect();
    let typed = fields.raw("confirm").to_owned();
    let said = typed.clone();
    let outcome = act(&register, move |register| together::keep(register, &by, campaign, &seen, &said)).await?;
    match outcome {
        Ok(_) => {
            let query = campaign.map(|id| format!("&campaign={id}")).unwrap_or_default();
            see_other(format!("/reviews/mine?done=kept{query}"))
        }
        Err(error) => render(&register, &viewer, campaign, Refusal::of(error)?, &typed, "").await,
    }
}

/// One of the set as the form carries it: review, version, version of the identity, digest.
fn read_seen(text: &str) -> Option<Seen> {
    let mut parts = text.split(' ');
    let seen = Seen {
        review: parts.next()?.parse().ok()?,
        version: parts.next()?.parse().ok()?,
        identity_version: parts.next()?.parse().ok()?,
        digest: parts.next()?.to_owned(),
    };
    parts.next().is_none().then_some(seen)
}

async fn render(
    register: &web::Data<Register>,
    viewer: &Viewer,
    campaign: Option<Id>,
    refusal: Refusal,
    typed: &str,
    done: &str,
) -> Answer {
    let (by, me, groups) = (viewer.by()?, viewer.person()?, viewer.groups());
    let (today, frame) = (register.day(viewer.now), Frame::new(register, viewer, "/reviews", "My reviews"));
    let tz = frame.tz;
    let known = register.clone();
    let now = viewer.now;
    let (mine, endless, answered, campaign, elsewhere, names) = read(register, move |db| {
        let campaign = match campaign {
            Some(id) => Some(campaigns::find(db, id)?),
            None => None,
        };
        let only = campaign.as_ref().map(|campaign| campaign.id);
        let mine = together::mine(db, &known, &by, only)?;
        // What is long done is no part of what somebody has before them.
        let days = if only.is_some() { WHOLE_CAMPAIGN_DAYS } else { DONE_DAYS };
        let decided: Vec<Review> = decided_by(db, me, only, now.plus_days(-days))?;
        let answered = answered(db, decided, tz)?;
        let ids: Vec<Id> = mine.iter().map(|one| one.loaded.identity.id).collect();
        let endless: HashSet<Id> = credentials_of(db, &ids)?
            .into_iter()
            .filter(|one| one.never_expires && one.kind == CredentialKind::ClientSecret)
            .map(|one| one.identity_id)
            .collect();
        let elsewhere = elsewhere::read(db, me, groups, only, today, tz)?;
        let names = Names::of(
            db,
            mine.iter()
                .flat_map(|one| became::named(&one.loaded.tasks, &one.loaded.decisions))
                .chain(campaign.as_ref().map(Campaign::opener)),
        )?;
        Ok((mine, endless, answered, campaign, elsewhere, names))
    })
    .await?;
    let conflict = refusal.is_conflict();
    let (status, errors) = refusal.answer();
    let frame = frame.with_error(!errors.is_empty() || conflict).with_done(done, DONE);
    let total = mine.len() + answered.len();
    let (together, alone): (Vec<Mine>, Vec<Mine>) = mine.into_iter().partition(|one| one.alone.is_none());
    // Where the list keeps to one campaign, why that asks stands over it.
    let one_campaign = campaign.is_some();
    let beside = |one: &Mine| -> Vec<String> {
        let campaign = why::campaign(&one.loaded).filter(|_| !one_campaign);
        let (tasks, decisions) = (one.loaded.tasks.iter(), &one.loaded.decisions);
        campaign.into_iter().chain(became::questions(tasks, decisions, Some(me), &names, tz)).collect()
    };
    let row = |one: &Mine| {
        let review = &one.loaded.review;
        let overdue = review.due_on < today;
        let due = if overdue {
            format!("Overdue since {}", show::deadline(review.due_on))
        } else {
            format!("Answer by {}", show::deadline(review.due_on))
        };
        let line = why::line(one, endless.contains(&one.loaded.identity.id), register);
        let why = [vec![line], beside(one)].concat().join(" ");
        (
            format!("/reviews/{}", review.id),
            one.loaded.identity.name.clone(),
            why,
            if overdue { "bad" } else { "info" },
            due,
        )
    };
    page_with(
        status,
        &MinePage {
            alone: alone.iter().map(row).collect(),
            together: together
                .iter()
                .map(|one| Member {
                    review: one.loaded.review.id,
                    version: one.loaded.review.version,
                    identity_version: one.loaded.identity.version,
                    digest: one.sheet.digest(),
                    name: one.loaded.identity.name.clone(),
                    whose: why::whose(&one.sheet).to_owned(),
                    beside: beside(one),
                    lines: one.sheet.lines.iter().map(|line| line.sentence.clone()).collect(),
                })
                .collect(),
            elsewhere,
            answered,
            total,
            campaign: campaign.map(|campaign| {
                let why = match total {
                    0 => String::new(),
                    _ => format!("{} wrote: \u{201c}{}\u{201d}", names.name(&campaign.opener()), campaign.why),
                };
                (campaign.id, format!("{} {}", campaign.reference(), campaign.name), why)
            }),
            errors: Errors(errors),
            typed: typed.to_owned(),
            conflict,
            frame,
        },
    )
}

impl MinePage {
    fn left(&self) -> usize {
        self.total - self.answered.len()
    }

    fn confirm_label(&self) -> String {
        format!("To keep all of them, write \u{201c}keep {}\u{201d}", self.together.len())
    }

    /// "4 of 11 are done": of a campaign, whose set does not change.
    fn progress(&self) -> String {
        format!("{} of {} are done", self.answered.len(), self.total)
    }

    /// "3 wait for you, and you answered 1 in the last 90 days."
    fn lead(&self) -> String {
        let waits = match self.left() {
            0 => "Nothing waits for you".to_owned(),
            1 => "1 waits for you".to_owned(),
            more => format!("{more} wait for you"),
        };
        match (self.total, &self.campaign, self.answered.len()) {
            (0, ..) => "Nothing is asked of you in person. You get an e-mail when something is.".to_owned(),
            (_, Some(_), _) => format!("{}.", self.progress()),
            (_, None, 0) => format!("{waits}."),
            (_, None, answered) => format!("{waits}, and you answered {answered} in the last {DONE_DAYS} days."),
        }
    }

    /// "Answered in the last 90 days: 3".
    fn answered_heading(&self) -> String {
        match self.campaign {
            Some(_) => format!("Answered: {}", self.answered.len()),
            None => format!("Answered in the last {DONE_DAYS} days: {}", self.answered.len()),
        }
    }

    /// The sections of the page, each with how many stand there.
    fn jumps(&self) -> Vec<Jump> {
        let counted = |id: &'static str, label: &str, count: usize| (id, format!("{label}: {count}"), count > 0);
        let own = [
            counted("one-by-one", "One by one", self.alone.len()),
            counted("together", "No change", self.together.len()),
        ];
        let groups = self.elsewhere.groups.iter().map(|group| (group.word, group.heading.clone(), true));
        let rest = [
            counted("passed-on", "Passed on", self.elsewhere.passed.len()),
            counted("answered", "Answered", self.answered.len()),
        ];
        show::jumps(own.into_iter().chain(groups).chain(rest))
    }
}
