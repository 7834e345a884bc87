//! The report of a campaign: every item that it selected, and what became of it; and how far everybody is.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::cancel::WITH_ITS_CAMPAIGN;
use crate::domain::ids::Id;
use crate::domain::reviews::campaigns::Excluded;
use crate::domain::reviews::pace::{Fast, unusually_fast};
use crate::domain::reviews::progress::{Asking, Progress, Standing, Who};
use crate::domain::reviews::{ReviewState, ReviewStep};
use crate::domain::tasks::{AssignedAs, TaskKind};
use crate::store::asked_tasks::{self, AskedTask};
use crate::store::campaigns::{self, Campaign, CampaignItem, Outline};
use crate::store::identities::{self, Identity};
use crate::store::review_decisions::{self, ReviewDecision};
use crate::store::review_reasons::{self, ReviewReason};
use crate::store::review_steps::{self, StepTaken};
use crate::store::reviews::{self, Review};
use crate::store::tasks::{self, Task};
use crate::store::{Db, StoreError, audit, people};

/// Items read at a time.
pub const CHUNK: i64 = 500;

/// One item with everything that became of it.
#[derive(Debug, Clone)]
pub struct Row {
    pub item: CampaignItem,
    pub review: Option<Review>,
    pub reasons: Vec<ReviewReason>,
    pub decisions: Vec<ReviewDecision>,
    pub steps: Vec<StepTaken>,
    /// The tasks by which people were asked, the oldest first.
    pub asked: Vec<Task>,
    /// The identity as it is now, of what was left out: no snapshot was taken of it.
    pub identity: Option<Identity>,
    /// The review by which somebody asked about it already, where it was left out for that.
    pub elsewhere: Option<Review>,
    /// Who cancelled it and why, where it was.
    pub cancelled: Option<Cancelled>,
}

/// Who cancelled a review, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cancelled {
    pub person: Option<Id>,
    /// The job or the command, where it was no person.
    pub machine: Option<String>,
    pub because: String,
}

impl Row {
    /// Its review as far as it says who answered; `None` where nobody is asked.
    pub fn standing(&self) -> Option<Standing> {
        let review = self.review.as_ref()?;
        let outline = Outline {
            id: review.id,
            state: review.state,
            outcome: review.outcome,
            decision_id: review.decision_id,
            decided_at: review.decided_at,
            closed_at: review.closed_at,
            due_on: review.due_on,
        };
        let decided = self.decision().map(|decision| (decision.decided_by_id, decision.decided_as));
        let asked: Vec<AskedTask> = self.asked.iter().map(AskedTask::from).collect();
        Some(standing(&outline, decided, &asked))
    }

    /// The decision that stands.
    pub fn decision(&self) -> Option<&ReviewDecision> {
        let id = self.review.as_ref()?.decision_id?;
        self.decisions.iter().find(|decision| decision.id == id)
    }

    /// What became of it, in words: every item has one.
    pub fn outcome(&self) -> String {
        match (&self.item.excluded, &self.review) {
            (Some(why), _) => format!("Left out: {}", why.label().to_lowercase()),
            (None, None) => "Not asked yet".to_owned(),
            (None, Some(review)) => match (review.outcome, &review.ended_because) {
                (Some(outcome), _) => outcome.label().to_owned(),
                (None, Some(because)) => format!("Cancelled: {because}"),
                (None, None) if review.escalated_at.is_some() => {
                    "Nobody answered: with the administrators, a finding stands".to_owned()
                }
                (None, None) => "Not answered yet".to_owned(),
            },
        }
    }

