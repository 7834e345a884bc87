//! Tasks: work with an assignee and a due date.
//!
//! A task's kind, subject and period are unique together: the period of a recertification is its
//! due date, that of an offboarding its cause and date. Raising the same work twice adds nothing.

use chrono::NaiveDate;

use super::ids::Id;
use super::people::{Role, has_left};
use crate::words;

words! {
    /// What sort of work it is.
    TaskKind {
        /// An owner is asked whether access is still needed.
        Recertification = "recertification", "Recertification";
        /// An identity is to be stopped and its access removed.
        Offboarding = "offboarding", "Offboarding";
        /// Somebody was named as owner and is asked to accept.
        Ownership = "ownership", "Ownership";
        /// Others look at what somebody did under emergency access.
        EmergencyReview = "emergency_review", "Emergency review";
        /// Somebody asks for something, and it is this assignee's to decide.
        Decision = "decision", "Decision";
        /// What was approved is to be set up at the system.
        Issuance = "issuance", "Issuance";
        /// Nobody can decide about a request.
        ApproverMissing = "approver_missing", "Nobody can decide";
        /// Whoever registered an identity did not know who owns it.
        OwnerMissing = "owner_missing", "Owner to be named";
        /// What an identity is for has changed since it was approved.
        Reauthorisation = "reauthorisation", "Re-authorisation";
        /// A reviewer does not know enough and asks the technical owner.
        ReviewQuestion = "review_question", "Question";
        /// A reviewer left it less, and its system has to follow.
        Narrowing = "narrowing", "Narrowing";
        /// Nobody can be asked whether an identity is still needed.
        ReviewerMissing = "reviewer_missing", "Nobody can review";
    }
}

words! {
    /// Why the task exists.
    TaskCause {
        ReviewDue = "review_due", "Its review is due";
        Expired = "expired", "Its expiry has passed";
        ContractEnded = "contract_ended", "The vendor's contract has ended";
        OwnersGone = "owners_gone", "Both owners are gone";
        Revoking = "revoking", "It is being revoked";
        OwnerNamed = "owner_named", "An owner was named";
        EmergencyAccess = "emergency_access", "Emergency access was used";
        Requested = "requested", "Somebody asks for it";
        Approved = "approved", "It was approved";
        NobodyEligible = "nobody_eligible", "Nobody can decide";
        NoOwner = "no_owner", "Nobody owns it";
        UseChanged = "use_changed", "What it is for has changed";
        ReviewAsked = "review_asked", "Somebody should look at it";
        ReviewUnanswered = "review_unanswered", "Nobody answered its review";
        QuestionAsked = "question_asked", "A reviewer has a question";
        Narrowed = "narrowed", "A reviewer left it less";
        NobodyToAsk = "nobody_to_ask", "Nobody can be asked";
    }
}

words! {
    /// How far a task has come.
    TaskState {
        Open = "open", "Open";
        Done = "done", "Done";
        Cancelled = "cancelled", "Cancelled";
    }
}

words! {
    /// How a task was answered.
    TaskAnswer {
        Keep = "keep", "Still needed";
        /// It is needed until a date, and no longer.
        Until = "until", "Still needed until a date";
        Remove = "remove", "No longer needed";
        DontKnow = "dont_know", "I don\u{2019}t know";
        /// Whoever had it named somebody else.
        Another = "another", "Somebody else should do this";
        Done = "done", "Done";
        Accept = "accept", "Accepted";
        Refuse = "refuse", "Refused";
        /// It stays, with less than it had.
        Narrow = "narrow", "Still needed, with less";
        /// What it was about has changed: nothing is left to do.
        Obsolete = "obsolete", "No longer applies";
    }
}

words! {
    /// A group that takes a task when no person can.
    AssigneeGroup {
        SecurityAnalysts = "security_analysts", "Security analysts";
        /// Whoever reviews emergency access, except who used it.
        EmergencyReviewers = "emergency_reviewers", "Administrators and security analysts";
        /// Whoever keeps the register: for decisions about requests.
        Keepers = "keepers", "Whoever keeps the register";
        Administrators = "administrators", "Administrators";
    }
}

impl AssigneeGroup {
    /// The groups that an account of that role belongs to. Emergency access makes nobody a member.
    pub fn of(role: Role) -> &'static [Self] {
        match role {
            Role::SecurityAnalyst => &[Self::SecurityAnalysts, Self::EmergencyReviewers, Self::Keepers],
            Role::Administrator => &[Self::EmergencyReviewers, Self::Keepers, Self::Administrators],
            Role::Owner | Role::Auditor => &[],
        }
    }
}

