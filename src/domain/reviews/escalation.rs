//! The order of the steps about an answer that has not come, on time and late.
//!
//! The job may stand still: then several steps are due on one day. Taken at once they would cut what nobody could
//! have answered for: somebody is asked too, somebody else instead, and silence counts, all in one morning. So each
//! step leaves whoever it asked the time that the plan meant them to have, and at least a day: what follows moves
//! later, and never earlier. On time nothing moves.

use chrono::NaiveDate;

use super::ReviewStep;
use super::clock::Dates;
use crate::domain::task_words::days_after;

/// What is done on one day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Due {
    /// Reminders, the earliest first: all are noted, and only the last is said.
    pub reminders: Vec<ReviewStep>,
    pub add: bool,
    /// Never on a day on which somebody is added.
    pub replace: bool,
}

impl Due {
    /// The reminder that is said.
    pub fn reminder(&self) -> Option<ReviewStep> {
        self.reminders.last().copied()
    }
}

/// What is done today. `left` are the steps that were not taken, in the order of days; silence is counted by its own
/// job.
pub fn due(left: &[(NaiveDate, ReviewStep)], today: NaiveDate) -> Due {
    let has_come = |wanted: ReviewStep| left.iter().any(|(day, step)| *step == wanted && *day <= today);
    let add = has_come(ReviewStep::Added);
    Due {
        reminders: left
            .iter()
            .filter(|(day, step)| *day <= today && is_reminder(*step))
            .map(|(_, step)| *step)
            .collect(),
        add,
        replace: !add && has_come(ReviewStep::Replaced),
    }
}

/// The day of the next step before silence, of those that were not taken.
pub fn next(left: &[(NaiveDate, ReviewStep)]) -> Option<NaiveDate> {
    left.iter().filter(|(_, step)| *step != ReviewStep::Silence).map(|(day, _)| *day).min()
}

/// Whether a step only reminds whoever is asked.
pub fn is_reminder(step: ReviewStep) -> bool {
    matches!(step, ReviewStep::Reminder14 | ReviewStep::Reminder7 | ReviewStep::Reminder1)
}

/// Days that whoever was just asked has before the next step: as many as the plan gives, at most `most`, at least one.
fn room(from: NaiveDate, until: NaiveDate, most: u32) -> u64 {
    let planned = u64::try_from(until.signed_duration_since(from).num_days()).unwrap_or_default();
    planned.clamp(1, u64::from(most.max(1)))
}

impl Dates {
    /// The days that are left when somebody else was asked too on a day: nobody is replaced, and silence does not
    /// count, before they had time. `most`: days that whoever is asked after others has at most.
    pub fn after_adding(self, on: NaiveDate, most: u32) -> Self {
        let replace_on = self.replace_on.max(days_after(on, room(self.add_on, self.replace_on, most)));
        let silence_on = self.silence_on.max(days_after(replace_on, room(self.replace_on, self.silence_on, most)));
        Self { replace_on, silence_on, ..self }
    }

    /// The same when somebody else was asked instead.
    pub fn after_replacing(self, on: NaiveDate, most: u32) -> Self {
        let silence_on = self.silence_on.max(days_after(on, room(self.replace_on, self.silence_on, most)));
        Self { silence_on, ..self }
    }

    /// Until when somebody answers who is asked after others did not, by that step: days of their own, at the latest
    /// the day before the next step, and never before tomorrow. Born overdue, a task would tell nobody anything.
    pub fn escalated_due(self, step: ReviewStep, today: NaiveDate, days: u32) -> NaiveDate {
        let until = match step {
            // Then others are asked instead.
            ReviewStep::Added => self.replace_on.pred_opt().unwrap_or(self.replace_on),
            _ => self.silence_on,
        };
        until.min(days_after(today, u64::from(days))).max(days_after(today, 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::reaching::IdentityTier;
    use crate::domain::reviews::clock::ReviewTable;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// Opened on 1 December: due on the 22nd, somebody else too on the 23rd, instead on the 29th, silence on 5 January.
    fn high() -> (ReviewTable, Dates) {
        let table = ReviewTable::read(|_| None).unwrap();
        let dates = table.of(IdentityTier::High).dates(day("2026-12-01"), None);
        (table, dates)
    }

    #[test]
    fn on_time_nothing_moves_whatever_the_tier() {
        let (table, _) = high();
        for tier in IdentityTier::ALL {
            let dates = table.of(*tier).dates(day("2026-12-01"), None);
            assert_eq!(dates.after_adding(dates.add_on, 7), dates, "{tier}");
            assert_eq!(dates.after_replacing(dates.replace_on, 7), dates, "{tier}");
        }
    }

    #[test]
    fn what_comes_late_leaves_whoever_was_asked_the_time_that_was_meant() {
        let (_, dates) = high();
        let added = dates.after_adding(day("2027-01-10"), 7);
        assert_eq!((added.replace_on, added.silence_on), (day("2027-01-16"), day("2027-01-23")));
        assert_eq!((added.due_on, added.add_on), (dates.due_on, dates.add_on), "what was due was due");
        let replaced = added.after_replacing(day("2027-01-20"), 7);
        assert_eq!((replaced.replace_on, replaced.silence_on), (added.replace_on, day("2027-01-27")));
    }

    #[test]
    fn where_every_wait_is_nothing_each_step_still_has_a_day() {
        let one = day("2026-12-05");
        let dates = Dates { due_on: one, add_on: one, replace_on: one, silence_on: one };
        let added = dates.after_adding(one, 7);
        assert_eq!((added.replace_on, added.silence_on), (day("2026-12-06"), day("2026-12-07")));
        assert_eq!(added.after_replacing(day("2026-12-06"), 7), added);
    }

    #[test]
    fn late_reminders_are_one_and_nobody_is_replaced_on_the_day_on_which_somebody_is_added() {
        let (table, dates) = high();
        let steps = table.steps(day("2026-12-01"), dates);
        let late = due(&steps, day("2027-02-01"));
        assert_eq!(late.reminder(), Some(ReviewStep::Reminder1));
        assert_eq!((late.reminders.len(), late.add, late.replace), (3, true, false));
        let left = |taken: &[ReviewStep]| -> Vec<(NaiveDate, ReviewStep)> {
            steps.iter().copied().filter(|(_, step)| !taken.contains(step) && !is_reminder(*step)).collect()
        };
        let later = due(&left(&[ReviewStep::Added]), day("2027-02-01"));
        assert_eq!((later.reminder(), later.add, later.replace), (None, false, true));
        assert_eq!(next(&left(&[])), Some(dates.add_on));
        assert_eq!(next(&left(&[ReviewStep::Added, ReviewStep::Replaced])), None, "silence has its own job");
        assert_eq!(due(&steps, day("2026-12-07")), Due::default());
    }

    #[test]
    fn whoever_is_asked_after_others_has_days_of_their_own_and_no_more_than_silence_leaves() {
        let (_, dates) = high();
        let due = |step, today: &str| dates.escalated_due(step, day(today), 7);
        assert_eq!(due(ReviewStep::Added, "2026-12-23"), day("2026-12-28"), "on the 29th others are asked instead");
        assert_eq!(due(ReviewStep::Replaced, "2026-12-23"), day("2026-12-30"));
        assert_eq!(due(ReviewStep::Replaced, "2027-01-03"), dates.silence_on);
        assert_eq!(due(ReviewStep::Replaced, "2027-01-05"), day("2027-01-06"), "never before tomorrow");
    }
}
