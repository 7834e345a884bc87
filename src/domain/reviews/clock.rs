//! The clock of an identity: when it is reviewed again, and the days on which an answer is asked for.
//!
//! The table is `seeds/reviews/clock.toml`; a deployment may put its own in its place.

use chrono::NaiveDate;
use serde::Deserialize;

use super::ReviewStep;
use super::silence::{self, SilenceRule};
use crate::domain::reaching::IdentityTier;
use crate::domain::scopes::knowledge::TableError;
use crate::domain::task_words::days_after;

/// The name of the table's file.
pub const TABLE: &str = "clock.toml";

/// What a security team says about reviews.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReviewTable {
    /// Changes with every rule.
    pub version: String,
    /// Minutes until a decision takes effect.
    pub hold_minutes: i64,
    /// Days before an answer is due: three numbers, falling.
    reminder_days: [u32; 3],
    /// Most items of one person in a campaign before it is warned about.
    pub warn_over: usize,
    /// Most identities kept with one answer.
    pub together_most: usize,
    /// Days without use after which use is a first use again.
    pub dormant_days: i64,
    /// Days before the end of a contract in which somebody is asked.
    pub contract_days: u32,
    /// Days after a review in which a campaign leaves out what has not changed.
    pub lately_days: u32,
    /// Days until it is asked about again when nobody answered and access stays.
    pub again_days: u32,
    /// Days to answer for whoever is asked after others did not answer: their own, since the first due day has passed.
    pub escalated_days: u32,
    /// The share of what works or may work in production, in percent, that a run of silence may cut without asking.
    pub breaker_percent: i64,
    /// So many may be cut whatever the share.
    pub breaker_least: i64,
    tier: Tiers,
    #[serde(rename = "silence")]
    pub rules: Vec<SilenceRule>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Tiers {
    critical: TierClock,
    high: TierClock,
    moderate: TierClock,
    low: TierClock,
    unknown: TierClock,
}

/// The clock of a tier, in days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TierClock {
    /// From one review to the next.
    pub interval_days: u32,
    /// From asking to the day on which an answer is due.
    pub answer_days: u32,
    /// From that day on: somebody else is asked too, instead, and silence counts.
    pub add_after_days: u32,
    pub replace_after_days: u32,
    pub silence_after_days: u32,
    /// Whether keeping it takes a reason.
    pub reason_to_keep: bool,
}

/// The days of one review.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dates {
    pub due_on: NaiveDate,
    pub add_on: NaiveDate,
    pub replace_on: NaiveDate,
    pub silence_on: NaiveDate,
}

