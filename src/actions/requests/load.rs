//! Everything that a step of a request looks at, read in one transaction.

use chrono::NaiveDate;

use super::super::{By, Register, days};
use crate::domain::identities::{OwnerAnswer, ScopeList};
use crate::domain::ids::{Id, Moment};
use crate::domain::people::{Role, has_left};
use crate::domain::permissions::{Permission, allows};
use crate::domain::requests::people::{self as rules, Human, Parts};
use crate::domain::requests::sheet::{Sheet, Written};
use crate::domain::requests::{DecidedAs, RequestAnswer, StageKind, StageState};
use crate::domain::scopes::ScopeSet;
use crate::domain::scopes::covers::Held;
use crate::store::identities::{self, Identity};
use crate::store::identity_parts::{self as parts, IdentityScope};
use crate::store::people::{self, Account, Person};
use crate::store::request_decisions::{self, Decision};
use crate::store::request_stages::{self, Stage};
use crate::store::requests::{self, Request};
use crate::store::{Db, StoreError};

/// A request with what belongs to it.
#[derive(Debug, Clone)]
pub struct Loaded {
    pub request: Request,
    pub identity: Identity,
    /// The lists of the identity.
    pub lists: Vec<IdentityScope>,
    pub asked: Vec<String>,
    pub stages: Vec<Stage>,
    /// Every decision, the oldest first.
    pub decisions: Vec<Decision>,
    /// Whoever could take a part, as they stand towards the identity.
    pub people: Vec<Human>,
    pub today: NaiveDate,
}

/// Reads a request.
pub fn load(db: &mut Db, register: &Register, id: Id, now: Moment) -> Result<Loaded, StoreError> {
    let request = requests::find(db, id)?;
    let identity = identities::find(db, request.identity_id)?;
    let stages = request_stages::of_request(db, id)?;
    let mut others: Vec<Id> = stages.iter().filter_map(|stage| stage.named_id).collect();
    others.extend([Some(request.requester_id), request.requester_for_id].into_iter().flatten());
    let mut loaded = Loaded {
        lists: parts::scopes(db, identity.id)?,
        asked: requests::scopes(db, id)?,
        decisions: request_decisions::of_request(db, id)?,
        people: humans(db, register, &identity, &others, now)?,
        today: register.day(now),
        request,
        identity,
        stages,
    };
    let named = loaded.current().and_then(|stage| stage.named_id);
    for human in &mut loaded.people {
        human.named = named == Some(human.person);
    }
    Ok(loaded)
}

/// Reads a request that is going to change, and holds it until the transaction ends: whoever comes at the same
/// moment finds what this did.
pub(super) fn load_held(db: &mut Db, register: &Register, id: Id, now: Moment) -> Result<Loaded, StoreError> {
    requests::hold(db, id)?;
    load(db, register, id, now)
}

impl Loaded {
    /// How a stage stands.
    pub fn state_of(&self, stage: &Stage) -> StageState {
        match self.decision_of(stage.position).map(|decision| decision.answer) {
            Some(RequestAnswer::Approve | RequestAnswer::Part) => StageState::Approved,
            Some(RequestAnswer::Refuse) => StageState::Refused,
            _ => StageState::Waiting,
        }
    }

    /// The answer that stands for a stage.
    pub fn decision_of(&self, position: i64) -> Option<&Decision> {
        self.standing().find(|decision| decision.position == position && decision.answer != RequestAnswer::PassOn)
    }

    fn standing(&self) -> impl Iterator<Item = &Decision> {
        self.decisions.iter().filter(|decision| decision.stands())
    }

    /// The stage whose turn it is.
    pub fn current(&self) -> Option<&Stage> {
        self.stages.iter().find(|stage| self.state_of(stage) == StageState::Waiting)
    }

    /// The stages from the current one on.
    pub fn left(&self) -> Vec<StageKind> {
        self.stages.iter().filter(|stage| self.state_of(stage) == StageState::Waiting).map(|stage| stage.kind).collect()
    }

    /// What is still asked for: what every yes so far has kept.
    pub fn scopes(&self) -> Vec<String> {
        let kept: Vec<&Vec<String>> =
            self.standing().filter_map(|decision| decision.kept.as_ref().map(|kept| &kept.0)).collect();
        self.asked.iter().filter(|scope| kept.iter().all(|kept| kept.contains(scope))).cloned().collect()
    }

    /// What is still asked for and not approved already: what somebody who approves only part chooses from.
    pub fn wanted(&self) -> Vec<String> {
        let approved = ScopeSet::of(self.on(ScopeList::Approved));
        let mut held = Held::of(&approved);
        let mut is_new = |scope: &String| {
            held.covers(&ScopeSet::of([scope.as_str()])).verdict != crate::domain::scopes::Verdict::Covered
        };
        self.scopes().into_iter().filter(|scope| is_new(scope)).collect()
    }

    /// The earliest end that was asked for or given so far.
    pub fn until(&self) -> NaiveDate {
        self.standing().filter_map(|decision| decision.until).fold(self.request.wanted_until, NaiveDate::min)
    }

    /// The scopes on one list of the identity.
    pub fn on(&self, list: ScopeList) -> Vec<&str> {
        self.lists.iter().filter(|row| row.list == list).map(|row| row.scope.as_str()).collect()
    }

    /// What is decided about now, as its reader sees it.
    pub fn sheet(&self, register: &Register) -> Sheet {
        sheet(register, &self.identity, &self.lists, &self.scopes(), self.until())
    }

    /// Who has taken which part so far.
    pub fn parts(&self) -> Parts {
        Parts {
            requester: Some(self.request.requester_id),
            requester_for: self.request.requester_for_id,
            approvers: self
                .standing()
                .filter(|decision| decision.answer.is_yes())
                .map(|decision| decision.decided_by_id)
                .collect(),
            business_owner: self.identity.business_owner_id,
        }
    }

