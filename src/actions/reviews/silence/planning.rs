//! What silence would do to whom.

use std::collections::{HashMap, HashSet};
use std::ops::RangeBounds;

use chrono::NaiveDate;

use crate::actions::Register;
use crate::actions::reviews::BATCH;
use crate::actions::reviews::sheet::on_silence;
use crate::domain::identities::IdentityState;
use crate::domain::ids::Id;
use crate::domain::reviews::silence::{Held, Silence};
use crate::domain::tasks::{TaskKind, TaskState};
use crate::store::identities::{self, Identity};
use crate::store::reviews::Review;
use crate::store::{Db, StoreError, review_silence, silence_owed, tasks};

/// Reviews read for the page of the simulation.
pub const SHOWN: i64 = BATCH;

/// What silence does to one review.
#[derive(Debug, Clone, PartialEq)]
pub struct Planned {
    pub review: Review,
    pub identity: Identity,
    pub silence: Silence,
    pub because: String,
    /// Silence would cut it, and nobody is asked about it at present.
    pub nobody_asked: bool,
    /// It is still to get the days of a standstill, and silence does not come to it before it has.
    pub owed_days: bool,
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

    /// Whether silence waits, whatever its day says: others are to be asked first, nobody is asked at all, or days are
    /// still to be given to it. That nobody was asked is another end than that nobody answered.
    pub fn waits(&self) -> bool {
        self.waits_for_others() || self.nobody_asked || self.owed_days
    }

    /// Whether silence takes something away: of what is being stopped already, and of what stays suspended, it only ends
    /// the review.
    pub fn cuts(&self) -> bool {
        let works = matches!(self.identity.state, IdentityState::Active | IdentityState::Suspended);
        self.silence.cuts() && works && !self.stays_suspended()
    }

    /// Whether silence only leaves it as it is: suspended.
    pub fn stays_suspended(&self) -> bool {
        stays_suspended(self.silence, self.identity.state)
    }

    /// Whether something stops working that works in production, or may.
    pub fn may_cut_production(&self) -> bool {
        self.silence.cuts()
            && self.identity.environment.may_be_production()
            && self.identity.state == IdentityState::Active
    }

    /// The same as a stop names it.
    pub fn held(&self) -> Held {
        Held { review: self.review.id, does: Some(self.silence) }
    }
}

/// Whether what silence would suspend is suspended already: it stays so, and loses nothing more.
pub fn stays_suspended(silence: Silence, state: IdentityState) -> bool {
    silence == Silence::Suspend && state == IdentityState::Suspended
}

/// What silence would do to open reviews whose day is one of these, the earliest first; at most `limit` are read.
pub fn plan(
    db: &mut Db,
    register: &Register,
    days: impl RangeBounds<NaiveDate>,
    limit: i64,
) -> Result<Vec<Planned>, StoreError> {
    let found = review_silence::on_days(db, days, None, limit)?;
    let ids: Vec<Id> = found.iter().map(|review| review.identity_id).collect();
    let mut about: HashMap<Id, Identity> =
        identities::find_many(db, &ids)?.into_iter().map(|identity| (identity.id, identity)).collect();
    let owed: HashSet<Id> = silence_owed::all(db)?.into_iter().map(|one| one.review).collect();
    let mut planned: Vec<Planned> = found
        .into_iter()
        .filter_map(|review| {
            let identity = about.remove(&review.identity_id)?;
            let (silence, because) = on_silence(register, &identity);
            let owed_days = owed.contains(&review.id);
            Some(Planned { review, identity, silence, because, nobody_asked: false, owed_days })
        })
        .collect();
    let cut: Vec<Id> = planned.iter().filter(|one| one.cuts()).map(|one| one.review.id).collect();
    let asked = asked_about(db, &cut)?;
    for one in &mut planned {
        one.nobody_asked = one.cuts() && !asked.contains(&one.review.id);
    }
    Ok(planned)
}

/// Of these reviews, those about which somebody is asked at present.
fn asked_about(db: &mut Db, reviews: &[Id]) -> Result<HashSet<Id>, StoreError> {
    Ok(tasks::of_reviews(db, reviews)?
        .into_iter()
        .filter(|task| task.kind == TaskKind::Recertification && task.state == TaskState::Open)
        .filter_map(|task| task.review_id)
        .collect())
}
