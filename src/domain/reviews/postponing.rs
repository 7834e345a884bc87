//! How far the day of an identity's next review may be moved by hand: somebody who moves it alone must not be able to
//! put the question off for ever.

use chrono::NaiveDate;

use super::clock::TierClock;
use crate::domain::reaching::IdentityTier;
use crate::domain::task_words::date_words;

/// The day that stands of an identity that works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Planned {
    pub on: NaiveDate,
    /// When somebody last decided about it, or it was registered.
    pub looked_at: NaiveDate,
}

/// What the latest day comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// Its interval, counted from today.
    Interval,
    /// A day that stands already, or the interval since somebody looked: moved on each time shortly before it comes,
    /// one interval from today would never come.
    Answer,
}

/// The latest day of the next review, and what it comes from. An earlier one is always fine.
pub fn latest(clock: TierClock, today: NaiveDate, planned: Option<Planned>) -> (NaiveDate, Bound) {
    let by_interval = clock.next(today);
    let by_answer = planned.map(|planned| clock.next(planned.looked_at).max(planned.on).max(today));
    match by_answer {
        Some(day) if day < by_interval => (day, Bound::Answer),
        _ => (by_interval, Bound::Interval),
    }
}

/// What is said of a later day than that.
pub fn too_late(latest: NaiveDate, bound: Bound, clock: TierClock, tier: IdentityTier, chosen: Option<i64>) -> String {
    let why = match bound {
        Bound::Answer => "only an answer to its review moves the day further".to_owned(),
        Bound::Interval => {
            let days = clock.interval_days;
            match chosen == Some(i64::from(days)) {
                true => format!("it is reviewed every {days} days, as was chosen"),
                false => {
                    format!("its tier is {}, so it is reviewed every {days} days at least", tier.label().to_lowercase())
                }
            }
        }
    };
    format!("Choose {} or an earlier day: {why}", date_words(latest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::reviews::clock::ReviewTable;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn critical(chosen: Option<i64>) -> TierClock {
        ReviewTable::read(|_| None).unwrap().clock(IdentityTier::Critical, chosen)
    }

    #[test]
    fn a_day_that_was_never_set_is_at_most_an_interval_away() {
        let today = day("2026-11-23");
        assert_eq!(latest(critical(None), today, None), (day("2027-02-21"), Bound::Interval));
        assert_eq!(latest(critical(Some(30)), today, None), (day("2026-12-23"), Bound::Interval));
        assert_eq!(latest(critical(Some(365)), today, None), (day("2027-02-21"), Bound::Interval));
    }

    #[test]
    fn moved_on_each_time_shortly_before_it_comes_it_still_comes() {
        let planned = Planned { on: day("2026-12-01"), looked_at: day("2026-09-02") };
        let mut today = day("2026-11-30");
        assert_eq!(latest(critical(None), today, Some(planned)), (day("2026-12-01"), Bound::Answer));
        today = day("2026-12-20");
        assert_eq!(latest(critical(None), today, Some(planned)), (today, Bound::Answer), "it is overdue");
    }

    #[test]
    fn a_day_that_was_moved_too_early_is_moved_back_to_where_the_last_answer_put_it() {
        let planned = Planned { on: day("2026-11-25"), looked_at: day("2026-11-20") };
        assert_eq!(latest(critical(None), day("2026-11-23"), Some(planned)), (day("2027-02-18"), Bound::Answer));
    }

    #[test]
    fn a_later_day_is_answered_with_the_latest_and_why() {
        let said = |bound, chosen| too_late(day("2027-02-21"), bound, critical(chosen), IdentityTier::Critical, chosen);
        assert_eq!(
            said(Bound::Interval, None),
            "Choose 21 Feb 2027 or an earlier day: its tier is critical, so it is reviewed every 90 days at least"
        );
        assert!(said(Bound::Interval, Some(30)).ends_with("it is reviewed every 30 days, as was chosen"));
        assert!(said(Bound::Answer, None).ends_with("only an answer to its review moves the day further"));
    }
}
