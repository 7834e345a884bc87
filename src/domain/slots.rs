//! What becomes of the slots of a schedule: each is run, made up for by a later one, left out or missed, with
//! the reason. None is dropped.

use super::ids::Moment;
use super::listing::thousands;
use super::runs::{CatchUp, Overlap, RunState};
use super::schedule::Schedule;

/// A slot that is at most this late is on time: the scheduler looks every few seconds, not every instant.
const ON_TIME_SECONDS: i64 = 600;

/// Slots handled at a time; the rest waits for the next look, so that no transaction grows without bound.
pub const SLOTS_AT_A_TIME: usize = 2_000;

/// How late a slot is still made up for in a new deployment: 30 days.
pub const CATCH_UP_SECONDS: i64 = 30 * 24 * 3600;

/// Why a slot of a paused schedule was missed.
pub const PAUSED: &str = "the job was paused";

/// What a schedule wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    pub catch_up: CatchUp,
    /// A slot that is later than this is missed, whatever the policy.
    pub catch_up_seconds: i64,
    pub overlap: Overlap,
    pub paused: bool,
}

/// The time in which a run of the job was, or may still be, under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnderWay {
    /// The slot it ran for.
    pub slot: Moment,
    pub from: Moment,
    /// When it ended; while it has not, the end of its worker's lease.
    pub until: Moment,
}

impl UnderWay {
    fn covers(&self, slot: Moment) -> bool {
        self.from <= slot && slot < self.until
    }
}

/// A slot and what becomes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    pub at: Moment,
    pub state: RunState,
    /// Why there is no run; `None` for one that is due.
    pub reason: Option<String>,
}

/// What becomes of the slots since the last look, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    pub slots: Vec<Slot>,
    /// There are more than are handled at a time.
    pub more: bool,
}

impl Plan {
    /// The last slot that was accounted for; `None` when there was none.
    pub fn last(&self) -> Option<Moment> {
        self.slots.last().map(|slot| slot.at)
    }

    /// The slots of one state.
    pub fn of(&self, state: RunState) -> Vec<&Slot> {
        self.slots.iter().filter(|slot| slot.state == state).collect()
    }
}

/// Accounts for the slots after one moment up to `now`. A clock that went back brings none.
pub fn plan(schedule: &Schedule, after: Moment, rules: &Rules, runs: &[UnderWay], now: Moment) -> Plan {
    let mut slots: Vec<Moment> = schedule.slots_between(after, now).take(SLOTS_AT_A_TIME + 1).collect();
    let more = slots.len() > SLOTS_AT_A_TIME;
    slots.truncate(SLOTS_AT_A_TIME);
    let skipping = if rules.overlap == Overlap::Skip { runs } else { &[] };
    let latest = match rules.catch_up {
        CatchUp::Latest if slots.len() > 1 => latest_free(schedule, after, skipping, now),
        CatchUp::Latest => slots.first().copied(),
        CatchUp::All | CatchUp::None => None,
    };
    let oldest = now.plus_seconds(-rules.catch_up_seconds);
    let fate = |slot: Moment| {
        if rules.paused {
            return (RunState::Missed, Some(PAUSED.to_owned()));
        }
        if let Some(run) = skipping.iter().find(|run| run.covers(slot)) {
            let reason = format!("the run for {} was still under way", schedule.local(run.slot));
            return (RunState::Skipped, Some(reason));
        }
        if rules.catch_up == CatchUp::None && slot.plus_seconds(ON_TIME_SECONDS) < now {
            let reason = "nothing ran at that time, and the schedule makes up for nothing";
            return (RunState::Missed, Some(reason.to_owned()));
        }
        // What is older than the window is made up for by nothing, whether all are wanted or the latest.
        if slot < oldest {
            let window = span(rules.catch_up_seconds);
            return (RunState::Missed, Some(format!("nothing ran, and it is made up for within {window} only")));
        }
        match latest {
            Some(latest) if slot != latest => {
                (RunState::Coalesced, Some(format!("the run for {} makes up for it", schedule.local(latest))))
            }
            _ => (RunState::Due, None),
        }
    };
    let slots = slots
        .into_iter()
        .map(|at| {
            let (state, reason) = fate(at);
            Slot { at, state, reason }
        })
        .collect();
    Plan { slots, more }
}

