//! When a job runs: a cron expression on the civil time of a time zone.
//!
//! The `cron` crate reads the expression and lists civil times; it never sees a zone, because with one it
//! skips a daily run in the spring gap and doubles one in the autumn fold. Which moments a civil time
//! stands for is decided here:
//!
//! | the hour is | the clock skips the time (gap) | the clock shows it twice (fold) |
//! | --- | --- | --- |
//! | fixed (`6`, `9-17`, `0,12`) | the first moment after the gap, once | the first of the two |
//! | `*` or a step (`*/2`) | the moment at which the old clock would have shown it | both |
//!
//! So a daily job runs once a day, whatever the clock does, and an hourly one every sixty minutes.
//! A job is run once for each slot by the unique row (schedule, slot) in the database, not by this module.

mod civil;
mod fields;
mod wording;

use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveDateTime, SubsecRound, TimeZone, Utc};
use chrono_tz::Tz;

use super::ids::Moment;
use civil::{first_slot_after_by_clock, first_slot_after_by_elapsed_time};

/// The last year that the `cron` crate lists.
const LAST_YEAR: i32 = 2100;

/// A cron expression in a time zone.
#[derive(Debug, Clone)]
pub struct Schedule {
    /// The six fields, one space between them.
    expression: String,
    zone: Tz,
    cron: cron::Schedule,
    /// Whether the hour is `*` or a step.
    by_elapsed_time: bool,
}

/// Why an expression or a zone is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// A line as in a crontab.
    #[error(
        "\u{201c}{0}\u{201d} has five fields; put the second in front, for example \u{201c}0 {0}\u{201d} \
         (second, minute, hour, day of month, month, weekday)"
    )]
    SecondMissing(String),
    /// Any other number of fields.
    #[error(
        "\u{201c}{0}\u{201d} is not six fields; write second, minute, hour, day of month, month and weekday, \
         for example \u{201c}0 0 6 * * MON-FRI\u{201d}"
    )]
    NotSixFields(String),
    /// A weekday by number.
    #[error(
        "the weekday \u{201c}{0}\u{201d} has digits, and 1 is Sunday to some programs and Monday to others; \
         write names, for example MON-FRI"
    )]
    WeekdayDigits(String),
    /// A field holds what it does not take.
    #[error(
        "the field for {field} holds \u{201c}{typed}\u{201d}, which cannot be read; it takes {takes}, for example \
         \u{201c}{example}\u{201d}"
    )]
    Field {
        /// Which it is, in words.
        field: &'static str,
        /// What it holds.
        typed: String,
        /// What it takes.
        takes: &'static str,
        /// Something that it takes.
        example: &'static str,
    },
    /// Each field can be read, and all of them together cannot.
    #[error("\u{201c}{0}\u{201d} cannot be read as a schedule; write for example \u{201c}0 0 6 * * MON-FRI\u{201d}")]
    Unreadable(String),
    /// No day fits.
    #[error("\u{201c}{0}\u{201d} never comes (31 February, say); choose a day of month that its months have")]
    Never(String),
    /// Not in the IANA time zone database.
    #[error("\u{201c}{0}\u{201d} is not a time zone; write its name, for example America/New_York or UTC")]
    UnknownZone(String),
}

impl Schedule {
    /// Reads six fields (second, minute, hour, day of month, month, weekday by name) and a zone name.
    ///
    /// A day must fit both the day of month and the weekday, where both are given.
    ///
    /// # Errors
    /// See [`ScheduleError`]: each says what to write instead.
    pub fn parse(cron: &str, zone: &str) -> Result<Self, ScheduleError> {
        let fields: Vec<&str> = cron.split_whitespace().collect();
        let expression = fields.join(" ");
        let (hour, weekday) = match fields.as_slice() {
            [_, _, hour, _, _, weekday] => (*hour, *weekday),
            [_, _, _, _, _] => return Err(ScheduleError::SecondMissing(expression)),
            _ => return Err(ScheduleError::NotSixFields(expression)),
        };
        if weekday.contains(|character: char| character.is_ascii_digit()) {
            return Err(ScheduleError::WeekdayDigits(weekday.to_owned()));
        }
        let by_elapsed_time = hour.split(',').any(|part| part == "*" || part.contains('/'));
        let Ok(cron) = expression.parse::<cron::Schedule>() else {
            return Err(fields::at_fault(&fields).unwrap_or(ScheduleError::Unreadable(expression)));
        };
        if cron.after(&DateTime::UNIX_EPOCH).next().is_none() {
            return Err(ScheduleError::Never(expression));
        }
        let zone = parse_zone(zone)?;
        Ok(Self { expression, zone, cron, by_elapsed_time })
    }

    /// The six fields, one space between them.
    pub fn expression(&self) -> &str {
        &self.expression
    }