impl ReviewTable {
    /// The built-in table, or that of a deployment in its place; `own` gives a table's text by its file name.
    ///
    /// # Errors
    /// The table cannot be read or contradicts itself, with the reason.
    pub fn read(own: impl Fn(&'static str) -> Option<String>) -> Result<Self, TableError> {
        let fault = |why: String| TableError { file: TABLE, why };
        let text = own(TABLE);
        let table: Self = toml::from_str(text.as_deref().unwrap_or(include_str!("../../../seeds/reviews/clock.toml")))
            .map_err(|error| fault(error.to_string().replace('\n', " ").trim().to_owned()))?;
        table.check().map_err(fault)?;
        Ok(table)
    }

    fn check(&self) -> Result<(), String> {
        let within = |name: &str, value: i64, least: i64, most: i64| {
            let fits = (least..=most).contains(&value);
            if fits { Ok(()) } else { Err(format!("{name} is {value}; write a whole number from {least} to {most}")) }
        };
        within("hold_minutes", self.hold_minutes, 0, 24 * 60)?;
        within("together_most", i64::try_from(self.together_most).unwrap_or(i64::MAX), 1, 10)?;
        within("dormant_days", self.dormant_days, 1, 3_650)?;
        within("breaker_percent", self.breaker_percent, 0, 100)?;
        within("breaker_least", self.breaker_least, 0, 1_000)?;
        within("again_days", i64::from(self.again_days), 1, 365)?;
        within("escalated_days", i64::from(self.escalated_days), 1, 365)?;
        within("contract_days", i64::from(self.contract_days), 1, 365)?;
        within("lately_days", i64::from(self.lately_days), 0, 365)?;
        let [first, second, last] = self.reminder_days;
        if !(first > second && second > last && last > 0) {
            return Err("reminder_days are not three falling numbers of days, as in [14, 7, 1]".to_owned());
        }
        for tier in IdentityTier::ALL {
            let clock = self.of(*tier);
            let name = tier.word();
            within(&format!("interval_days of {name}"), i64::from(clock.interval_days), 2, 3_650)?;
            if !(clock.add_after_days <= clock.replace_after_days
                && clock.replace_after_days <= clock.silence_after_days)
            {
                return Err(format!(
                    "{name}: somebody else is asked too, then instead, then silence counts; write rising numbers of days"
                ));
            }
            if clock.way() >= clock.interval_days {
                return Err(format!(
                    "{name}: from asking to silence are {} days, which is not shorter than the interval of {}",
                    clock.way(),
                    clock.interval_days
                ));
            }
        }
        silence::check(&self.rules)
    }

    /// The clock of a tier.
    pub fn of(&self, tier: IdentityTier) -> TierClock {
        match tier {
            IdentityTier::Critical => self.tier.critical,
            IdentityTier::High => self.tier.high,
            IdentityTier::Moderate => self.tier.moderate,
            IdentityTier::Low => self.tier.low,
            IdentityTier::Unknown => self.tier.unknown,
        }
    }

    /// The clock of an identity: that of its tier, or a shorter interval that somebody chose.
    pub fn clock(&self, tier: IdentityTier, chosen_days: Option<i64>) -> TierClock {
        let clock = self.of(tier);
        match chosen_days.and_then(|days| u32::try_from(days).ok()) {
            Some(days) if days < clock.interval_days => clock.within(days),
            _ => clock,
        }
    }

    /// The day on which it is asked about again when nobody answered: soon, and no later than its own clock would ask.
    pub fn again(&self, own: TierClock, today: NaiveDate) -> NaiveDate {
        let soon = days_after(today, u64::from(self.again_days)).min(own.next(today));
        soon.max(days_after(today, 1))
    }

    /// The steps before silence that a review takes, each with its day, in the order of days. Reminders that would
    /// come on or before the day of asking are none.
    pub fn steps(&self, opened_on: NaiveDate, dates: Dates) -> Vec<(NaiveDate, ReviewStep)> {
        let reminders = [ReviewStep::Reminder14, ReviewStep::Reminder7, ReviewStep::Reminder1];
        let mut steps: Vec<(NaiveDate, ReviewStep)> = self
            .reminder_days
            .iter()
            .zip(reminders)
            .map(|(days, step)| (days_before(dates.due_on, *days), step))
            .filter(|(day, _)| *day > opened_on)
            .collect();
        steps.extend([
            (dates.add_on, ReviewStep::Added),
            (dates.replace_on, ReviewStep::Replaced),
            (dates.silence_on, ReviewStep::Silence),
        ]);
        steps.sort_by_key(|(day, _)| *day);
        steps
    }
}

impl TierClock {
    /// Days from asking to the day on which silence counts.
    fn way(self) -> u32 {
        self.answer_days + self.silence_after_days
    }

    /// The same within a shorter interval: every wait shrinks alike, so that the way ends before the next review.
    fn within(self, interval_days: u32) -> Self {
        let way = self.way();
        if way < interval_days {
            return Self { interval_days, ..self };
        }
        let room = interval_days.saturating_sub(1);
        let shrink = |days: u32| days * room / way.max(1);
        Self {
            interval_days,
            answer_days: shrink(self.answer_days),
            add_after_days: shrink(self.add_after_days),
            replace_after_days: shrink(self.replace_after_days),
            silence_after_days: shrink(self.silence_after_days),
            ..self
        }
    }

    /// The days of a review that is opened on a day. A campaign may want it answered by an earlier one; a later one
    /// does not count, or whoever opens campaigns could put off what the tier asks for.
    pub fn dates(self, opened_on: NaiveDate, due_on: Option<NaiveDate>) -> Dates {
        let latest = days_after(opened_on, u64::from(self.answer_days));
        let due_on = due_on.map_or(latest, |due_on| due_on.min(latest));
        let later = |days: u32| days_after(due_on, u64::from(days));
        Dates {
            due_on,
            add_on: later(self.add_after_days),
            replace_on: later(self.replace_after_days),
            silence_on: later(self.silence_after_days),
        }
    }

