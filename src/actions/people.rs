//! People: adding them, keeping what is known of them, and marking them as left.

use chrono::NaiveDate;
use chrono_tz::Tz;

use super::accounts::{self, keep_an_administrator};
use super::drafts::{optional_date, optional_line};
use super::links::NewLink;
use super::lookup::named_person;
use super::{ActionError, By, FieldError, Register, Work, passwords};
use crate::domain::ids::Id;
use crate::domain::people::{Role, has_left, parse_email, parse_name};
use crate::store::people::{self, Person};
use crate::store::{StoreError, account_links, people_list, sessions};

/// What a form says of a person, as typed. An empty text means \u{201c}not known\u{201d}.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PersonDraft {
    pub name: String,
    pub email: String,
    pub title: String,
    pub department: String,
    /// The manager: an e-mail address, or a name that only one person has.
    pub manager: String,
    /// Who stands in for the person; written as the manager is.
    pub deputy: String,
    /// `YYYY-MM-DD`.
    pub left_on: String,
    /// A name of the IANA time zone database, as `America/Chicago`.
    pub time_zone: String,
}

/// The parts of a draft that need no look into the register.
struct Parsed {
    name: String,
    email: String,
    title: Option<String>,
    department: Option<String>,
    left_on: Option<NaiveDate>,
    time_zone: Option<String>,
}

/// The account that somebody gets when they are added.
#[derive(Clone, Copy)]
pub enum Opening<'a> {
    None,
    /// With a link with which they choose a password.
    Link(Role),
    /// With a password that the command line was given.
    Password(Role, &'a str),
}

impl std::fmt::Debug for Opening<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::None => out.write_str("None"),
            Self::Link(role) => write!(out, "Link({role})"),
            Self::Password(role, _) => write!(out, "Password({role})"),
        }
    }
}

/// Adds a person of whom name and address are known, with an account when a role and a password are given.
pub fn add(
    register: &Register,
    by: &By,
    name: &str,
    email: &str,
    account: Option<(Role, &str)>,
) -> Result<Id, ActionError> {
    let draft = PersonDraft { name: name.to_owned(), email: email.to_owned(), ..PersonDraft::default() };
    let opening = account.map_or(Opening::None, |(role, password)| Opening::Password(role, password));
    add_draft(register, by, &draft, opening).map(|(id, _)| id)
}

/// Adds a person; answers the link of their account, where one was asked for.
///
/// # Errors
/// `Invalid` names every field that is wrong at once.
pub fn add_draft(
    register: &Register,
    by: &By,
    draft: &PersonDraft,
    opening: Opening<'_>,
) -> Result<(Id, Option<NewLink>), ActionError> {
    by.require(&[Role::Administrator])?;
    let mut errors = Vec::new();
    let parsed = parse(draft, &mut errors);
    if let Opening::Password(_, password) = opening {
        match passwords::check(register, &draft.name, &draft.email, password) {
            Err(ActionError::Invalid(wrong)) => errors.extend(wrong),
            Err(other) => return Err(other),
            Ok(()) => {}
        }
    }
    // Hashing takes its time on purpose, so only a form that is right so far gets there.
    let hash = match opening {
        Opening::Password(_, password) if errors.is_empty() => Some(passwords::hash(password)?),
        _ => None,
    };
    register.change(by, |work| {
        let mut errors = errors;
        let Some((parsed, manager_id, deputy_id)) = complete(work, draft, parsed, None, &mut errors)? else {
            return Err(ActionError::Invalid(errors));
        };
        if !matches!(opening, Opening::None) && has_left(parsed.left_on, by.now.date()) {
            return Err(ActionError::field(
                "left_on",
                "Somebody who has left gets no account; correct the date or choose none",
            ));
        }
        let person = Person {
            title: parsed.title,
            department: parsed.department,
            manager_id,
            deputy_id,
            left_on: parsed.left_on,
            time_zone: parsed.time_zone,
            ..Person::new(&parsed.name, &parsed.email, by.now)
        };
        people::insert(work.db, &person)?;
        work.record("person.add", "person", person.id, None, Some(&person));
        let link = match opening {
            Opening::None => None,
            Opening::Link(role) => Some(accounts::open_with_link_in(work, register, person.id, role)?),
            Opening::Password(role, _) => {
                accounts::open_in(work, person.id, role, hash)?;
                None
            }
        };
        Ok((person.id, link))
    })
}

