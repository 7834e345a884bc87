//! Assigning an owner to many identities: the set is frozen, shown, then changed; nothing else is.

use serde::Serialize;

use super::ownership::{self, owner, set_answer};
use super::{ActionError, By, Register, Work};
use crate::domain::bulk::{BulkAction, BulkResult};
use crate::domain::identities::IdentityState;
use crate::domain::ids::Id;
use crate::domain::listing::From;
use crate::domain::ownership::OwnerRole;
use crate::store::bulk::{self, Assignment, BulkItem, BulkLine, BulkSet, PreviousOwner};
use crate::store::identity_list::{self, IdentityFilter, IdentityOrder};
use crate::store::types::Doc;
use crate::store::{StoreError, identities};

/// Items read at a time.
pub const CHUNK: i64 = 500;

/// Which identities are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    Picked(Vec<Id>),
    /// Everything the filter matches now, with the query it came from.
    Matching(Box<IdentityFilter>, String),
}

/// A set as the audit log keeps it.
#[derive(Debug, Serialize)]
struct BulkRecord {
    action: BulkAction,
    role: Option<OwnerRole>,
    person: Option<Id>,
    frozen: usize,
    done: usize,
    conflicts: usize,
    excluded: usize,
    undone: usize,
    kept: usize,
}

impl BulkRecord {
    fn new(assignment: Assignment) -> Self {
        Self {
            action: BulkAction::AssignOwner,
            role: assignment.role,
            person: assignment.person,
            frozen: 0,
            done: 0,
            conflicts: 0,
            excluded: 0,
            undone: 0,
            kept: 0,
        }
    }
}

/// Freezes a selection: these identities in these versions, whatever matches later.
pub fn freeze(register: &Register, by: &By, selection: Selection) -> Result<Id, ActionError> {
    by.require_keeper()?;
    let made_by = by.person.ok_or(ActionError::Forbidden)?;
    register.change(by, |work| {
        let (pairs, filter) = match selection {
            Selection::Picked(ids) => (picked(work, &ids)?, String::new()),
            Selection::Matching(filter, query) => (matching(work, &filter)?, query),
        };
        if pairs.is_empty() {
            return Err(ActionError::Refused("no identity was selected; tick at least one".to_owned()));
        }
        let set = BulkSet {
            id: Id::new(),
            action: BulkAction::AssignOwner,
            parameters: Doc(Assignment::default()),
            filter,
            made_by,
            made_at: work.by.now,
            applied_at: None,
            undone_at: None,
        };
        bulk::insert(work.db, &set)?;
        let items: Vec<BulkItem> = (1_i64..)
            .zip(&pairs)
            .map(|(position, (identity_id, version_seen))| BulkItem {
                set_id: set.id,
                position,
                identity_id: *identity_id,
                version_seen: *version_seen,
                version_after: None,
                excluded: None,
                previous: None,
                result: None,
            })
            .collect();
        bulk::insert_items(work.db, &items)?;
        let record = BulkRecord { frozen: items.len(), ..BulkRecord::new(Assignment::default()) };
        work.record("bulk.freeze", "bulk_set", set.id, None, Some(&record));
        Ok(set.id)
    })
}

fn picked(work: &mut Work<'_>, ids: &[Id]) -> Result<Vec<(Id, i64)>, ActionError> {
    let mut wanted: Vec<Id> = Vec::with_capacity(ids.len());
    for id in ids {
        if !wanted.contains(id) {
            wanted.push(*id);
        }
    }
    let mut found: Vec<_> = identities::find_many(work.db, &wanted)?;
    if found.len() < wanted.len() {
        return Err(ActionError::Refused(format!(
            "{} of the {} selected identities are not in the register any more; open the list again and select anew",
            wanted.len() - found.len(),
            wanted.len()
        )));
    }
    found.sort_by(|one, other| (&one.name_key, one.id).cmp(&(&other.name_key, other.id)));
    Ok(found.into_iter().map(|identity| (identity.id, identity.version)).collect())
}

fn matching(work: &mut Work<'_>, filter: &IdentityFilter) -> Result<Vec<(Id, i64)>, ActionError> {
    let mut found = Vec::new();
    let mut from = From::Start;
    let order = IdentityOrder::default();
    loop {
        let lines = identity_list::lines(work.db, filter, order, &from, CHUNK, work.by.now)?;
        found.extend(lines.iter().map(|line| (line.id, line.version)));
        match lines.last() {
            Some(last) => from = From::After(last.cursor(order)),
            None => return Ok(found),
        }
    }
}

