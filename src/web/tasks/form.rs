//! The answers of a task as they are offered, each with what it does.

use super::facts::Facts;
use crate::domain::identities::{IdentityState, StateCause};
use crate::domain::tasks::{TaskAnswer, TaskCause, TaskKind};

/// The word, the label and the consequence of an answer. `sets_dates`: the reader may change an expiry.
pub fn option(answer: TaskAnswer, facts: &Facts, sets_dates: bool) -> (&'static str, String, String) {
    let (label, hint) = match answer {
        TaskAnswer::Until => ("It is still needed until a date", until_hint(facts, sets_dates)),
        TaskAnswer::Another => (
            "Somebody else should do this",
            "You name the person below. The task goes to them and they get an e-mail; nothing else changes.".to_owned(),
        ),
        TaskAnswer::Done if facts.task.kind == TaskKind::ReviewQuestion => {
            ("I write what I know", "Whoever reviews it reads it, and decides.".to_owned())
        }
        TaskAnswer::Done => (
            "It was stopped",
            "You say how. It is shown as revoked only once there is proof that it is refused.".to_owned(),
        ),
        TaskAnswer::Obsolete => (
            "Nothing is left to do",
            "For security analysts: what this was about has changed. The task is closed without an answer.".to_owned(),
        ),
        TaskAnswer::Keep
        | TaskAnswer::Narrow
        | TaskAnswer::Remove
        | TaskAnswer::DontKnow
        | TaskAnswer::Accept
        | TaskAnswer::Refuse => (answer.label(), String::new()),
    };
    (answer.word(), label.to_owned(), hint)
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
        TaskKind::ReviewQuestion => "What you know, or your reason",
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
