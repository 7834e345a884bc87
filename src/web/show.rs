//! How moments, dates and spans read on a page, in the reader's zone; and the links to the sections of a page.

use chrono::NaiveDate;
use chrono_tz::Tz;

use crate::domain::ids::Moment;

/// A link to a section of the same page: the id of its heading, and words.
pub type Jump = (&'static str, String);

/// Links to the sections that stand on a page, of those that may; none where there is one, which is found without.
pub fn jumps<Words: Into<String>>(sections: impl IntoIterator<Item = (&'static str, Words, bool)>) -> Vec<Jump> {
    let standing = sections.into_iter().filter(|(.., stands)| *stands);
    let found: Vec<Jump> = standing.map(|(id, words, _)| (id, words.into())).collect();
    if found.len() < 2 { Vec::new() } else { found }
}

/// "23 Nov 2026, 14:32 EST".
pub fn moment(at: Moment, tz: Tz) -> String {
    at.utc().with_timezone(&tz).format("%-d %b %Y, %H:%M %Z").to_string()
}

/// "2026-11-23 14:32:05.123456 -05:00": for the audit log.
pub fn exact(at: Moment, tz: Tz) -> String {
    at.utc().with_timezone(&tz).format("%Y-%m-%d %H:%M:%S%.6f %:z").to_string()
}

/// "2026-11-23 14:32:05 -05:00": for lists of what was done.
pub fn second(at: Moment, tz: Tz) -> String {
    at.utc().with_timezone(&tz).format("%Y-%m-%d %H:%M:%S %:z").to_string()
}

/// "23 Nov 2026, 14:32:05 -05:00": a run that is planned, in the zone of its schedule.
pub fn planned(at: Moment, tz: Tz) -> String {
    at.utc().with_timezone(&tz).format("%-d %b %Y, %H:%M:%S %:z").to_string()
}

/// "14:32:05", for what is a matter of minutes.
pub fn clock(at: Moment, tz: Tz) -> String {
    at.utc().with_timezone(&tz).format("%H:%M:%S").to_string()
}

/// "23 Nov 2026", the day on which the moment falls for the reader.
pub fn day(at: Moment, tz: Tz) -> String {
    date(at.utc().with_timezone(&tz).date_naive())
}

/// "23 Nov 2026".
pub fn date(date: NaiveDate) -> String {
    date.format("%-d %b %Y").to_string()
}

/// "Monday 23 Nov 2026": for deadlines.
pub fn deadline(date: NaiveDate) -> String {
    date.format("%A %-d %b %Y").to_string()
}

/// "5 minutes", "90 seconds", "3 days": a lifetime in the largest unit that is exact.
pub fn seconds(seconds: i64) -> String {
    let (count, unit) = match seconds {
        s if s != 0 && s % 86_400 == 0 => (s / 86_400, "day"),
        s if s != 0 && s % 3_600 == 0 => (s / 3_600, "hour"),
        s if s != 0 && s % 60 == 0 => (s / 60, "minute"),
        s => (s, "second"),
    };
    counted(count, unit)
}

/// "1 day", "2 days".
pub fn counted(count: i64, unit: &str) -> String {
    if count == 1 { format!("1 {unit}") } else { format!("{} {unit}s", crate::domain::listing::thousands(count)) }
}

/// "today", "in 3 days", "2 days ago", between two dates.
pub fn distance(today: NaiveDate, date: NaiveDate) -> String {
    match (date - today).num_days() {
        0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        -1 => "yesterday".to_owned(),
        days if days > 0 => format!("in {}", counted(days, "day")),
        days => format!("{} ago", counted(-days, "day")),
    }
}

/// Today for the reader.
pub fn today(now: Moment, tz: Tz) -> NaiveDate {
    now.utc().with_timezone(&tz).date_naive()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lifetime_reads_in_its_largest_exact_unit() {
        assert_eq!(seconds(300), "5 minutes");
        assert_eq!(seconds(90), "90 seconds");
        assert_eq!(seconds(86_400), "1 day");
        assert_eq!(seconds(5_400), "90 minutes");
        assert_eq!(seconds(0), "0 seconds");
    }

    #[test]
    fn the_same_moment_is_another_day_in_another_zone() {
        let at = Moment::parse("2026-11-23T02:00:00Z").unwrap();
        assert_eq!(day(at, chrono_tz::America::Chicago), "22 Nov 2026");
        assert_eq!(day(at, chrono_tz::UTC), "23 Nov 2026");
    }
}
