//! What was approved in the two years before the demonstration starts, and what is asked on its first day.

use super::files::{Files, IdentitySeed};
use super::keys::{Keys, id_of, id_of_some};
use crate::actions::requests::history::{self, Told};
use crate::actions::requests::{self, Asking};
use crate::actions::{ActionError, By, Register, Work};
use crate::domain::identities::ScopeList;
use crate::domain::ids::{Id, Moment};
use crate::domain::permissions::{Permission, allows};
use crate::store::identities::{self, Identity};
use crate::store::{identity_parts as parts, people};

/// Tells how the scopes of an identity came to be approved: its technical owner asked, its business owner
/// and those who keep the register decided, and one of them who had not set it up.
pub fn tell(
    register: &Register,
    work: &mut Work<'_>,
    files: &Files,
    seed: &IdentitySeed,
    identity: &Identity,
    keys: &Keys,
    now: Moment,
) -> Result<(), ActionError> {
    if seed.approved_scopes.is_empty() {
        return Ok(());
    }
    let keepers: Vec<Id> = files
        .people
        .iter()
        .filter(|person| allows(person.role, Permission::KeepRegister))
        .map(|person| id_of(keys, &person.key))
        .collect::<Result<_, _>>()?;
    let technical = id_of_some(keys, seed.technical_owner.as_ref())?;
    let owner = id_of_some(keys, seed.business_owner.as_ref())?.filter(|owner| technical != Some(*owner));
    let deputy = id_of_some(keys, files.people.last().map(|person| &person.key))?;
    let requester = technical.or(deputy).ok_or(ActionError::Forbidden)?;
    let mut deciders: Vec<Id> = owner.into_iter().collect();
    deciders.extend(keepers.into_iter().filter(|keeper| Some(*keeper) != owner));
    let told = Told {
        requester,
        deciders,
        reason: seed.purpose.clone().unwrap_or_else(|| "It was in use before this register began.".to_owned()),
        at: identity.registered_at,
        until: now.plus_days(seed.expires_in_days.unwrap_or(365).max(1)).date(),
    };
    history::tell(work, register, identity, &seed.approved_scopes, &told).map(drop)
}

/// Requests that wait on the first day: the key of an identity, what its technical owner asks for besides,
/// why, and for how many days.
const WAITING: [(&str, &str, &str, i64); 2] = [
    (
        "alderway-dashboard",
        "patient/Observation.rs?category=laboratory",
        "Nurses who call patients after discharge want to see whether the last laboratory results were in order.",
        120,
    ),
    (
        "analytics-lake",
        "system/*.rs",
        "The new reporting module loads everything once a night. Its vendor says that it needs all of it.",
        90,
    ),
];

/// Asks, in the name of technical owners, for what waits on the first day.
pub fn ask(register: &Register, keys: &Keys, now: Moment) -> Result<(), ActionError> {
    for (key, scope, reason, days) in WAITING {
        let (identity, account, mut asked) = {
            let mut db = register.database.read()?;
            let identity = identities::find(&mut db, id_of(keys, key)?)?;
            let asker = identity.technical_owner_id.ok_or(ActionError::Forbidden)?;
            let account = people::account(&mut db, asker)?.ok_or(ActionError::Forbidden)?;
            let approved =
                parts::scopes(&mut db, identity.id)?.into_iter().filter(|row| row.list == ScopeList::Approved);
            let asked: Vec<String> = approved.map(|row| row.scope).collect();
            (identity, account, asked)
        };
        asked.push(scope.to_owned());
        let asking = Asking {
            scopes: asked.join("\n"),
            reason: reason.to_owned(),
            until: register.day(now.plus_days(days)).to_string(),
            ..Asking::default()
        };
        let by = By::person(account.person_id, account.role, None, now);
        requests::ask(register, &by, identity.id, identity.version, &asking)?;
    }
    Ok(())
}
