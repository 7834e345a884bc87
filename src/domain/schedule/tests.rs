//! The clock's jumps, one by one, over many zones, and beside another implementation.

use chrono::{NaiveDate, Timelike};
use proptest::prelude::*;

use super::*;

/// Zones with unlike rules: jumps at midnight and at one in the morning, by half an hour and by two,
/// twice a year and four times, backwards in spring, across the end of a day, and none.
const ZONES: &[&str] = &[
    "America/New_York",
    "Europe/London",
    "Europe/Berlin",
    "Europe/Dublin",
    "Australia/Lord_Howe",
    "Africa/Cairo",
    "America/Havana",
    "America/Santiago",
    "America/Asuncion",
    "Africa/Casablanca",
    "Antarctica/Troll",
    "Atlantic/Azores",
    "Asia/Beirut",
    "Asia/Gaza",
    "Asia/Jerusalem",
    "Europe/Chisinau",
    "America/Nuuk",
    "America/Scoresbysund",
    "Pacific/Easter",
    "Pacific/Chatham",
    "Australia/Sydney",
    "America/St_Johns",
    "Asia/Almaty",
    "Asia/Kathmandu",
    "UTC",
];

fn at(text: &str) -> Moment {
    Moment::parse(text).unwrap()
}

fn schedule(expression: &str, zone: &str) -> Schedule {
    Schedule::parse(expression, zone).unwrap()
}

/// The next slots as UTC minutes.
fn runs(expression: &str, zone: &str, after: &str, count: usize) -> Vec<String> {
    let slots = schedule(expression, zone).next_runs(at(after), count);
    slots.into_iter().map(|slot| slot.utc().format("%m-%dT%H:%MZ").to_string()).collect()
}

/// The hours of 2024 to 2035 after which a zone's clock has jumped, with the jump in seconds.
fn transitions(zone: Tz) -> Vec<(DateTime<Utc>, i64)> {
    let start = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap().and_hms_opt(0, 0, 0).unwrap().and_utc();
    let jump = |from: DateTime<Utc>, hours: i64| {
        let shown = |at: DateTime<Utc>| at.with_timezone(&zone).naive_local() - at.naive_utc();
        (shown(from + Duration::hours(hours)) - shown(from)).num_seconds()
    };
    (0..12 * 366)
        .map(|days| start + Duration::days(days))
        .filter(|day| jump(*day, 24) != 0)
        .flat_map(|day| (0..24).map(move |hours| day + Duration::hours(hours)))
        .map(|hour| (hour, jump(hour, 1)))
        .filter(|(_, by)| *by != 0)
        .collect()
}

#[test]
fn a_daily_run_in_the_gap_comes_at_the_first_moment_after_it() {
    let expected = ["03-13T07:30Z", "03-14T07:00Z", "03-15T06:30Z"];
    assert_eq!(runs("0 30 2 * * *", "America/New_York", "2027-03-13T00:00:00Z", 3), expected);
    let expected = ["04-28T22:00Z", "04-29T22:00Z", "04-30T21:00Z"];
    assert_eq!(runs("0 0 0 * * *", "Africa/Cairo", "2027-04-28T12:00:00Z", 3), expected);
}

#[test]
fn a_daily_run_in_the_fold_comes_at_its_first_occurrence_only() {
    let expected = ["11-06T05:30Z", "11-07T05:30Z", "11-08T06:30Z"];
    assert_eq!(runs("0 30 1 * * *", "America/New_York", "2027-11-06T00:00:00Z", 3), expected);
    // Asked between the two occurrences and after them.
    assert_eq!(runs("0 30 1 * * *", "America/New_York", "2027-11-07T06:15:00Z", 1), ["11-08T06:30Z"]);
    assert_eq!(runs("0 30 1 * * *", "America/New_York", "2027-11-07T06:30:00Z", 1), ["11-08T06:30Z"]);
}

#[test]
fn two_fixed_times_in_one_gap_are_one_slot() {
    let expected = ["03-14T07:00Z", "03-15T06:00Z", "03-15T06:30Z"];
    assert_eq!(runs("0 0,30 2 * * *", "America/New_York", "2027-03-14T05:00:00Z", 3), expected);
}

#[test]
fn half_an_hour_of_lord_howe_is_a_gap_too() {
    // On 2026-10-04 the clock goes from 02:00 to 02:30, and on 2027-04-04 from 02:00 back to 01:30.
    assert_eq!(
        runs("0 15 2 * * *", "Australia/Lord_Howe", "2026-10-03T12:00:00Z", 2),
        ["10-03T15:30Z", "10-04T15:15Z"]
    );
    assert_eq!(
        runs("0 45 1 * * *", "Australia/Lord_Howe", "2027-04-03T12:00:00Z", 2),
        ["04-03T14:45Z", "04-04T15:15Z"]
    );
    let local = schedule("0 15 2 * * *", "Australia/Lord_Howe").local(at("2026-10-03T15:30:00Z"));
    assert_eq!(local, "2026-10-04 02:30:00 +11:00");
}

