//! How far a campaign that was opened has come: by reviewer, by what was left out, and item by item.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::apart::{Apart, twice};
use super::far::Far;
use super::progress::{self, ReviewerRow};
use super::{settled, settled_words};
use crate::actions::Register;
use crate::actions::campaigns::report::{self, Row};
use crate::actions::reviews::reviewers::Around;
use crate::domain::ids::Id;
use crate::domain::listing::{PAGE_SIZE, thousands};
use crate::domain::reviews::ReviewState;
use crate::domain::reviews::campaigns::{CampaignState, Counts};
use crate::domain::reviews::pace::Fast;
use crate::domain::tasks::TaskState;
use crate::store::campaigns::{self, Campaign};
use crate::store::{Db, StoreError, people_list};
use crate::web::show;

/// What the page of a campaign shows of it.
#[derive(Debug, Default)]
pub struct Monitor {
    pub counts: Counts,
    /// Items are still looked at: how many were, in words.
    pub preparing: String,
    pub prepared: i64,
    pub selected: i64,
    /// "It selected 40 identities: 37 are asked about, 3 were left out."
    pub sums: String,
    /// How far it is; empty where nobody is asked.
    pub progress: String,
    pub settled: i64,
    pub asked: i64,
    /// How many stand how, and all of them: a label and a number each.
    pub endings: Vec<(&'static str, String)>,
    pub reviewers: Vec<ReviewerRow>,
    /// Everybody who has more open than they can look at, a sentence each, with what escalation brought them.
    pub too_much: Vec<String>,
    /// How many somebody can look at.
    pub most: usize,
    /// Of those that are open, how many are past their own day, and how many have one before the campaign's.
    pub overdue: i64,
    pub earlier: i64,
    /// Who decided faster than most people read, a sentence each.
    pub fast: Vec<String>,
    pub left_out: Vec<(&'static str, String)>,
    pub rows: Vec<ItemRow>,
    /// The position of the last row, when there are more.
    pub next: Option<i64>,
}

/// One item.
#[derive(Debug)]
pub struct ItemRow {
    pub position: i64,
    pub identity: Id,
    pub name: String,
    /// Where it works, its tier, and what tells it from another of the same name; empty where nothing is to be said.
    pub facts: String,
    pub asked: String,
    /// What stands where nobody is asked: because it is left out, not looked at yet, or because nobody was found.
    pub nobody: &'static str,
    pub tag: &'static str,
    pub outcome: String,
    /// What is still missing, or how late it is; of what was left out, what it is and who owns it. Empty when nothing.
    pub remark: String,
    /// The review; empty where there is none.
    pub review: String,
    /// Where it was left out for that, the review by which somebody asked about it already; empty where there is none.
    pub elsewhere: String,
}

/// Reads it: the items after a position.
pub fn of(
    db: &mut Db,
    register: &Register,
    far: &Far,
    campaign: &Campaign,
    after: i64,
    today: NaiveDate,
) -> Result<Monitor, StoreError> {
    let selected = campaigns::size(db, campaign.id)?;
    let counts = campaigns::counts(db, campaign.id)?;
    let excluded = campaigns::excluded(db, campaign.id)?;
    let left_out: i64 = excluded.iter().map(|(_, number)| *number).sum();
    let (settled, asked) = settled(counts);
    let asked_items = campaigns::asked(db, campaign.id)?;
    let preparing = campaign.state == CampaignState::Preparing;
    let mut rows = report::page(db, campaign.id, after, PAGE_SIZE + 1)?;
    let size = usize::try_from(PAGE_SIZE).unwrap_or(usize::MAX);
    let beyond = rows.len() > size;
    rows.truncate(size);
    let names = report::names(db, &rows)?;
    let apart = apart(db, campaign.id, &rows)?;
    let far = far.of(db, campaign, today)?;
    let progress = &far.progress;
    let people = progress::names(db, progress)?;
    let around = Around::of(db, register, &[], today)?;
    let most = register.deployment.reviews.warn_over;
    Ok(Monitor {
        counts,
        preparing: if preparing {
            format!("{} of {} looked at", thousands(asked + left_out), thousands(selected))
        } else {
            String::new()
        },
        prepared: asked + left_out,
        selected,
        sums: sums(selected, asked_items, left_out),
        progress: if asked > 0 { settled_words(counts) } else { String::new() },
        settled,
        asked,
        endings: if asked_items > 0 { progress::endings(progress, asked_items) } else { Vec::new() },
        reviewers: progress::rows(progress, &people),
        too_much: progress::too_much(progress, &people, most, |group| around.members(group).len()),
        most,
        overdue: progress.all.overdue,
        earlier: progress.all.earlier,
        fast: fast(db, &far.fast)?,
        left_out: excluded.iter().map(|(why, number)| (why.label(), thousands(*number))).collect(),
        next: rows.last().filter(|_| beyond).map(|row| row.item.position),
        rows: rows.iter().map(|row| item(row, &names, &apart, register, today)).collect(),
    })
}

/// What tells the rows apart. Another of the same name may stand on another page.
fn apart(db: &mut Db, campaign: Id, rows: &[Row]) -> Result<Apart, StoreError> {
    let ids: Vec<Id> = rows.iter().map(|row| row.item.identity_id).collect();
    let here: Vec<String> = rows.iter().map(|row| row.item.name.clone()).collect();
    let all = campaigns::named(db, campaign, &here)?;
    Apart::of(db, &ids, twice(all.iter().map(String::as_str)))
}

fn sums(selected: i64, asked: i64, left_out: i64) -> String {
    let waiting = (selected - asked - left_out).max(0);
    let of = if selected == 1 { "1 identity".to_owned() } else { format!("{} identities", thousands(selected)) };
    let mut parts = vec![format!("{} asked about", thousands(asked)), format!("{} left out", thousands(left_out))];
    if waiting > 0 {
        parts.push(format!("{} not looked at yet", thousands(waiting)));
    }
    format!("It selected {of}: {}.", parts.join(", "))
}

fn fast(db: &mut Db, found: &[Fast]) -> Result<Vec<String>, StoreError> {
    let people: Vec<Id> = found.iter().map(|one| one.person).collect();
    let names = people_list::names_of(db, &people)?;
    Ok(found
        .iter()
        .map(|one| {
            let name = names.get(&one.person).cloned().unwrap_or_else(|| one.person.to_string());
            format!(
                "{name} kept {} one by one, half of them within {} of the one before.",
                one.decisions,
                show::counted(one.median_seconds, "second")
            )
        })
        .collect())
}

fn item(row: &Row, names: &HashMap<Id, String>, apart: &Apart, register: &Register, today: NaiveDate) -> ItemRow {
    let (tag, remark) = standing(row, names, register, today);
    let (id, name) = (row.item.identity_id, row.item.name.as_str());
    // As in the report: of what is asked about, as it was then.
    let then = row.review.as_ref().and_then(|review| review.snapshot.0.taken());
    let (facts, nobody) = match (row.item.excluded, &row.review) {
        // Where it works stands beside the reason.
        (Some(_), _) => (apart.marks(id, name), "Not asked"),
        (None, None) => (apart.facts(id, name, None), "Not looked at yet"),
        (None, Some(_)) => (apart.facts(id, name, then.map(|then| (then.environment, then.tier))), "Nobody found"),
    };
    ItemRow {
        position: row.item.position,
        identity: row.item.identity_id,
        name: row.item.name.clone(),
        facts,
        nobody,
        asked: asked(row, names),
        tag,
        outcome: row.outcome(),
        remark,
        review: row.item.review_id.map(|review| format!("/reviews/{review}")).unwrap_or_default(),
        elsewhere: row.elsewhere.as_ref().map(|review| format!("/reviews/{}", review.id)).unwrap_or_default(),
    }
}

/// Who is asked, or was: those who have it now where somebody has, else everybody who had it.
fn asked(row: &Row, names: &HashMap<Id, String>) -> String {
    let open = row.asked.iter().any(|task| task.state == TaskState::Open);
    let mut who: Vec<String> = Vec::new();
    for task in row.asked.iter().filter(|task| !open || task.state == TaskState::Open) {
        let name = match (task.assignee_id, task.assignee_group) {
            (Some(person), _) => names.get(&person).cloned().unwrap_or_else(|| person.to_string()),
            (None, Some(group)) => group.label().to_owned(),
            (None, None) => continue,
        };
        if !who.contains(&name) {
            who.push(name);
        }
    }
    who.join(", ")
}

/// The kind of the tag, and what is still missing.
fn standing(row: &Row, names: &HashMap<Id, String>, register: &Register, today: NaiveDate) -> (&'static str, String) {
    let nothing = String::new();
    let review = match (&row.item.excluded, &row.review) {
        (Some(_), _) => return ("skip", left_out(row, names)),
        (None, None) => return ("plain", nothing),
        (None, Some(review)) => review,
    };
    match review.state {
        ReviewState::Open if review.escalated_at.is_some() => ("bad", nothing),
        ReviewState::Open if review.due_on < today => {
            let late = show::counted((today - review.due_on).num_days(), "day");
            ("bad", format!("Overdue {late}, was due by {}", show::date(review.due_on)))
        }
        ReviewState::Open => ("info", format!("Due by {}", show::date(review.due_on))),
        ReviewState::Decided => {
            let day = review.takes_effect_at.map(|at| show::date(register.day(at)));
            ("info", day.map(|day| format!("Takes effect on {day}")).unwrap_or_default())
        }
        ReviewState::Remediating => ("warn", "Waits for proof that it is gone".to_owned()),
        ReviewState::Closed if review.outcome.is_some_and(|outcome| outcome.is_silent()) => ("warn", nothing),
        ReviewState::Closed => ("ok", nothing),
        ReviewState::Cancelled => {
            let by =
                row.cancelled.as_ref().map(|cancelled| format!("By {}", super::report::canceller(cancelled, names)));
            ("plain", by.unwrap_or_default())
        }
    }
}

/// What was left out, and who owns it: as it is now, because nothing was noted about it then.
fn left_out(row: &Row, names: &HashMap<Id, String>) -> String {
    let Some(identity) = &row.identity else { return "It is not in the register any more".to_owned() };
    let owner = match identity.business_owner_id {
        Some(owner) => names.get(&owner).cloned().unwrap_or_else(|| owner.to_string()),
        None => "nobody".to_owned(),
    };
    format!(
        "Environment: {}. Tier: {}. Business owner: {owner}.",
        identity.environment.label().to_lowercase(),
        identity.tier.label().to_lowercase()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_was_selected_stands_in_the_sum() {
        assert_eq!(sums(40, 37, 3), "It selected 40 identities: 37 asked about, 3 left out.");
        assert_eq!(sums(1, 0, 0), "It selected 1 identity: 0 asked about, 0 left out, 1 not looked at yet.");
    }
}