words! {
    /// Why this assignee has the task.
    AssignedAs {
        BusinessOwner = "business_owner", "business owner";
        Deputy = "deputy", "deputy of the business owner";
        TechnicalOwner = "technical_owner", "technical owner";
        Fallback = "fallback", "because nobody else could be reached";
        ByHand = "by_hand", "given by hand";
        HandedOn = "handed_on", "handed on by whoever had it";
        Keeper = "keeper", "keeps the register";
        /// Whoever has it would benefit, so their manager is asked.
        TechnicalManager = "technical_manager", "manager of the technical owner";
        /// Whoever was asked first did not answer.
        Escalated = "escalated", "because nobody answered before";
    }
}

impl AssignedAs {
    /// The authority by which somebody decided who had a task so, as it follows their name.
    pub fn authority(self) -> &'static str {
        match self {
            Self::BusinessOwner => "as its business owner",
            Self::Deputy => "as the deputy of its business owner",
            Self::TechnicalOwner => "as its technical owner",
            Self::Fallback => "because nobody else could be reached",
            Self::ByHand => "because whoever keeps the register gave it to them",
            Self::HandedOn => "because whoever had it handed it on to them",
            Self::Keeper => "as somebody who keeps the register",
            Self::TechnicalManager => "as the manager of its technical owner",
            Self::Escalated => "because nobody answered before",
        }
    }
}

impl AssigneeGroup {
    /// As what somebody of the group acts.
    pub fn as_member(self) -> &'static str {
        match self {
            Self::SecurityAnalysts => "as a security analyst",
            Self::Administrators => "as an administrator",
            Self::EmergencyReviewers | Self::Keepers => "as somebody who keeps the register",
        }
    }
}

/// Somebody a task could go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate {
    pub person: Id,
    pub left_on: Option<NaiveDate>,
    /// They were asked to own the identity and refused.
    pub refused: bool,
    /// Their account is disabled. Somebody without an account is told by mail all the same.
    pub disabled: bool,
}

impl Candidate {
    /// Whether they can take a task on that day.
    pub fn can_act(&self, today: NaiveDate) -> bool {
        !self.refused && !self.disabled && !has_left(self.left_on, today)
    }
}

/// Who could take a task about an identity, in the order in which they are asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Candidates {
    pub business_owner: Option<Candidate>,
    pub deputy: Option<Candidate>,
    pub technical_owner: Option<Candidate>,
}

/// Who has a task, and why they.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Assignee {
    Person { person: Id, assigned_as: AssignedAs },
    Group { group: AssigneeGroup },
}

impl Candidates {
    /// The business owner, then their deputy, then the technical owner, then the fallback group.
    pub fn assign(&self, today: NaiveDate) -> Assignee {
        let in_order = [
            (self.business_owner, AssignedAs::BusinessOwner),
            (self.deputy, AssignedAs::Deputy),
            (self.technical_owner, AssignedAs::TechnicalOwner),
        ];
        for (candidate, assigned_as) in in_order {
            if let Some(candidate) = candidate.filter(|candidate| candidate.can_act(today)) {
                return Assignee::Person { person: candidate.person, assigned_as };
            }
        }
        Assignee::Group { group: AssigneeGroup::SecurityAnalysts }
    }

    /// Whether both owners are gone: there is at least one name on record and nobody named can act.
    pub fn both_gone(&self, today: NaiveDate) -> bool {
        let named = [self.business_owner, self.technical_owner];
        named.iter().any(Option::is_some) && named.iter().flatten().all(|owner| !owner.can_act(today))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn candidate(left_on: Option<&str>) -> Candidate {
        Candidate { person: Id::new(), left_on: left_on.map(day), refused: false, disabled: false }
    }

    #[test]
    fn the_deputy_takes_over_on_the_day_the_owner_leaves() {
        let candidates = Candidates {
            business_owner: Some(candidate(Some("2026-05-01"))),
            deputy: Some(candidate(None)),
            technical_owner: Some(candidate(None)),
        };
        let assigned = |today: &str| match candidates.assign(day(today)) {
            Assignee::Person { assigned_as, .. } => assigned_as,
            Assignee::Group { .. } => AssignedAs::Fallback,
        };
        assert_eq!(assigned("2026-04-30"), AssignedAs::BusinessOwner);
        assert_eq!(assigned("2026-05-01"), AssignedAs::Deputy);
    }

    #[test]
    fn somebody_who_refused_the_ownership_gets_no_task() {
        let refused = Candidate { refused: true, ..candidate(None) };
        let candidates = Candidates { business_owner: Some(refused), ..Candidates::default() };
        assert_eq!(candidates.assign(day("2026-01-01")), Assignee::Group { group: AssigneeGroup::SecurityAnalysts });
        assert!(candidates.both_gone(day("2026-01-01")));
    }

    #[test]
    fn an_identity_that_never_had_an_owner_has_not_lost_both() {
        assert!(!Candidates::default().both_gone(day("2026-01-01")));
    }
}
