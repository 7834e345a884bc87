//! What a change would do to each identity of a frozen set, and to how many.

use std::collections::HashMap;

use crate::actions::bulk::{CHUNK, exclusion};
use crate::domain::bulk::BulkResult;
use crate::domain::ids::Id;
use crate::domain::ownership::OwnerRole;
use crate::store::bulk::{self, BulkLine};
use crate::store::{Db, StoreError};

/// One identity of the set, as words.
pub struct Line {
    pub id: Id,
    pub name: String,
    pub environment: &'static str,
    pub kind: &'static str,
    pub status: String,
    pub owner: String,
}

/// What a preview counts over the whole set.
#[derive(Default)]
pub struct Plan {
    pub total: i64,
    pub to_change: i64,
    pub changed_meanwhile: i64,
    pub left_out: Vec<(String, i64)>,
}

/// Counts over the whole set.
pub fn plan(db: &mut Db, set: Id, chosen: Option<(OwnerRole, Id)>) -> Result<Plan, StoreError> {
    let mut plan = Plan::default();
    let mut after = 0;
    loop {
        let lines = bulk::lines(db, set, after, CHUNK)?;
        let Some(last) = lines.last() else { return Ok(plan) };
        after = last.position;
        for line in &lines {
            plan.total += 1;
            let Some((role, person)) = chosen else { continue };
            if line.version != line.version_seen {
                plan.changed_meanwhile += 1;
            } else if let Some(reason) = exclusion(line, role, person) {
                match plan.left_out.iter_mut().find(|(known, _)| *known == reason) {
                    Some((_, count)) => *count += 1,
                    None => plan.left_out.push((reason, 1)),
                }
            } else {
                plan.to_change += 1;
            }
        }
    }
}

/// The owner of the line that the change is about, as it is now.
pub fn owner_now(line: &BulkLine, role: Option<OwnerRole>) -> Option<Id> {
    match role {
        Some(OwnerRole::Technical) => line.technical_owner_id,
        _ => line.business_owner_id,
    }
}

/// The words for one identity of the set.
pub fn row(line: &BulkLine, role: Option<OwnerRole>, person: Option<Id>, names: &HashMap<Id, String>) -> Line {
    let planned = role.zip(person);
    let (kind, status) = match (line.result, planned) {
        (Some(BulkResult::Done), _) => ("ok", BulkResult::Done.label().to_owned()),
        (Some(BulkResult::Excluded), _) => ("skip", line.excluded.clone().unwrap_or_default()),
        (Some(BulkResult::Undone), _) => ("plain", BulkResult::Undone.label().to_owned()),
        (Some(result), _) => ("warn", result.label().to_owned()),
        (None, _) if line.version != line.version_seen => ("warn", "Changed since the set was made".to_owned()),
        (None, Some((role, person))) => match exclusion(line, role, person) {
            Some(reason) => ("skip", reason),
            None => ("change", "Gets the owner".to_owned()),
        },
        (None, None) => ("plain", "In the set".to_owned()),
    };
    Line {
        id: line.identity_id,
        name: line.name.clone(),
        environment: line.environment.label(),
        kind,
        status,
        owner: owner_now(line, role).and_then(|owner| names.get(&owner).cloned()).unwrap_or_default(),
    }
}
