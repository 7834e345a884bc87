//! Reading what a reviewer decides: nothing is chosen for anybody, and a text beside an answer that takes none is a
//! fault, not something to be dropped.

use chrono::{Datelike, NaiveDate};

use super::ReviewAnswer;
use super::held::Beyond;
use super::narrowing::{self, NarrowFault};
use crate::domain::answers::counting::{FEWEST_OF_A_REASON, words_in};
use crate::domain::answers::{AnswerFault, written};
use crate::domain::task_words::{date_words, days_after};

/// The longest name or address of a person, in characters.
const LONGEST_PERSON: usize = 300;

/// Days that a revocation may be put off: what is to stop must not be forgotten.
const LATEST_REVOKE_DAYS: u32 = 180;

/// The latest day on which something may be switched off. It is counted from the day on which its review was first
/// decided, so that no row of corrections puts it off for ever, and the next review would come before a later one.
pub fn latest_day(first_decided_on: NaiveDate, interval_days: u32) -> NaiveDate {
    days_after(first_decided_on, u64::from(LATEST_REVOKE_DAYS.min(interval_days)))
}

/// What somebody typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Typed<'a> {
    pub answer: Option<ReviewAnswer>,
    /// The pieces that are ticked.
    pub keep: &'a [&'a str],
    /// The day on which it is switched off, `YYYY-MM-DD`.
    pub revoke_on: &'a str,
    pub reason: &'a str,
    /// Who should decide.
    pub somebody: &'a str,
}

/// What is decided about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing<'a> {
    /// The permissions that stay where it is kept.
    pub scopes: &'a [String],
    /// What its system gives beyond them.
    pub beyond: &'a [Beyond],
    /// Whether keeping it takes a reason.
    pub reason_to_keep: bool,
    pub today: NaiveDate,
    /// See [`latest_day`].
    pub latest: NaiveDate,
}

/// What was decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    Keep,
    /// These permissions stay.
    Narrow(Vec<String>),
    RevokeOn(NaiveDate),
    DontKnow,
    /// Somebody else decides, named as typed.
    Reassign(String),
}

/// A decision and its reason.
pub type Decided = (Decision, Option<String>);

/// What is wrong with a decision.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReviewFault {
    #[error("Choose one of the answers; nothing was recorded")]
    NotChosen,
    #[error("{0}")]
    Narrow(NarrowFault),
    #[error("Nothing was ticked to be kept for this answer: remove the ticks, or choose to keep it with less")]
    UnusedTicks,
    #[error(
        "Write the day on which it is switched off, as in 2027-03-31; with today it ends as soon as this can no longer \
         be corrected"
    )]
    NoDay,
    #[error("Write the day as in 2027-03-31")]
    UnreadableDay,
    #[error("Write today or a later day")]
    PastDay,
    /// With the latest day, in words.
    #[error("Write a day up to {0}; what is needed for longer is kept now and asked about again")]
    LateDay(String),
    #[error("Remove the day, or choose to switch it off")]
    UnusedDay,
    #[error("Write why it is still needed: it reaches far, and your reason is kept with the decision")]
    WhyKeep,
    #[error(
        "Write why it is still needed in at least three words: it reaches far, and your reason is kept with the decision"
    )]
    ShortKeep,
    #[error("Write why it may keep less; whoever sets it up reads it")]
    WhyNarrow,
    #[error("Write why it is switched off; whoever stops it reads it")]
    WhyRevoke,
    #[error("Write what you do know; whoever is asked about it reads it")]
    WhatIsKnown,
    #[error("Write why they should decide; they read it")]
    WhyThey,
    #[error("{0}")]
    Reason(AnswerFault),
    #[error("Write the name or the e-mail address of whoever should decide")]
    NoPerson,
    #[error("Write a name or an e-mail address on one line, at most {LONGEST_PERSON} characters")]
    UnreadablePerson,
    #[error("Remove the name, or choose the answer that it belongs to")]
    UnusedPerson,
}

impl ReviewFault {
    /// The field of the form that it is about.
    pub fn field(&self) -> &'static str {
        match self {
            Self::NotChosen => "answer",
            Self::Narrow(_) | Self::UnusedTicks => "keep",
            Self::NoDay | Self::UnreadableDay | Self::PastDay | Self::LateDay(_) | Self::UnusedDay => "revoke_on",
            Self::NoPerson | Self::UnreadablePerson | Self::UnusedPerson => "somebody",
            _ => "reason",
        }
    }
}

