//! Requests: somebody asks that scopes be approved; people with authority decide stage by stage; what was
//! approved becomes the ceiling of what may be issued.
//!
//! Asking, approving and issuing are parts of different people, whatever their role and whatever emergency
//! (OWASP ASVS 5.0 2.3.5, NIST SP 800-53 AC-5): [`people`] says who may take which. Which stages a request
//! passes follows from its reach and its access basis by a table ([`stages`]). What somebody decides about
//! is a sheet of sentences with a digest ([`sheet`]), and the decision keeps both.

pub mod asking;
pub mod choosing;
pub mod deciding;
pub mod grounds;
pub mod people;
pub mod sheet;
pub mod stages;
pub mod tables;

use chrono::NaiveDate;

use super::ids::Moment;
use crate::words;

words! {
    /// What is asked for.
    RequestKind {
        /// An identity that does not work yet.
        Registration = "registration", "Registration";
        /// Other permissions, or a later end.
        Change = "change", "Change";
        /// The same app in another environment, as an identity of its own.
        Promotion = "promotion", "Promotion";
    }
}

words! {
    /// How far a request has come.
    RequestState {
        /// Somebody has to decide.
        Open = "open", "Waiting for a decision";
        /// Everybody said yes; until its hour comes each of them can change their mind.
        Approved = "approved", "Approved";
        /// What was approved is the ceiling now, and nobody has recorded yet that it was issued.
        InForce = "in_force", "To be issued";
        /// Somebody recorded what was issued and removed at the system.
        Issued = "issued", "Issued";
        Refused = "refused", "Refused";
        Withdrawn = "withdrawn", "Withdrawn";
        /// Nobody decided in time.
        Expired = "expired", "Expired";
        /// A later request took its place before it was issued.
        Superseded = "superseded", "Superseded";
    }
}

impl RequestState {
    /// Whether somebody still has to decide, or may still change their mind.
    pub fn is_pending(self) -> bool {
        matches!(self, Self::Open | Self::Approved)
    }
}

words! {
    /// Whose yes is needed.
    StageKind {
        BusinessOwner = "business_owner", "Business owner";
        Security = "security", "Security";
        /// One more person who keeps the register.
        SecondPerson = "second_person", "Second person";
    }
}

words! {
    /// How a stage stands.
    StageState {
        Waiting = "waiting", "Waiting";
        Approved = "approved", "Approved";
        Refused = "refused", "Refused";
    }
}

words! {
    /// What somebody answers.
    RequestAnswer {
        Approve = "approve", "Approve it";
        /// Some of the permissions, or until an earlier day.
        Part = "part", "Approve only part";
        Refuse = "refuse", "Say no";
        /// Whoever was asked names somebody else; nothing is decided.
        PassOn = "pass_on", "I am not the right person";
    }
}

impl RequestAnswer {
    /// Whether it is a yes, in whole or in part.
    pub fn is_yes(self) -> bool {
        matches!(self, Self::Approve | Self::Part)
    }
}

words! {
    /// By what right somebody decided.
    DecidedAs {
        BusinessOwner = "business_owner", "as its business owner";
        Deputy = "deputy", "as the deputy of its business owner";
        /// The business owner cannot, and their deputy cannot either.
        Fallback = "fallback", "because nobody who owns it can decide";
        Keeper = "keeper", "for those who keep the register";
        /// Whoever was asked named them.
        Named = "named", "because whoever was asked named them";
    }
}

words! {
    /// A document that allows the access, kept as a reference.
    PaperKind {
        Contract = "contract", "Contract";
        Agreement = "agreement", "Data sharing agreement";
        Baa = "baa", "Business associate agreement";
    }
}

/// The state at `now`: what nobody decided in time has expired from that moment, written down or not.
pub fn state_at(state: RequestState, ends_at: Moment, now: Moment) -> RequestState {
    match state {
        RequestState::Open if ends_at <= now => RequestState::Expired,
        state => state,
    }
}

/// How readers call a request: `R-17`.
pub fn reference(number: i64) -> String {
    format!("R-{number}")
}

/// The number of a request that somebody calls by its reference.
pub fn number(reference: &str) -> Option<i64> {
    let text = reference.trim();
    let text = text.strip_prefix("R-").or_else(|| text.strip_prefix("r-")).unwrap_or(text);
    text.parse().ok().filter(|number| *number > 0)
}

/// Why a change of a request is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    #[error("this request is {} already: nothing is left to decide", .0.label().to_lowercase())]
    NotOpen(RequestState),
    #[error("another request about this identity waits already: {}; withdraw it, or wait for its decision", reference(*.0))]
    Waiting(i64),
    #[error("you asked to register the same already: {} waits; look at it, or withdraw it first", reference(*.0))]
    Repeated(i64),
    #[error("this identity is {}: nothing can be asked for it any more", .0.to_lowercase())]
    IdentityGone(&'static str),
    #[error("this cannot be changed any more: the time for that ended, and what was decided is in force")]
    TooLateToUndo,
    #[error("only whoever decided this can change their mind about it")]
    NotYourDecision,
    #[error("this was not approved yet, or the time for changing minds still runs: nothing can be issued before")]
    NotInForce,
    #[error("its purpose or its access basis has changed since {} was approved: it has to be asked for anew", reference(*.0))]
    UseChanged(i64),
    #[error("what is issued goes beyond what was approved, by {0}; take that away at the system first, or ask for it")]
    BeyondApproval(String),
}

/// The last day on which a request may be wanted: so many days from today.
pub fn latest_end(today: NaiveDate, longest_days: i64) -> NaiveDate {
    today.checked_add_signed(chrono::Duration::days(longest_days)).unwrap_or(today)
}

#[cfg(test)]
mod tests;
