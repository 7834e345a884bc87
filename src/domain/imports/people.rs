//! What a staff list changes of people the register knows. Nobody is removed by a list.

use chrono::NaiveDate;

use super::super::ids::Id;
use super::super::imported_people::ImportedPerson;
use super::super::people::{parse_email, parse_name};
use super::FieldChange;
use super::facts::Named;

/// The facts of a person that a list may change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PersonFacts {
    pub name: String,
    pub email: String,
    pub staff_id: Option<String>,
    pub title: Option<String>,
    pub department: Option<String>,
    pub manager: Option<Named>,
    pub deputy: Option<Named>,
    pub left_on: Option<NaiveDate>,
    /// Only filled in: people choose their own.
    pub time_zone: Option<String>,
}

/// Those whom a line names, as far as the file or the register knows them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Superiors {
    pub manager: Option<Named>,
    pub deputy: Option<Named>,
}

/// Why the register cannot hold a person, and what to do.
pub fn refusal(person: &ImportedPerson, known: bool) -> Option<String> {
    if let Err(error) = parse_name(&person.name) {
        return Some(format!("{error}."));
    }
    match &person.email {
        Some(email) => parse_email(email).err().map(|error| format!("{error}.")),
        None if known => None,
        None => Some("The line has no e-mail address and the staff number is new. Fill the address in.".to_owned()),
    }
    .or_else(|| {
        let texts = [&person.staff_id, &person.title, &person.department];
        texts
            .into_iter()
            .flatten()
            .any(|text| text.contains('\0') || text.chars().count() > 500)
            .then(|| "One of the texts is longer than 500 characters or cannot be read.".to_owned())
    })
}

/// What a line makes of somebody: the facts as they will be, and what differs. What the line leaves
/// empty stays as it is, because a list need not have every column.
pub fn compare(
    known: &PersonFacts,
    id: Id,
    line: &ImportedPerson,
    named: Superiors,
) -> (PersonFacts, Vec<FieldChange>) {
    let mut after = known.clone();
    after.name = line.name.trim().to_owned();
    if let Some(email) = &line.email {
        // The same address in other letters is the same address.
        if email.trim().to_lowercase() != known.email.to_lowercase() {
            after.email = email.trim().to_owned();
        }
    }
    after.staff_id = line.staff_id.clone().or(after.staff_id);
    after.title = line.title.clone().or(after.title);
    after.department = line.department.clone().or(after.department);
    after.left_on = line.left_on.or(after.left_on);
    after.time_zone = after.time_zone.or_else(|| line.time_zone.clone());
    let other = |named: Option<Named>| named.filter(|named| named.id != id);
    if let Some(manager) = other(named.manager) {
        after.manager = Some(manager);
    }
    if let Some(deputy) = other(named.deputy) {
        after.deputy = Some(deputy);
    }
    let changes = difference(known, &after);
    (after, changes)
}

fn difference(before: &PersonFacts, after: &PersonFacts) -> Vec<FieldChange> {
    let mut changes = Vec::new();
    let mut one = |field: &str, old: Option<String>, new: Option<String>| {
        let (old, new) = (old.filter(|text| !text.is_empty()), new.filter(|text| !text.is_empty()));
        if old != new {
            changes.push(FieldChange {
                field: field.to_owned(),
                before: old.into_iter().collect(),
                after: new.into_iter().collect(),
            });
        }
    };
    let date = |date: Option<NaiveDate>| date.map(|date| date.to_string());
    one("Name", Some(before.name.clone()), Some(after.name.clone()));
    one("E-mail address", Some(before.email.clone()), Some(after.email.clone()));
    one("Staff number", before.staff_id.clone(), after.staff_id.clone());
    one("Title", before.title.clone(), after.title.clone());
    one("Department", before.department.clone(), after.department.clone());
    let address = |named: &Option<Named>| named.as_ref().map(|named| named.address.clone());
    if before.manager.as_ref().map(|named| named.id) != after.manager.as_ref().map(|named| named.id) {
        one("Manager", address(&before.manager), address(&after.manager));
    }
    if before.deputy.as_ref().map(|named| named.id) != after.deputy.as_ref().map(|named| named.id) {
        one("Deputy", address(&before.deputy), address(&after.deputy));
    }
    one("Left on", date(before.left_on), date(after.left_on));
    one("Time zone", before.time_zone.clone(), after.time_zone.clone());
    changes
}
