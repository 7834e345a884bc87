//! Reading what forms hold: one line, several lines, a date, a web address, each of them optional.
//!
//! The errors are sentences for the person who typed.

use chrono::NaiveDate;

use crate::domain::guard::typed::{HOLDS_A_SECRET, holds_a_secret};

/// The longest text of one line, in characters.
const LONGEST_LINE: usize = 200;
/// The longest text of several lines, in characters.
const LONGEST_TEXT: usize = 4_000;

/// One line of at most 200 characters; `None` when it is empty.
pub fn optional_line(text: &str) -> Result<Option<String>, String> {
    let text = text.trim();
    if text.chars().count() > LONGEST_LINE || text.chars().any(char::is_control) {
        return Err(format!("Write at most {LONGEST_LINE} characters on one line"));
    }
    Ok(Some(text.to_owned()).filter(|text| !text.is_empty()))
}

/// The number or the place of a document: one line of at most 200 characters; `None` when it is empty.
pub fn optional_reference(text: &str) -> Result<Option<String>, String> {
    let reference = optional_line(text)?;
    if reference.as_deref().is_some_and(holds_a_secret) { Err(HOLDS_A_SECRET.to_owned()) } else { Ok(reference) }
}

/// A name: one line of 1 to 200 characters. `what` is \u{201c}the system\u{2019}s name\u{201d}.
pub fn name(text: &str, what: &str) -> Result<String, String> {
    match optional_line(text) {
        Ok(Some(name)) => Ok(name),
        _ => Err(format!("Write {what}, at most {LONGEST_LINE} characters, on one line")),
    }
}

/// Several lines, at most 4,000 characters; line ends become `\n`. `None` when it is empty.
pub fn optional_text(text: &str) -> Result<Option<String>, String> {
    let text = text.replace("\r\n", "\n");
    let text = text.trim();
    if text.chars().count() > LONGEST_TEXT {
        return Err(format!("Write at most {LONGEST_TEXT} characters"));
    }
    if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return Err("This text holds characters that cannot be shown; type it anew".to_owned());
    }
    if holds_a_secret(text) {
        return Err(HOLDS_A_SECRET.to_owned());
    }
    Ok(Some(text.to_owned()).filter(|text| !text.is_empty()))
}

/// A date as `YYYY-MM-DD` between 1900 and 9998; `None` when it is empty.
pub fn optional_date(text: &str) -> Result<Option<NaiveDate>, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let date = text.parse::<NaiveDate>().ok().filter(|date| {
        let year = chrono::Datelike::year(date);
        text.len() == 10 && (1900..=9998).contains(&year)
    });
    date.map(Some).ok_or_else(|| "Write a date such as 2027-03-31".to_owned())
}

/// An absolute address of the web without user and password; `None` when it is empty.
pub fn optional_address(text: &str) -> Result<Option<String>, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let error =
        || "Write an address such as https://auth.hospital.example/, without a user name or password".to_owned();
    if text.chars().count() > 2_000 {
        return Err(error());
    }
    let url = url::Url::parse(text).map_err(|_| error())?;
    let plain = matches!(url.scheme(), "http" | "https") && url.username().is_empty() && url.password().is_none();
    if plain && url.has_host() { Ok(Some(text.to_owned())) } else { Err(error()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_read_in_one_form_only() {
        assert_eq!(optional_date(" "), Ok(None));
        assert_eq!(optional_date("2027-03-31"), Ok(NaiveDate::from_ymd_opt(2027, 3, 31)));
        for wrong in ["31.3.2027", "2027-02-30", "0027-03-31", "+12027-03-31", "2027-3-1"] {
            assert!(optional_date(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_address_carries_no_password() {
        assert!(optional_address("https://auth.hospital.example/realms/a").is_ok());
        for wrong in ["https://user:word@auth.example/", "javascript:alert(1)", "auth.example", "file:///etc/passwd"] {
            assert!(optional_address(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_line_break_is_refused_in_one_line_and_kept_in_several() {
        assert!(optional_line("a\nb").is_err());
        assert_eq!(optional_text("a\r\nb\r\n"), Ok(Some("a\nb".to_owned())));
        assert!(optional_text("a\u{0}b").is_err());
    }
}
