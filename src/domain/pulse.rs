//! Whether jobs run: what the last look at the schedules tells, and the slots that wait.

use super::ids::Moment;
use crate::words;

words! {
    /// How the scheduler is.
    Pulse {
        Running = "running", "Everything ran";
        /// It looks, and some jobs have not come to their first time.
        NotYet = "not_yet", "Not every job has run yet";
        /// It looks, and slots wait, or a job that never ran was passed by.
        Late = "late", "Something should have run and did not";
        Stopped = "stopped", "Nothing runs any more";
        NotStarted = "not_started", "Nothing has run yet";
    }
}

/// A look is noted once a minute and made at least once a minute: an older one than this means that nobody looks.
pub const LOOKED_WITHIN_SECONDS: i64 = 180;

/// A slot that has waited for so long is late.
pub const LATE_AFTER_SECONDS: i64 = 120;

/// Late slots of one job that nobody has accounted for are counted up to here; of more it is said that there are more.
pub const MOST_COUNTED: usize = 1_000;

/// A clock that is further from the database's than this makes slots come at the wrong time.
pub const MOST_SKEW_SECONDS: i64 = 60;

/// Between two looks, by how much a clock may run away from the time that went by.
const MOST_JUMP_SECONDS: i64 = 600;

/// How the scheduler is, from the last look; whether slots are late, or have passed by a job that never ran; and whether
/// jobs have not run yet whose first time is still to come.
pub fn pulse(last_look: Option<Moment>, late: bool, not_yet: bool, now: Moment) -> Pulse {
    match last_look {
        None => Pulse::NotStarted,
        Some(at) if at.plus_seconds(LOOKED_WITHIN_SECONDS) < now => Pulse::Stopped,
        Some(_) if late => Pulse::Late,
        Some(_) if not_yet => Pulse::NotYet,
        Some(_) => Pulse::Running,
    }
}

/// By how many seconds a clock jumped between two looks, forwards or back; `None` when it went as the time did.
/// `went_by` is what a clock that nobody sets measured.
pub fn jump(before: Moment, after: Moment, went_by: std::time::Duration) -> Option<i64> {
    let went_by = i64::try_from(went_by.as_secs()).unwrap_or(i64::MAX);
    let jump = (after.utc() - before.utc()).num_seconds().saturating_sub(went_by);
    (jump.abs() > MOST_JUMP_SECONDS).then_some(jump)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn at(text: &str) -> Moment {
        Moment::parse(text).unwrap()
    }

    #[test]
    fn the_last_look_and_what_waits_tell_how_the_scheduler_is() {
        let now = at("2026-11-23T15:00:00Z");
        let told = |last_look, late| pulse(last_look, late, false, now);
        assert_eq!(told(None, false), Pulse::NotStarted);
        assert_eq!(told(Some(now.plus_seconds(-12)), false), Pulse::Running);
        assert_eq!(told(Some(now.plus_seconds(-12)), true), Pulse::Late);
        assert_eq!(told(Some(now.plus_seconds(-180)), false), Pulse::Running);
        assert_eq!(told(Some(now.plus_seconds(-181)), false), Pulse::Stopped);
        assert_eq!(told(Some(now.plus_seconds(60)), false), Pulse::Running, "its clock is a little ahead");
    }

    #[test]
    fn before_each_job_has_run_once_nobody_says_that_everything_ran() {
        let now = at("2026-11-23T15:00:00Z");
        let told = |last_look, late| pulse(last_look, late, true, now);
        assert_eq!(told(Some(now.plus_seconds(-12)), false), Pulse::NotYet);
        assert_eq!(told(Some(now.plus_seconds(-12)), true), Pulse::Late, "what is late is worse");
        assert_eq!(told(Some(now.plus_seconds(-181)), false), Pulse::Stopped);
        assert_eq!(told(None, false), Pulse::NotStarted);
    }

    #[test]
    fn a_clock_jumps_when_it_runs_away_from_the_time_that_went_by() {
        let now = at("2026-11-23T15:00:00Z");
        let quarter = Duration::from_secs(15);
        assert_eq!(jump(now, now.plus_seconds(15), quarter), None);
        assert_eq!(jump(now, now.plus_seconds(615), quarter), None, "ten minutes exactly");
        assert_eq!(jump(now, now.plus_seconds(616), quarter), Some(601));
        assert_eq!(jump(now, now.plus_seconds(-3_585), quarter), Some(-3_600));
        assert_eq!(jump(now, now.plus_seconds(7_200), Duration::from_secs(7_200)), None, "a long run is no jump");
        assert_eq!(jump(now, now, Duration::from_secs(30)), None, "a clock that stands still in a test");
    }
}