/// Changes what is known of a person. Who has left by today loses their sessions with it.
///
/// # Errors
/// `Store(Conflict)` when the person was changed since version `seen`; `Invalid` names the fields
/// that are wrong; `Refused` when nobody could administer the register any more.
pub fn edit(register: &Register, by: &By, id: Id, seen: i64, draft: &PersonDraft) -> Result<(), ActionError> {
    by.require(&[Role::Administrator])?;
    let mut errors = Vec::new();
    let parsed = parse(draft, &mut errors);
    register.change(by, |work| {
        let mut errors = errors;
        let before = people::find(work.db, id)?;
        if before.version != seen {
            return Err(StoreError::Conflict.into());
        }
        let Some((parsed, manager_id, deputy_id)) = complete(work, draft, parsed, Some(&before), &mut errors)? else {
            return Err(ActionError::Invalid(errors));
        };
        let after = Person {
            name_key: parsed.name.to_lowercase(),
            name: parsed.name,
            email_key: parsed.email.to_lowercase(),
            email: parsed.email,
            title: parsed.title,
            department: parsed.department,
            manager_id,
            deputy_id,
            left_on: parsed.left_on,
            time_zone: parsed.time_zone,
            updated_at: by.now,
            version: before.version + 1,
            ..before.clone()
        };
        if after == (Person { updated_at: by.now, version: after.version, ..before.clone() }) {
            return Ok(());
        }
        if let (true, Some(date)) = (before.left_on != after.left_on, after.left_on) {
            keep_an_administrator(work, id, date.max(by.now.date()))?;
        }
        people::update(work.db, &after)?;
        let leaves_now = has_left(after.left_on, by.now.date()) && !has_left(before.left_on, by.now.date());
        if leaves_now {
            sessions::delete_of(work.db, id)?;
            account_links::end_of(work.db, id, by.now)?;
        }
        let action = if leaves_now { "person.leave" } else { "person.edit" };
        work.record(action, "person", id, Some(&before), Some(&after));
        Ok(())
    })
}

fn parse(draft: &PersonDraft, errors: &mut Vec<FieldError>) -> Option<Parsed> {
    let mut wrong = |field: &'static str, text: String| errors.push(FieldError::new(field, text));
    let name = parse_name(&draft.name).map_err(|error| wrong("name", error.to_string())).ok();
    let email = parse_email(&draft.email).map_err(|error| wrong("email", error.to_string())).ok();
    let title = optional_line(&draft.title).map_err(|error| wrong("title", error)).ok();
    let department = optional_line(&draft.department).map_err(|error| wrong("department", error)).ok();
    let left_on = optional_date(&draft.left_on).map_err(|error| wrong("left_on", error)).ok();
    let time_zone = match draft.time_zone.trim() {
        "" => Some(None),
        zone => match zone.parse::<Tz>() {
            Ok(zone) => Some(Some(zone.name().to_owned())),
            Err(_) => {
                wrong("time_zone", "Write a time zone such as America/Chicago, or leave it empty".to_owned());
                None
            }
        },
    };
    Some(Parsed {
        name: name?,
        email: email?,
        title: title?,
        department: department?,
        left_on: left_on?,
        time_zone: time_zone?,
    })
}

/// What a draft says: its own parts, the manager, the deputy.
type Complete = (Parsed, Option<Id>, Option<Id>);

/// The draft together with manager and deputy, unless anything is wrong.
fn complete(
    work: &mut Work<'_>,
    draft: &PersonDraft,
    parsed: Option<Parsed>,
    before: Option<&Person>,
    errors: &mut Vec<FieldError>,
) -> Result<Option<Complete>, ActionError> {
    let own = before.map(|person| person.id);
    let manager = named_person(work.db, work.by.token.is_none(), "manager", &draft.manager, errors)?;
    let deputy = named_person(work.db, work.by.token.is_none(), "deputy", &draft.deputy, errors)?;
    for (field, chosen, what) in [("manager", &manager, "manager"), ("deputy", &deputy, "deputy")] {
        if chosen.is_some() && chosen.as_ref().map(|person| person.id) == own {
            errors.push(FieldError::new(field, format!("Nobody is their own {what}; name somebody else")));
        }
    }
    if let Some(deputy) = deputy.as_ref().filter(|deputy| before.and_then(|person| person.deputy_id) != Some(deputy.id))
        && has_left(deputy.left_on, work.by.now.date())
    {
        errors.push(FieldError::new("deputy", "This person has left; choose a deputy who is still here"));
    }
    if let Ok(email) = parse_email(&draft.email)
        && let Some(other) = people::find_by_email(work.db, &email)?
        && Some(other.id) != own
    {
        errors.push(FieldError::new("email", format!("{email} is already in the register, as {}", other.name)));
    }
    match parsed {
        Some(parsed) if errors.is_empty() => {
            Ok(Some((parsed, manager.map(|person| person.id), deputy.map(|person| person.id))))
        }
        _ => Ok(None),
    }
}

/// How a person is written where another is named: name and address, which `lookup` reads back.
pub fn written(person: &Person) -> String {
    people_list::written(&person.name, &person.email)
}
