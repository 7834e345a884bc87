//! Reviews: an owner is asked whether access is still needed, and what happens when no answer comes.
//!
//! A review is open until somebody decides or silence counts; decided until that takes effect; remediating until
//! what was taken away is seen to be gone; then closed. An answer that nobody gave is never taken for a yes.

pub mod campaigns;
pub mod clock;
pub mod cut_words;
pub mod deciding;
pub mod end_date;
pub mod escalation;
pub mod held;
pub mod matters;
pub mod narrowing;
pub mod notes;
pub mod other_rules;
pub mod pace;
pub mod postponing;
pub mod progress;
pub mod reasons;
pub mod reviewers;
pub mod sheet;
pub mod silence;
pub mod snapshot;
pub mod stop_words;
pub mod together;
pub mod two_people;

use crate::words;

words! {
    /// How far a review has come.
    ReviewState {
        Open = "open", "Open";
        /// Somebody decided, or silence counts, and it has not taken effect yet.
        Decided = "decided", "Decided";
        /// What was decided is done in the register, and nobody has seen it at the system.
        Remediating = "remediating", "Waiting for proof";
        Closed = "closed", "Closed";
        Cancelled = "cancelled", "Cancelled";
    }
}

impl ReviewState {
    /// Whether nothing about it changes any more.
    pub fn has_ended(self) -> bool {
        matches!(self, Self::Closed | Self::Cancelled)
    }
}

words! {
    /// What a reviewer answers.
    ReviewAnswer {
        Keep = "keep", "Keep as it is";
        Narrow = "narrow", "Keep, but with less";
        Revoke = "revoke", "Switch off on a day";
        /// Never counts as keep: the technical owner is asked, and the deadline stays.
        DontKnow = "dont_know", "I don\u{2019}t know";
        Reassign = "reassign", "Somebody else should decide";
    }
}

impl ReviewAnswer {
    /// Whether it decides: the other answers ask somebody else.
    pub fn decides(self) -> bool {
        matches!(self, Self::Keep | Self::Narrow | Self::Revoke)
    }
}

words! {
    /// How a review ended.
    ReviewOutcome {
        Keep = "keep", "Kept";
        Narrow = "narrow", "Narrowed";
        Revoke = "revoke", "Switched off";
        SilentKeep = "silent_keep", "Nobody answered: access stays, with a finding";
        SilentSuspend = "silent_suspend", "Nobody answered: suspended";
        SilentRevoke = "silent_revoke", "Nobody answered: revoked";
    }
}

impl ReviewOutcome {
    /// Whether nobody decided it.
    pub fn is_silent(self) -> bool {
        matches!(self, Self::SilentKeep | Self::SilentSuspend | Self::SilentRevoke)
    }

    /// Whether something has to be taken away at the system: closed only when that was seen.
    pub fn needs_proof(self) -> bool {
        !matches!(self, Self::Keep | Self::SilentKeep)
    }
}

words! {
    /// What showed that something was taken away.
    ReviewProof {
        /// An import of what the system gives.
        Observed = "observed", "Seen by an import";
        /// Somebody who neither decided it nor answers for it wrote what they saw.
        Attested = "attested", "Attested";
        /// Others decided since that it goes on.
        Overtaken = "overtaken", "Overtaken by a later decision";
    }
}

words! {
    /// What was done about an answer that had not come.
    ReviewStep {
        Opened = "opened", "Asked";
        Reminder14 = "reminder_14", "First reminder";
        Reminder7 = "reminder_7", "Second reminder";
        Reminder1 = "reminder_1", "Last reminder";
        Added = "added", "Somebody else was asked too";
        Replaced = "replaced", "Somebody else was asked instead";
        Silence = "silence", "Silence counted";
        /// Nothing may be cut, so the administrators were asked.
        Escalated = "escalated", "Went to the administrators";
        /// Something would have been cut, and silence is only simulated or its run stopped. Silence still comes.
        HeldBack = "held_back", "Silence was held back";
        /// Its day passed while nothing ran, so there are days more to answer. Once: what runs seldom is no standstill.
        PutOff = "put_off", "Silence was put off";
    }
}
