//! Beside another implementation: `croner`, over every change of every zone's clock from 2020 to 2080.
//!
//! Two questions are asked, each in the three days before and after a change:
//!
//! 1. *By the peer's own reading of the zone*, where its rule is ours. That is so for one time of day (one hour, one
//!    minute, one second), on whatever days, and for an hour of `*`. The peer takes every other pattern for an
//!    interval: hours `1-3` it shows twice in a fold and drops in a gap, and of `*/2` it drops what falls into a gap,
//!    where ours runs a fixed hour once in both, and an interval at the moment at which the old clock would have shown
//!    it. It gives up in three more cases: a time of day on named days whose gap ends on the next day, a gap longer
//!    than two hours, and the minutes of `*` hours that a gap shorter than an hour swallows. All these are left to the
//!    second question.
//! 2. *By the rule*, for every pattern: the peer lists the slots of a clock that nobody changes, once with the offset
//!    from before the change and once with that from after it, and the table of [`super`] says which of them count.
//!
//! Zones with the same changes have the same slots, so one of them stands for all. In every test run one window in
//! [`SAMPLE`] is looked at; the soak looks at each.

use std::collections::BTreeMap;

use chrono::{FixedOffset, Offset};

use super::*;

const PATTERNS: &[&str] = &[
    // One time of day.
    "0 0 0 * * *",
    "0 30 0 * * *",
    "0 0 1 * * *",
    "0 30 1 * * *",
    "0 0 2 * * *",
    "0 30 2 * * *",
    "15 45 2 * * *",
    "0 0 3 * * *",
    "0 30 3 * * *",
    "0 0 6 * * *",
    "0 0 12 * * *",
    "0 0 23 * * *",
    "0 30 23 * * *",
    "0 59 23 * * *",
    // On some days.
    "0 0 6 * * MON-FRI",
    "0 30 2 * * SUN",
    "0 30 1 * * SUN",
    "0 30 2 * * MON",
    "0 0 0 * * SUN",
    "0 30 23 * * SAT",
    "0 0 0 1 * *",
    "0 0 6 1,15 * *",
    "0 30 2 14 3 *",
    "0 0 6 * MAR-APR *",
    // Every hour.
    "0 0 * * * *",
    "0 30 * * * *",
    "0 15 * * * SUN",
    "0 */15 * * * *",
    "0 */20 * * * *",
    "0 0,59 * * * *",
    // Several hours, minutes or seconds that are fixed.
    "0 0 0,12 * * *",
    "0 0 1,2,3 * * *",
    "0 0 1-3 * * *",
    "0 0 9-17 * * MON-FRI",
    "0 15,45 1 * * *",
    "0 0,30 2 * * *",
    "0 15,45 1-3 * * *",
    "0,30 30 2 * * *",
    // Steps of hours.
    "0 0 */2 * * *",
    "0 10 */2 * * *",
    "0 0 */6 * * *",
    "0 45 1-23/3 * * *",
    "0 0 */3 * * MON-SAT",
];

/// Of so many windows one is looked at in every test run.
const SAMPLE: usize = 83;

/// A change of a zone's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Change {
    /// The first moment of the new offset.
    at: DateTime<Utc>,
    /// Local time minus UTC, in seconds.
    before: i32,
    after: i32,
}

fn offset(zone: Tz, at: DateTime<Utc>) -> i32 {
    zone.offset_from_utc_datetime(&at.naive_utc()).fix().local_minus_utc()
}

/// The changes of a zone, looked for day by day or week by week; none lie closer together than that.
fn changes(zone: Tz, step: Duration) -> Vec<Change> {
    let year = |year: i32| Utc.with_ymd_and_hms(year, 1, 1, 0, 0, 0).unwrap();
    let (mut at, end) = (year(2020), year(2081));
    let mut found = Vec::new();
    while at < end {
        let next = at + step;
        if offset(zone, at) != offset(zone, next) {
            let (mut old, mut new) = (at, next);
            while new - old > Duration::seconds(1) {
                let middle = old + Duration::seconds((new - old).num_seconds() / 2);
                if offset(zone, middle) == offset(zone, at) { old = middle } else { new = middle }
            }
            found.push(Change { at: new, before: offset(zone, old), after: offset(zone, new) });
        }
        at = next;
    }
    found
}

/// One zone for each way in which clocks change, with its changes.
fn zones(step: Duration) -> Vec<(Tz, Vec<Change>)> {
    let mut alike: BTreeMap<Vec<Change>, Tz> = BTreeMap::new();
    for zone in chrono_tz::TZ_VARIANTS {
        alike.entry(changes(zone, step)).or_insert(zone);
    }
    alike.into_iter().filter(|(changes, _)| !changes.is_empty()).map(|(changes, zone)| (zone, changes)).collect()
}

fn peer(pattern: &str) -> croner::Cron {
    let parser =
        croner::parser::CronParser::builder().seconds(croner::parser::Seconds::Required).dom_and_dow(true).build();
    parser.parse(pattern).unwrap()
}

