//! From civil times to moments, where the clock jumps.

use chrono::{DateTime, Duration, LocalResult, NaiveDateTime, Offset, TimeZone, Utc};
use chrono_tz::Tz;

use super::around;

/// The first slot when the hour is fixed. Moments of later civil times are never earlier, so the first
/// civil time whose moment lies ahead is the answer.
pub(super) fn first_slot_after_by_clock<Times: Iterator<Item = DateTime<Utc>>>(
    zone: Tz,
    after: DateTime<Utc>,
    civil_times: impl Fn(NaiveDateTime) -> Times,
) -> Option<DateTime<Utc>> {
    civil_times(civil(zone, after)).filter_map(|time| once(zone, time.naive_utc())).find(|slot| *slot > after)
}

/// The first slot when the hour is `*` or a step.
///
/// Civil times and moments run apart only near a change of the clock: there, civil times from before
/// `after` are looked at as well, because their second showing may lie ahead.
pub(super) fn first_slot_after_by_elapsed_time<Times: Iterator<Item = DateTime<Utc>>>(
    zone: Tz,
    after: DateTime<Utc>,
    civil_times: impl Fn(NaiveDateTime) -> Times,
) -> Option<DateTime<Utc>> {
    let jump = jump_around(zone, after);
    let mut best: Option<DateTime<Utc>> = None;
    for time in civil_times(civil(zone, after) - jump - Duration::seconds(1)) {
        let time = time.naive_utc();
        if let Some(best) = best
            && time > latest_civil(zone, best)
        {
            break;
        }
        let ahead = every(zone, time).into_iter().flatten().filter(|slot| *slot > after).min();
        best = best.into_iter().chain(ahead).min();
    }
    best
}

/// What the zone's clock shows.
fn civil(zone: Tz, at: DateTime<Utc>) -> NaiveDateTime {
    at.with_timezone(&zone).naive_local()
}

/// The one moment of a civil time: the first of two, and in a gap the first moment after it.
fn once(zone: Tz, time: NaiveDateTime) -> Option<DateTime<Utc>> {
    match zone.from_local_datetime(&time) {
        LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => Some(at.with_timezone(&Utc)),
        LocalResult::None => end_of_gap(zone, time),
    }
}

/// Every moment of a civil time: both of two, and in a gap the moment at which the clock would have
/// shown it, had it not jumped.
fn every(zone: Tz, time: NaiveDateTime) -> [Option<DateTime<Utc>>; 2] {
    match zone.from_local_datetime(&time) {
        LocalResult::Single(at) => [Some(at.with_timezone(&Utc)), None],
        LocalResult::Ambiguous(first, second) => [Some(first.with_timezone(&Utc)), Some(second.with_timezone(&Utc))],
        LocalResult::None => {
            let before = end_of_gap(zone, time).map(|end| offset(zone, end - Duration::seconds(1)));
            [before.map(|before| (time - before).and_utc()), None]
        }
    }
}

/// The first moment after the gap that swallows a civil time, found by halving: in a gap no civil time
/// exists, after it every one does.
fn end_of_gap(zone: Tz, swallowed: NaiveDateTime) -> Option<DateTime<Utc>> {
    let earliest = |seconds: i64| zone.from_local_datetime(&(swallowed + Duration::seconds(seconds))).earliest();
    let mut missing = 0;
    let mut there = around().num_seconds();
    while there - missing > 1 {
        let middle = missing + (there - missing) / 2;
        if earliest(middle).is_some() { there = middle } else { missing = middle }
    }
    earliest(there).map(|at| at.with_timezone(&Utc))
}

/// Local time minus UTC.
fn offset(zone: Tz, at: DateTime<Utc>) -> Duration {
    let seconds = zone.offset_from_utc_datetime(&at.naive_utc()).fix().local_minus_utc();
    Duration::seconds(i64::from(seconds))
}

/// By how much the clock jumps near a moment, forwards or back; zero when it does not.
fn jump_around(zone: Tz, at: DateTime<Utc>) -> Duration {
    (offset(zone, at + around()) - offset(zone, at - around())).abs()
}

/// No civil time later than this stands for a moment before `at`.
fn latest_civil(zone: Tz, at: DateTime<Utc>) -> NaiveDateTime {
    at.naive_utc() + offset(zone, at - around()).max(offset(zone, at + around()))
}