    /// Everybody whom a row names.
    fn people(&self) -> impl Iterator<Item = Id> + '_ {
        let decided = self.decisions.iter().flat_map(|decision| [Some(decision.decided_by_id), decision.passed_to_id]);
        let asked = self.asked.iter().map(|task| task.assignee_id);
        let proved = self.review.iter().map(|review| review.proved_by_id);
        let cancelled = self.cancelled.iter().map(|cancelled| cancelled.person);
        let owner = self.identity.iter().map(|identity| identity.business_owner_id);
        let owned = self.review.iter().filter_map(|review| review.snapshot.0.taken());
        let owned = owned.map(|taken| taken.business_owner_id);
        decided.chain(asked).chain(proved).chain(cancelled).chain(owner).chain(owned).flatten()
    }
}

/// The items of a campaign after a position, with everything, at most a chunk.
pub fn rows(db: &mut Db, campaign: Id, after: i64) -> Result<Vec<Row>, StoreError> {
    page(db, campaign, after, CHUNK)
}

/// The same, at most `limit`.
pub fn page(db: &mut Db, campaign: Id, after: i64, limit: i64) -> Result<Vec<Row>, StoreError> {
    let items = campaigns::items(db, campaign, after, limit)?;
    let ids: Vec<Id> = items.iter().filter_map(|item| item.review_id).collect();
    let mut reviews: HashMap<Id, Review> =
        reviews::find_many(db, &ids)?.into_iter().map(|review| (review.id, review)).collect();
    let decisions = review_decisions::of_reviews(db, &ids)?;
    let reasons = review_reasons::of_reviews(db, &ids)?;
    let steps = review_steps::of_reviews(db, &ids)?;
    let asked = tasks::of_reviews(db, &ids)?;
    let left_out: Vec<Id> = items.iter().filter(|item| item.excluded.is_some()).map(|item| item.identity_id).collect();
    let mut identities: HashMap<Id, Identity> =
        identities::find_many(db, &left_out)?.into_iter().map(|identity| (identity.id, identity)).collect();
    let mut elsewhere = asked_elsewhere(db, campaign, &items)?;
    let mut cancelled = cancelled(db, campaign, &reviews)?;
    Ok(items
        .into_iter()
        .map(|item| {
            let id = item.review_id;
            Row {
                cancelled: id.and_then(|id| cancelled.remove(&id)),
                review: id.and_then(|id| reviews.remove(&id)),
                decisions: decisions.iter().filter(|one| Some(one.review_id) == id).cloned().collect(),
                reasons: reasons.iter().filter(|one| id.is_some() && one.review_id == id).cloned().collect(),
                steps: steps.iter().filter(|one| Some(one.review_id) == id).cloned().collect(),
                asked: asked
                    .iter()
                    .filter(|one| id.is_some() && one.review_id == id && one.kind == TaskKind::Recertification)
                    .cloned()
                    .collect(),
                identity: item.excluded.and_then(|_| identities.remove(&item.identity_id)),
                elsewhere: elsewhere.remove(&item.identity_id),
                item,
            }
        })
        .collect())
}

/// The reviews by which somebody asked already when the campaign was prepared, of what it left out for that.
fn asked_elsewhere(db: &mut Db, campaign: Id, items: &[CampaignItem]) -> Result<HashMap<Id, Review>, StoreError> {
    let asked = |item: &&CampaignItem| matches!(item.excluded, Some(Excluded::AskedElsewhere | Excluded::Decided));
    let ids: Vec<Id> = items.iter().filter(asked).map(|item| item.identity_id).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let known = campaigns::find(db, campaign)?;
    let prepared = known.prepared_at.or(known.ended_at);
    let found = match prepared {
        Some(at) => reviews::live_at(db, &ids, at)?,
        // It is being prepared.
        None => reviews::live_of(db, &ids)?,
    };
    Ok(found.into_iter().map(|review| (review.identity_id, review)).collect())
}

