//! Who could be asked about some identities: their owners, deputies and managers, and the groups.

use std::collections::HashMap;

use crate::actions::Register;
use crate::domain::identities::OwnerAnswer;
use crate::domain::ids::Id;
use crate::domain::people::{Role, has_left};
use crate::domain::reviews::reviewers::{Reviewers, Stand};
use crate::domain::tasks::AssigneeGroup;
use crate::store::identities::Identity;
use crate::store::people::{self, Account, Person};
use crate::store::reviews::Review;
use crate::store::{Db, StoreError};

/// The people around some identities.
#[derive(Debug, Default)]
pub struct Around {
    people: HashMap<Id, Person>,
    accounts: HashMap<Id, Account>,
    /// See [`lets_in_whom_it_knows`].
    lets_in_whom_it_knows: bool,
    /// Who can act for each group.
    analysts: Vec<Id>,
    administrators: Vec<Id>,
}

impl Around {
    /// Reads those of these identities.
    pub fn of(
        db: &mut Db,
        register: &Register,
        identities: &[Identity],
        today: chrono::NaiveDate,
    ) -> Result<Self, StoreError> {
        let mut people: HashMap<Id, Person> = HashMap::new();
        let owners: Vec<Id> = identities
            .iter()
            .flat_map(|identity| [identity.business_owner_id, identity.technical_owner_id])
            .flatten()
            .collect();
        read_into(db, &mut people, owners)?;
        let next: Vec<Id> =
            people.values().flat_map(|person| [person.deputy_id, person.manager_id]).flatten().collect();
        read_into(db, &mut people, next)?;
        let ids: Vec<Id> = people.keys().copied().collect();
        let accounts = people::accounts_of(db, &ids)?.into_iter().map(|account| (account.person_id, account)).collect();
        let analysts = members(db, Role::SecurityAnalyst, today)?;
        let administrators = members(db, Role::Administrator, today)?;
        Ok(Self { people, accounts, lets_in_whom_it_knows: lets_in_whom_it_knows(register), analysts, administrators })
    }

    /// The person of that id, if they are around one of the identities.
    pub fn person(&self, id: Id) -> Option<&Person> {
        self.people.get(&id)
    }

    /// Who could be asked about one of the identities, of which nobody is asked yet.
    pub fn reviewers(&self, identity: &Identity) -> Reviewers {
        self.beside(identity, None)
    }

    /// Who could be asked by a review of one of the identities: never whoever was its technical owner when it was
    /// opened, whoever they named since.
    pub fn reviewers_of(&self, identity: &Identity, review: &Review) -> Reviewers {
        let named = review.snapshot.0.taken().and_then(|taken| taken.technical_owner_id);
        // Whoever had refused before it was opened was none.
        let refused = identity.technical_owner_answer == Some(OwnerAnswer::Refused)
            && identity.technical_owner_answered_at.is_none_or(|at| at <= review.opened_at);
        let refused = identity.technical_owner_id.filter(|_| refused);
        self.beside(identity, named.filter(|id| Some(*id) != refused))
    }

    fn beside(&self, identity: &Identity, benefited: Option<Id>) -> Reviewers {
        let refused = |answer: Option<OwnerAnswer>| answer == Some(OwnerAnswer::Refused);
        let business = identity.business_owner_id.and_then(|id| self.people.get(&id));
        let technical = identity.technical_owner_id.and_then(|id| self.people.get(&id));
        let has_refused = refused(identity.business_owner_answer);
        let stand = |id: Option<Id>, refused: bool| id.and_then(|id| self.stand(id, refused));
        let beneficiary = identity.technical_owner_id.filter(|_| !refused(identity.technical_owner_answer));
        let others = |group: &[Id]| group.iter().filter(|id| ![beneficiary, benefited].contains(&Some(**id))).count();
        Reviewers {
            business_owner: stand(identity.business_owner_id, has_refused),
            // The deputy of somebody who refused stands in for nobody.
            deputy: stand(business.and_then(|owner| owner.deputy_id), has_refused),
            technical_manager: stand(technical.and_then(|owner| owner.manager_id), false),
            business_manager: stand(business.and_then(|owner| owner.manager_id), false),
            beneficiary,
            benefited,
            analysts: others(&self.analysts),
            administrators: others(&self.administrators),
        }
    }

    fn stand(&self, id: Id, refused: bool) -> Option<Stand> {
        let person = self.people.get(&id)?;
        let account = self.accounts.get(&id);
        Some(Stand {
            person: id,
            left_on: person.left_on,
            disabled: account.map_or(!self.lets_in_whom_it_knows, |account| account.disabled_at.is_some()),
            auditor: account.is_some_and(|account| account.role == Role::Auditor),
            refused,
        })
    }

    /// Who can act for a group.
    pub fn members(&self, group: AssigneeGroup) -> &[Id] {
        match group {
            AssigneeGroup::SecurityAnalysts => &self.analysts,
            AssigneeGroup::Administrators => &self.administrators,
            AssigneeGroup::EmergencyReviewers | AssigneeGroup::Keepers => &[],
        }
    }
}

/// Whether somebody without an account may sign in: with single sign-on whoever is known by their address may, and gets
/// one with that. Without it nobody could answer who has none.
pub fn lets_in_whom_it_knows(register: &Register) -> bool {
    register.deployment.access.single_sign_on.is_some()
}

fn read_into(db: &mut Db, people: &mut HashMap<Id, Person>, mut ids: Vec<Id>) -> Result<(), StoreError> {
    ids.retain(|id| !people.contains_key(id));
    ids.sort_unstable();
    ids.dedup();
    people.extend(people::find_many(db, &ids)?.into_iter().map(|person| (person.id, person)));
    Ok(())
}

fn members(db: &mut Db, role: Role, today: chrono::NaiveDate) -> Result<Vec<Id>, StoreError> {
    let with_account: Vec<Id> = people::accounts_of_roles(db, &[role])?
        .into_iter()
        .filter(|account| account.disabled_at.is_none())
        .map(|account| account.person_id)
        .collect();
    let here = people::find_many(db, &with_account)?.into_iter().filter(|person| !has_left(person.left_on, today));
    let mut ids: Vec<Id> = here.map(|person| person.id).collect();
    ids.sort_unstable();
    Ok(ids)
}
