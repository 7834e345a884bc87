//! A schedule that runs a job far less often than it is meant to run: a pause by another name.

use chrono::{NaiveDate, NaiveTime};

use super::ids::Moment;
use super::schedule::Schedule;

/// What is meant to run once a day may leave a weekend out: from Friday to Monday.
const WEEKEND_DAYS: i64 = 3;

/// Of what is meant to run more often nobody is warned while it runs at least once a day.
const A_DAY_SECONDS: i64 = 24 * 3600;

/// What the clock may give back in autumn: twice the wait that is meant is still no more than that.
const CLOCK_CHANGE_SECONDS: i64 = 3600;

/// How far ahead is looked: a year, and what comes once in it.
const AHEAD_DAYS: i64 = 400;

/// The same where every week is like the next: a whole one lies within these days, wherever they begin.
const AHEAD_DAYS_WEEKLY: i64 = 14;

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

/// The first wait within a year that is too long for what is meant; `None` when there is none. What is meant to run
/// once a day waits too long when more than three days of the calendar lie from one run to the next: a weekend is no
/// pause. What is meant to run more often waits too long when it is longer than a day and than twice the longest wait
/// that is meant.
pub fn seldom(schedule: &Schedule, meant: &Schedule, now: Moment) -> Option<Gap> {
    if schedule.expression() == meant.expression() || schedule.comes_every_day() {
        return None;
    }
    if meant.comes_once_a_day() { days_left_out(schedule, now) } else { longer_than_twice(schedule, meant, now) }
}

/// Looked for from day to day, of which each with a run is asked for once.
fn days_left_out(schedule: &Schedule, now: Moment) -> Option<Gap> {
    let ahead = if schedule.repeats_weekly() { AHEAD_DAYS_WEEKLY } else { AHEAD_DAYS };
    let today = schedule.day_of(now);
    let mut day = today;
    while (day - today).num_days() < ahead {
        match schedule.next_day_after(day) {
            Some(next) if (next - day).num_days() <= WEEKEND_DAYS => day = next,
            _ => return Some(gap_after(schedule, day, now)),
        }
    }
    None
}

/// The gap that begins with the last run of a day, or now where that is later. For days nothing comes after that run,
/// so the end of the day after it in UTC is behind it and before the next run, whatever the zone.
fn gap_after(schedule: &Schedule, day: NaiveDate, now: Moment) -> Gap {
    let behind = Moment::new(day.and_time(NaiveTime::MIN).and_utc()).plus_days(2);
    let from = schedule.last_between(now, behind).unwrap_or(now);
    Gap { from, until: schedule.next_after(from) }
}

/// Looked for backwards from the longest wait that is fine: what comes every minute is not walked through.
fn longer_than_twice(schedule: &Schedule, meant: &Schedule, now: Moment) -> Option<Gap> {
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
    use chrono::{Datelike, Weekday};

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
    fn what_is_meant_to_run_once_a_day_may_leave_out_a_weekend_and_no_more() {
        for expression in ["0 30 5 * * MON-FRI", "0 0 6 * * MON,WED,FRI", "0 30 5 */3 * *", "0 */5 9-17 * * MON-FRI"] {
            assert_eq!(gap(expression, DAILY), None, "{expression}");
        }
        let days = |from: &str, until: &str| Some((from.to_owned(), Some(until.to_owned())));
        assert_eq!(gap("0 30 5 * * MON-THU", DAILY), days("2026-11-26", "2026-11-30"));
        assert_eq!(gap("0 */5 * * * MON-THU", DAILY), days("2026-11-27", "2026-11-30"), "its last run is at midnight");
        assert_eq!(gap("0 30 5 */4 * *", DAILY), days("2026-11-25", "2026-11-29"));
        assert_eq!(gap("0 30 5 * * TUE", DAILY), days("2026-11-24", "2026-12-01"));
    }

    #[test]
    fn the_days_of_a_weekend_are_those_of_the_calendar() {
        // Of the zone's, where it is Friday still or Monday already, with the hour that the clock gives back.
        for zone in ["America/Chicago", "Pacific/Kiritimati", "Etc/GMT+12", "Europe/London"] {
            let schedule = |text: &str| Schedule::parse(text, zone).unwrap();
            for now in ["2026-10-23T23:30:00Z", "2026-10-24T15:00:00Z", "2026-10-26T00:30:00Z"] {
                for expression in ["0 59 23 * * MON-FRI", "0 0 0 * * MON-FRI"] {
                    assert_eq!(seldom(&schedule(expression), &schedule(DAILY), at(now)), None, "{zone} {now}");
                }
                let gap = seldom(&schedule("0 59 23 * * MON-THU"), &schedule(DAILY), at(now)).unwrap();
                let day = |at: Moment| schedule(DAILY).day_of(at).weekday();
                assert_eq!((day(gap.from), gap.until.map(day)), (Weekday::Thu, Some(Weekday::Mon)), "{zone} {now}");
            }
        }
    }

    #[test]
    fn what_is_meant_to_run_more_often_may_wait_a_day() {
        assert!(gap("0 */5 * * * SUN,MON,TUE,WED,THU,FRI", OFTEN).is_some_and(|(from, _)| from == "2026-11-28"));
        assert!(gap("0 */5 * * * MON-FRI", OFTEN).is_some(), "a weekend is too long");
    }
}