/// Who cancelled those that are, and why: who stands in the audit log alone.
fn cancelled(db: &mut Db, campaign: Id, reviews: &HashMap<Id, Review>) -> Result<HashMap<Id, Cancelled>, StoreError> {
    let ended: Vec<&Review> = reviews.values().filter(|review| review.state == ReviewState::Cancelled).collect();
    if ended.is_empty() {
        return Ok(HashMap::new());
    }
    let ids: Vec<String> = ended.iter().map(|review| review.id.to_string()).collect();
    let mut doers = audit::doers(db, "review", &ids, "review.cancel")?;
    let with_it = campaigns::find(db, campaign)?.ended_because;
    let told = |because: &str| match &with_it {
        Some(why) if because == WITH_ITS_CAMPAIGN => format!("{because}: {why}"),
        _ => because.to_owned(),
    };
    Ok(ended
        .into_iter()
        .map(|review| {
            let doer = doers.remove(&review.id.to_string()).flatten();
            let person: Option<Id> = doer.as_ref().and_then(|doer| doer.parse().ok());
            let machine = doer.filter(|_| person.is_none());
            let because = told(review.ended_because.as_deref().unwrap_or_default());
            (review.id, Cancelled { person, machine, because })
        })
        .collect())
}

fn standing(outline: &Outline, decided: Option<(Id, AssignedAs)>, asked: &[AskedTask]) -> Standing {
    Standing {
        state: outline.state,
        outcome: outline.outcome,
        decided,
        ended_at: outline.decided_at.or(outline.closed_at).filter(|_| outline.state != ReviewState::Open),
        due_on: outline.due_on,
        asked: asked.iter().filter_map(asking).collect(),
    }
}

fn asking(task: &AskedTask) -> Option<Asking> {
    let who = match (task.assignee_id, task.assignee_group) {
        (Some(person), _) => Who::Person(person),
        (None, Some(group)) => Who::Group(group),
        (None, None) => return None,
    };
    // A step's task has its word at the end of its period.
    let steps = [ReviewStep::Added, ReviewStep::Replaced, ReviewStep::Escalated];
    let step = task.period.rsplit(':').next().unwrap_or_default();
    Some(Asking {
        who,
        assigned_as: task.assigned_as,
        state: task.state,
        answer: task.answer,
        due_on: task.due_on,
        closed_at: task.closed_at,
        escalated: steps.iter().any(|known| known.word() == step),
    })
}

/// How far everybody who was asked in a campaign has come, and how far all of it is.
pub fn progress(db: &mut Db, campaign: &Campaign, today: NaiveDate) -> Result<Progress, StoreError> {
    let mut progress = Progress::default();
    let outlines = campaigns::outlines(db, campaign.id)?;
    for chunk in outlines.chunks(500) {
        let ids: Vec<Id> = chunk.iter().map(|review| review.id).collect();
        let decisions: Vec<Id> = chunk.iter().filter_map(|review| review.decision_id).collect();
        let deciders = campaigns::deciders(db, &decisions)?;
        let mut asked: HashMap<Id, Vec<AskedTask>> = HashMap::new();
        for task in asked_tasks::of_reviews(db, &ids)? {
            if let Some(review) = task.review_id {
                asked.entry(review).or_default().push(task);
            }
        }
        for review in chunk {
            let decided = review.decision_id.and_then(|id| deciders.get(&id).copied());
            let asked = asked.remove(&review.id).unwrap_or_default();
            progress.add(&standing(review, decided, &asked), campaign.due_on, today);
        }
    }
    Ok(progress)
}

/// The names of everybody whom these rows name.
pub fn names(db: &mut Db, rows: &[Row]) -> Result<HashMap<Id, String>, StoreError> {
    let mut ids: Vec<Id> = rows.iter().flat_map(Row::people).collect();
    ids.sort_unstable();
    ids.dedup();
    Ok(people::find_many(db, &ids)?.into_iter().map(|person| (person.id, person.name)).collect())
}

/// Who decided unusually fast in a campaign; what was answered together counts once.
pub fn fast(db: &mut Db, campaign: &Campaign) -> Result<Vec<Fast>, StoreError> {
    let asked = campaigns::reviews_of(db, campaign.id)?;
    let decided = review_decisions::kept_one_by_one(db, &asked)?;
    Ok(unusually_fast(&decided))
}
