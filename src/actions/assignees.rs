//! Who can take a task about an identity.

use std::collections::{HashMap, HashSet};

use crate::domain::identities::OwnerAnswer;
use crate::domain::ids::Id;
use crate::domain::tasks::{Candidate, Candidates};
use crate::store::identities::Identity;
use crate::store::people::{self, Person};
use crate::store::{Db, StoreError};

/// The owners of some identities, and the deputies of their business owners.
#[derive(Debug, Default)]
pub struct Owners {
    people: HashMap<Id, Person>,
    /// Those of them whose account is disabled.
    disabled: HashSet<Id>,
}

impl Owners {
    /// Reads those of these identities, in three queries for every 500 people.
    pub fn of(db: &mut Db, identities: &[Identity]) -> Result<Self, StoreError> {
        let mut ids: Vec<Id> = identities
            .iter()
            .flat_map(|identity| [identity.business_owner_id, identity.technical_owner_id])
            .flatten()
            .collect();
        ids.sort_unstable();
        ids.dedup();
        let owners = people::find_many(db, &ids)?;
        let mut deputies: Vec<Id> = owners.iter().filter_map(|owner| owner.deputy_id).collect();
        deputies.sort_unstable();
        deputies.dedup();
        let deputies = people::find_many(db, &deputies)?;
        let people: HashMap<Id, Person> =
            owners.into_iter().chain(deputies).map(|person| (person.id, person)).collect();
        let ids: Vec<Id> = people.keys().copied().collect();
        let disabled = people::disabled_among(db, &ids)?.into_iter().collect();
        Ok(Self { people, disabled })
    }

    /// The person of that id, if they own one of the identities or stand in for an owner.
    pub fn get(&self, id: Id) -> Option<&Person> {
        self.people.get(&id)
    }

    /// Who could take a task about an identity.
    pub fn candidates(&self, identity: &Identity) -> Candidates {
        let candidate = |id: Option<Id>, answer: Option<OwnerAnswer>| {
            let person = self.people.get(&id?)?;
            Some(Candidate {
                person: person.id,
                left_on: person.left_on,
                refused: answer == Some(OwnerAnswer::Refused),
                disabled: self.disabled.contains(&person.id),
            })
        };
        let owner = identity.business_owner_id.and_then(|id| self.people.get(&id));
        Candidates {
            business_owner: candidate(identity.business_owner_id, identity.business_owner_answer),
            // The deputy of somebody who refused stands in for nobody.
            deputy: candidate(owner.and_then(|owner| owner.deputy_id), identity.business_owner_answer),
            technical_owner: candidate(identity.technical_owner_id, identity.technical_owner_answer),
        }
    }

    /// Whether a person stands in for the business owner of an identity.
    pub fn is_deputy(&self, identity: &Identity, person: Id) -> bool {
        identity
            .business_owner_id
            .and_then(|id| self.people.get(&id))
            .is_some_and(|owner| owner.deputy_id == Some(person))
    }
}