/// What the peer lists in a zone after one moment up to and including another.
fn listed<Zone: TimeZone>(
    peer: &croner::Cron,
    zone: &Zone,
    after: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Vec<DateTime<Utc>> {
    let mut slots = Vec::new();
    let mut at = after;
    while let Ok(next) = peer.find_next_occurrence(&at.with_timezone(zone), false) {
        at = next.with_timezone(&Utc);
        if at > until {
            break;
        }
        slots.push(at);
    }
    slots
}

/// What the rule makes of the slots of a clock that nobody changes.
fn by_rule(
    pattern: &str,
    peer: &croner::Cron,
    change: Change,
    after: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Vec<DateTime<Utc>> {
    let hour = pattern.split(' ').nth(2).unwrap();
    let interval = hour == "*" || hour.contains('/');
    let by = |seconds: i32, from: DateTime<Utc>| listed(peer, &FixedOffset::east_opt(seconds).unwrap(), from, until);
    let moved = Duration::seconds(i64::from(change.after - change.before));
    let old: Vec<_> = by(change.before, after);
    let mut slots: Vec<_> = old.iter().copied().filter(|slot| *slot < change.at).collect();
    // The new clock from the change on. Civil times that the old one showed already are its second showing.
    slots.extend(
        by(change.after, change.at - Duration::seconds(1))
            .into_iter()
            .filter(|slot| interval || *slot >= change.at - moved),
    );
    let swallowed: Vec<_> = old.into_iter().filter(|slot| *slot >= change.at && *slot < change.at + moved).collect();
    if interval {
        slots.extend(swallowed);
    } else if !swallowed.is_empty() {
        slots.push(change.at);
    }
    slots.sort();
    slots.dedup();
    slots.retain(|slot| *slot <= until);
    slots
}

/// Whether the peer's own rule is ours there.
fn reads_zones_as_we_do(pattern: &str, change: Change) -> bool {
    let fields: Vec<&str> = pattern.split(' ').collect();
    let single = |field: &str| field.chars().all(|letter| letter.is_ascii_digit());
    let named_days = fields[3..] != ["*", "*", "*"];
    let gap = change.after - change.before;
    if fields[2] == "*" {
        return gap < 0 || gap % 3600 == 0;
    }
    // The clock shows a later day after the gap than before it.
    let day = |at: DateTime<Utc>, offset: i32| at.with_timezone(&FixedOffset::east_opt(offset).unwrap()).date_naive();
    let same_day = day(change.at - Duration::seconds(1), change.before) == day(change.at, change.after);
    fields[..3].iter().all(|field| single(field)) && gap <= 2 * 3600 && (same_day || gap < 0 || !named_days)
}

/// How many windows were looked at, and what differs: the question and the window.
fn differences(
    sample: usize,
    step: Duration,
    next: impl Fn(&Schedule, Moment) -> Option<Moment>,
) -> ([usize; 2], Vec<String>) {
    let (mut asked, mut found, mut window) = ([0, 0], Vec::new(), 0_usize);
    let peers: Vec<_> = PATTERNS.iter().map(|pattern| peer(pattern)).collect();
    for (zone, changes) in zones(step) {
        for (number, change) in changes.iter().enumerate() {
            // Three days around, but never so far that another change is met.
            let near = |other: Option<&Change>| {
                other.map_or(Duration::days(3), |other| (other.at - change.at).abs().min(Duration::days(3)))
            };
            let after = change.at - near(number.checked_sub(1).and_then(|before| changes.get(before)));
            let until = change.at + near(changes.get(number + 1)) - Duration::seconds(1);
            for (pattern, peer) in PATTERNS.iter().zip(&peers) {
                window += 1;
                if window % sample != 0 {
                    continue;
                }
                let schedule = Schedule::parse(pattern, zone.name()).unwrap();
                let ours: Vec<_> =
                    std::iter::successors(next(&schedule, Moment::new(after)), |slot| next(&schedule, *slot))
                        .map(Moment::utc)
                        .take_while(|slot| *slot <= until)
                        .take(2_000)
                        .collect();
                let mut compare = |question: usize, theirs: Vec<DateTime<Utc>>| {
                    asked[question] += 1;
                    if ours != theirs {
                        let odd = ours.iter().chain(&theirs).find(|slot| ours.contains(slot) != theirs.contains(slot));
                        found.push(format!("question {}: {pattern} in {zone} at {}: {odd:?}", question + 1, change.at));
                    }
                };
                if reads_zones_as_we_do(pattern, *change) {
                    compare(0, listed(peer, &zone, after, until));
                }
                compare(1, by_rule(pattern, peer, *change, after, until));
            }
        }
    }
    (asked, found)
}

fn compare(sample: usize, step: Duration) {
    let (asked, found) = differences(sample, step, |schedule, after| schedule.next_after(after));
    println!("{} windows by the peer's reading and {} by the rule, {} differences", asked[0], asked[1], found.len());
    assert!(found.is_empty(), "{} differences: {:#?}", found.len(), found.iter().take(20).collect::<Vec<_>>());
    assert!(asked.iter().all(|windows| windows * sample > 100_000), "{asked:?}");
}

#[test]
fn the_peer_finds_the_same_slots_around_changes_of_every_clock() {
    compare(SAMPLE, Duration::days(7));
}

#[test]
#[ignore = "takes minutes; tests/soak/run asks for it"]
fn the_peer_finds_the_same_slots_around_every_change_of_every_clock() {
    compare(1, Duration::days(1));
}

/// The planted fault: the `cron` crate given the zone, as a reader of its documentation would.
#[test]
fn the_comparison_notices_the_cron_crate_used_with_a_zone() {
    let (_, found) = differences(SAMPLE * 5, Duration::days(7), |schedule, after| {
        schedule.cron.after_owned(after.utc().with_timezone(&schedule.zone)).next().map(|at| Moment::new(at.to_utc()))
    });
    for question in ["question 1", "question 2"] {
        assert!(found.iter().any(|line| line.starts_with(question)), "{question}");
    }
}
