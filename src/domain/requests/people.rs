//! Who may take which part in a request.

use super::{DecidedAs, StageKind};
use crate::domain::ids::Id;
use crate::domain::people::Role;
use crate::domain::permissions::{Permission, allows};

/// Somebody who would take a part, as they stand towards the identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Human {
    pub person: Id,
    pub role: Role,
    /// They have not left and their account is not disabled.
    pub active: bool,
    /// They are its business owner and have not refused.
    pub business_owner: bool,
    /// They are its technical owner and have not refused: whoever benefits from what is approved.
    pub technical_owner: bool,
    /// They are the deputy of its business owner.
    pub deputy: bool,
    /// Whoever was asked to decide at the present stage named them.
    pub named: bool,
}

impl Human {
    fn keeps(&self) -> bool {
        allows(Some(self.role), Permission::KeepRegister)
    }
}

/// Who has taken which part so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parts {
    pub requester: Option<Id>,
    /// For whom the requester asked, as their deputy.
    pub requester_for: Option<Id>,
    /// Whose yes stands.
    pub approvers: Vec<Id>,
    /// The business owner of the identity.
    pub business_owner: Option<Id>,
}

impl Parts {
    fn asked(&self, person: Id) -> bool {
        self.requester == Some(person) || self.requester_for == Some(person)
    }
}

/// Why somebody may not take a part, said to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotEligible {
    #[error("whoever has left or cannot sign in takes no part in a request")]
    NotActive,
    #[error("auditors read and decide nothing")]
    Auditor,
    #[error("you asked for this, so somebody else has to decide")]
    YouAsked,
    #[error("this was asked in your name, so somebody else has to decide")]
    AskedInYourName,
    #[error("you are the technical owner: whoever benefits does not decide")]
    YouBenefit,
    #[error("you said yes to this already, so another person has to decide at this stage")]
    YouApproved,
    #[error("the business owner of this identity decides now, or their deputy")]
    OwnerDecides,
    #[error("somebody who keeps the register decides now: an administrator or a security analyst")]
    KeeperDecides,
    #[error("you are its business owner: somebody else who keeps the register decides now")]
    OwnerIsNoKeeper,
    #[error("the business owner asked for this, and their deputy stands in for them: somebody else has to decide")]
    DeputyOfRequester,
    #[error("only people who keep the register or own the identity record what was issued")]
    NotExecutor,
    #[error("you said yes to this, so somebody else has to record that it was issued")]
    ExecutorApproved,
    #[error("you asked for this, so somebody else has to record that it was issued")]
    ExecutorAsked,
}

/// Whether somebody may decide at a stage, and by what right. `owner_can` says whether the business owner
/// or their deputy could: only where neither can does somebody else decide in their place.
pub fn decide(stage: StageKind, parts: &Parts, by: &Human, owner_can: bool) -> Result<DecidedAs, NotEligible> {
    may_decide_at_all(parts, by)?;
    match stage {
        StageKind::BusinessOwner => {
            if by.business_owner {
                return Ok(DecidedAs::BusinessOwner);
            }
            if by.deputy {
                let owner_asked = parts.business_owner.is_some_and(|owner| parts.asked(owner));
                return if owner_asked { Err(NotEligible::DeputyOfRequester) } else { Ok(DecidedAs::Deputy) };
            }
            if by.named {
                return Ok(DecidedAs::Named);
            }
            if owner_can {
                return Err(NotEligible::OwnerDecides);
            }
            if by.keeps() { Ok(DecidedAs::Fallback) } else { Err(NotEligible::KeeperDecides) }
        }
        StageKind::Security | StageKind::SecondPerson => {
            if !by.keeps() {
                return Err(NotEligible::KeeperDecides);
            }
            if by.business_owner {
                return Err(NotEligible::OwnerIsNoKeeper);
            }
            Ok(DecidedAs::Keeper)
        }
    }
}

fn may_decide_at_all(parts: &Parts, by: &Human) -> Result<(), NotEligible> {
    if !by.active {
        Err(NotEligible::NotActive)
    } else if by.role == Role::Auditor {
        Err(NotEligible::Auditor)
    } else if parts.requester == Some(by.person) {
        Err(NotEligible::YouAsked)
    } else if parts.requester_for == Some(by.person) {
        Err(NotEligible::AskedInYourName)
    } else if by.technical_owner {
        Err(NotEligible::YouBenefit)
    } else if parts.approvers.contains(&by.person) {
        Err(NotEligible::YouApproved)
    } else {
        Ok(())
    }
}

/// Whether one of these people can decide for the owner: the business owner, or their deputy.
pub fn owner_can(parts: &Parts, people: &[Human]) -> bool {
    people
        .iter()
        .filter(|human| human.business_owner || human.deputy)
        .any(|human| decide(StageKind::BusinessOwner, parts, human, true).is_ok())
}

/// Those of these people who may decide at a stage, the best right first.
pub fn eligible(stage: StageKind, parts: &Parts, people: &[Human]) -> Vec<(Id, DecidedAs)> {
    let owner_can = owner_can(parts, people);
    let mut found: Vec<(Id, DecidedAs)> = people
        .iter()
        .filter_map(|human| decide(stage, parts, human, owner_can).ok().map(|right| (human.person, right)))
        .collect();
    found.sort_by_key(|(person, right)| (*right, *person));
    found
}

/// Whether somebody may record what was issued: neither who asked nor who approved.
pub fn carry_out(parts: &Parts, by: &Human) -> Result<(), NotEligible> {
    if !by.active {
        Err(NotEligible::NotActive)
    } else if parts.asked(by.person) {
        Err(NotEligible::ExecutorAsked)
    } else if parts.approvers.contains(&by.person) {
        Err(NotEligible::ExecutorApproved)
    } else if by.keeps() || by.technical_owner {
        Ok(())
    } else {
        Err(NotEligible::NotExecutor)
    }
}

/// Whether somebody may take a request back: who asked, for whom, and who keeps the register, because
/// taking back gives nothing.
pub fn withdraw(parts: &Parts, by: &Human) -> bool {
    by.active && (parts.asked(by.person) || by.keeps())
}

/// The first stage that nobody could decide, if its later stages are decided by different people; `None`
/// when the request can come to its end.
pub fn shortage(stages: &[StageKind], parts: &Parts, people: &[Human]) -> Option<StageKind> {
    fn fits(stages: &[StageKind], parts: &Parts, people: &[Human], deepest: &mut usize, depth: usize) -> bool {
        *deepest = (*deepest).max(depth);
        let Some((stage, rest)) = stages.split_first() else { return true };
        eligible(*stage, parts, people).into_iter().any(|(person, _)| {
            let mut after = parts.clone();
            after.approvers.push(person);
            fits(rest, &after, people, deepest, depth + 1)
        })
    }
    let mut deepest = 0;
    if fits(stages, parts, people, &mut deepest, 0) { None } else { stages.get(deepest).copied() }
}