/// Why an identity of the set is left out, if it is.
pub fn exclusion(line: &BulkLine, role: OwnerRole, person: Id) -> Option<String> {
    let now = match role {
        OwnerRole::Business => line.business_owner_id,
        OwnerRole::Technical => line.technical_owner_id,
    };
    if matches!(line.state, IdentityState::Revoked | IdentityState::Rejected) {
        Some(format!("It is {}", line.state.label().to_lowercase()))
    } else if now == Some(person) {
        Some(format!("They are its {} already", role.label().to_lowercase()))
    } else {
        None
    }
}

/// Assigns the owner to every identity of the frozen set that is as it was when the set was frozen.
///
/// # Errors
/// `Conflict` when the set was applied before.
pub fn apply(register: &Register, by: &By, set: Id, role: OwnerRole, person: Id) -> Result<(), ActionError> {
    by.require_keeper()?;
    let assignment = Assignment { role: Some(role), person: Some(person) };
    register.change(by, |work| {
        bulk::find(work.db, set)?;
        ownership::check_person(work, role, person).map_err(|error| match error {
            ActionError::Invalid(errors) => {
                ActionError::field("person", errors.first().map(|error| error.message.clone()).unwrap_or_default())
            }
            other => other,
        })?;
        bulk::mark_applied(work.db, set, assignment, work.by.now)?;
        let mut record = BulkRecord::new(assignment);
        let mut after = 0;
        loop {
            let lines = bulk::lines(work.db, set, after, CHUNK)?;
            let Some(last) = lines.last() else { break };
            after = last.position;
            for line in &lines {
                let mut item = BulkItem {
                    set_id: set,
                    position: line.position,
                    identity_id: line.identity_id,
                    version_seen: line.version_seen,
                    version_after: None,
                    excluded: None,
                    previous: None,
                    result: None,
                };
                record.frozen += 1;
                if line.version != line.version_seen {
                    item.result = Some(BulkResult::Conflict);
                    record.conflicts += 1;
                } else if let Some(reason) = exclusion(line, role, person) {
                    item.excluded = Some(reason);
                    item.result = Some(BulkResult::Excluded);
                    record.excluded += 1;
                } else {
                    assign(register, work, &mut item, role, person)?;
                    record.done += 1;
                }
                bulk::update_item(work.db, &item)?;
            }
        }
        if record.done > 0 {
            ownership::tell(register, work, &[person])?;
        }
        work.record("bulk.apply", "bulk_set", set, None, Some(&record));
        Ok(())
    })
}

fn assign(
    register: &Register,
    work: &mut Work<'_>,
    item: &mut BulkItem,
    role: OwnerRole,
    person: Id,
) -> Result<(), ActionError> {
    let before = identities::find(work.db, item.identity_id)?;
    let (known, answer) = owner(&before, role);
    let answered_at = match role {
        OwnerRole::Business => before.business_owner_answered_at,
        OwnerRole::Technical => before.technical_owner_answered_at,
    };
    let mut after = before.clone();
    ownership::set_owner(&mut after, role, Some(person));
    ownership::store(work, "identity.assign_owner", None, &before, &mut after)?;
    ownership::ask(register, work, &after)?;
    item.previous = Some(Doc(PreviousOwner { person: known, answer, answered_at }));
    item.version_after = Some(after.version);
    item.result = Some(BulkResult::Done);
    Ok(())
}

/// Puts the owners back where nothing has happened to the identity since; the rest is left alone
/// and said so.
///
/// # Errors
/// `Conflict` when the set was not applied, or undone before.
pub fn undo(register: &Register, by: &By, set: Id) -> Result<(), ActionError> {
    by.require_keeper()?;
    register.change(by, |work| {
        let stored = bulk::find(work.db, set)?;
        let Some(role) = stored.parameters.0.role else { return Err(StoreError::Conflict.into()) };
        bulk::mark_undone(work.db, set, work.by.now)?;
        let mut record = BulkRecord::new(stored.parameters.0);
        let mut after = 0;
        loop {
            let items = bulk::items(work.db, set, after, CHUNK)?;
            let Some(last) = items.last() else { break };
            after = last.position;
            for mut item in items {
                record.frozen += 1;
                let (Some(BulkResult::Done), Some(Doc(previous))) = (item.result, item.previous.clone()) else {
                    continue;
                };
                let before = identities::find(work.db, item.identity_id)?;
                if Some(before.version) == item.version_after {
                    let mut restored = before.clone();
                    set_answer(&mut restored, role, previous.person, previous.answer, previous.answered_at);
                    ownership::store(work, "identity.undo_assign_owner", None, &before, &mut restored)?;
                    let asked = ownership::ask(register, work, &restored)?;
                    ownership::tell(register, work, &asked)?;
                    item.result = Some(BulkResult::Undone);
                    record.undone += 1;
                } else {
                    item.result = Some(BulkResult::Kept);
                    record.kept += 1;
                }
                bulk::update_item(work.db, &item)?;
            }
        }
        work.record("bulk.undo", "bulk_set", set, None, Some(&record));
        Ok(())
    })
}
