//! Applying an import: in one transaction, whole or not at all.

use super::{Plan, Steps, authorise, entries, few, preview, write_clients, write_people};
use crate::actions::reviews::prove;
use crate::actions::{ActionError, By, Register, Work, requests};
use crate::domain::ids::Id;
use crate::domain::imports::shown::Shown;
use crate::domain::imports::{FieldChange, ImportState, PREVIEW_DAYS, RowAction, Tally};
use crate::store::import_rows::{self, ImportRow, RowRecord};
use crate::store::imports::{self, Import};
use crate::store::types::Doc;
use crate::store::{StoreError, registry};

/// Applies a preview.
///
/// # Errors
/// `Refused` when the register changed so that a row means something else than was shown: nothing is
/// applied, and the preview is made again, to be looked at and applied then.
pub fn apply(register: &Register, by: &By, id: Id) -> Result<Tally, ActionError> {
    let mut stale: Option<(Import, Plan, String)> = None;
    let outcome = register.change(by, |work| {
        let import = imports::lock(work.db, id)?;
        authorise(by, import.subject)?;
        let state = import.state.at(import.made_at, by.now);
        if state != ImportState::Previewed {
            return Err(ActionError::Refused(already(state)));
        }
        let rows = import_rows::all(work.db, id)?;
        let shown: Vec<Meaning> = rows.iter().map(Meaning::of).collect();
        // A large file is large here: what was read is handed on, never copied.
        let plan = preview::plan(work.db, &import, entries::of_rows(rows), by.now)?;
        let differing = differing(&shown, &plan.rows);
        if !differing.is_empty() {
            let words = format!(
                "the register changed since the preview, and {} would do something else now: {}. Nothing was applied. \
                 The preview was made again; look at it and apply it then",
                if differing.len() == 1 { "one row".to_owned() } else { format!("{} rows", differing.len()) },
                few(differing.iter().map(String::as_str))
            );
            stale = Some((import, plan, words.clone()));
            return Err(ActionError::Refused(words));
        }
        let proofs: Vec<Shown> = plan.rows.iter().filter_map(what_it_shows).collect();
        drop((shown, plan.rows));
        write(register, work, import, plan.steps, &proofs)
    });
    if let Some((import, plan, _)) = stale {
        preview_again(register, by, import, &plan)?;
    }
    outcome.map_err(|error| match error {
        // The plan was made in this very transaction: only a row the register cannot hold comes here.
        ActionError::Store(StoreError::Constraint(reason)) => {
            ActionError::Refused(format!("nothing was applied: the database refused a row: {reason}"))
        }
        other => other,
    })
}

fn already(state: ImportState) -> String {
    match state {
        ImportState::Expired => {
            format!("this preview is older than {PREVIEW_DAYS} days; bring the file again and apply the new one")
        }
        state => format!("this import is {}; bring the file again to import it", state.label().to_lowercase()),
    }
}

/// What a row shows of an identity that the register knows.
fn what_it_shows(row: &ImportRow) -> Option<Shown> {
    let identity = row.subject_id?;
    match (row.action, row.record.as_ref().map(|record| &record.0)) {
        (RowAction::Vanished, _) => Some(Shown::gone(identity)),
        (RowAction::Change | RowAction::Unchanged, Some(RowRecord::Client(client))) => {
            Some(Shown::by(client, identity))
        }
        _ => None,
    }
}

/// Writes every step; `proofs` is what the file shows of the identities that it lists, and of those that it lists no
/// longer.
fn write(
    register: &Register,
    work: &mut Work<'_>,
    before: Import,
    steps: Steps,
    proofs: &[Shown],
) -> Result<Tally, ActionError> {
    match steps {
        Steps::Clients(steps) => {
            write_clients::write(register, work, &before, steps)?;
            requests::confirm(work, before.id, proofs)?;
            prove::observe(work, register, &before, proofs)?;
        }
        Steps::People(steps) => write_people::write(work, steps)?,
    }
    import_rows::set_applied(work.db, before.id)?;
    let mut after = Import {
        state: ImportState::Applied,
        applied_at: Some(work.by.now),
        applied_by: work.by.person,
        version: before.version + 1,
        ..before.clone()
    };
    if let Some(name) = &after.counts.0.system {
        after.system_id = registry::find_system_by_name(work.db, name)?.map(|system| system.id);
    }
    imports::update(work.db, &after)?;
    work.record("import.apply", "import", after.id, Some(&before), Some(&after));
    Ok(after.counts.0.tally)
}

/// What a row was shown to do.
#[derive(PartialEq)]
struct Meaning {
    label: String,
    action: RowAction,
    subject: Option<Id>,
    version: Option<i64>,
    changes: Vec<FieldChange>,
}

impl Meaning {
    fn of(row: &ImportRow) -> Self {
        Self {
            label: match row.line {
                Some(line) => format!("line {line} ({})", row.name),
                None => row.name.clone(),
            },
            action: row.action,
            subject: row.subject_id,
            version: row.version_before.filter(|_| matches!(row.action, RowAction::Change | RowAction::Vanished)),
            changes: row.changes.0.fields.clone(),
        }
    }
}

/// The rows that mean something else than was shown, by line and name.
fn differing(shown: &[Meaning], now: &[ImportRow]) -> Vec<String> {
    let mut out = Vec::new();
    for place in 0..shown.len().max(now.len()) {
        match (shown.get(place), now.get(place).map(Meaning::of)) {
            (Some(one), Some(other)) if *one == other => {}
            (_, Some(other)) => out.push(other.label),
            (Some(one), None) => out.push(one.label.clone()),
            (None, None) => {}
        }
    }
    out
}

fn preview_again(register: &Register, by: &By, seen: Import, plan: &Plan) -> Result<(), ActionError> {
    register.change(by, |work| {
        let before = imports::lock(work.db, seen.id)?;
        if before.version != seen.version {
            return Err(StoreError::Conflict.into());
        }
        let summary = plan.summary(before.counts.0.system.clone(), before.counts.0.complete);
        let after = Import { counts: Doc(summary), version: before.version + 1, ..before.clone() };
        import_rows::delete(work.db, seen.id)?;
        import_rows::insert(work.db, &plan.rows)?;
        imports::update(work.db, &after)?;
        work.record("import.preview", "import", seen.id, Some(&before), Some(&after));
        Ok(())
    })
}
