//! Systems: what issues identities and what enforces their scopes.

use super::drafts::{name, optional_address, optional_text};
use super::lookup::named_person;
use super::{ActionError, By, FieldError, Register, Work, records};
use crate::domain::ids::{Id, Moment};
use crate::domain::systems::SystemKind;
use crate::store::registry::{self, System};
use crate::store::{Db, StoreError};

/// What a form says of a system, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SystemDraft {
    pub name: String,
    /// A stored word of [`SystemKind`].
    pub kind: String,
    pub base_url: String,
    /// An e-mail address, or a name that only one person has.
    pub business_owner: String,
    pub technical_owner: String,
    pub notes: String,
}

/// Adds a system.
///
/// # Errors
/// `Invalid` names every field that is wrong at once.
pub fn add(register: &Register, by: &By, draft: &SystemDraft) -> Result<Id, ActionError> {
    records::add(register, by, |work, before| parse(work, draft, before))
}

/// Changes a system.
///
/// # Errors
/// `Store(Conflict)` when it was changed since version `seen`; else as [`add`].
pub fn edit(register: &Register, by: &By, id: Id, seen: i64, draft: &SystemDraft) -> Result<(), ActionError> {
    records::edit(register, by, id, seen, |work, before| parse(work, draft, before))
}

impl records::Record for System {
    const ENTITY: &'static str = "system";

    fn id(&self) -> Id {
        self.id
    }
    fn version(&self) -> i64 {
        self.version
    }
    fn advance(&mut self, now: Moment) {
        self.updated_at = now;
        self.version += 1;
    }
    fn find(db: &mut Db, id: Id) -> Result<Self, StoreError> {
        registry::find_system(db, id)
    }
    fn insert(&self, db: &mut Db) -> Result<(), StoreError> {
        registry::insert_system(db, self)
    }
    fn update(&self, db: &mut Db) -> Result<(), StoreError> {
        registry::update_system(db, self)
    }
}

/// The system as the draft has it: id, version and times of `before`, or new ones.
fn parse(work: &mut Work<'_>, draft: &SystemDraft, before: Option<&System>) -> Result<System, ActionError> {
    let mut errors = Vec::new();
    let mut wrong = |field: &'static str, text: String| errors.push(FieldError::new(field, text));
    let name = name(&draft.name, "the system\u{2019}s name").map_err(|error| wrong("name", error)).ok();
    let kind =
        draft.kind.parse::<SystemKind>().map_err(|_| wrong("kind", "Choose what the system does".to_owned())).ok();
    let base_url = optional_address(&draft.base_url).map_err(|error| wrong("base_url", error)).ok();
    let notes = optional_text(&draft.notes).map_err(|error| wrong("notes", error)).ok();
    let business =
        named_person(work.db, work.by.token.is_none(), "business_owner", &draft.business_owner, &mut errors)?;
    let technical =
        named_person(work.db, work.by.token.is_none(), "technical_owner", &draft.technical_owner, &mut errors)?;
    if let Some(name) = &name
        && let Some(other) = registry::find_system_by_name(work.db, name)?
        && Some(other.id) != before.map(|system| system.id)
    {
        errors.push(FieldError::new(
            "name",
            format!("There is a system called {} already; give this one another name", other.name),
        ));
    }
    let (Some(name), Some(kind), Some(base_url), Some(notes), true) = (name, kind, base_url, notes, errors.is_empty())
    else {
        return Err(ActionError::Invalid(errors));
    };
    let now = work.by.now;
    Ok(System {
        id: before.map_or_else(Id::new, |system| system.id),
        name_key: name.to_lowercase(),
        name,
        kind,
        base_url,
        business_owner_id: business.map(|person| person.id),
        technical_owner_id: technical.map(|person| person.id),
        notes,
        created_at: before.map_or(now, |system| system.created_at),
        updated_at: before.map_or(now, |system| system.updated_at),
        version: before.map_or(1, |system| system.version),
    })
}