/// The latest slot at whose time no run was under way: the one that makes up for those before it.
fn latest_free(schedule: &Schedule, after: Moment, runs: &[UnderWay], now: Moment) -> Option<Moment> {
    let mut until = now;
    loop {
        let slot = schedule.last_between(after, until)?;
        match runs.iter().filter(|run| run.covers(slot)).map(|run| run.from).min() {
            None => return Some(slot),
            Some(from) => until = Moment::new(from.utc() - chrono::Duration::microseconds(1)),
        }
    }
}

/// "30 days", "36 hours", "90 seconds".
fn span(seconds: i64) -> String {
    let (count, unit) = match seconds {
        s if s % 86_400 == 0 => (s / 86_400, "day"),
        s if s % 3_600 == 0 => (s / 3_600, "hour"),
        s => (s, "second"),
    };
    format!("{} {unit}{}", thousands(count), if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOURLY: Rules =
        Rules { catch_up: CatchUp::All, catch_up_seconds: CATCH_UP_SECONDS, overlap: Overlap::Queue, paused: false };

    fn at(text: &str) -> Moment {
        Moment::parse(text).unwrap()
    }

    fn hourly() -> Schedule {
        Schedule::parse("0 0 * * * *", "UTC").unwrap()
    }

    fn planned(rules: Rules, runs: &[UnderWay], after: &str, now: &str) -> Plan {
        plan(&hourly(), at(after), &rules, runs, at(now))
    }

    fn states(plan: &Plan) -> [usize; 4] {
        [RunState::Due, RunState::Coalesced, RunState::Missed, RunState::Skipped].map(|state| plan.of(state).len())
    }

    #[test]
    fn every_slot_of_a_day_that_nothing_ran_is_run_or_made_up_for_or_missed() {
        for (catch_up, expected) in
            [(CatchUp::All, [24, 0, 0, 0]), (CatchUp::Latest, [1, 23, 0, 0]), (CatchUp::None, [1, 0, 23, 0])]
        {
            let plan = planned(Rules { catch_up, ..HOURLY }, &[], "2026-11-22T15:00:00Z", "2026-11-23T15:00:05Z");
            assert_eq!(states(&plan), expected, "{catch_up}");
            assert_eq!(plan.last(), Some(at("2026-11-23T15:00:00Z")));
            assert!(plan.slots.iter().all(|slot| (slot.state == RunState::Due) == slot.reason.is_none()));
        }
    }

    #[test]
    fn a_slot_that_is_made_up_for_names_the_run_that_does_it() {
        let rules = Rules { catch_up: CatchUp::Latest, ..HOURLY };
        let plan = planned(rules, &[], "2026-11-23T12:30:00Z", "2026-11-23T15:50:00Z");
        let reason = "the run for 2026-11-23 15:00:00 +00:00 makes up for it";
        assert_eq!(plan.slots[0].reason.as_deref(), Some(reason));
        assert_eq!((plan.slots[2].at, plan.slots[2].state), (at("2026-11-23T15:00:00Z"), RunState::Due));
    }

    #[test]
    fn a_slot_that_is_an_hour_late_is_not_made_up_for_when_nobody_wants_it() {
        let rules = Rules { catch_up: CatchUp::None, ..HOURLY };
        let plan = planned(rules, &[], "2026-11-23T14:30:00Z", "2026-11-23T15:50:00Z");
        assert_eq!(states(&plan), [0, 0, 1, 0]);
        // However old it is, no window is spoken of: there is none.
        let plan = planned(rules, &[], "2026-08-23T14:30:00Z", "2026-11-23T15:50:00Z");
        let reason = "nothing ran at that time, and the schedule makes up for nothing";
        assert!(plan.slots.iter().all(|slot| slot.reason.as_deref() == Some(reason)));
    }

    #[test]
    fn what_is_older_than_the_window_is_missed_even_when_all_are_wanted() {
        let rules = Rules { catch_up_seconds: 6 * 3600, ..HOURLY };
        let plan = planned(rules, &[], "2026-11-22T15:00:00Z", "2026-11-23T15:00:00Z");
        assert_eq!(states(&plan), [7, 0, 17, 0]);
        let reason = "nothing ran, and it is made up for within 6 hours only";
        assert_eq!(plan.slots[0].reason.as_deref(), Some(reason));
        // Of those of which the latest alone is wanted: it makes up for what is in the window, and for nothing older.
        let rules = Rules { catch_up: CatchUp::Latest, ..rules };
        let plan = planned(rules, &[], "2026-11-22T15:00:00Z", "2026-11-23T15:00:00Z");
        assert_eq!(states(&plan), [1, 6, 17, 0]);
        assert_eq!(plan.slots[16].reason.as_deref(), Some(reason));
        // The latest one too, where it alone is wanted.
        let daily = Schedule::parse("0 0 6 * * *", "UTC").unwrap();
        let plan = plan_of(&daily, rules, "2026-11-20T15:00:00Z", "2026-11-23T15:00:00Z");
        assert_eq!(states(&plan), [0, 0, 3, 0]);
    }

    fn plan_of(schedule: &Schedule, rules: Rules, after: &str, now: &str) -> Plan {
        plan(schedule, at(after), &rules, &[], at(now))
    }

    #[test]
    fn a_slot_that_comes_while_a_run_is_under_way_waits_or_is_left_out() {
        let run = UnderWay {
            slot: at("2026-11-23T12:00:00Z"),
            from: at("2026-11-23T12:00:02Z"),
            until: at("2026-11-23T14:00:00Z"),
        };
        let (after, now) = ("2026-11-23T12:00:00Z", "2026-11-23T14:00:05Z");
        assert_eq!(states(&planned(HOURLY, &[run], after, now)), [2, 0, 0, 0]);
        let plan = planned(Rules { overlap: Overlap::Skip, ..HOURLY }, &[run], after, now);
        // It ended at 14:00, so the slot of that moment finds it gone.
        assert_eq!(states(&plan), [1, 0, 0, 1]);
        let reason = "the run for 2026-11-23 12:00:00 +00:00 was still under way";
        assert_eq!(plan.slots[0].reason.as_deref(), Some(reason));
    }

    #[test]
    fn a_slot_that_is_left_out_makes_up_for_nothing() {
        let run = UnderWay {
            slot: at("2026-11-23T13:30:00Z"),
            from: at("2026-11-23T13:30:00Z"),
            until: at("2026-11-23T16:00:00Z"),
        };
        let rules = Rules { catch_up: CatchUp::Latest, overlap: Overlap::Skip, ..HOURLY };
        let plan = planned(rules, &[run], "2026-11-23T10:00:00Z", "2026-11-23T15:30:00Z");
        let states: Vec<RunState> = plan.slots.iter().map(|slot| slot.state).collect();
        use RunState::{Coalesced, Due, Skipped};
        assert_eq!(states, [Coalesced, Coalesced, Due, Skipped, Skipped]);
        assert!(plan.slots[0].reason.as_deref().unwrap().contains("13:00:00"));
    }

    #[test]
    fn slots_of_a_paused_job_are_missed_and_say_so() {
        let rules = Rules { paused: true, ..HOURLY };
        let plan = planned(rules, &[], "2026-11-23T12:30:00Z", "2026-11-23T15:00:00Z");
        assert_eq!(states(&plan), [0, 0, 3, 0]);
        assert!(plan.slots.iter().all(|slot| slot.reason.as_deref() == Some(PAUSED)));
    }

    #[test]
    fn years_of_missed_slots_are_accounted_for_piece_by_piece() {
        let now = "2026-11-23T15:00:00Z";
        for (catch_up, due) in [(CatchUp::Latest, 1), (CatchUp::None, 1), (CatchUp::All, 721)] {
            let (mut after, mut counted, mut more) = ("2025-01-01T00:00:00Z".to_owned(), [0; 4], true);
            while more {
                let plan = planned(Rules { catch_up, ..HOURLY }, &[], &after, now);
                for (sum, part) in counted.iter_mut().zip(states(&plan)) {
                    *sum += part;
                }
                more = plan.more;
                after = plan.last().unwrap().to_text();
            }
            let all = hourly().slots_between(at("2025-01-01T00:00:00Z"), at(now)).count();
            assert_eq!((counted[0], counted.iter().sum::<usize>()), (due, all), "{catch_up}");
        }
    }

    #[test]
    fn a_clock_that_went_back_brings_no_slot() {
        assert_eq!(planned(HOURLY, &[], "2026-11-23T15:00:00Z", "2026-11-23T10:00:00Z"), Plan::default());
    }
}