/// Reads a decision.
///
/// # Errors
/// Every fault at once, in the order of the form.
pub fn read(typed: Typed<'_>, standing: Standing<'_>) -> Result<Decided, Vec<ReviewFault>> {
    let Some(answer) = typed.answer else { return Err(vec![ReviewFault::NotChosen]) };
    let mut faults = Vec::new();
    let kept = read_kept(&typed, standing, answer).map_err(|fault| faults.push(fault)).ok().flatten();
    let day = read_day(typed.revoke_on, standing, answer).map_err(|fault| faults.push(fault)).ok().flatten();
    let somebody = read_somebody(typed.somebody, answer).map_err(|fault| faults.push(fault)).ok().flatten();
    let reason = read_reason(typed.reason, standing, answer).map_err(|fault| faults.push(fault)).ok();
    let decision = match answer {
        ReviewAnswer::Keep => Some(Decision::Keep),
        ReviewAnswer::Narrow => kept.map(Decision::Narrow),
        ReviewAnswer::Revoke => day.map(Decision::RevokeOn),
        ReviewAnswer::DontKnow => Some(Decision::DontKnow),
        ReviewAnswer::Reassign => somebody.map(Decision::Reassign),
    };
    match (decision, reason) {
        (Some(decision), Some(reason)) if faults.is_empty() => Ok((decision, reason)),
        _ => Err(faults),
    }
}

fn read_kept(
    typed: &Typed<'_>,
    standing: Standing<'_>,
    answer: ReviewAnswer,
) -> Result<Option<Vec<String>>, ReviewFault> {
    match answer {
        ReviewAnswer::Narrow => narrowing::check_approved(standing.beyond, typed.keep)
            .and_then(|()| narrowing::kept(standing.scopes, typed.keep))
            .map(Some)
            .map_err(ReviewFault::Narrow),
        _ if typed.keep.is_empty() => Ok(None),
        _ => Err(ReviewFault::UnusedTicks),
    }
}

fn read_day(text: &str, standing: Standing<'_>, answer: ReviewAnswer) -> Result<Option<NaiveDate>, ReviewFault> {
    let text = text.trim();
    match (answer, text) {
        (ReviewAnswer::Revoke, "") => return Err(ReviewFault::NoDay),
        (ReviewAnswer::Revoke, _) => {}
        (_, "") => return Ok(None),
        _ => return Err(ReviewFault::UnusedDay),
    }
    let day = text.parse::<NaiveDate>().ok().filter(|day| text.len() == 10 && (1900..=9998).contains(&day.year()));
    match day {
        None => Err(ReviewFault::UnreadableDay),
        Some(day) if day < standing.today => Err(ReviewFault::PastDay),
        Some(day) if day > standing.latest => Err(ReviewFault::LateDay(date_words(standing.latest))),
        Some(day) => Ok(Some(day)),
    }
}

fn read_somebody(text: &str, answer: ReviewAnswer) -> Result<Option<String>, ReviewFault> {
    let text = text.trim();
    let unreadable = text.chars().count() > LONGEST_PERSON || text.chars().any(char::is_control);
    match (answer, text) {
        (ReviewAnswer::Reassign, "") => Err(ReviewFault::NoPerson),
        (ReviewAnswer::Reassign, _) if unreadable => Err(ReviewFault::UnreadablePerson),
        (ReviewAnswer::Reassign, _) => Ok(Some(text.to_owned())),
        (_, "") => Ok(None),
        _ => Err(ReviewFault::UnusedPerson),
    }
}