#[test]
fn an_hourly_run_follows_elapsed_time_through_gap_and_fold() {
    let gap = ["03-14T05:00Z", "03-14T06:00Z", "03-14T07:00Z", "03-14T08:00Z"];
    assert_eq!(runs("0 0 * * * *", "America/New_York", "2027-03-14T04:30:00Z", 4), gap);
    let fold = ["11-07T04:30Z", "11-07T05:00Z", "11-07T05:30Z", "11-07T06:00Z", "11-07T06:30Z", "11-07T07:00Z"];
    assert_eq!(runs("0 */30 * * * *", "America/New_York", "2027-11-07T04:29:00Z", 6), fold);
}

#[test]
fn a_step_of_hours_loses_nothing_in_the_gap_and_runs_on_through_the_fold() {
    // 02:00 does not exist; two hours after midnight the clock shows 03:00.
    let gap = ["03-14T05:00Z", "03-14T07:00Z", "03-14T08:00Z"];
    assert_eq!(runs("0 0 */2 * * *", "America/New_York", "2027-03-14T04:30:00Z", 3), gap);
    // Havana shows midnight twice.
    let fold = ["11-07T02:00Z", "11-07T04:00Z", "11-07T05:00Z", "11-07T07:00Z"];
    assert_eq!(runs("0 0 */2 * * *", "America/Havana", "2027-11-07T01:00:00Z", 4), fold);
}

#[test]
fn slots_lie_after_the_first_moment_and_up_to_the_second_which_counts() {
    let daily = schedule("0 0 6 * * *", "UTC");
    let slots = |after, until| daily.slots_between(at(after), at(until)).count();
    assert_eq!(slots("2027-01-01T06:00:00Z", "2027-01-03T06:00:00Z"), 2);
    assert_eq!(slots("2027-01-01T05:59:59.999999Z", "2027-01-03T05:59:59.999999Z"), 2);
    assert_eq!(slots("2027-01-01T06:00:00.000001Z", "2027-01-02T05:00:00Z"), 0);
    assert_eq!(slots("2027-01-03T06:00:00Z", "2027-01-01T06:00:00Z"), 0);
}

#[test]
fn the_last_slot_is_found_without_walking_through_all_of_them() {
    for expression in ["30 */7 * * * *", "0 5 * * * *", "0 0 6 * * MON", "0 0 6 29 2 *"] {
        let schedule = schedule(expression, "America/New_York");
        let until = at("2028-03-12T08:13:07Z");
        for after in ["2028-03-12T08:13:06Z", "2028-03-12T05:00:00Z", "2028-03-10T00:00:00Z"] {
            let walked = schedule.slots_between(at(after), until).last();
            assert_eq!(schedule.last_between(at(after), until), walked, "{expression} after {after}");
        }
        assert!(schedule.last_between(at("2024-01-01T00:00:00Z"), until).is_some(), "{expression}");
        assert_eq!(schedule.last_between(until, until), None);
        assert_eq!(schedule.last_between(until, at("2028-01-01T00:00:00Z")), None);
    }
}

#[test]
fn there_is_no_slot_after_the_last_year_and_an_old_moment_is_no_fault() {
    let daily = schedule("0 0 6 * * *", "Europe/Berlin");
    assert_eq!(daily.next_after(at("2101-01-02T00:00:00Z")), None);
    assert_eq!(daily.next_after(Moment::new(DateTime::<Utc>::MAX_UTC)), None);
    assert_eq!(daily.next_after(Moment::new(DateTime::<Utc>::MIN_UTC)), Some(at("1970-01-01T05:00:00Z")));
    let hourly = schedule("0 0 * * * *", "Europe/Berlin");
    assert_eq!(hourly.next_after(Moment::new(DateTime::<Utc>::MIN_UTC)), Some(at("1970-01-01T01:00:00Z")));
}

#[test]
fn a_wrong_schedule_is_refused_with_what_to_write_instead() {
    let refused = |expression: &str, zone: &str| Schedule::parse(expression, zone).unwrap_err().to_string();
    assert!(refused("0 6 * * *", "UTC").contains("\u{201c}0 0 6 * * *\u{201d}"));
    assert!(refused("@daily", "UTC").contains("six fields"));
    assert!(refused("0 0 6 * * MON 2027", "UTC").contains("six fields"));
    assert!(refused("", "UTC").contains("six fields"));
    for weekday in ["1", "1-5", "MON,2", "*/2"] {
        assert!(refused(&format!("0 0 6 * * {weekday}"), "UTC").contains("write names"), "{weekday}");
    }
    assert!(refused("0 0 6 31 2 *", "UTC").contains("never comes"));
    assert!(refused("0 0 25 * * *", "UTC").contains("cannot be read"));
    assert!(refused("0 0 6 L * *", "UTC").contains("cannot be read"));
    assert!(refused("0 0 6 * * SAT-SUN", "UTC").contains("write SAT,SUN"));
    assert!(refused("0 0 6 * * *", "New York").contains("America/New_York"));
}

