//! What waits for the reader: how far they are, what is looked at one by one, and the one group that is kept together;
//! then what waits for groups they belong to, and what they were asked about that others decide now.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, web};
use askama::Template;

use super::elsewhere::{self, Elsewhere};
use crate::actions::reviews::together::{self, Mine, Seen};
use crate::actions::{ActionError, FieldError, Register};
use crate::domain::ids::Id;
use crate::store::reviews::{Review, decided_by};
use crate::store::{StoreError, campaigns};
use crate::web::fields::{Errors, Fields, Posted};
use crate::web::frame::Frame;
use crate::web::session::Viewer;
use crate::web::{Answer, act, page_with, read, see_other, show};

/// Reviews answered within so many days count as done.
const DONE_DAYS: i64 = 30;

#[derive(Template)]
#[template(path = "reviews/mine.html")]
struct MinePage {
    frame: Frame,
    /// The campaign that the list keeps to: id and what readers call it.
    campaign: Option<(Id, String)>,
    /// Looked at one by one: link, name, why by itself, tag, due.
    alone: Vec<(String, String, String, &'static str, String)>,
    /// Kept together: review, version, identity version, digest, link, name, what it may do.
    together: Vec<Member>,
    /// What waits for groups of the reader, and what others decide now.
    elsewhere: Elsewhere,
    done_so_far: usize,
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
    lines: Vec<String>,
}

const DONE: &[(&str, &str)] = &[("kept", "They are kept. Each has its own receipt on the page of its review.")];

/// GET /reviews/mine
pub async fn show(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    let fields = Fields::of_query(&request);
    render(&register, &viewer, fields.value("campaign"), Vec::new(), "", StatusCode::OK, fields.raw("done")).await
}

/// POST /reviews/mine
pub async fn keep(register: web::Data<Register>, viewer: Viewer, Posted(fields): Posted) -> Answer {
    let by = viewer.by()?;
    let campaign: Option<Id> = fields.value("campaign");
    let seen: Vec<Seen> = fields.all("seen").into_iter().filter_map(read_seen).collect();
    let typed = fields.raw("confirm").to_owned();
    let said = typed.clone();
    let outcome = act(&register, move |register| together::keep(register, &by, campaign, &seen, &said)).await?;
    let (status, errors) = match outcome {
        Ok(_) => {
            let query = campaign.map(|id| format!("&campaign={id}")).unwrap_or_default();
            return see_other(format!("/reviews/mine?done=kept{query}"));
        }
        Err(ActionError::Invalid(errors)) => (StatusCode::UNPROCESSABLE_ENTITY, errors),
        Err(ActionError::Refused(text)) => (StatusCode::CONFLICT, vec![FieldError::new("", super::sentence(&text))]),
        Err(ActionError::Store(StoreError::Conflict)) => (StatusCode::CONFLICT, Vec::new()),
        Err(other) => return Err(other.into()),
    };
    render(&register, &viewer, campaign, errors, &typed, status, "").await
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
    errors: Vec<FieldError>,
    typed: &str,
    status: StatusCode,
    done: &str,
) -> Answer {
    let (by, me, groups) = (viewer.by()?, viewer.person()?, viewer.groups());
    let (today, frame) = (register.day(viewer.now), Frame::new(register, viewer, "/reviews", "My reviews"));
    let tz = frame.tz;
    let known = register.clone();
    // What is long done is no part of what somebody has before them.
    let since = viewer.now.plus_days(-DONE_DAYS);
    let (mine, decided, campaign, elsewhere) = read(register, move |db| {
        let campaign = match campaign {
            Some(id) => Some(campaigns::find(db, id)?),
            None => None,
        };
        let only = campaign.as_ref().map(|campaign| campaign.id);
        let mine = together::mine(db, &known, &by, only)?;
        let decided: Vec<Review> = decided_by(db, me, only, since)?;
        let elsewhere = elsewhere::read(db, me, groups, only, today, tz)?;
        Ok((mine, decided, campaign, elsewhere))
    })
    .await?;
    let conflict = status == StatusCode::CONFLICT && errors.is_empty();
    let frame = frame.with_error(!errors.is_empty() || conflict).with_done(done, DONE);
    let total = mine.len() + decided.len();
    let (together, alone): (Vec<Mine>, Vec<Mine>) = mine.into_iter().partition(|one| one.alone.is_none());
    let row = |one: &Mine| {
        let review = &one.loaded.review;
        let overdue = review.due_on < today;
        let due = if overdue {
            format!("Overdue since {}", show::deadline(review.due_on))
        } else {
            format!("Due {}", show::deadline(review.due_on))
        };
        let why = one.alone.map(|why| why.to_string()).unwrap_or_default();
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
                    whose: one
                        .sheet
                        .facts
                        .iter()
                        .find(|fact| fact.label == "Whose data")
                        .and_then(|fact| fact.lines.first().cloned())
                        .unwrap_or_default(),
                    lines: one.sheet.lines.iter().map(|line| line.sentence.clone()).collect(),
                })
                .collect(),
            elsewhere,
            done_so_far: decided.len(),
            total,
            campaign: campaign.map(|campaign| (campaign.id, format!("{} {}", campaign.reference(), campaign.name))),
            errors: Errors(errors),
            typed: typed.to_owned(),
            conflict,
            frame,
        },
    )
}

impl MinePage {
    fn left(&self) -> usize {
        self.total - self.done_so_far
    }

    fn confirm_label(&self) -> String {
        format!("To keep all of them, write \u{201c}keep {}\u{201d}", self.together.len())
    }

    /// "4 of 11 are done".
    fn progress(&self) -> String {
        format!("{} of {} are done", self.done_so_far, self.total)
    }
}
