//! What the page is made of, read at once.

use std::collections::HashMap;
use std::ops::Bound;

use chrono::{Days, NaiveDate};

use crate::actions::Register;
use crate::actions::reviews::counting::was_simulated;
use crate::actions::reviews::silence::breaker::Breaker;
use crate::actions::reviews::silence::today::{Today, today};
use crate::actions::reviews::silence::{self, Planned, SHOWN};
use crate::domain::ids::{Id, Moment};
use crate::domain::listing::thousands;
use crate::domain::reviews::silence::{Held, ProposalState};
use crate::domain::reviews::{ReviewState, ReviewStep};
use crate::store::identity_names::{self, IdentityName};
use crate::store::review_list::{self, Beside};
use crate::store::review_steps::{self, StepTaken};
use crate::store::silence_proposals::{self, SilenceProposal};
use crate::store::silence_stops::{self, SilenceStop};
use crate::store::{Db, StoreError, people, review_silence, reviews};

/// Earlier stops and proposals that are listed.
pub const EARLIER: i64 = 20;

/// So many days are soon.
const SOON: u64 = 7;

/// So many days are looked ahead, beyond which it is later.
const AHEAD: u64 = 30;

pub struct Found {
    pub counts: bool,
    /// A run was done, so that there is something to read.
    pub simulated: bool,
    /// Every open review to which silence comes, however far, the earliest first.
    pub planned: Vec<Planned>,
    /// More are open than are read.
    pub beyond: bool,
    pub ahead: Ahead,
    pub breaker: Breaker,
    pub beside: HashMap<Id, Beside>,
    /// Since when silence is held back, by review.
    pub held_back: HashMap<Id, Moment>,
    /// When silence was put off, until when and why, by review.
    pub put_off: HashMap<Id, StepTaken>,
    /// The stop that waits, or that two people let go and no run has used yet.
    pub waiting: Option<SilenceStop>,
    /// What it holds back: each identity by name.
    pub named: Vec<Named>,
    pub earlier: Vec<SilenceStop>,
    /// The proposal that waits, or by which silence counts.
    pub proposal: Option<SilenceProposal>,
    pub proposals: Vec<SilenceProposal>,
    /// What a run of today would take away; counted only while a proposal waits.
    pub today: Today,
    pub names: HashMap<Id, String>,
}

/// The open reviews to which silence comes, by how far its day is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ahead {
    pub today: NaiveDate,
    /// The last day that is soon, and the last one after which it is later.
    pub soon_until: NaiveDate,
    pub until: NaiveDate,
    /// How many have their day behind them, soon, until then, and later: all of them, however many are read.
    pub past: i64,
    pub soon: i64,
    pub next: i64,
    pub later: i64,
}

impl Ahead {
    fn read(db: &mut Db, today: NaiveDate) -> Result<Self, StoreError> {
        let day = |days: u64| today.checked_add_days(Days::new(days)).unwrap_or(today);
        let (soon_until, until) = (day(SOON), day(AHEAD));
        Ok(Self {
            today,
            soon_until,
            until,
            past: review_silence::count_on_days(db, ..today)?,
            soon: review_silence::count_on_days(db, today..=soon_until)?,
            next: review_silence::count_on_days(db, (Bound::Excluded(soon_until), Bound::Included(until)))?,
            later: review_silence::count_on_days(db, (Bound::Excluded(until), Bound::<NaiveDate>::Unbounded))?,
        })
    }

    /// "Silence comes to 3 open reviews: 1 whose day has passed, 2 in more than 30 days."
    pub fn words(self) -> String {
        let parts: Vec<String> = [
            (self.past, "whose day has passed"),
            (self.soon, "in the next 7 days"),
            (self.next, "in 8 to 30 days"),
            (self.later, "in more than 30 days"),
        ]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, when)| format!("{} {when}", thousands(count)))
        .collect();
        match self.past + self.soon + self.next + self.later {
            0 => "Silence comes to no open review.".to_owned(),
            1 => format!("Silence comes to 1 open review: {}.", parts.join(", ")),
            all => format!("Silence comes to {} open reviews: {}.", thousands(all), parts.join(", ")),
        }
    }
}

/// Something that a stop holds back.
pub struct Named {
    pub identity: IdentityName,
    pub held: Held,
    /// Nobody has answered it since.
    pub open: bool,
}

impl Found {
    /// The name of somebody who proposed or agreed.
    pub fn name(&self, id: Id) -> String {
        self.names.get(&id).cloned().unwrap_or_else(|| "somebody".to_owned())
    }
}

