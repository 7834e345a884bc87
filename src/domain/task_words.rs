//! What a task says: its title, why it exists and how long it takes, in words for a business owner.
//!
//! No person is named here: a task's reason is part of the audit log, which knows people by id.

use chrono::{Days, NaiveDate};

use super::tasks::{AssignedAs, TaskCause, TaskKind};

/// Somebody has this many days from the day an offboarding is raised.
pub const OFFBOARDING_DAYS: u64 = 7;

/// The day a number of days later; the same day at the end of time.
pub fn days_after(date: NaiveDate, days: u64) -> NaiveDate {
    date.checked_add_days(Days::new(days)).unwrap_or(date)
}

/// "23 Nov 2026".
pub fn date_words(date: NaiveDate) -> String {
    date.format("%-d %b %Y").to_string()
}

impl TaskKind {
    /// What is to be done, starting with a verb. A review of emergency access is about a person.
    pub fn title(self, identity: &str) -> String {
        match self {
            Self::Recertification => format!("Decide whether {identity} is still needed"),
            Self::Offboarding => format!("Stop {identity}"),
            Self::Ownership => format!("Say whether you own {identity}"),
            Self::EmergencyReview => format!("Review the emergency access of {identity}"),
            Self::Decision => format!("Decide what {identity} may do"),
            Self::Issuance => format!("Issue what was approved for {identity}"),
            Self::ApproverMissing => format!("Find somebody who can decide about {identity}"),
            Self::OwnerMissing => format!("Name an owner of {identity}"),
            Self::Reauthorisation => format!("Ask anew for what {identity} may do"),
            Self::ReviewQuestion => format!("Say what you know about {identity}"),
            Self::Narrowing => format!("Take away what {identity} no longer needs"),
            Self::ReviewerMissing => format!("Find somebody who can review {identity}"),
        }
    }

    /// How long it takes, in minutes, as far as we can tell.
    pub fn minutes(self) -> i64 {
        match self {
            Self::Recertification => 2,
            Self::Offboarding => 10,
            Self::Ownership => 1,
            Self::EmergencyReview | Self::Issuance => 10,
            Self::Decision => 3,
            Self::ReviewQuestion => 3,
            Self::Narrowing => 10,
            Self::ApproverMissing | Self::OwnerMissing | Self::Reauthorisation | Self::ReviewerMissing => 5,
        }
    }

    /// What happens when nobody answers.
    pub fn silence(self) -> &'static str {
        match self {
            Self::Recertification => {
                "Silence is not a yes: somebody else is asked, and in the end it may stop working."
            }
            Self::ReviewQuestion => "Whoever decides has to decide without what you know.",
            Self::Narrowing => "What was taken away may still work.",
            Self::ReviewerMissing => "Nobody looks at it, and a finding stands.",
            Self::Offboarding => "The identity stays listed as one that may still work.",
            Self::Ownership => "The identity stays listed as one whose owner has not accepted.",
            Self::EmergencyReview => "What was done stays listed as not reviewed.",
            Self::Decision => "Silence is not a yes: nothing is given, and the request expires.",
            Self::Issuance => "What was approved stays unused, and what was taken away may still work.",
            Self::ApproverMissing => "Nobody decides, and the request expires.",
            Self::OwnerMissing => "The identity stays listed as one that nobody owns.",
            Self::Reauthorisation => "It stays listed as approved for something else than it does.",
        }
    }
}

/// Why somebody has a task, said to them.
pub fn why_you(kind: TaskKind, assigned_as: AssignedAs) -> &'static str {
    if kind == TaskKind::Ownership {
        return "It is waiting for you to accept or refuse.";
    }
    if kind == TaskKind::EmergencyReview {
        return "It came to everybody who keeps the register, except whoever used it.";
    }
    match (kind, assigned_as) {
        (TaskKind::ApproverMissing, _) => {
            return "It came to the administrators, who can open accounts and name owners.";
        }
        (TaskKind::Decision | TaskKind::Issuance, AssignedAs::Fallback | AssignedAs::Keeper) => {
            return "It came to whoever keeps the register, except who asked for it or approved it.";
        }
        (TaskKind::ReviewerMissing, _) => {
            return "It came to the administrators, who can open accounts and name owners.";
        }
        (TaskKind::ReviewQuestion, AssignedAs::TechnicalOwner) => {
            return "You are its technical owner, and whoever reviews it does not know enough.";
        }
        (TaskKind::Narrowing, AssignedAs::Fallback | AssignedAs::Keeper) => {
            return "It came to whoever keeps the register, except who decided it.";
        }
        (TaskKind::OwnerMissing, _) => return "It came to the security analysts, because nobody owns it.",
        _ => {}
    }
    match assigned_as {
        AssignedAs::Keeper => "You keep the register.",
        AssignedAs::BusinessOwner => "You are its business owner.",
        AssignedAs::Deputy => "You are the deputy of its business owner, who cannot act.",
        AssignedAs::TechnicalOwner => "You are its technical owner.",
        AssignedAs::Fallback => "It came to the security analysts, because nobody who answers for it can act.",
        AssignedAs::ByHand => "A security analyst gave it to you.",
        AssignedAs::HandedOn => "Whoever had it handed it on.",
        AssignedAs::TechnicalManager => "You are the manager of its technical owner, who may not decide about it.",
        AssignedAs::Escalated => "Whoever was asked before did not answer.",
    }
}

