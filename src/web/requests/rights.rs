//! What somebody may do on the page of a request, and the answers they choose from.

use crate::actions::By;
use crate::actions::requests::{Loaded, may_ask};
use crate::domain::identities::{OwnerAnswer, ScopeList};
use crate::domain::people::Role;
use crate::domain::requests::people as rules;
use crate::domain::requests::{DecidedAs, RequestAnswer, RequestState, StageKind};
use crate::domain::task_words::date_words;
use crate::web::errors::full_sentence;

/// What the reader may do here.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct May {
    pub decide: bool,
    /// A yes of theirs accepts, too, that they own it.
    pub accepts: bool,
    pub withdraw: bool,
    pub issue: bool,
    pub ask_again: bool,
}

/// What somebody may do now, and why they may not decide or issue; that is empty where they may, or where nothing is left.
pub(super) fn rights(loaded: &Loaded, by: &By, state: RequestState) -> (May, String) {
    let Some(human) = loaded.human(by) else {
        let text = if by.role == Role::Auditor {
            "Auditors read and decide nothing."
        } else {
            "You see this because you are involved in it; others decide about it."
        };
        return (May::default(), if state == RequestState::Open { text.to_owned() } else { String::new() });
    };
    let mut may = May { withdraw: state.is_pending() && rules::withdraw(&loaded.parts(), &human), ..May::default() };
    let mut why_not = String::new();
    match state {
        RequestState::Open => match loaded.may_decide(&human) {
            Ok(right) => {
                may.decide = true;
                may.accepts = right == DecidedAs::BusinessOwner
                    && loaded.identity.business_owner_answer != Some(OwnerAnswer::Accepted);
            }
            Err(error) => why_not = full_sentence(&error.to_string()),
        },
        RequestState::InForce => match rules::carry_out(&loaded.parts(), &human) {
            Ok(()) => may.issue = true,
            Err(error) => why_not = full_sentence(&error.to_string()),
        },
        RequestState::Refused | RequestState::Withdrawn | RequestState::Expired => {
            may.ask_again = may_ask(&human, &loaded.identity).is_some();
        }
        _ => {}
    }
    (may, why_not)
}

/// Why nobody can bring it to its end; empty where somebody can.
pub(super) fn shortage(loaded: &Loaded) -> String {
    let Some(stage) = loaded.shortage() else { return String::new() };
    let who = match stage {
        StageKind::BusinessOwner => {
            "Nobody can decide for the business owner: it has none who can, and nobody who keeps the register is left. \
             Name an owner, or open an account."
        }
        StageKind::Security | StageKind::SecondPerson => {
            "Somebody is missing to bring this to its end: each step takes another person who keeps the register and has no \
             part in it. An administrator can open an account for one."
        }
    };
    format!("{who} The administrators have a task about it.")
}

/// The answers to choose from: word, label, hint. None is chosen for anybody.
pub(super) fn options(loaded: &Loaded) -> Vec<(&'static str, String, String)> {
    let until = date_words(loaded.until());
    let app = &loaded.identity.name;
    RequestAnswer::ALL
        .iter()
        .map(|answer| {
            let (label, hint) = match answer {
                RequestAnswer::Approve => (format!("Approve it until {until}"), String::new()),
                RequestAnswer::Part => (
                    "Approve only part".to_owned(),
                    "Tick below what it may have of what is new; an earlier day, if you like; and say why. What is approved already stays".to_owned(),
                ),
                RequestAnswer::Refuse => {
                    ("Say no".to_owned(), format!("Choose the ground below and say why. {}", no(loaded, app)))
                }
                RequestAnswer::PassOn => {
                    ("I am not the right person".to_owned(), "Name the right person below, and say why".to_owned())
                }
            };
            (answer.word(), label, hint)
        })
        .collect()
}

fn no(loaded: &Loaded, app: &str) -> String {
    match loaded.on(ScopeList::Approved).is_empty() {
        true => format!("{app} then cannot start"),
        false => format!("{app} then keeps what it has"),
    }
}

/// Whose turn it is, where the reader would answer for another step than the first.
pub(super) fn now_at(loaded: &Loaded) -> String {
    match loaded.current() {
        Some(stage) if loaded.stages.len() > 1 => format!(
            "This is step {} of {} now: {}.",
            stage.position,
            loaded.stages.len(),
            stage.kind.label().to_lowercase()
        ),
        _ => String::new(),
    }
}
