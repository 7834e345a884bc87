//! The run that stops: what it holds back, what became of that since, and what two people let go.
//!
//! A stop names everything that it holds back, in production and elsewhere, and stands until two people let it go on
//! or nothing of it is left. Until somebody has agreed, what comes to it is added. Once somebody has, it only shrinks:
//! nobody's agreement covers what they did not see, and nobody's agreement is lost because others came. Those wait
//! behind it, and are judged by themselves when it is decided.

use std::collections::HashSet;

use super::breaker::Breaker;
use super::planning::Planned;
use super::stop_mail;
use crate::actions::{ActionError, By, Register, Work};
use crate::domain::ids::Id;
use crate::domain::reviews::silence::{Held, StopState, part};
use crate::store::silence_stops::{self, SilenceStop};
use crate::store::types::Doc;

/// What the stops mean for a run.
#[derive(Debug, Default)]
pub struct Stops {
    /// Reviews about which nothing is cut.
    pub held: HashSet<Id>,
    /// Those that two people let go, and the stop by which they did.
    pub let_go: HashSet<Id>,
    pub agreed: Option<SilenceStop>,
}

/// Brings the stops up to date with what silence would cut now, and judges what no stop names. One transaction reads
/// and writes them, so that no agreement slips in between.
pub fn settle(register: &Register, by: &By, cutting: &[&Planned], counts: bool) -> Result<Stops, ActionError> {
    let waiting = silence_stops::waiting(&mut *register.database.read()?)?;
    if cutting.is_empty() && waiting.is_none() {
        return Ok(Stops::default());
    }
    let now: Vec<Held> = cutting.iter().map(|one| one.held()).collect();
    register.change(by, |work| {
        let breaker = Breaker::read(work.db, register, by.now)?;
        let agreed = silence_stops::in_state(work.db, StopState::Agreed)?;
        let stopped = silence_stops::in_state(work.db, StopState::Stopped)?;
        // What two people agreed to is that set and no other; what came to it since is judged by itself.
        let (let_go, others) = part(named(agreed.as_ref()), &now);
        let (left, newcomers) = part(named(stopped.as_ref()), &others);
        let mut held: HashSet<Id> = left.iter().map(|one| one.review).collect();
        let settling = Settling { register, cutting, breaker };
        match stopped {
            Some(stop) if left.is_empty() => {
                drop_in(work, &stop)?;
                if counts && settling.stops(&newcomers) {
                    settling.stop(work, &newcomers)?;
                    held.extend(newcomers.iter().map(|one| one.review));
                }
            }
            Some(stop) => {
                // While silence is only simulated no run stops, so nothing comes to one that did.
                let open = counts && stop.first_by_id.is_none();
                let set = if open { settling.in_order(&[left, newcomers.clone()].concat()) } else { left };
                settling.change(work, &stop, set)?;
                held.extend(newcomers.iter().map(|one| one.review));
            }
            None if counts && settling.stops(&newcomers) => {
                settling.stop(work, &newcomers)?;
                held.extend(newcomers.iter().map(|one| one.review));
            }
            None => {}
        }
        Ok(Stops { held, let_go: let_go.into_iter().map(|one| one.review).collect(), agreed })
    })
}

fn named(stop: Option<&SilenceStop>) -> &[Held] {
    stop.map(|stop| stop.reviews.0.as_slice()).unwrap_or_default()
}

/// What is needed to write a stop.
struct Settling<'a> {
    register: &'a Register,
    cutting: &'a [&'a Planned],
    breaker: Breaker,
}

impl<'a> Settling<'a> {
    /// What is planned about these reviews, in the order in which their days came.
    fn planned(&self, held: &[Held]) -> Vec<&'a Planned> {
        let named: HashSet<Id> = held.iter().map(|one| one.review).collect();
        self.cutting.iter().copied().filter(|one| named.contains(&one.review.id)).collect()
    }

    fn in_order(&self, held: &[Held]) -> Vec<Held> {
        self.planned(held).into_iter().map(Planned::held).collect()
    }

    /// How many of them work in production, or may.
    fn counted(&self, held: &[Held]) -> i64 {
        let cuts = self.planned(held).into_iter().filter(|one| one.may_cut_production()).count();
        i64::try_from(cuts).unwrap_or(i64::MAX)
    }

    fn stops(&self, newcomers: &[Held]) -> bool {
        self.breaker.stops(self.counted(newcomers))
    }

    /// Writes down that a run stopped, and tells whoever keeps the register.
    fn stop(&self, work: &mut Work<'_>, held: &[Held]) -> Result<(), ActionError> {
        let stop = SilenceStop {
            id: Id::new(),
            state: StopState::Stopped,
            cuts: self.counted(held),
            population: self.breaker.population.max(1),
            reviews: Doc(held.to_vec()),
            stopped_at: work.by.now,
            first_by_id: None,
            second_by_id: None,
            reason: None,
            ended_at: None,
            version: 1,
        };
        silence_stops::insert(work.db, &stop)?;
        work.record("silence.stop", "silence_stop", stop.id, None, Some(&stop));
        self.tell(work, &stop)
    }

    /// Brings a stop up to date: some were answered meanwhile, and as long as nobody has agreed others came. What
    /// somebody agreed to stands for what is left of it.
    fn change(&self, work: &mut Work<'_>, before: &SilenceStop, set: Vec<Held>) -> Result<(), ActionError> {
        if before.reviews.0 == set {
            return Ok(());
        }
        let (_, new) = part(&before.reviews.0, &set);
        let after = SilenceStop {
            cuts: self.counted(&set),
            population: self.breaker.population.max(1),
            reviews: Doc(set),
            version: before.version + 1,
            ..before.clone()
        };
        silence_stops::update(work.db, &after)?;
        let action = if new.is_empty() { "silence.shrink" } else { "silence.grow" };
        work.record(action, "silence_stop", after.id, Some(before), Some(&after));
        if new.is_empty() { Ok(()) } else { self.tell(work, &after) }
    }

    fn tell(&self, work: &mut Work<'_>, stop: &SilenceStop) -> Result<(), ActionError> {
        stop_mail::tell(work, self.register, stop, &self.planned(&stop.reviews.0), self.breaker.lately)
    }
}

/// Ends a stop of which nothing is left: somebody answered each, or silence does something else to it now.
fn drop_in(work: &mut Work<'_>, before: &SilenceStop) -> Result<(), ActionError> {
    finish(work, before, StopState::Dropped, "silence.drop")
}

/// Notes that what two people let go has gone.
pub fn end(register: &Register, by: &By, before: &SilenceStop) -> Result<(), ActionError> {
    register.change(by, |work| finish(work, before, StopState::Done, "silence.go_on"))
}

fn finish(work: &mut Work<'_>, before: &SilenceStop, state: StopState, action: &str) -> Result<(), ActionError> {
    let after = SilenceStop { state, ended_at: Some(work.by.now), version: before.version + 1, ..before.clone() };
    silence_stops::update(work.db, &after)?;
    work.record(action, "silence_stop", after.id, Some(before), Some(&after));
    Ok(())
}
