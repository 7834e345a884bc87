//! A review about which somebody is asked, field by field: the same when it is opened and when it is opened again.

use chrono::NaiveDate;

use crate::domain::ids::{Id, Moment};
use crate::domain::reaching::IdentityTier;
use crate::domain::reviews::ReviewState;
use crate::domain::reviews::clock::Dates;
use crate::domain::reviews::reviewers::Considered;
use crate::domain::reviews::snapshot::Snapshot;
use crate::store::reviews::Review;
use crate::store::types::Doc;

/// Which review it is: what stays when it is opened again.
#[derive(Debug, Clone)]
pub struct Which {
    pub id: Id,
    pub identity_id: Id,
    pub campaign_id: Option<Id>,
    pub tier: IdentityTier,
    pub snapshot: Doc<Snapshot>,
    pub opened_at: Moment,
    pub version: i64,
}

impl Which {
    /// The same review in its next version.
    pub fn again(before: &Review) -> Self {
        Self {
            id: before.id,
            identity_id: before.identity_id,
            campaign_id: before.campaign_id,
            tier: before.tier,
            snapshot: before.snapshot.clone(),
            opened_at: before.opened_at,
            version: before.version + 1,
        }
    }
}

/// Who was considered, and by when what is done about it.
#[derive(Debug, Clone)]
pub struct Asked {
    pub way: Vec<Considered>,
    pub dates: Dates,
    pub next_step_on: Option<NaiveDate>,
}

/// The review as it stands when somebody is asked: open, and nobody has decided.
pub fn asked(which: Which, asked: Asked) -> Review {
    let Asked { way, dates, next_step_on } = asked;
    Review {
        id: which.id,
        identity_id: which.identity_id,
        campaign_id: which.campaign_id,
        state: ReviewState::Open,
        tier: which.tier,
        snapshot: which.snapshot,
        resolution: Doc(way),
        opened_at: which.opened_at,
        due_on: dates.due_on,
        add_on: dates.add_on,
        replace_on: dates.replace_on,
        silence_on: dates.silence_on,
        next_step_on,
        escalated_at: None,
        outcome: None,
        decision_id: None,
        decided_at: None,
        takes_effect_at: None,
        applied_at: None,
        proof: None,
        proof_note: None,
        proved_by_id: None,
        proved_at: None,
        closed_at: None,
        ended_because: None,
        version: which.version,
    }
}