    /// Whether the business owner or their deputy decides at the current stage, and nobody in their place.
    pub fn owner_can(&self) -> bool {
        let in_time = self.current().and_then(|stage| stage.due_on).is_none_or(|due| self.today <= due);
        in_time && rules::owner_can(&self.parts(), &self.people)
    }

    /// Whoever acts, as they stand towards the identity; their role is the one they act with.
    pub fn human(&self, by: &By) -> Option<Human> {
        let person = by.person?;
        self.people.iter().find(|human| human.person == person).map(|human| Human { role: by.role, ..*human })
    }

    /// By what right somebody may decide now.
    ///
    /// # Errors
    /// Why they may not.
    pub fn may_decide(&self, human: &Human) -> Result<DecidedAs, rules::NotEligible> {
        let stage = self.current().map_or(StageKind::SecondPerson, |stage| stage.kind);
        rules::decide(stage, &self.parts(), human, self.owner_can())
    }

    /// The first of the stages that are left which nobody can decide.
    pub fn shortage(&self) -> Option<StageKind> {
        rules::shortage(&self.left(), &self.parts(), &self.people)
    }
}

/// What a reader decides about: what is approved for an identity beside what is asked for it.
pub fn sheet(
    register: &Register,
    identity: &Identity,
    lists: &[IdentityScope],
    asked: &[String],
    until: NaiveDate,
) -> Sheet {
    use crate::domain::identities::IdentityState;
    let approved = lists.iter().filter(|row| row.list == ScopeList::Approved).map(|row| row.scope.as_str());
    let works = !matches!(identity.state, IdentityState::Requested | IdentityState::Rejected | IdentityState::Approved);
    Sheet::of(
        Written {
            app: &identity.name,
            works,
            approved: &ScopeSet::of(approved),
            asked: &ScopeSet::of(asked.iter().map(String::as_str)),
            until,
            ends: days::expires_on(identity, register.deployment.time_zone),
        },
        &register.deployment.scopes,
    )
}

/// Whoever could take a part in a request about an identity: its owners, the deputy of its business owner,
/// everybody who keeps the register, and those whom somebody named or who asked.
pub(super) fn humans(
    db: &mut Db,
    register: &Register,
    identity: &Identity,
    others: &[Id],
    now: Moment,
) -> Result<Vec<Human>, StoreError> {
    let keepers: Vec<Role> =
        Role::ALL.iter().copied().filter(|role| allows(Some(*role), Permission::KeepRegister)).collect();
    let mut ids: Vec<Id> =
        people::accounts_of_roles(db, &keepers)?.into_iter().map(|account| account.person_id).collect();
    ids.extend(others);
    towards(db, register, identity, ids, others, now)
}

/// How its owners, the deputy of its business owner and these people stand towards an identity.
fn towards(
    db: &mut Db,
    register: &Register,
    identity: &Identity,
    mut ids: Vec<Id>,
    named: &[Id],
    now: Moment,
) -> Result<Vec<Human>, StoreError> {
    let today = register.day(now);
    let owner = |owner: Option<Id>, answer: Option<OwnerAnswer>| owner.filter(|_| answer != Some(OwnerAnswer::Refused));
    let business = owner(identity.business_owner_id, identity.business_owner_answer);
    let technical = owner(identity.technical_owner_id, identity.technical_owner_answer);
    let deputy = match business {
        Some(owner) => people::find(db, owner)?.deputy_id,
        None => None,
    };
    ids.extend([business, technical, deputy].into_iter().flatten());
    ids.sort_unstable();
    ids.dedup();
    let accounts = people::accounts_of(db, &ids)?;
    let found = people::find_many(db, &ids)?;
    let account = |person: &Person| accounts.iter().find(|account| account.person_id == person.id);
    Ok(found
        .iter()
        .map(|person| Human {
            person: person.id,
            role: account(person).map_or(Role::Owner, |account| account.role),
            active: can_sign_in(register, person, account(person), today),
            business_owner: business == Some(person.id),
            technical_owner: technical == Some(person.id),
            deputy: deputy == Some(person.id),
            named: named.contains(&person.id),
        })
        .collect())
}

/// Whether somebody can sign in. Where single sign-on lets people in, whoever has no account yet gets one
/// by signing in.
fn can_sign_in(register: &Register, person: &Person, account: Option<&Account>, today: NaiveDate) -> bool {
    let enabled = match account {
        Some(account) => account.disabled_at.is_none(),
        None => register.deployment.access.single_sign_on.is_some(),
    };
    enabled && !has_left(person.left_on, today)
}

/// Whether somebody may ask for something about an identity, and in whose name: its owners, the deputy of
/// its business owner, and who keeps the register.
pub fn may_ask(human: &Human, identity: &Identity) -> Option<Option<Id>> {
    if !human.active || !allows(Some(human.role), Permission::AnswerTasks) {
        return None;
    }
    if human.business_owner || human.technical_owner || allows(Some(human.role), Permission::KeepRegister) {
        return Some(None);
    }
    human.deputy.then_some(identity.business_owner_id)
}

/// Whether whoever acts may ask for something about an identity.
pub fn asks(db: &mut Db, register: &Register, identity: &Identity, by: &By) -> Result<bool, StoreError> {
    let Some(person) = by.person else { return Ok(false) };
    let people = towards(db, register, identity, vec![person], &[], by.now)?;
    let human = people.iter().find(|human| human.person == person);
    Ok(human.is_some_and(|human| may_ask(&Human { role: by.role, ..*human }, identity).is_some()))
}
