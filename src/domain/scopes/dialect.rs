//! Spellings of products that cannot write a slash, read on import only.
//!
//! Microsoft Entra ID forbids `/` in a scope's name: `patient.Patient.read`, `patient$Patient.read`,
//! `patient%2fPatient.read`, `user/all.all`; Firely can be told to write `-`. On the trusted path such a
//! token is an error that names the spelling to use; an importer reads it and records the repair.

use super::scope::{Context, Scope};

/// The SMART spelling of a token in one of these dialects; `None` when it is in none.
pub fn meant(token: &str) -> Option<String> {
    let context = Context::ALL.iter().find(|each| token.starts_with(each.word()))?;
    let rest = token.strip_prefix(context.word())?;
    let place = ["%2f", "%2F", ".", "$", "-", "/"].iter().find_map(|mark| rest.strip_prefix(mark))?;
    let place = match place.split_once('.') {
        Some(("all", permission)) => format!("*.{}", if permission == "all" { "*" } else { permission }),
        _ if rest.starts_with('/') => return None,
        _ => place.to_owned(),
    };
    let spelled = format!("{}/{place}", context.word());
    Scope::parse(&spelled).is_ok().then_some(spelled)
}