pub fn gather(db: &mut Db, register: &Register, now: Moment) -> Result<Found, StoreError> {
    // One more than is shown tells whether there are others.
    let mut planned = silence::plan(db, register, .., SHOWN + 1)?;
    let shown = usize::try_from(SHOWN).unwrap_or(usize::MAX);
    let beyond = planned.len() > shown;
    planned.truncate(shown);
    let ids: Vec<Id> = planned.iter().map(|one| one.review.id).collect();
    let steps = review_steps::of_reviews(db, &ids)?;
    let waiting = silence_stops::waiting(db)?;
    let mut earlier = silence_stops::latest(db, EARLIER + 1)?;
    earlier.retain(|stop| waiting.as_ref().is_none_or(|waiting| waiting.id != stop.id));
    earlier.truncate(usize::try_from(EARLIER).unwrap_or(usize::MAX));
    let in_force = silence_proposals::in_state(db, ProposalState::Agreed)?;
    let counts = in_force.is_some();
    let proposal = match in_force {
        Some(proposal) => Some(proposal),
        None => silence_proposals::in_state(db, ProposalState::Proposed)?,
    };
    let proposals = silence_proposals::latest(db, EARLIER)?;
    let mut spoke: Vec<Id> = earlier
        .iter()
        .chain(waiting.iter())
        .flat_map(|stop| [stop.first_by_id, stop.second_by_id])
        .chain(
            proposals
                .iter()
                .chain(proposal.iter())
                .flat_map(|one| [Some(one.proposed_by_id), one.agreed_by_id, one.ended_by_id]),
        )
        .flatten()
        .collect();
    spoke.sort_unstable();
    spoke.dedup();
    Ok(Found {
        counts,
        simulated: was_simulated(db)?,
        ahead: Ahead::read(db, register.day(now))?,
        beside: review_list::beside(db, &ids)?,
        today: match &proposal {
            Some(proposal) if proposal.state == ProposalState::Proposed => today(db, register, now)?,
            _ => Today::default(),
        },
        held_back: taken(&steps, ReviewStep::HeldBack).map(|step| (step.review_id, step.at)).collect(),
        put_off: taken(&steps, ReviewStep::PutOff).map(|step| (step.review_id, step.clone())).collect(),
        breaker: Breaker::read(db, register, now)?,
        names: people::find_many(db, &spoke)?.into_iter().map(|person| (person.id, person.name)).collect(),
        named: match &waiting {
            Some(stop) => named(db, &stop.reviews.0)?,
            None => Vec::new(),
        },
        planned,
        beyond,
        waiting,
        earlier,
        proposal,
        proposals,
    })
}

/// The steps of that kind.
fn taken(steps: &[StepTaken], wanted: ReviewStep) -> impl Iterator<Item = &StepTaken> {
    steps.iter().filter(move |taken| taken.step == wanted)
}

/// Everything that a stop holds back, by name: it is read before it is let go, so nothing is left out.
fn named(db: &mut Db, held: &[Held]) -> Result<Vec<Named>, StoreError> {
    let ids: Vec<Id> = held.iter().map(|one| one.review).collect();
    let about: HashMap<Id, (Id, ReviewState)> = reviews::find_many(db, &ids)?
        .into_iter()
        .map(|review| (review.id, (review.identity_id, review.state)))
        .collect();
    let mut by_identity: HashMap<Id, (Held, bool)> = held
        .iter()
        .filter_map(|one| {
            let (identity, state) = about.get(&one.review)?;
            Some((*identity, (one.clone(), *state == ReviewState::Open)))
        })
        .collect();
    let identities: Vec<Id> = by_identity.keys().copied().collect();
    let names = identity_names::names_of(db, &identities)?;
    Ok(names
        .into_iter()
        .filter_map(|identity| {
            let (held, open) = by_identity.remove(&identity.id)?;
            Some(Named { identity, held, open })
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_open_review_is_counted_by_how_far_its_day_is() {
        let day: NaiveDate = "2026-11-23".parse().unwrap();
        let none = Ahead { today: day, soon_until: day, until: day, past: 0, soon: 0, next: 0, later: 0 };
        assert_eq!(none.words(), "Silence comes to no open review.");
        let one = Ahead { later: 1, ..none };
        assert_eq!(one.words(), "Silence comes to 1 open review: 1 in more than 30 days.");
        let all = Ahead { past: 1_200, soon: 2, next: 3, later: 4, ..none };
        assert_eq!(
            all.words(),
            "Silence comes to 1,209 open reviews: 1,200 whose day has passed, 2 in the next 7 days, 3 in 8 to 30 days, \
             4 in more than 30 days."
        );
    }
}
