//! Which field of an expression cannot be read, and what it takes instead.

use super::ScheduleError;

/// The six fields in their order: what each is for, what it takes, and an example.
const FIELDS: [(&str, &str, &str); 6] = [
    ("seconds", "0 to 59, or * for each", "0"),
    ("minutes", "0 to 59, or * for each", "0,30"),
    ("hours", "0 to 23, or * for each", "9-17"),
    ("days of the month", "1 to 31, or * for each", "1,15"),
    ("months", "1 to 12 or JAN to DEC, or * for each", "JAN,JUL"),
    (
        "days of the week",
        "names from SUN to SAT, or * for each (a range goes from SUN towards SAT: write SAT,SUN for a weekend)",
        "MON-FRI",
    ),
];

/// The first field that cannot be read by itself, with what it takes; none where each can.
///
/// The words of the `cron` crate point at a sign and name bounds that are off by one, so it is asked about each field
/// alone, among others that any day and any time fit.
pub(super) fn at_fault(fields: &[&str]) -> Option<ScheduleError> {
    (0_usize..).zip(FIELDS).zip(fields).find_map(|((place, (field, takes, example)), typed)| {
        let alone: Vec<&str> = (0..FIELDS.len()).map(|other| if other == place { *typed } else { "*" }).collect();
        let is_read = alone.join(" ").parse::<cron::Schedule>().is_ok();
        (!is_read).then(|| ScheduleError::Field { field, typed: (*typed).to_owned(), takes, example })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::schedule::Schedule;

    fn said(expression: &str) -> String {
        Schedule::parse(expression, "UTC").unwrap_err().to_string()
    }

    #[test]
    fn the_field_that_cannot_be_read_is_named_with_what_it_holds_and_what_it_takes() {
        for (expression, words) in [
            ("60 0 6 * * *", "the field for seconds holds \u{201c}60\u{201d}, which cannot be read; it takes 0 to 59"),
            ("0 60 6 * * *", "the field for minutes holds \u{201c}60\u{201d}, which cannot be read; it takes 0 to 59"),
            ("0 0 24 * * *", "the field for hours holds \u{201c}24\u{201d}, which cannot be read; it takes 0 to 23"),
            (
                "0 0 6 0 * *",
                "the field for days of the month holds \u{201c}0\u{201d}, which cannot be read; it takes 1 to 31",
            ),
            (
                "0 0 6 * 13 *",
                "the field for months holds \u{201c}13\u{201d}, which cannot be read; it takes 1 to 12 or JAN to DEC",
            ),
            (
                "0 0 6 * * FUN",
                "the field for days of the week holds \u{201c}FUN\u{201d}, which cannot be read; it takes names",
            ),
            ("0 0 six * * *", "the field for hours holds \u{201c}six\u{201d}"),
            ("0 0 25 * 13 *", "the field for hours holds \u{201c}25\u{201d}"),
        ] {
            assert!(said(expression).starts_with(words), "{expression}: {}", said(expression));
        }
        assert!(said("0 0 24 * * *").ends_with("for example \u{201c}9-17\u{201d}"));
        assert!(!said("0 0 24 * * *").contains('^'), "nothing of the library\u{2019}s own words");
    }

    #[test]
    fn every_example_and_both_ends_of_what_a_field_takes_can_be_read() {
        let ends = [("0", "59"), ("0", "59"), ("0", "23"), ("1", "31"), ("1", "12"), ("SUN", "SAT")];
        for (place, ((_, _, example), (first, last))) in (0_usize..).zip(FIELDS.into_iter().zip(ends)) {
            for typed in [example, first, last, "*"] {
                let fields: Vec<&str> = (0..6).map(|other| if other == place { typed } else { "*" }).collect();
                assert_eq!(at_fault(&fields), None, "{typed}");
                Schedule::parse(&fields.join(" "), "UTC").unwrap();
            }
        }
    }
}
