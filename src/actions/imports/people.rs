//! What a staff list means for the register as it is now.

use std::collections::HashMap;

use super::entries::{Entry, Said, storable};
use super::{Plan, Steps, blank_row, sentences};
use crate::connectors::imports::repeated_words;
use crate::domain::ids::Id;
use crate::domain::imported_people::ImportedPerson;
use crate::domain::imports::RowAction;
use crate::domain::imports::facts::Named;
use crate::domain::imports::people::{PersonFacts, Superiors, compare, refusal};
use crate::store::import_rows::{Before, ImportRow, PersonBefore, RowChanges, RowRecord};
use crate::store::imports::Import;
use crate::store::people::{self, Person};
use crate::store::types::Doc;
use crate::store::{Db, StoreError};

/// One step of applying a staff list.
pub enum Step {
    Create { id: Id, facts: PersonFacts },
    Change { before: Box<Person>, after: PersonFacts },
}

/// Everybody the register knows.
struct Everybody {
    people: Vec<Person>,
    by_address: HashMap<String, usize>,
    by_number: HashMap<String, usize>,
    addresses: HashMap<Id, String>,
}

impl Everybody {
    fn load(db: &mut Db) -> Result<Self, StoreError> {
        let people = people::all(db)?;
        let mut everybody = Self {
            by_address: HashMap::new(),
            by_number: HashMap::new(),
            addresses: people.iter().map(|person| (person.id, person.email.clone())).collect(),
            people,
        };
        for (place, person) in everybody.people.iter().enumerate() {
            everybody.by_address.insert(person.email_key.clone(), place);
            if let Some(number) = &person.staff_id {
                everybody.by_number.insert(number.clone(), place);
            }
        }
        Ok(everybody)
    }

    /// Whom a line means: by address, else by staff number. Two different people are an error.
    fn find(&self, line: &ImportedPerson) -> Result<Option<&Person>, String> {
        let address = line.email.as_ref().and_then(|email| self.by_address.get(&email.trim().to_lowercase()));
        let number = line.staff_id.as_ref().and_then(|number| self.by_number.get(number));
        match (address, number) {
            (Some(one), Some(other)) if one != other => {
                Err("The address and the staff number belong to two different people. Correct one.".to_owned())
            }
            (one, other) => Ok(one.or(other).and_then(|place| self.people.get(*place))),
        }
    }

    fn facts(&self, person: &Person) -> PersonFacts {
        let named =
            |id: Option<Id>| id.map(|id| Named { id, address: self.addresses.get(&id).cloned().unwrap_or_default() });
        PersonFacts {
            name: person.name.clone(),
            email: person.email.clone(),
            staff_id: person.staff_id.clone(),
            title: person.title.clone(),
            department: person.department.clone(),
            manager: named(person.manager_id),
            deputy: named(person.deputy_id),
            left_on: person.left_on,
            time_zone: person.time_zone.clone(),
        }
    }
}

/// Compares every line with the register: first who everybody is, then who answers for whom.
pub fn plan(db: &mut Db, import: &Import, entries: Vec<Entry>) -> Result<Plan, StoreError> {
    let everybody = Everybody::load(db)?;
    let mut named: HashMap<String, Id> =
        everybody.people.iter().map(|person| (person.email_key.clone(), person.id)).collect();
    let mut lines: HashMap<Id, Vec<Option<i64>>> = HashMap::new();
    let mut meant: Vec<Result<(Id, Option<&Person>), String>> = Vec::with_capacity(entries.len());
    for entry in &entries {
        let Said::Person(line) = &entry.said else {
            meant.push(Err(String::new()));
            continue;
        };
        let found = everybody.find(line).and_then(|known| match refusal(line, known.is_some()) {
            Some(reason) => Err(reason),
            None => {
                let id = known.map(|person| person.id).or(entry.new_id).unwrap_or_default();
                lines.entry(id).or_default().push(entry.line);
                Ok((id, known))
            }
        });
        if let (Ok((id, _)), Some(email)) = (&found, &line.email) {
            named.insert(email.trim().to_lowercase(), *id);
        }
        meant.push(found);
    }
    let (mut rows, mut steps) = (Vec::with_capacity(entries.len()), Vec::new());
    for (entry, meant) in entries.into_iter().zip(meant) {
        let mut row = blank_row(import.id, &entry);
        let meant = meant.and_then(|(id, known)| match lines.get(&id) {
            Some(lines) if lines.len() > 1 => Err(repeated_words("person", lines)),
            _ => Ok((id, known)),
        });
        match entry.said {
            Said::Skip { name, reason } => {
                row.action = RowAction::Skip;
                (row.name, row.reason) = (storable(&name), Some(storable(&reason)));
            }
            Said::Error { name, reason } => (row.name, row.reason) = (storable(&name), Some(storable(&reason))),
            Said::Client(client) => (row.name, row.reason) = (client.name, Some("This is no person.".to_owned())),
            Said::Person(line) => {
                row.name = storable(&line.name);
                match meant {
                    Err(reason) => row.reason = Some(reason),
                    Ok((id, known)) => {
                        steps.extend(compared(&mut row, &everybody, id, known, &line, &named));
                        row.record = Some(Doc(RowRecord::Person(line)));
                    }
                }
            }
        }
        rows.push(row);
    }
    Ok(Plan { rows, steps: Steps::People(steps), new_systems: Vec::new(), warnings: Vec::new() })
}

fn compared(
    row: &mut ImportRow,
    everybody: &Everybody,
    id: Id,
    known: Option<&Person>,
    line: &ImportedPerson,
    named: &HashMap<String, Id>,
) -> Option<Step> {
    let mut remarks = line.remarks.clone();
    let mut find = |address: &Option<String>, what: &str| {
        let address = address.as_deref()?;
        match named.get(&address.trim().to_lowercase()) {
            Some(other) if *other == id => {
                remarks.push(format!("The line names the person as their own {what}; that is left out."));
                None
            }
            Some(other) => Some(Named { id: *other, address: address.to_owned() }),
            None => {
                remarks.push(format!("The {what} {address} is neither in the file nor among the people."));
                None
            }
        }
    };
    let superiors =
        Superiors { manager: find(&line.manager_email, "manager"), deputy: find(&line.deputy_email, "deputy") };
    let before = known.map_or_else(PersonFacts::default, |person| everybody.facts(person));
    let (after, changes) = compare(&before, id, line, superiors);
    row.subject_id = Some(id);
    row.reason = sentences(&remarks);
    let Some(person) = known else {
        row.action = RowAction::Create;
        return Some(Step::Create { id, facts: after });
    };
    row.version_before = Some(person.version);
    if changes.is_empty() {
        row.action = RowAction::Unchanged;
        return None;
    }
    row.action = RowAction::Change;
    row.changes = Doc(RowChanges {
        fields: changes,
        before: Some(Before::Person(Box::new(PersonBefore::of(person)))),
        overview: None,
    });
    Some(Step::Change { before: Box::new(person.clone()), after })
}
