//! What silence would do to whom.

use std::collections::HashMap;

use chrono::NaiveDate;

use crate::actions::Register;
use crate::actions::reviews::BATCH;
use crate::actions::reviews::sheet::on_silence;
use crate::domain::identities::{Environment, IdentityState};
use crate::domain::ids::Id;
use crate::domain::reviews::silence::{Held, Silence};
use crate::store::identities::{self, Identity};
use crate::store::reviews::Review;
use crate::store::{Db, StoreError, review_silence};

/// Reviews read for the page of the simulation.
pub const SHOWN: i64 = BATCH;

/// What silence does to one review.
#[derive(Debug, Clone, PartialEq)]
pub struct Planned {
    pub review: Review,
    pub identity: Identity,
    pub silence: Silence,
    pub because: String,
}

impl Planned {
    /// Whether a run of that day would do it: its day has passed.
    pub fn is_past(&self, today: NaiveDate) -> bool {
        self.review.silence_on < today
    }

    /// Whether others are to be asked first. A job that stands still, or that somebody paused, never turns into a cut
    /// about which only the first were asked.
    pub fn waits_for_others(&self) -> bool {
        self.review.next_step_on.is_some()
    }

    /// Whether silence takes something away: of what is being stopped already it only ends the review.
    pub fn cuts(&self) -> bool {
        self.silence.cuts() && matches!(self.identity.state, IdentityState::Active | IdentityState::Suspended)
    }

    /// Whether something in production stops working.
    pub fn cuts_production(&self) -> bool {
        self.silence.cuts()
            && self.identity.environment == Environment::Production
            && self.identity.state == IdentityState::Active
    }

    /// The same as a stop names it.
    pub fn held(&self) -> Held {
        Held { review: self.review.id, does: Some(self.silence) }
    }
}

/// What silence would do to open reviews by the end of a day, the earliest first; at most `limit` are read.
pub fn plan(db: &mut Db, register: &Register, by_day: NaiveDate, limit: i64) -> Result<Vec<Planned>, StoreError> {
    let found = review_silence::on_days(db, ..=by_day, None, limit)?;
    let ids: Vec<Id> = found.iter().map(|review| review.identity_id).collect();
    let mut about: HashMap<Id, Identity> =
        identities::find_many(db, &ids)?.into_iter().map(|identity| (identity.id, identity)).collect();
    Ok(found
        .into_iter()
        .filter_map(|review| {
            let identity = about.remove(&review.identity_id)?;
            let (silence, because) = on_silence(register, &identity);
            Some(Planned { review, identity, silence, because })
        })
        .collect())
}