#[test]
fn white_space_is_no_part_of_a_schedule_and_29_february_comes() {
    assert_eq!(schedule("  0 0   6 * * mon-fri ", " UTC ").expression(), "0 0 6 * * mon-fri");
    assert_eq!(runs("0 0 6 29 2 *", "UTC", "2027-01-01T00:00:00Z", 1), ["02-29T06:00Z"]);
    // Both the day of month and the weekday: the next Friday the 13th.
    assert_eq!(runs("0 0 6 13 * FRI", "UTC", "2027-01-01T00:00:00Z", 1), ["08-13T06:00Z"]);
}

#[test]
fn a_common_schedule_is_a_sentence_and_another_is_shown_as_it_is() {
    for (expression, words) in [
        ("0 0 6 * * *", "every day at 06:00"),
        ("0 5 18 * * MON-FRI", "Monday to Friday at 18:05"),
        ("0 0 6 * * MON", "every Monday at 06:00"),
        ("0 0 6 * * MON,wed,FRI", "every Monday, Wednesday and Friday at 06:00"),
        ("0 0 6 1 * *", "on day 1 of every month at 06:00"),
        ("0 0 * * * *", "every hour at minute 0"),
        ("0 */15 * * * *", "every 15 minutes"),
        ("0 * * * * ?", "every minute"),
        ("0 10 */6 * * *", "every 6 hours at minute 10"),
        ("0 */15 * * * MON-FRI", "every 15 minutes, Monday to Friday"),
        ("0 */50 * * * *", "0 */50 * * * *"),
        ("30 0 6 * * *", "30 0 6 * * *"),
        ("0 0 6 1 * MON", "0 0 6 1 * MON"),
        ("0 0 6 1 JAN *", "0 0 6 1 JAN *"),
        ("0 0 6 */2 * *", "0 0 6 */2 * *"),
        ("0 0 8-18/2 * * *", "0 0 8-18/2 * * *"),
    ] {
        assert_eq!(schedule(expression, "America/New_York").words(), format!("{words}, America/New_York"));
    }
}

#[test]
fn a_run_in_a_gap_that_ends_on_the_next_day_is_not_lost() {
    // In Nuuk the clock goes from 23:00 on Saturday 2027-03-27 to 00:00 on Sunday.
    assert_eq!(runs("0 30 23 * * SAT", "America/Nuuk", "2027-03-27T12:00:00Z", 1), ["03-28T01:00Z"]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Minute by minute: whenever the clock shows the minute there is a slot, and where the clock jumps
    /// by whole hours two slots are exactly an hour apart. When it goes back by half an hour, the minute can
    /// be shown half an hour late; when it goes forward, they are never further apart.
    #[test]
    fn no_hourly_slot_is_lost_or_doubled_around_any_jump(
        zone in prop::sample::select(ZONES), which in any::<prop::sample::Index>(), minute in 0_u32..60,
    ) {
        let schedule = schedule(&format!("0 {minute} * * * *"), zone);
        let tz: Tz = zone.parse().unwrap();
        let jumps = transitions(tz);
        prop_assume!(!jumps.is_empty());
        let (jump, by) = jumps[which.index(jumps.len())];
        let start = jump - Duration::hours(6);
        let slots: Vec<_> =
            schedule.slots_between(Moment::new(start), Moment::new(jump + Duration::hours(6))).map(Moment::utc).collect();
        for at in (1..=12 * 60).map(|minutes| start + Duration::minutes(minutes)) {
            if at.with_timezone(&tz).minute() == minute {
                prop_assert!(slots.contains(&at), "lost {}", at);
            }
        }
        for pair in slots.windows(2) {
            let apart = (pair[1] - pair[0]).num_minutes();
            prop_assert!(apart > 0 && apart <= 60 + (-by / 60).max(0), "{:?}", pair);
            prop_assert!(by % 3600 != 0 || apart == 60, "{:?}", pair);
        }
    }

    /// Asking from anywhere gives the same slots as walking through all of them.
    #[test]
    fn the_next_slot_is_the_first_of_the_walk_that_lies_ahead(
        zone in prop::sample::select(ZONES), which in any::<prop::sample::Index>(), minutes in -600_i64..600,
        pattern in prop::sample::select(&["0 0 */2 * * *", "0 */20 * * * *", "0 15,45 1-3 * * *", "0 10 1/3 * * MON-SAT"][..]),
    ) {
        let schedule = schedule(pattern, zone);
        let jumps = transitions(zone.parse().unwrap());
        prop_assume!(!jumps.is_empty());
        let (jump, _) = jumps[which.index(jumps.len())];
        let moment = |minutes: i64| Moment::new(jump + Duration::minutes(minutes));
        let asked = moment(minutes);
        let walked = schedule.slots_between(moment(-700), moment(6_000)).find(|slot| *slot > asked);
        prop_assert_eq!(schedule.next_after(asked), walked);
    }
}
