//! A schedule that runs a job far less often than it is meant to run: a pause by another name.

use super::ids::Moment;
use super::schedule::Schedule;

/// Of what runs at least once a day nobody is warned.
const A_DAY_SECONDS: i64 = 24 * 3600;

/// What the clock may give back in autumn: twice the wait that is meant is still no more than that.
const CLOCK_CHANGE_SECONDS: i64 = 3600;

/// How far ahead is looked: a year, and what comes once in it.
const AHEAD_DAYS: i64 = 400;

/// Runs of the schedule that is meant of which the longest wait counts.
const MEANT_RUNS: usize = 10;

/// A time in which nothing runs though it is meant to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// The last run before it, or now.
    pub from: Moment,
    /// The first run after it; `None` when none comes any more.
    pub until: Option<Moment>,
}

/// The first wait within a year that is longer than a day and than twice the longest of the schedule that is meant;
/// `None` when there is none.
pub fn seldom(schedule: &Schedule, meant: &Schedule, now: Moment) -> Option<Gap> {
    if schedule.expression() == meant.expression() || schedule.comes_every_day() {
        return None;
    }
    let most = (2 * longest_wait(meant, now) + CLOCK_CHANGE_SECONDS).max(A_DAY_SECONDS);
    let end = now.plus_days(AHEAD_DAYS);
    let mut from = now;
    while from < end {
        match schedule.last_between(from, from.plus_seconds(most)) {
            Some(slot) => from = slot,
            None => return Some(Gap { from, until: schedule.next_after(from) }),
        }
    }
    None
}

fn longest_wait(schedule: &Schedule, now: Moment) -> i64 {
    let runs = schedule.next_runs(now, MEANT_RUNS);
    runs.iter().zip(runs.iter().skip(1)).map(|(one, next)| seconds_between(*one, *next)).max().unwrap_or_default()
}

fn seconds_between(one: Moment, next: Moment) -> i64 {
    (next.utc() - one.utc()).num_seconds()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Moment {
        Moment::parse(text).unwrap()
    }

    fn gap(expression: &str, meant: &str) -> Option<(String, Option<String>)> {
        let schedule = |text: &str| Schedule::parse(text, "America/Chicago").unwrap();
        let gap = seldom(&schedule(expression), &schedule(meant), at("2026-11-23T15:00:00Z"))?;
        let day = |at: Moment| at.date().to_string();
        Some((day(gap.from), gap.until.map(day)))
    }

    const DAILY: &str = "0 30 5 * * *";
    const OFTEN: &str = "0 */5 * * * *";

    #[test]
    fn once_in_four_years_is_a_pause() {
        assert_eq!(gap("0 0 0 29 2 *", DAILY), Some(("2026-11-23".to_owned(), Some("2028-02-29".to_owned()))));
    }

    #[test]
    fn a_month_that_is_left_out_is_seen_though_the_next_ten_runs_come_daily() {
        let (from, until) = gap("0 30 5 * JAN-NOV *", DAILY).unwrap();
        assert_eq!((from.as_str(), until.as_deref()), ("2026-11-30", Some("2027-01-01")));
    }

    #[test]
    fn what_comes_once_a_day_is_never_seldom_whatever_the_clock_does() {
        for expression in ["0 0 3 * * *", "0 0 2 * * *", "0 0 */8 * * *", "* * * * * *"] {
            assert_eq!(gap(expression, OFTEN), None, "{expression}");
        }
    }

    #[test]
    fn up_to_twice_the_wait_that_is_meant_is_fine_and_more_is_not() {
        assert_eq!(gap("0 30 5 * * MON,WED,FRI,SUN", DAILY), None, "two days at most");
        assert!(gap("0 30 5 * * MON-FRI", DAILY).is_some(), "a weekend is three");
        assert!(gap("0 */5 * * * SUN,MON,TUE,WED,THU,FRI", OFTEN).is_some_and(|(from, _)| from == "2026-11-28"));
    }
}