    /// The zone's name in the IANA time zone database.
    pub fn zone(&self) -> &'static str {
        self.zone.name()
    }

    /// The first slot after a moment; `None` after the year 2100, and none lies before 1970.
    pub fn next_after(&self, after: Moment) -> Option<Moment> {
        // Slots are whole seconds, so one after 05:59:59.5 is one after 05:59:59.
        let after = after.utc().trunc_subsecs(0).max(DateTime::UNIX_EPOCH);
        if after.year() > LAST_YEAR {
            return None;
        }
        let civil_times = |from: NaiveDateTime| self.cron.after_owned(Utc.from_utc_datetime(&from));
        let slot = if self.by_elapsed_time {
            first_slot_after_by_elapsed_time(self.zone, after, civil_times)
        } else {
            first_slot_after_by_clock(self.zone, after, civil_times)
        };
        slot.map(Moment::new)
    }

    /// Every slot after one moment up to and including another, in order.
    pub fn slots_between(&self, after: Moment, until: Moment) -> impl Iterator<Item = Moment> + '_ {
        std::iter::successors(self.next_after(after), |slot| self.next_after(*slot))
            .take_while(move |slot| *slot <= until)
    }

    /// The last slot after one moment up to and including another. Looked for backwards in ever wider steps, so
    /// that years of slots are not walked through.
    pub fn last_between(&self, after: Moment, until: Moment) -> Option<Moment> {
        let mut step = 120;
        loop {
            let from = until.plus_seconds(-step).max(after);
            if let Some(slot) = self.slots_between(from, until).last() {
                return Some(slot);
            }
            if from <= after {
                return None;
            }
            step *= 4;
        }
    }

    /// The next slots after a moment, as many as asked for.
    pub fn next_runs(&self, after: Moment, count: usize) -> Vec<Moment> {
        std::iter::successors(self.next_after(after), |slot| self.next_after(*slot)).take(count).collect()
    }

    /// The shortest wait between its next runs, in seconds; `None` where fewer than two come. Of two runs in a minute
    /// two are among the next three.
    pub fn shortest_wait(&self, after: Moment) -> Option<i64> {
        let runs = self.next_runs(after, 3);
        runs.iter().zip(runs.iter().skip(1)).map(|(one, next)| (next.utc() - one.utc()).num_seconds()).min()
    }

    /// Whether it comes on every day: its days, months and weekdays are left open.
    pub fn comes_every_day(&self) -> bool {
        self.expression.split(' ').skip(3).all(|field| matches!(field, "*" | "?"))
    }

    /// Whether it comes once on every day: its second, minute and hour are one number each besides.
    pub fn comes_once_a_day(&self) -> bool {
        let is_number = |field: &str| field.bytes().all(|byte| byte.is_ascii_digit());
        self.comes_every_day() && self.expression.split(' ').take(3).all(is_number)
    }

    /// Whether its days are the same in every week: its days of the month and its months are left open.
    pub fn repeats_weekly(&self) -> bool {
        self.expression.split(' ').skip(3).take(2).all(|field| matches!(field, "*" | "?"))
    }

    /// The day that the zone's clock shows at a moment.
    pub fn day_of(&self, at: Moment) -> NaiveDate {
        at.utc().with_timezone(&self.zone).date_naive()
    }

    /// The first day after a day on which it comes, as the zone's calendar counts them; `None` after the year 2100.
    /// Asked of the expression alone: no civil time has to become a moment for that.
    pub fn next_day_after(&self, day: NaiveDate) -> Option<NaiveDate> {
        let last_second = day.and_hms_opt(23, 59, 59)?;
        self.cron.after_owned(Utc.from_utc_datetime(&last_second)).next().map(|time| time.date_naive())
    }

    /// The zone in which it is read.
    pub fn time_zone(&self) -> Tz {
        self.zone
    }

    /// A moment as the zone's clock shows it, with its offset: `2027-03-14 03:00:00 -04:00`.
    pub fn local(&self, at: Moment) -> String {
        at.utc().with_timezone(&self.zone).format("%Y-%m-%d %H:%M:%S %:z").to_string()
    }

    /// The schedule as a sentence: `every day at 06:00, America/New_York`. An expression of an uncommon
    /// shape is given as it is.
    pub fn words(&self) -> String {
        let shape = wording::sentence(&self.expression).unwrap_or_else(|| self.expression.clone());
        format!("{shape}, {}", self.zone())
    }
}

/// A time zone by its name in the IANA database.
///
/// # Errors
/// `UnknownZone`, which names two examples.
pub fn parse_zone(name: &str) -> Result<Tz, ScheduleError> {
    name.trim().parse().map_err(|_| ScheduleError::UnknownZone(name.to_owned()))
}

/// How far around a moment a change of the clock is looked for. The largest ever was a day (Samoa, 2011).
fn around() -> Duration {
    Duration::hours(25)
}

#[cfg(test)]
mod peer;
#[cfg(test)]
mod tests;
