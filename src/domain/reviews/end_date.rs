//! What the end date of an identity means for the day on which it is switched off: where the end date comes first, it
//! ends earlier by itself. Only what care depends on is never stopped by a timer.

use chrono::NaiveDate;

use crate::domain::task_words::date_words;

/// An end date that comes before the day on which it is switched off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EndsFirst {
    on: NaiveDate,
    /// That day is here already.
    has_come: bool,
    /// Care depends on it, so its end date does not stop it by itself.
    clinical: bool,
}

impl EndsFirst {
    /// The end date where it comes before `off`, the day on which it is switched off. On the same day it is switched off
    /// first: from the beginning of the day.
    pub fn of(ends: Option<NaiveDate>, off: NaiveDate, today: NaiveDate, clinical: bool) -> Option<Self> {
        let on = ends.filter(|on| *on < off)?;
        Some(Self { on, has_come: on <= today, clinical })
    }

    /// Whether it keeps what it has until the day on which it is switched off, whatever its end date says.
    pub fn waits_for_the_day(self) -> bool {
        self.clinical
    }

    /// How its end date shortens the time until that day, as a sentence without its full stop; none where it does not.
    pub fn until_then(self) -> Option<String> {
        let on = date_words(self.on);
        (!self.waits_for_the_day()).then(|| match self.has_come {
            true => format!("Its end date, {on}, has come: no later day lets it go on"),
            false => format!("Until then it keeps what it has, but not after its end date, {on}"),
        })
    }

    /// The same beside the field for the day, as a sentence.
    pub fn beside_the_day(self) -> String {
        let on = date_words(self.on);
        match (self.clinical, self.has_come) {
            (false, false) => {
                format!("With a day after its end date, {on}, it ends earlier by itself, on its end date.")
            }
            (true, false) => format!(
                "Its end date, {on}, may come before the day that you choose. Care depends on it, so nothing stops it by \
                 itself then."
            ),
            (_, true) => self.said_of_the_past(),
        }
    }

    /// The same once the day is chosen, as a sentence.
    pub fn chosen(self) -> String {
        let on = date_words(self.on);
        match (self.clinical, self.has_come) {
            (false, false) => {
                format!("It ends by itself on its end date, {on}, before the day that was chosen.")
            }
            (true, false) => format!(
                "Its end date, {on}, comes before the day that was chosen. Care depends on it, so nothing stops it by \
                 itself then."
            ),
            (_, true) => self.said_of_the_past(),
        }
    }

    fn said_of_the_past(self) -> String {
        let on = date_words(self.on);
        match self.clinical {
            true => format!("Its end date, {on}, has come. Care depends on it, so nothing stops it by itself."),
            false => format!("Its end date, {on}, has come: it ends by itself and does not wait for that day."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// An end date on 10 Dec 2026, read beside a day on which it is switched off.
    fn read(off: &str, today: &str, clinical: bool) -> Option<EndsFirst> {
        EndsFirst::of(Some(day("2026-12-10")), day(off), day(today), clinical)
    }

    #[test]
    fn a_day_up_to_the_end_date_is_the_day_on_which_it_stops() {
        assert_eq!(read("2026-12-09", "2026-11-23", false), None);
        assert_eq!(read("2026-12-10", "2026-11-23", false), None);
        assert_eq!(EndsFirst::of(None, day("2026-12-10"), day("2026-11-23"), false), None);
    }

    #[test]
    fn on_a_later_day_it_has_ended_by_itself() {
        let first = read("2026-12-11", "2026-11-23", false).unwrap();
        assert!(!first.waits_for_the_day());
        assert_eq!(
            first.until_then().unwrap(),
            "Until then it keeps what it has, but not after its end date, 10 Dec 2026"
        );
        assert_eq!(
            first.beside_the_day(),
            "With a day after its end date, 10 Dec 2026, it ends earlier by itself, on its end date."
        );
        assert_eq!(first.chosen(), "It ends by itself on its end date, 10 Dec 2026, before the day that was chosen.");
    }

    #[test]
    fn an_end_date_that_has_come_waits_for_no_day() {
        for today in ["2026-12-10", "2026-12-20"] {
            let first = read("2026-12-24", today, false).unwrap();
            let until = first.until_then().unwrap();
            assert_eq!(until, "Its end date, 10 Dec 2026, has come: no later day lets it go on");
            let says = "Its end date, 10 Dec 2026, has come: it ends by itself and does not wait for that day.";
            assert_eq!([first.beside_the_day(), first.chosen()], [says, says]);
        }
    }

    #[test]
    fn what_care_depends_on_goes_on_until_it_is_switched_off() {
        for today in ["2026-11-23", "2026-12-20"] {
            let first = read("2026-12-24", today, true).unwrap();
            assert!(first.waits_for_the_day());
            assert_eq!(first.until_then(), None);
            for says in [first.beside_the_day(), first.chosen()] {
                let care = says.contains("Its end date, 10 Dec 2026") && says.contains("nothing stops it by itself");
                assert!(care && !says.contains("ends by itself"), "{says}");
            }
        }
    }
}