    /// The day of the review after one that ended on a day.
    pub fn next(self, after: NaiveDate) -> NaiveDate {
        days_after(after, u64::from(self.interval_days))
    }
}

fn days_before(date: NaiveDate, days: u32) -> NaiveDate {
    date.checked_sub_days(chrono::Days::new(u64::from(days))).unwrap_or(date)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> ReviewTable {
        ReviewTable::read(|_| None).unwrap()
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn the_further_it_reaches_the_sooner_it_is_reviewed_and_unknown_is_never_low() {
        let days = |tier| table().of(tier).interval_days;
        use IdentityTier::{Critical, High, Low, Moderate, Unknown};
        assert!(days(Critical) < days(High) && days(High) < days(Moderate) && days(Moderate) < days(Low));
        assert_eq!(days(Unknown), days(Critical));
    }

    #[test]
    fn a_longer_interval_that_somebody_chose_does_not_count_and_a_shorter_one_shortens_every_wait() {
        let table = table();
        assert_eq!(table.clock(IdentityTier::Critical, Some(365)), table.of(IdentityTier::Critical));
        for days in 1..90 {
            let clock = table.clock(IdentityTier::Critical, Some(i64::from(days)));
            assert_eq!(clock.interval_days, days);
            assert!(clock.way() < days, "{days}: {clock:?}");
            assert!(clock.add_after_days <= clock.replace_after_days);
        }
    }

    #[test]
    fn what_nobody_answered_is_asked_about_again_soon_and_no_later_than_its_own_clock_would_ask() {
        let table = table();
        let again = |chosen| table.again(table.clock(IdentityTier::Low, chosen), day("2026-12-01"));
        assert_eq!((table.again_days, again(None)), (30, day("2026-12-31")));
        assert_eq!(again(Some(365)), day("2026-12-31"));
        assert_eq!(again(Some(10)), day("2026-12-11"));
        assert_eq!(again(Some(0)), day("2026-12-02"), "never on the same day");
    }

    #[test]
    fn a_review_is_reminded_of_three_times_and_then_moves_on() {
        let table = table();
        let opened = day("2026-12-01");
        let steps = table.steps(opened, table.of(IdentityTier::High).dates(opened, None));
        let said: Vec<String> = steps.iter().map(|(on, step)| format!("{on} {}", step.word())).collect();
        assert_eq!(
            said,
            [
                "2026-12-08 reminder_14",
                "2026-12-15 reminder_7",
                "2026-12-21 reminder_1",
                "2026-12-23 added",
                "2026-12-29 replaced",
                "2027-01-05 silence",
            ]
        );
    }

    #[test]
    fn a_short_time_to_answer_has_only_the_reminders_that_fit() {
        let table = table();
        let opened = day("2026-12-01");
        let dates = table.of(IdentityTier::High).dates(opened, Some(day("2026-12-09")));
        let steps: Vec<ReviewStep> = table.steps(opened, dates).into_iter().map(|(_, step)| step).collect();
        assert_eq!(
            steps,
            [
                ReviewStep::Reminder7,
                ReviewStep::Reminder1,
                ReviewStep::Added,
                ReviewStep::Replaced,
                ReviewStep::Silence
            ]
        );
    }

    #[test]
    fn a_campaign_asks_for_an_earlier_answer_and_never_for_a_later_one() {
        let clock = table().of(IdentityTier::Critical);
        let opened = day("2026-12-01");
        let due = |wanted: &str| clock.dates(opened, Some(day(wanted))).due_on;
        assert_eq!(due("2026-12-10"), day("2026-12-10"));
        assert_eq!(due("2027-09-30"), clock.dates(opened, None).due_on);
    }

    #[test]
    fn whoever_is_asked_after_others_has_days_to_answer() {
        assert_eq!(table().escalated_days, 7);
        let text =
            include_str!("../../../seeds/reviews/clock.toml").replace("escalated_days = 7", "escalated_days = 0");
        let error = ReviewTable::read(|_| Some(text.clone())).unwrap_err();
        assert!(error.to_string().contains("escalated_days is 0; write a whole number from 1 to 365"), "{error}");
    }

    #[test]
    fn a_table_that_asks_longer_than_its_interval_is_refused() {
        let text =
            include_str!("../../../seeds/reviews/clock.toml").replacen("answer_days = 21", "answer_days = 80", 1);
        let error = ReviewTable::read(|_| Some(text.clone())).unwrap_err();
        assert!(error.to_string().contains("not shorter than the interval"), "{error}");
    }
}