/// What a reason depends on besides cause and date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReasonFacts {
    pub clinical: bool,
    pub vendor_managed: bool,
}

/// Why a task is raised.
pub fn reason(cause: TaskCause, date: NaiveDate, facts: ReasonFacts) -> String {
    let date = date_words(date);
    let mut text = match cause {
        // Kept as it is and read before that day and after it.
        TaskCause::ReviewDue => format!("The day of its review is {date}. Say whether it is still needed."),
        TaskCause::Expired => {
            format!("Its expiry passed on {date}. Stop it, or have its expiry renewed if it is still needed.")
        }
        TaskCause::ContractEnded => {
            format!(
                "The contract with its vendor ended on {date}. Stop it, or have the contract renewed in the register."
            )
        }
        TaskCause::OwnersGone => {
            format!("Since {date} nobody who answers for it is left. Have new owners named, or stop it.")
        }
        TaskCause::Revoking => {
            format!("Since {date} it is to be revoked. Stop it in the system that issues it and write down how.")
        }
        TaskCause::OwnerNamed => "You were named as its owner.".to_owned(),
        TaskCause::EmergencyAccess => {
            format!("Somebody acted as an administrator on {date}. Look at what was done, and write what you found.")
        }
        TaskCause::Requested => format!("Since {date} somebody asks for it and waits for a decision."),
        TaskCause::Approved => {
            format!("It was approved on {date}. Set it up at the system that issues it, and record what you did.")
        }
        TaskCause::NobodyEligible => {
            format!("Since {date} a request waits that nobody can decide. Open an account, or name an owner.")
        }
        TaskCause::NoOwner => {
            format!("It was registered on {date} by somebody who did not know who owns it. Name its owners.")
        }
        TaskCause::UseChanged => {
            format!(
                "On {date} its purpose or its access basis changed. What it may do was approved for the one before."
            )
        }
        TaskCause::ReviewAsked => format!("Since {date} somebody should look at it. Say whether it is still needed."),
        TaskCause::ReviewUnanswered => {
            format!("Nobody answered its review until {date}, so it is to be stopped in the system that issues it.")
        }
        TaskCause::QuestionAsked => format!("Since {date} whoever reviews it does not know enough to decide."),
        TaskCause::Narrowed => {
            format!("On {date} a reviewer left it less. Take away at the system what it may no longer do.")
        }
        TaskCause::NobodyToAsk => {
            format!("Since {date} nobody can be asked whether it is still needed. Open an account, or name an owner.")
        }
    };
    let stops = matches!(
        cause,
        TaskCause::Expired
            | TaskCause::ContractEnded
            | TaskCause::OwnersGone
            | TaskCause::Revoking
            | TaskCause::ReviewUnanswered
    );
    if stops {
        if facts.clinical {
            text.push_str(" Care depends on it, so nothing stops it by itself: agree on a time with those who use it.");
        }
        if facts.vendor_managed {
            text.push_str(" The vendor of its system keeps it, so the vendor has to be asked.");
        }
    }
    text
}

/// The period of a task: with its kind and its identity it says that two tasks are the same work.
pub fn period(cause: TaskCause, date: NaiveDate) -> String {
    match cause {
        TaskCause::ReviewDue => date.to_string(),
        other => format!("{}:{date}", other.word()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: ReasonFacts = ReasonFacts { clinical: false, vendor_managed: false };

    fn day() -> NaiveDate {
        "2026-05-01".parse().unwrap()
    }

    #[test]
    fn the_period_of_a_review_is_its_date_and_of_an_offboarding_its_cause_and_date() {
        assert_eq!(period(TaskCause::ReviewDue, day()), "2026-05-01");
        assert_eq!(period(TaskCause::ContractEnded, day()), "contract_ended:2026-05-01");
    }

    #[test]
    fn the_day_of_a_review_is_not_said_to_be_past() {
        let says = reason(TaskCause::ReviewDue, day(), PLAIN);
        assert_eq!(says, "The day of its review is 1 May 2026. Say whether it is still needed.");
    }

    #[test]
    fn the_task_of_a_clinical_identity_says_that_no_timer_stops_it() {
        let clinical = ReasonFacts { clinical: true, vendor_managed: true };
        let text = reason(TaskCause::Expired, day(), clinical);
        assert!(text.contains("Care depends on it") && text.contains("vendor has to be asked"), "{text}");
        assert!(!reason(TaskCause::Expired, day(), PLAIN).contains("Care"));
    }
}
