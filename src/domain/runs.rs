//! Runs of jobs: which slots ran, which were missed, and what is made up for.

use super::ids::Moment;
use crate::words;

words! {
    /// What happens with slots that passed while nothing ran.
    CatchUp {
        All = "all", "Run every missed one";
        Latest = "latest", "Run the latest missed one";
        None = "none", "Run none of the missed ones";
    }
}

words! {
    /// How far a run has come.
    RunState {
        Due = "due", "Due";
        Claimed = "claimed", "Running";
        Done = "done", "Done";
        Failed = "failed", "Failed";
        Missed = "missed", "Missed";
    }
}

words! {
    /// What started a run.
    StartedBy {
        Schedule = "schedule", "Its schedule";
        Hand = "hand", "A person";
        Command = "command", "The command line";
    }
}

/// A slot that is at most this late is on time: the scheduler looks every few seconds, not every instant.
const ON_TIME_SECONDS: i64 = 600;

/// Slots handled at a time; the rest waits for the next look, so that no transaction grows without bound.
pub const SLOTS_AT_A_TIME: usize = 2_000;

/// What becomes of the slots since the last look.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// Slots to run.
    pub due: Vec<Moment>,
    /// Slots that passed while nothing ran and are not made up for.
    pub missed: Vec<Moment>,
}

impl Plan {
    /// The last slot that was accounted for; `None` when there was none.
    pub fn last(&self) -> Option<Moment> {
        self.due.iter().chain(&self.missed).max().copied()
    }
}

/// Accounts for every slot, in order, up to `now`: each is run or missed, none is dropped.
pub fn plan(slots: impl Iterator<Item = Moment>, catch_up: CatchUp, now: Moment) -> Plan {
    let mut slots: Vec<Moment> = slots.take(SLOTS_AT_A_TIME + 1).collect();
    let more = slots.len() > SLOTS_AT_A_TIME;
    slots.truncate(SLOTS_AT_A_TIME);
    let latest = if more { None } else { slots.last().copied() };
    let (due, missed) = slots.into_iter().partition(|slot| match catch_up {
        CatchUp::All => true,
        CatchUp::Latest => Some(*slot) == latest,
        CatchUp::None => slot.plus_seconds(ON_TIME_SECONDS) >= now,
    });
    Plan { due, missed }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::schedule::Schedule;

    fn at(text: &str) -> Moment {
        Moment::parse(text).unwrap()
    }

    fn planned(catch_up: CatchUp, after: &str, now: &str) -> Plan {
        let schedule = Schedule::parse("0 0 * * * *", "UTC").unwrap();
        plan(schedule.slots_between(at(after), at(now)), catch_up, at(now))
    }

    #[test]
    fn every_slot_of_a_day_that_nothing_ran_is_run_or_missed() {
        for (catch_up, due) in [(CatchUp::All, 24), (CatchUp::Latest, 1), (CatchUp::None, 1)] {
            let plan = planned(catch_up, "2026-11-22T15:00:00Z", "2026-11-23T15:00:05Z");
            assert_eq!((plan.due.len(), plan.missed.len()), (due, 24 - due), "{catch_up}");
            assert_eq!(plan.last(), Some(at("2026-11-23T15:00:00Z")));
        }
    }

    #[test]
    fn a_slot_that_is_an_hour_late_is_not_made_up_for_when_nobody_wants_it() {
        let plan = planned(CatchUp::None, "2026-11-23T14:30:00Z", "2026-11-23T15:50:00Z");
        assert_eq!(plan, Plan { due: Vec::new(), missed: vec![at("2026-11-23T15:00:00Z")] });
    }

    #[test]
    fn years_of_missed_slots_are_accounted_for_piece_by_piece() {
        let now = "2026-11-23T15:00:00Z";
        let (mut after, mut missed, mut due) = ("2025-01-01T00:00:00Z".to_owned(), 0, 0);
        while let Some(last) = {
            let plan = planned(CatchUp::Latest, &after, now);
            missed += plan.missed.len();
            due += plan.due.len();
            plan.last()
        } {
            after = last.to_text();
        }
        let all =
            Schedule::parse("0 0 * * * *", "UTC").unwrap().slots_between(at("2025-01-01T00:00:00Z"), at(now)).count();
        assert_eq!((due, missed), (1, all - 1));
    }

    #[test]
    fn a_clock_that_went_back_brings_no_slot() {
        assert_eq!(planned(CatchUp::All, "2026-11-23T15:00:00Z", "2026-11-23T10:00:00Z"), Plan::default());
    }
}
