//! Reading what somebody asks for: every fault at once, and nothing typed is passed over.

use chrono::{Datelike, NaiveDate};

use super::latest_end;
use crate::domain::guard::typed::{HOLDS_A_SECRET, holds_a_secret, is_pasted_secret};
use crate::domain::scopes::set::ScopeSet;

/// The longest reason, in characters.
pub const LONGEST_REASON: usize = 2_000;

/// Permissions that are named in one fault; the others are counted.
const MOST_NAMED: usize = 5;

/// What somebody typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Typed<'a> {
    /// Permissions, one a line or with spaces between.
    pub scopes: &'a str,
    pub reason: &'a str,
    /// The day at whose start it ends, `YYYY-MM-DD`.
    pub until: &'a str,
    pub urgent: bool,
    /// Why it is urgent.
    pub urgency: &'a str,
}

/// What somebody asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// In their order, each once, as they were written.
    pub scopes: Vec<String>,
    pub reason: String,
    pub until: NaiveDate,
    /// Why it is urgent, where it is.
    pub urgency: Option<String>,
}

/// What is wrong with what is asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AskFault {
    #[error("Write at least one permission, such as patient/Observation.rs; without any there is nothing to approve")]
    NoScopes,
    #[error("{given} permissions are more than anybody can judge at once; ask for at most {most}")]
    TooMany { given: usize, most: usize },
    #[error("{token} is no permission: {reason}")]
    NoScope { token: String, reason: String },
    #[error("{0} more lines are no permissions either")]
    MoreNoScopes(usize),
    #[error(
        "Nothing would change: this is what is approved already, until the same day. Add or take away a permission, or write another day"
    )]
    NothingChanges,
    #[error("Write why it is needed; whoever decides reads it, and it is kept")]
    NoReason,
    #[error("Write at most {LONGEST_REASON} characters")]
    TooLong(&'static str),
    #[error("{HOLDS_A_SECRET}")]
    Secret(&'static str),
    #[error(
        "A line among the permissions looks like a key and not like a permission; keys are never kept here. Take it out"
    )]
    SecretScope,
    #[error("Write until which day it is needed, as in 2027-03-31; nothing is approved without an end")]
    NoDate,
    #[error("Write the day as in 2027-03-31")]
    UnreadableDate,
    #[error("Write a day after today; an end that has come already would give nothing")]
    PastDate,
    #[error("Write a day no later than {}: what is asked for may be approved for {days} days at most", .latest)]
    TooLate { latest: NaiveDate, days: i64 },
    #[error("Write why it cannot wait, or take the tick away")]
    NoUrgency,
    #[error("Tick that it is urgent, or remove the reason for it")]
    UnusedUrgency,
}

impl AskFault {
    /// The field of the form that it is about.
    pub fn field(&self) -> &'static str {
        match self {
            Self::NoScopes | Self::TooMany { .. } | Self::NoScope { .. } | Self::MoreNoScopes(_) => "scopes",
            Self::SecretScope | Self::NothingChanges => "scopes",
            Self::NoReason => "reason",
            Self::TooLong(field) | Self::Secret(field) => field,
            Self::NoDate | Self::UnreadableDate | Self::PastDate | Self::TooLate { .. } => "until",
            Self::NoUrgency | Self::UnusedUrgency => "urgency",
        }
    }
}

