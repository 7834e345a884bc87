//! The report of a campaign: every item that it selected, and what became of it.

use std::collections::HashMap;

use crate::domain::ids::{Id, Moment};
use crate::domain::reviews::ReviewAnswer;
use crate::domain::reviews::pace::{Fast, unusually_fast};
use crate::domain::tasks::TaskKind;
use crate::store::campaigns::{self, Campaign, CampaignItem};
use crate::store::reviews::{self, Review, ReviewDecision, ReviewReason, StepTaken};
use crate::store::tasks::{self, Task};
use crate::store::{Db, StoreError, people};

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
}

impl Row {
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
        decided.chain(asked).chain(proved).flatten()
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
    let decisions = reviews::decisions_of(db, &ids)?;
    let reasons = reviews::reasons_of(db, &ids)?;
    let steps = reviews::steps_of(db, &ids)?;
    let asked = tasks::of_reviews(db, &ids)?;
    Ok(items
        .into_iter()
        .map(|item| {
            let id = item.review_id;
            Row {
                review: id.and_then(|id| reviews.remove(&id)),
                decisions: decisions.iter().filter(|one| Some(one.review_id) == id).cloned().collect(),
                reasons: reasons.iter().filter(|one| id.is_some() && one.review_id == id).cloned().collect(),
                steps: steps.iter().filter(|one| Some(one.review_id) == id).cloned().collect(),
                asked: asked
                    .iter()
                    .filter(|one| id.is_some() && one.review_id == id && one.kind == TaskKind::Recertification)
                    .cloned()
                    .collect(),
                item,
            }
        })
        .collect())
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
    let mut decided: Vec<(Id, Moment)> = Vec::new();
    let mut place = 0;
    loop {
        let items = campaigns::items(db, campaign.id, place, CHUNK)?;
        let Some(last) = items.last() else { break };
        place = last.position;
        let ids: Vec<Id> = items.iter().filter_map(|item| item.review_id).collect();
        decided.extend(
            reviews::decisions_of(db, &ids)?
                .into_iter()
                .filter(|decision| decision.answer == ReviewAnswer::Keep && decision.together_id.is_none())
                .map(|decision| (decision.decided_by_id, decision.decided_at)),
        );
    }
    Ok(unusually_fast(&decided))
}
