//! The breaker: how much of what works or may work in production silence may cut, counted over the last days and not
//! over one run, because many small runs cut as much as one large one.

use crate::actions::Register;
use crate::domain::ids::Moment;
use crate::domain::reviews::ReviewOutcome;
use crate::domain::reviews::silence::{Held, LATELY_DAYS, Silence, part, stops};
use crate::store::{Db, StoreError, review_silence, silence_stops};

/// How much of what works or may work in production silence may still cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Breaker {
    /// How many identities work in production, or may.
    pub population: i64,
    /// How many of them silence has cut in the last days, without those that two people let go: somebody has looked at
    /// these, and what was looked at leaves the share to what nobody looks at.
    pub lately: i64,
    percent: i64,
    least: i64,
}

impl Breaker {
    /// Reads it as it stands at a moment.
    pub fn read(db: &mut Db, register: &Register, now: Moment) -> Result<Self, StoreError> {
        let since = now.plus_days(-LATELY_DAYS);
        let looked_at: Vec<Held> =
            silence_stops::let_go_since(db, since)?.into_iter().flat_map(|stop| stop.reviews.0).collect();
        let cut: Vec<Held> = review_silence::cut(db, since)?
            .into_iter()
            .map(|(review, outcome)| Held { review, does: does(outcome) })
            .collect();
        let (_, unseen) = part(&looked_at, &cut);
        let table = &register.deployment.reviews;
        Ok(Self {
            population: silence_stops::may_be_production(db)?,
            lately: i64::try_from(unseen.len()).unwrap_or(i64::MAX),
            percent: table.breaker_percent,
            least: table.breaker_least,
        })
    }

    /// Whether a run that would cut so many more of them stops first.
    pub fn stops(self, more: i64) -> bool {
        more > 0 && stops(self.lately.saturating_add(more), self.population, self.percent, self.least)
    }
}

/// What silence did when a review ended so.
fn does(outcome: ReviewOutcome) -> Option<Silence> {
    match outcome {
        ReviewOutcome::SilentSuspend => Some(Silence::Suspend),
        ReviewOutcome::SilentRevoke => Some(Silence::Revoke),
        _ => None,
    }
}