/// The permissions of a text, each once, in their order, and what is wrong with them.
///
/// # Errors
/// Every fault: none at all, too many, tokens outside the grammar with what to write instead.
pub fn scopes(text: &str, most: usize) -> Result<Vec<String>, Vec<AskFault>> {
    if text.split_ascii_whitespace().any(is_pasted_secret) {
        return Err(vec![AskFault::SecretScope]);
    }
    let mut written: Vec<String> = Vec::new();
    for token in text.split_ascii_whitespace() {
        if !written.iter().any(|known| known == token) {
            written.push(token.to_owned());
        }
        if written.len() > most {
            let given = text.split_ascii_whitespace().count();
            return Err(vec![AskFault::TooMany { given, most }]);
        }
    }
    if written.is_empty() {
        return Err(vec![AskFault::NoScopes]);
    }
    let set = ScopeSet::of(written.iter().map(String::as_str));
    let mut faults: Vec<AskFault> = set
        .rejected
        .iter()
        .take(MOST_NAMED)
        .map(|each| AskFault::NoScope { token: shortened(&each.token), reason: each.reason.to_string() })
        .collect();
    if set.rejected.len() > MOST_NAMED {
        faults.push(AskFault::MoreNoScopes(set.rejected.len() - MOST_NAMED));
    }
    if faults.is_empty() { Ok(written) } else { Err(faults) }
}

/// A token as a reader sees it: no longer than a line.
pub fn shortened(token: &str) -> String {
    if token.chars().count() <= 80 { token.to_owned() } else { token.chars().take(79).chain(['\u{2026}']).collect() }
}

/// Reads what is asked for; its end lies after `today`. How late it may be follows from what is asked for,
/// so [`check_end`] says that afterwards.
///
/// # Errors
/// Every fault at once, in the order of the form.
pub fn read(typed: Typed<'_>, most: usize, today: NaiveDate) -> Result<Asked, Vec<AskFault>> {
    let mut faults = Vec::new();
    let scopes = scopes(typed.scopes, most).map_err(|more| faults.extend(more)).ok();
    let reason = text("reason", typed.reason, AskFault::NoReason).map_err(|fault| faults.push(fault)).ok();
    let until = date(typed.until, today).map_err(|fault| faults.push(fault)).ok();
    let urgency = urgency(typed.urgent, typed.urgency).map_err(|fault| faults.push(fault)).ok();
    match (scopes, reason, until, urgency) {
        (Some(scopes), Some(reason), Some(until), Some(urgency)) => Ok(Asked { scopes, reason, until, urgency }),
        _ => Err(faults),
    }
}

/// Reads a day after `today`.
///
/// # Errors
/// What is wrong with it.
pub fn date(text: &str, today: NaiveDate) -> Result<NaiveDate, AskFault> {
    let text = text.trim();
    if text.is_empty() {
        return Err(AskFault::NoDate);
    }
    let date = text.parse::<NaiveDate>().ok().filter(|date| text.len() == 10 && (1900..=9998).contains(&date.year()));
    match date {
        None => Err(AskFault::UnreadableDate),
        Some(date) if date <= today => Err(AskFault::PastDate),
        Some(date) => Ok(date),
    }
}

/// Whether the end is not too late for what is asked.
///
/// # Errors
/// `TooLate` with the latest day.
pub fn check_end(until: NaiveDate, today: NaiveDate, longest_days: i64) -> Result<(), AskFault> {
    let latest = latest_end(today, longest_days);
    if until <= latest { Ok(()) } else { Err(AskFault::TooLate { latest, days: longest_days }) }
}

fn text(field: &'static str, text: &str, missing: AskFault) -> Result<String, AskFault> {
    let text = text.replace("\r\n", "\n");
    let text = text.trim();
    match text.chars().count() {
        0 => Err(missing),
        length if length > LONGEST_REASON => Err(AskFault::TooLong(field)),
        _ if holds_a_secret(text) => Err(AskFault::Secret(field)),
        _ => Ok(text.to_owned()),
    }
}

fn urgency(urgent: bool, typed: &str) -> Result<Option<String>, AskFault> {
    match (urgent, typed.trim().is_empty()) {
        (false, true) => Ok(None),
        (false, false) => Err(AskFault::UnusedUrgency),
        (true, _) => match text("urgency", typed, AskFault::NoUrgency) {
            Ok(text) => Ok(Some(text)),
            Err(fault) => Err(fault),
        },
    }
}
