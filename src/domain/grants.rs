//! Grants: whatever gives an identity more than it has. One person asks, a second approves, a third
//! carries it out (OWASP ASVS 5.0 2.3.5, NIST SP 800-53 AC-5). Stopping is easier: one person may stop
//! one identity at once; more than one takes two.
//!
//! Nobody takes two parts, whatever their role and whatever emergency: a deputy who asks is one person,
//! and whoever they ask for is not another. Jobs, commands and programs take none.

use super::ids::{Id, Moment};
use super::people::Role;
use super::permissions::{Permission, allows};
use crate::words;

words! {
    /// What is granted.
    GrantKind {
        /// A suspended identity goes on.
        Resume = "resume", "Let it go on";
    }
}

words! {
    /// How far a grant has come.
    GrantState {
        Asked = "asked", "Asked for";
        Approved = "approved", "Approved";
        Executed = "executed", "Carried out";
        Refused = "refused", "Refused";
        Withdrawn = "withdrawn", "Withdrawn";
        Lapsed = "lapsed", "Lapsed";
    }
}

/// A grant that is not carried out lapses after this many days.
pub const OPEN_DAYS: i64 = 14;

/// The state at `now`: what has reached its end is lapsed from that moment, written down or not.
pub fn state_at(state: GrantState, ends_at: Moment, now: Moment) -> GrantState {
    match state {
        GrantState::Asked | GrantState::Approved if ends_at <= now => GrantState::Lapsed,
        state => state,
    }
}

/// Somebody who would take a part in a grant, as they stand towards its identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Human {
    pub person: Id,
    /// What they may do now.
    pub role: Role,
    /// They have not left and their account is not disabled.
    pub active: bool,
    /// They are its business or technical owner and have not refused: whoever benefits from the grant.
    pub owns: bool,
    /// The business owner whose deputy they are.
    pub deputy_of: Option<Id>,
}

/// Who has taken which part so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parts {
    pub requester: Id,
    /// For whom the requester asked, as their deputy.
    pub on_behalf_of: Option<Id>,
    pub approver: Option<Id>,
}

/// Why somebody may not take a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GrantError {
    #[error(
        "only people take part in a grant: no job, no command and no program asks for one, approves it or carries it out"
    )]
    NotAPerson,
    #[error("whoever has left or cannot sign in takes no part in a grant")]
    NotActive,
    #[error("only its owners, the deputy of its business owner and those who keep the register may ask for this")]
    NotYours,
    #[error("this takes somebody who keeps the register: an administrator or a security analyst")]
    NotKeeper,
    #[error("you asked for this, so somebody else has to decide about it and a third person to carry it out")]
    YouAsked,
    #[error("your deputy asked for this in your name, so somebody else has to decide about it and carry it out")]
    AskedInYourName,
    #[error("you own this identity: whoever benefits from a grant does not decide about it")]
    YouOwnIt,
    #[error("you approved this, so a third person has to carry it out")]
    YouApproved,
    #[error("this was not approved yet: nobody can carry it out before")]
    NotApproved,
    #[error("this is {} already: nothing is left to do", .0.label().to_lowercase())]
    NotOpen(GrantState),
    #[error("this takes the agreement of {needed} different people, and {given} agreed")]
    TooFew { needed: usize, given: usize },
}

/// Whether somebody may ask, and for whom they do: nobody else's owner, no auditor.
pub fn ask(by: &Human) -> Result<Option<Id>, GrantError> {
    if !by.active {
        return Err(GrantError::NotActive);
    }
    if !allows(Some(by.role), Permission::AnswerTasks) {
        return Err(GrantError::NotYours);
    }
    if by.owns || keeps(by) {
        return Ok(None);
    }
    by.deputy_of.map(Some).ok_or(GrantError::NotYours)
}

/// Whether somebody may approve or refuse.
pub fn decide(parts: &Parts, by: &Human) -> Result<(), GrantError> {
    third(parts, by)?;
    if by.owns { Err(GrantError::YouOwnIt) } else { Ok(()) }
}

/// Whether somebody may carry out what was approved.
pub fn carry_out(parts: &Parts, by: &Human) -> Result<(), GrantError> {
    third(parts, by)?;
    match parts.approver {
        None => Err(GrantError::NotApproved),
        Some(approver) if approver == by.person => Err(GrantError::YouApproved),
        Some(_) => Ok(()),
    }
}

/// Whether somebody may take back what was asked: whoever asked, for whom it was asked, and who keeps
/// the register, for taking back gives nothing.
pub fn withdraw(parts: &Parts, by: &Human) -> Result<(), GrantError> {
    let own = parts.requester == by.person || parts.on_behalf_of == Some(by.person);
    if own || keeps(by) { Ok(()) } else { Err(GrantError::NotYours) }
}

fn keeps(by: &Human) -> bool {
    allows(Some(by.role), Permission::KeepRegister)
}

fn third(parts: &Parts, by: &Human) -> Result<(), GrantError> {
    if !by.active {
        Err(GrantError::NotActive)
    } else if parts.requester == by.person {
        Err(GrantError::YouAsked)
    } else if parts.on_behalf_of == Some(by.person) {
        Err(GrantError::AskedInYourName)
    } else if !keeps(by) {
        Err(GrantError::NotKeeper)
    } else {
        Ok(())
    }
}

/// What an organisation lacks to bring a grant to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shortage {
    NobodyToDecide,
    NobodyToCarryOut,
}

impl Shortage {
    /// What is lacking, and what to do.
    pub fn words(self) -> &'static str {
        match self {
            Self::NobodyToDecide => {
                "Nobody else can approve this. It takes an administrator or a security analyst who did not ask for it and \
                 does not own the identity; an administrator can open an account for one."
            }
            Self::NobodyToCarryOut => {
                "Somebody can approve this, and then nobody is left to carry it out. It takes one more administrator or \
                 security analyst, who neither asked nor approves; an administrator can open an account for one."
            }
        }
    }
}

/// What is lacking among those who keep the register.
pub fn shortage(parts: &Parts, keepers: &[Human]) -> Option<Shortage> {
    let left = |approver: Id| {
        let parts = Parts { approver: Some(approver), ..*parts };
        keepers.iter().any(|human| carry_out(&parts, human).is_ok())
    };
    if let Some(approver) = parts.approver {
        return if left(approver) { None } else { Some(Shortage::NobodyToCarryOut) };
    }
    let mut deciding = keepers.iter().filter(|human| decide(parts, human).is_ok()).peekable();
    if deciding.peek().is_none() {
        return Some(Shortage::NobodyToDecide);
    }
    if deciding.any(|human| left(human.person)) { None } else { Some(Shortage::NobodyToCarryOut) }
}

/// How many different people it takes to stop that many identities at once.
pub fn people_to_stop(identities: usize) -> usize {
    if identities > 1 { 2 } else { 1 }
}

/// Whether these people together may stop that many identities at once: suspend, revoke or remove them.
pub fn stop(identities: usize, people: &[Id]) -> Result<(), GrantError> {
    let mut different = people.to_vec();
    different.sort_unstable();
    different.dedup();
    let needed = people_to_stop(identities);
    if different.len() >= needed { Ok(()) } else { Err(GrantError::TooFew { needed, given: different.len() }) }
}

#[cfg(test)]
mod tests;
