//! What the reader answered lately: each with its receipt.

use std::collections::HashMap;

use chrono_tz::Tz;

use super::outcome_tag;
use crate::domain::ids::Id;
use crate::domain::reviews::ReviewOutcome;
use crate::store::reviews::Review;
use crate::store::{Db, StoreError, identity_names};
use crate::web::show;

/// An answer that stands.
pub struct Answered {
    /// Its receipt.
    pub href: String,
    pub name: String,
    /// When it was given: for machines, and in the reader's zone.
    pub machine: String,
    pub when: String,
    pub tag: &'static str,
    pub outcome: &'static str,
}

/// What was answered by these reviews, the latest first.
pub fn answered(db: &mut Db, mut decided: Vec<Review>, tz: Tz) -> Result<Vec<Answered>, StoreError> {
    decided.sort_by_key(|review| std::cmp::Reverse((review.decided_at, review.id)));
    let mut ids: Vec<Id> = decided.iter().map(|review| review.identity_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let names: HashMap<Id, String> =
        identity_names::names_of(db, &ids)?.into_iter().map(|identity| (identity.id, identity.name)).collect();
    Ok(decided
        .into_iter()
        .filter_map(|review| {
            let (decision, at) = (review.decision_id?, review.decided_at?);
            Some(Answered {
                href: format!("/reviews/decisions/{decision}"),
                name: names.get(&review.identity_id).cloned().unwrap_or_default(),
                machine: at.to_text(),
                when: show::moment(at, tz),
                tag: review.outcome.map_or("plain", outcome_tag),
                outcome: review.outcome.map_or("Answered", ReviewOutcome::label),
            })
        })
        .collect())
}
