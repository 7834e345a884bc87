//! The answers of a task as they are offered, each with what it does.

use chrono::NaiveDate;

use super::facts::Facts;
use crate::domain::identities::{IdentityState, StateCause};
use crate::domain::task_words::{DEFAULT_REVIEW_INTERVAL_DAYS, days_after};
use crate::domain::tasks::{TaskAnswer, TaskCause, TaskKind};
use crate::web::show;

/// The word, the label and the consequence of an answer. `sets_dates`: the reader may change an expiry.
pub fn option(answer: TaskAnswer, facts: &Facts, today: NaiveDate, sets_dates: bool) -> (&'static str, String, String) {
    let (label, hint) = match answer {
        TaskAnswer::Keep => {
            let interval = facts.identity.review_interval_days;
            let days = interval.unwrap_or(DEFAULT_REVIEW_INTERVAL_DAYS);
            let next = show::date(days_after(today, days.unsigned_abs()));
            let why = if interval.is_none() { "; no interval is set for it, so a year is taken" } else { "" };
            ("Yes, it is still needed", format!("It keeps what it has. You are asked again on {next}{why}."))
        }
        TaskAnswer::Until => (until_label(facts), until_hint(facts, sets_dates)),
        TaskAnswer::Remove => (
            "No, it is not needed any more",
            "It is marked as to be revoked, and a task to stop it is raised. Muster stops nothing at its system by itself."
                .to_owned(),
        ),
        TaskAnswer::DontKnow => (
            "I don\u{2019}t know",
            "This does not count as a yes. The question goes to its technical owner, or else to the security analysts."
                .to_owned(),
        ),
        TaskAnswer::Another => (
            "Somebody else should do this",
            "You name the person below. The task goes to them and they get an e-mail; nothing else changes.".to_owned(),
        ),
        TaskAnswer::Done => (
            "It was stopped",
            "You say how. It is shown as revoked only once there is proof that it is refused.".to_owned(),
        ),
        TaskAnswer::Obsolete => (
            "Nothing is left to do",
            "For security analysts: what this was about has changed. The task is closed without an answer.".to_owned(),
        ),
        TaskAnswer::Accept | TaskAnswer::Refuse => (answer.label(), String::new()),
    };
    (answer.word(), label.to_owned(), hint)
}

fn until_label(facts: &Facts) -> &'static str {
    match facts.task.kind {
        TaskKind::Recertification => "Yes, but only until a date",
        _ => "It is still needed until a date",
    }
}

fn until_hint(facts: &Facts, sets_dates: bool) -> String {
    if !sets_dates {
        return "You give the date below. Only security analysts may change an end date, so the task goes to them \
                with your date and your reason; until they decide, nothing changes."
            .to_owned();
    }
    let mut hint = "It gets the end date below at once, and this task is closed. When that date has passed, a new \
                    task is raised."
        .to_owned();
    let identity = &facts.identity;
    if identity.state == IdentityState::Suspended && identity.state_cause == StateCause::Expired {
        hint.push_str(" It becomes active again, because only its expiry suspended it.");
    } else if identity.state == IdentityState::Suspended {
        hint.push_str(" It stays suspended, because somebody suspended it.");
    }
    if facts.task.cause == TaskCause::ContractEnded {
        hint.push_str(" The contract with its vendor stays on record as ended.");
    }
    hint
}

/// The label of the reason.
pub fn reason_label(kind: TaskKind) -> &'static str {
    match kind {
        TaskKind::Offboarding => "What was done, or your reason",
        _ => "Reason",
    }
}

/// What the reason should hold.
pub fn reason_hint(kind: TaskKind) -> &'static str {
    match kind {
        TaskKind::Offboarding => {
            "If it was stopped: where, what was done, who saw that it is refused. Otherwise why. No secrets."
        }
        _ => "Needed unless you answer a plain yes. No names of patients, no secrets.",
    }
}