fn read_reason(text: &str, standing: Standing<'_>, answer: ReviewAnswer) -> Result<Option<String>, ReviewFault> {
    let reason = written(text).map_err(ReviewFault::Reason)?;
    let missing = match answer {
        ReviewAnswer::Keep if !standing.reason_to_keep => return Ok(reason),
        ReviewAnswer::Keep if reason.as_deref().is_some_and(|text| words_in(text) < FEWEST_OF_A_REASON) => {
            return Err(ReviewFault::ShortKeep);
        }
        ReviewAnswer::Keep => ReviewFault::WhyKeep,
        ReviewAnswer::Narrow => ReviewFault::WhyNarrow,
        ReviewAnswer::Revoke => ReviewFault::WhyRevoke,
        ReviewAnswer::DontKnow => ReviewFault::WhatIsKnown,
        ReviewAnswer::Reassign => ReviewFault::WhyThey,
    };
    if reason.is_none() { Err(missing) } else { Ok(reason) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scopes() -> Vec<String> {
        vec!["patient/Observation.rs".to_owned(), "launch/patient".to_owned()]
    }

    fn read_with(typed: Typed<'_>, reason_to_keep: bool) -> Result<Decided, Vec<ReviewFault>> {
        let today = "2026-12-01".parse().unwrap();
        let beyond = [Beyond { scope: "system/*.rs".to_owned(), compared: true }];
        let latest = latest_day(today, 365);
        read(typed, Standing { scopes: &scopes(), beyond: &beyond, reason_to_keep, today, latest })
    }

    fn typed(answer: Option<ReviewAnswer>) -> Typed<'static> {
        Typed { answer, keep: &[], revoke_on: "", reason: "", somebody: "" }
    }

    #[test]
    fn nothing_is_chosen_for_anybody() {
        assert_eq!(read_with(typed(None), false), Err(vec![ReviewFault::NotChosen]));
    }

    #[test]
    fn keeping_takes_a_reason_where_it_reaches_far_and_none_elsewhere() {
        assert_eq!(read_with(typed(Some(ReviewAnswer::Keep)), false), Ok((Decision::Keep, None)));
        assert_eq!(read_with(typed(Some(ReviewAnswer::Keep)), true), Err(vec![ReviewFault::WhyKeep]));
    }

    #[test]
    fn a_reason_to_keep_what_reaches_far_has_at_least_three_words() {
        let keep = |reason: &'static str, far| read_with(Typed { reason, ..typed(Some(ReviewAnswer::Keep)) }, far);
        for short in ["x", "still needed", " yes,\n  needed ", ". . .", "--- --- ---", "still\u{a0}- needed"] {
            assert_eq!(keep(short, true), Err(vec![ReviewFault::ShortKeep]), "{short}");
            assert!(keep(short, false).is_ok(), "{short}: what reaches little takes none");
        }
        assert!(keep("wards use it", true).is_ok());
        assert!(keep("\u{75c5}\u{68df}\u{3067}\u{6bce}\u{65e5}\u{4f7f}\u{3046}", true).is_ok(), "without spaces");
        assert!(ReviewFault::ShortKeep.to_string().contains("at least three words"));
        assert_eq!(ReviewFault::ShortKeep.field(), "reason");
        // What takes something away, or asks somebody, is not held up for a word.
        let ask = Typed { reason: "unsure", ..typed(Some(ReviewAnswer::DontKnow)) };
        assert!(read_with(ask, true).is_ok());
    }

    #[test]
    fn it_is_switched_off_today_or_on_a_day_that_is_not_forgotten() {
        let on = |day: &'static str| {
            read_with(Typed { revoke_on: day, reason: "Replaced.", ..typed(Some(ReviewAnswer::Revoke)) }, false)
        };
        assert_eq!(on("2026-12-01").unwrap().0, Decision::RevokeOn("2026-12-01".parse().unwrap()));
        assert_eq!(on("2026-11-30"), Err(vec![ReviewFault::PastDay]));
        assert_eq!(on("2027-05-30").unwrap().0, Decision::RevokeOn("2027-05-30".parse().unwrap()));
        assert_eq!(on("2027-05-31"), Err(vec![ReviewFault::LateDay("30 May 2027".to_owned())]));
        assert_eq!(on("soon"), Err(vec![ReviewFault::UnreadableDay]));
        assert_eq!(on(""), Err(vec![ReviewFault::NoDay]));
    }

    #[test]
    fn the_latest_day_is_counted_from_the_first_decision_and_within_the_time_between_reviews() {
        let first: NaiveDate = "2026-12-01".parse().unwrap();
        assert_eq!(latest_day(first, 365), "2027-05-30".parse().unwrap());
        assert_eq!(latest_day(first, 90), "2027-03-01".parse().unwrap());
    }

    #[test]
    fn what_nobody_approved_is_not_kept_by_leaving_less() {
        let wider = Typed {
            keep: &["launch/patient", "system/*.rs"],
            reason: "Less will do.",
            ..typed(Some(ReviewAnswer::Narrow))
        };
        let refused = NarrowFault::NotApproved("system/*.rs".to_owned());
        assert_eq!(read_with(wider, false), Err(vec![ReviewFault::Narrow(refused)]));
    }

    #[test]
    fn what_belongs_to_another_answer_is_told_and_not_dropped() {
        let mixed = Typed {
            keep: &["launch/patient"],
            revoke_on: "2026-12-24",
            somebody: "Dana",
            ..typed(Some(ReviewAnswer::Keep))
        };
        assert_eq!(
            read_with(mixed, false),
            Err(vec![ReviewFault::UnusedTicks, ReviewFault::UnusedDay, ReviewFault::UnusedPerson])
        );
    }

    #[test]
    fn every_fault_is_told_at_once_with_its_field() {
        let nothing = read_with(typed(Some(ReviewAnswer::Narrow)), false).unwrap_err();
        let fields: Vec<&str> = nothing.iter().map(ReviewFault::field).collect();
        assert_eq!(fields, ["keep", "reason"]);
    }
}
