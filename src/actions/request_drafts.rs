//! Registrations that are being written: each is its writer's own until it is sent.
//!
//! Nothing of the register changes by them, so they are no entry of the audit log: what they ask for is
//! recorded when it is sent.

use super::people::written;
use super::{ActionError, By, FieldError, Register, lookup, requests};
use crate::domain::guard::redact_address;
use crate::domain::guard::typed::{HOLDS_A_SECRET, holds_a_secret, is_pasted_secret};
use crate::domain::identities::{ClientType, IdentityState, OwnerAnswer, ScopeList};
use crate::domain::ids::Id;
use crate::domain::people::has_left;
use crate::domain::permissions::{Permission, allows};
use crate::store::identities::{self, Identity};
use crate::store::request_drafts::{self, Draft};
use crate::store::types::Doc;
use crate::store::{Db, StoreError, api_tokens, identity_parts as parts, people};

/// So many registrations may somebody have begun and not sent.
pub const MOST: usize = 50;

/// For so many days is kept what nobody touches.
pub const KEPT_DAYS: i64 = 180;

/// The names of the fields that a step stores, in their order, and what was typed in them.
pub type Typed = Vec<(String, String)>;

/// Only people write drafts, and only those who may ask for something.
fn writer(by: &By) -> Result<Id, ActionError> {
    by.refuse_tokens()?;
    by.person.filter(|_| allows(Some(by.role), Permission::FileRequests)).ok_or(ActionError::Forbidden)
}

/// Begins a registration; answers its id.
///
/// # Errors
/// `Refused` for whoever has begun too many already.
pub fn start(register: &Register, by: &By) -> Result<Id, ActionError> {
    let person = writer(by)?;
    register.database.write(|db| keep(db, by, person, None, Vec::new()))
}

/// Begins to ask for an identity in another environment: what the one has goes over, but for its client id,
/// its credentials and where it works.
///
/// # Errors
/// `NotFound` when it is not there, `Forbidden` for whoever may not ask for it, `Refused` when it is going.
pub fn promote(register: &Register, by: &By, origin: Id) -> Result<Id, ActionError> {
    let person = writer(by)?;
    register.database.write(|db| {
        let identity = identities::find(db, origin)?;
        if !requests::asks(db, register, &identity, by)? {
            return Err(ActionError::Forbidden);
        }
        if matches!(identity.state, IdentityState::Revoking | IdentityState::Revoked) {
            return Err(ActionError::Refused(format!(
                "this identity is {}: register what takes its place instead",
                identity.state.label().to_lowercase()
            )));
        }
        if api_tokens::end_of(db, identity.id)?.is_some() {
            return Err(ActionError::Refused(
                "this is an API token of Muster itself, which is made on its owner's account page".to_owned(),
            ));
        }
        let typed = carried_over(db, register, by, &identity)?;
        keep(db, by, person, Some(identity.id), typed)
    })
}

fn keep(db: &mut Db, by: &By, person: Id, origin: Option<Id>, typed: Typed) -> Result<Id, ActionError> {
    let known = request_drafts::of(db, person)?;
    // The same button pressed twice begins one.
    let untouched = |draft: &&Draft| draft.version == 1 && draft.origin_id == origin && draft.fields.0 == typed;
    if let Some(draft) = known.iter().find(untouched) {
        return Ok(draft.id);
    }
    if known.len() >= MOST {
        return Err(ActionError::Refused(format!(
            "you have begun {MOST} registrations already; send one, or throw one away"
        )));
    }
    let draft = Draft {
        id: Id::new(),
        person_id: person,
        origin_id: origin,
        fields: Doc(typed),
        created_at: by.now,
        updated_at: by.now,
        version: 1,
    };
    request_drafts::insert(db, &draft)?;
    Ok(draft.id)
}

