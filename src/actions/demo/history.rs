//! The two years before the demonstration starts, as the audit log would have kept them.

use serde_json::{Map, Value};

use super::files::Files;
use super::keys::{Keys, id_of};
use crate::actions::{ActionError, By, Work};
use crate::domain::audit::ActorKind;
use crate::domain::ids::Moment;
use crate::domain::people::Role;

/// Records every event of the seed files, at its own time and under its own actor's name.
pub fn tell(work: &mut Work<'_>, files: &Files, keys: &Keys, now: Moment) -> Result<(), ActionError> {
    for (index, event) in (0_i64..).zip(&files.events) {
        // Spread over the working day, in the order of the file.
        let at = now.plus_days(-event.days_ago).plus_seconds(-(files.events.len() as i64 - index) * 2);
        let by = match (&event.actor, &event.job) {
            (Some(person), _) => By::person(id_of(keys, person)?, Role::SecurityAnalyst, None, at),
            (None, Some(job)) => By::job(job, at),
            (None, None) => By { kind: ActorKind::Setup, ..By::setup(at) },
        };
        let before = event.before.as_ref().map(|state| record(state, keys, now)).transpose()?;
        let after = event.after.as_ref().map(|state| record(state, keys, now)).transpose()?;
        let action = format!("{}.{}", event.entity, verb(&event.action));
        let subject = id_of(keys, &event.subject)?;
        work.record_by(&by, &action, &event.entity, subject, Some(&event.words), before.as_ref(), after.as_ref());
    }
    Ok(())
}

/// The verb that the register's own actions use for the same thing.
fn verb(action: &str) -> &str {
    match action {
        "registered" => "register",
        "imported" => "import",
        "owner_assigned" => "name_owner",
        "owner_accepted" => "accept_ownership",
        "owner_refused" => "refuse_ownership",
        "scopes_approved" => "approve_scopes",
        "scopes_issued" => "observe_scopes",
        "activated" => "activate",
        "credential_replaced" => "replace_credential",
        "expiry_moved" => "change_expiry",
        "reviewed" => "review",
        "revocation_proved" => "prove_revocation",
        "suspended" => "suspend",
        "resumed" => "resume",
        "revocation_started" => "start_revocation",
        "revoked" => "revoke",
        "rejected" => "reject",
        "noted" => "note",
        "vendor_recorded" => "register",
        "contract_ended" => "end_contract",
        "left" => "leave",
        other => other,
    }
}

/// A state as the log would hold it: people by id, days as dates.
fn record(state: &Value, keys: &Keys, now: Moment) -> Result<Value, ActionError> {
    let Value::Object(fields) = state else { return Ok(state.clone()) };
    let mut out = Map::new();
    for (name, value) in fields {
        match (name.as_str(), value) {
            ("business_owner" | "technical_owner", Value::String(person)) => {
                out.insert(format!("{name}_id"), Value::String(id_of(keys, person)?.to_string()));
            }
            (days, Value::Number(number)) if days.ends_with("_in_days") => {
                let field = days.trim_end_matches("_in_days");
                let date = now.plus_days(number.as_i64().unwrap_or_default()).date();
                out.insert(format!("{field}_on"), Value::String(date.to_string()));
            }
            _ => {
                out.insert(name.clone(), value.clone());
            }
        }
    }
    Ok(Value::Object(out))
}
