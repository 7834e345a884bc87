//! What somebody has to do with besides what is asked of them: reviews that wait for a group they belong to, and those
//! that they were asked about and that others decide now.

use std::collections::HashMap;

use chrono::NaiveDate;
use chrono_tz::Tz;

use super::{became, status, why};
use crate::domain::ids::Id;
use crate::domain::listing::{Count, From};
use crate::domain::reviews::ReviewState;
use crate::domain::tasks::{AssigneeGroup, TaskAnswer};
use crate::store::passed_on::{PassedOn, passed_on};
use crate::store::review_list::{self, AskedFilter, ReviewFilter, ReviewLine};
use crate::store::{Db, StoreError, campaigns, review_decisions, tasks};
use crate::web::errors::full_sentence;
use crate::web::fields::Fields;
use crate::web::requests::facts::Names;
use crate::web::show;

/// Reviews listed of each group; the others are behind a link.
const LISTED: i64 = 20;

/// Reviews listed that others decide now.
const PASSED: usize = 100;

/// The sections.
pub struct Elsewhere {
    pub groups: Vec<GroupSection>,
    pub passed: Vec<Passed>,
    /// There are more than are listed.
    pub more_passed: bool,
}

/// What waits for a group.
pub struct GroupSection {
    /// The word of the group: the id of the section.
    pub word: &'static str,
    /// \u{201c}Asked of security analysts: 12\u{201d}.
    pub heading: String,
    pub rows: Vec<GroupRow>,
    /// The list of all of them; empty when they stand here.
    pub all: String,
}

/// A review that waits for a group.
pub struct GroupRow {
    pub href: String,
    pub name: String,
    pub why: String,
    pub tag: &'static str,
    pub status: String,
}

/// A review that others decide now.
pub struct Passed {
    pub href: String,
    pub name: String,
    /// When it was taken or given away: for machines, and in the reader's zone.
    pub machine: String,
    pub since: String,
    /// Who is asked now.
    pub now: String,
    pub why: String,
    pub due: String,
}

/// Reads both. `campaign` leaves out those of others.
pub fn read(
    db: &mut Db,
    me: Id,
    groups: &[AssigneeGroup],
    campaign: Option<Id>,
    today: NaiveDate,
    tz: Tz,
) -> Result<Elsewhere, StoreError> {
    let mut sections = Vec::new();
    for group in groups {
        sections.extend(section(db, *group, (me, campaign), today, tz)?);
    }
    let mut found = passed_on(db, me, campaign, i64::try_from(PASSED + 1).unwrap_or(i64::MAX))?;
    let more_passed = found.len() > PASSED;
    found.truncate(PASSED);
    let ids: Vec<Id> = found.iter().map(|one| one.review.id).collect();
    let mut beside = review_list::beside(db, &ids)?;
    let passed =
        found.iter().map(|one| passed_row(one, &beside.remove(&one.review.id).unwrap_or_default().asked, tz)).collect();
    Ok(Elsewhere { groups: sections, passed, more_passed })
}

/// What waits for a group; `None` when nothing does.
fn section(
    db: &mut Db,
    group: AssigneeGroup,
    (me, campaign): (Id, Option<Id>),
    today: NaiveDate,
    tz: Tz,
) -> Result<Option<GroupSection>, StoreError> {
    let filter = ReviewFilter {
        state: Some(ReviewState::Open),
        asked: Some(AskedFilter::Group(group)),
        campaign,
        ..ReviewFilter::default()
    };
    let lines = review_list::lines(db, &filter, &From::Start, LISTED)?;
    if lines.is_empty() {
        return Ok(None);
    }
    let count = review_list::count(db, &filter)?;
    let ids: Vec<Id> = lines.iter().map(|line| line.review.id).collect();
    let mut beside = review_list::beside(db, &ids)?;
    let (tasks, decisions) = (tasks::of_reviews(db, &ids)?, review_decisions::of_reviews(db, &ids)?);
    let names = Names::of(db, became::named(&tasks, &decisions))?;
    // Where the list keeps to one campaign, why that asks stands over it.
    let campaigns = if campaign.is_none() { campaigns_of(db, &lines)? } else { HashMap::new() };
    let everything = count == Count::Exactly(i64::try_from(lines.len()).unwrap_or(i64::MAX));
    let mut query = Fields::default();
    query.push("state", ReviewState::Open.word());
    query.push("asked", group.word());
    if let Some(campaign) = campaign {
        query.push("campaign", campaign.to_string());
    }
    Ok(Some(GroupSection {
        word: group.word(),
        heading: format!("Asked of {}: {}", lower(group.label()), count.words()),
        rows: lines
            .iter()
            .map(|line| {
                let (tag, status) = status(&line.review, today);
                let mut why = beside.remove(&line.review.id).unwrap_or_default().reasons;
                why.extend(line.review.campaign_id.and_then(|id| campaigns.get(&id).cloned()));
                let own = tasks.iter().filter(|task| task.review_id == Some(line.review.id));
                why.extend(became::questions(own, &decisions, Some(me), &names, tz));
                GroupRow {
                    href: format!("/reviews/{}", line.review.id),
                    name: line.identity_name.clone(),
                    why: why.join(" "),
                    tag,
                    status,
                }
            })
            .collect(),
        all: if everything { String::new() } else { format!("/reviews{}", query.to_query()) },
    }))
}

/// Why the campaigns ask by which these reviews were opened, in short.
fn campaigns_of(db: &mut Db, lines: &[ReviewLine]) -> Result<HashMap<Id, String>, StoreError> {
    let mut ids: Vec<Id> = lines.iter().filter_map(|line| line.review.campaign_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut found = HashMap::new();
    for id in ids {
        found.insert(id, format!("Why it asks: {}", why::short(&campaigns::find(db, id)?.why)));
    }
    Ok(found)
}

fn passed_row(one: &PassedOn, now: &[String], tz: Tz) -> Passed {
    let closed_at = one.task.closed_at.unwrap_or(one.review.opened_at);
    let note = one.task.note.as_deref().map(full_sentence).unwrap_or_default();
    Passed {
        href: format!("/reviews/{}", one.review.id),
        name: one.identity_name.clone(),
        machine: closed_at.to_text(),
        since: show::moment(closed_at, tz),
        now: if now.is_empty() { "Nobody at present".to_owned() } else { now.join(", ") },
        why: match one.task.answer {
            // Whoever named somebody else wrote why.
            Some(TaskAnswer::Another) if one.task.closed_by == one.task.assignee_id => {
                format!("You named somebody else. {note}")
            }
            Some(TaskAnswer::Another) if one.task.closed_by.is_some() => {
                format!("Whoever keeps the register named somebody else. {note}")
            }
            _ if note.is_empty() => "Nobody noted why.".to_owned(),
            _ => note,
        },
        due: show::deadline(one.review.due_on),
    }
}

/// A label inside a sentence.
fn lower(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}