/// What an identity has that its twin in another environment has too, as the form writes it.
fn carried_over(db: &mut Db, register: &Register, by: &By, identity: &Identity) -> Result<Typed, StoreError> {
    let mut typed: Typed = Vec::new();
    let mut put = |name: &str, text: String| {
        if !text.is_empty() {
            typed.push((name.to_owned(), text));
        }
    };
    let own = |text: &Option<String>| text.clone().unwrap_or_default();
    put("kind", identity.kind.word().to_owned());
    put("name", identity.name.clone());
    put("description", own(&identity.description));
    put("vendor", identity.vendor_id.map(|vendor| vendor.to_string()).unwrap_or_default());
    put("purpose", own(&identity.purpose));
    put("access_basis", identity.access_basis.map(|basis| basis.word().to_owned()).unwrap_or_default());
    if identity.client_type != ClientType::Unknown {
        put("client_type", identity.client_type.word().to_owned());
    }
    put("grant_types", identity.grant_types.0.join("\n"));
    for launch in &identity.launch_types.0 {
        put("launch_types", launch.clone());
    }
    let scopes = parts::scopes(db, identity.id)?;
    let approved = scopes.into_iter().filter(|row| row.list == ScopeList::Approved).map(|row| row.scope);
    put("scopes", approved.collect::<Vec<_>>().join("\n"));
    let today = register.day(by.now);
    for (name, owner, answer) in [
        ("business_owner", identity.business_owner_id, identity.business_owner_answer),
        ("technical_owner", identity.technical_owner_id, identity.technical_owner_answer),
    ] {
        let Some(owner) = owner.filter(|_| answer != Some(OwnerAnswer::Refused)) else { continue };
        let person = people::find(db, owner)?;
        if !has_left(person.left_on, today) {
            put(name, written(&person));
        }
    }
    if let Some(path) = parts::revocation_path(db, identity.id)? {
        put("method", path.method.word().to_owned());
        put("steps", path.steps);
        put("contact", path.contact);
    }
    Ok(typed)
}

/// Stores what was typed in these fields in place of what stood there. Sending the same twice is no
/// conflict: it is stored once.
///
/// # Errors
/// `Invalid` for a text that seems to hold a secret: not even a draft keeps one. `NotFound` for a draft that is
/// not the writer's, `Conflict` when it changed since `seen` and says something else in these fields.
pub fn save(
    register: &Register,
    by: &By,
    id: Id,
    seen: i64,
    names: &[&'static str],
    typed: Typed,
) -> Result<Draft, ActionError> {
    let person = writer(by)?;
    let secrets: Vec<FieldError> = names
        .iter()
        .filter(|name| typed.iter().any(|(typed, text)| typed == *name && is_secret(name, text)))
        .map(|name| FieldError::new(name, HOLDS_A_SECRET))
        .collect();
    if !secrets.is_empty() {
        return Err(ActionError::Invalid(secrets));
    }
    register.database.write(|db| {
        let before = request_drafts::find(db, person, id)?;
        let (old, mut fields): (Typed, Typed) =
            before.fields.0.iter().cloned().partition(|(name, _)| names.contains(&name.as_str()));
        let typed: Typed = typed
            .into_iter()
            .filter(|(name, text)| names.contains(&name.as_str()) && !text.is_empty())
            // No key types this, and a document cannot hold it.
            .map(|(name, text)| (name, text.replace('\0', "")))
            .collect();
        if old == typed {
            return Ok(before);
        }
        if before.version != seen {
            return Err(StoreError::Conflict.into());
        }
        fields.extend(typed);
        let draft = Draft { fields: Doc(fields), updated_at: by.now, version: before.version + 1, ..before };
        request_drafts::update(db, &draft)?;
        Ok(draft)
    })
}

/// Whether a field that is written in words, or that of permissions, holds a secret.
fn is_secret(name: &str, text: &str) -> bool {
    match name {
        "scopes" => text.split_whitespace().any(is_pasted_secret),
        "redirect_uris" => text.split_whitespace().any(|address| redact_address(address).is_some()),
        // An id from a list, which is long and names something.
        "system" | "vendor" => false,
        _ => holds_a_secret(text),
    }
}

/// Removes what nobody has touched for [`KEPT_DAYS`]; answers how many.
pub fn purge(register: &Register, by: &By) -> Result<usize, ActionError> {
    let before = by.now.plus_days(-KEPT_DAYS);
    register.clear_away(by, |db| request_drafts::delete_untouched(db, before))
}

/// Throws a draft away.
///
/// # Errors
/// `NotFound` for one that is not the writer's.
pub fn discard(register: &Register, by: &By, id: Id) -> Result<(), ActionError> {
    let person = writer(by)?;
    register.database.write(|db| {
        let gone = request_drafts::delete(db, person, id)?;
        if gone { Ok(()) } else { Err(StoreError::NotFound.into()) }
    })
}

/// What is wrong with the names of people in these fields.
///
/// # Errors
/// When the database cannot be read.
pub fn unknown_people(db: &mut Db, named: &[(&'static str, &str)]) -> Result<Vec<FieldError>, ActionError> {
    let mut errors = Vec::new();
    for (field, text) in named {
        lookup::named_person(db, true, field, text, &mut errors)?;
    }
    Ok(errors)
}
