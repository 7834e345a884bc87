//! Undoing an import, while nobody touched what it brought.

use std::collections::HashMap;

use super::write_clients::Imported;
use super::{authorise, few};
use crate::actions::{ActionError, By, Register, Work, reaching};
use crate::domain::identities::ScopeList;
use crate::domain::ids::Id;
use crate::domain::imports::{ImportState, ImportSubject, RowAction};
use crate::store::identities::{self, Identity};
use crate::store::identity_parts as parts;
use crate::store::import_rows::{self, Before, ImportRow};
use crate::store::imported_identities::{self, IdentityBefore};
use crate::store::imports::{self, Import};
use crate::store::people::{self, Person};
use crate::store::{Db, StoreError};

/// Puts everything back: what the import created is removed, what it changed is as it was. Systems and
/// vendors that it made stay.
///
/// # Errors
/// `Refused`, naming what somebody touched since.
pub fn undo(register: &Register, by: &By, id: Id) -> Result<(), ActionError> {
    let outcome = register.change(by, |work| {
        let before = imports::lock(work.db, id)?;
        authorise(by, before.subject)?;
        if before.state != ImportState::Applied {
            return Err(ActionError::Refused("only an import that was applied can be undone".to_owned()));
        }
        // First, so that the database knows whose states are put back.
        let after = Import {
            state: ImportState::Undone,
            undone_at: Some(by.now),
            undone_by: by.person,
            version: before.version + 1,
            ..before.clone()
        };
        imports::update(work.db, &after)?;
        let rows: Vec<ImportRow> =
            import_rows::all(work.db, id)?.into_iter().filter(|row| row.version_after.is_some()).collect();
        match before.subject {
            ImportSubject::Clients => undo_clients(register, work, &rows)?,
            ImportSubject::People => undo_people(work, &rows)?,
        }
        import_rows::set_result(work.db, id, &[RowAction::Create], "created, then removed again")?;
        import_rows::set_result(work.db, id, &[RowAction::Change, RowAction::Vanished], "changed, then put back")?;
        work.record("import.undo", "import", id, Some(&before), Some(&after));
        Ok(())
    });
    outcome.map_err(|error| match error {
        ActionError::Store(StoreError::Constraint(_)) => ActionError::Refused(
            "something in the register refers to what this import brought, so it cannot be undone; \
             change single records instead"
                .to_owned(),
        ),
        other => other,
    })
}

/// Refuses when a subject has not the version that the import left.
fn check_untouched(rows: &[ImportRow], now: &HashMap<Id, i64>, worked_on: &[Id]) -> Result<(), ActionError> {
    let touched: Vec<&str> = rows
        .iter()
        .filter(|row| {
            let version = row.subject_id.and_then(|id| now.get(&id)).copied();
            version != row.version_after || row.subject_id.is_some_and(|id| worked_on.contains(&id))
        })
        .map(|row| row.name.as_str())
        .collect();
    if touched.is_empty() {
        return Ok(());
    }
    Err(ActionError::Refused(format!(
        "this import cannot be undone: somebody changed {} since. Change single records instead",
        few(touched.into_iter())
    )))
}

fn subjects(rows: &[ImportRow], created: bool) -> Vec<Id> {
    rows.iter().filter(|row| (row.action == RowAction::Create) == created).filter_map(|row| row.subject_id).collect()
}

fn undo_clients(register: &Register, work: &mut Work<'_>, rows: &[ImportRow]) -> Result<(), ActionError> {
    let (created, changed) = (subjects(rows, true), subjects(rows, false));
    let all: Vec<Id> = created.iter().chain(&changed).copied().collect();
    let found = identities::find_many(work.db, &all)?;
    let versions = found.iter().map(|identity| (identity.id, identity.version)).collect();
    let worked_on = imported_identities::worked_on(work.db, &created)?;
    check_untouched(rows, &versions, &worked_on)?;
    let mut now: HashMap<Id, IdentityBefore> = imported_identities::with_lists(work.db, found)?
        .into_iter()
        .map(|identity| (identity.identity.id, identity))
        .collect();
    for row in rows {
        let Some(current) = row.subject_id.and_then(|id| now.remove(&id)) else { continue };
        let id = current.identity.id;
        match &row.changes.0.before {
            Some(Before::Identity(before)) => {
                let restored = restore(work.db, &current, (**before).clone(), work.by)?;
                let stored = restored.identity.clone().reaching(current.identity.measured());
                reaching::store(register, work.db, &stored, &restored.scopes)?;
                work.record(
                    "identity.undo_import",
                    "identity",
                    id,
                    Some(&Imported::from(&current)),
                    Some(&Imported::from(&restored)),
                );
            }
            _ => work.record("identity.undo_import", "identity", id, Some(&Imported::from(&current)), None),
        }
    }
    imported_identities::delete(work.db, &created)?;
    Ok(())
}

fn restore(
    db: &mut Db,
    current: &IdentityBefore,
    before: IdentityBefore,
    by: &By,
) -> Result<IdentityBefore, StoreError> {
    let mut before = before.read_back();
    let id = current.identity.id;
    before.identity = Identity { version: current.identity.version + 1, updated_at: by.now, ..before.identity };
    identities::update(db, &before.identity)?;
    if before.redirect_uris != current.redirect_uris {
        parts::replace_redirect_uris(db, id, &before.redirect_uris)?;
    }
    for list in [ScopeList::Issued, ScopeList::Requested] {
        let mut scopes = before.scopes_on(list);
        for (position, scope) in (0_i64..).zip(&mut scopes) {
            scope.position = position;
        }
        if scopes != current.scopes_on(list) {
            parts::replace_scopes(db, id, list, &scopes)?;
        }
    }
    if before.credentials != current.credentials {
        parts::replace_credentials(db, id, &before.credentials)?;
    }
    if before.identity.business_owner_id.is_none() || before.identity.technical_owner_id.is_none() {
        imported_identities::cancel_questions(db, id, &before.identity)?;
    }
    Ok(before)
}

fn undo_people(work: &mut Work<'_>, rows: &[ImportRow]) -> Result<(), ActionError> {
    let (created, changed) = (subjects(rows, true), subjects(rows, false));
    let all: Vec<Id> = created.iter().chain(&changed).copied().collect();
    let found = people::find_many(work.db, &all)?;
    let versions = found.iter().map(|person| (person.id, person.version)).collect();
    check_untouched(rows, &versions, &[])?;
    let now: HashMap<Id, Person> = found.into_iter().map(|person| (person.id, person)).collect();
    for row in rows {
        let Some(current) = row.subject_id.and_then(|id| now.get(&id)) else { continue };
        let Some(Before::Person(before)) = &row.changes.0.before else {
            people::set_superiors(work.db, current.id, None, None)?;
            work.record("person.undo_import", "person", current.id, Some(current), None);
            continue;
        };
        let mut restored = current.clone();
        (**before).clone().restore(&mut restored);
        restored.version += 1;
        restored.updated_at = work.by.now;
        people::update(work.db, &restored)?;
        work.record("person.undo_import", "person", current.id, Some(current), Some(&restored));
    }
    people::delete_many(work.db, &created)?;
    Ok(())
}
