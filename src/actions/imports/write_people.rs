//! Writing what a staff list says: people first, then who answers for whom.

use super::people::Step;
use crate::actions::accounts::keep_an_administrator;
use crate::actions::{ActionError, Work};
use crate::domain::ids::Id;
use crate::domain::imports::facts::Named;
use crate::domain::imports::people::PersonFacts;
use crate::domain::people::has_left;
use crate::store::people::{self, Person};
use crate::store::{account_links, sessions};

/// Writes every step.
pub fn write(work: &mut Work<'_>, steps: Vec<Step>) -> Result<(), ActionError> {
    let (mut new, mut changed) = (Vec::new(), Vec::new());
    for step in steps {
        match step {
            Step::Create { id, facts } => {
                let mut person = Person::new(&facts.name, &facts.email, work.by.now);
                person.id = id;
                set_facts(&mut person, &facts);
                new.push(person);
            }
            Step::Change { before, after } => changed.push((before, after)),
        }
    }
    // Two people may stand for each other: they must exist before they are named.
    let alone: Vec<Person> =
        new.iter().map(|person| Person { manager_id: None, deputy_id: None, ..person.clone() }).collect();
    people::insert_many(work.db, &alone)?;
    for person in &new {
        if person.manager_id.is_some() || person.deputy_id.is_some() {
            people::set_superiors(work.db, person.id, person.manager_id, person.deputy_id)?;
        }
        work.record("person.import", "person", person.id, None, Some(person));
    }
    for (before, facts) in changed {
        let mut after = (*before).clone();
        set_facts(&mut after, &facts);
        after.updated_at = work.by.now;
        after.version += 1;
        if let (true, Some(date)) = (before.left_on != after.left_on, after.left_on) {
            keep_an_administrator(work, after.id, date.max(work.by.now.date()))?;
        }
        people::update(work.db, &after)?;
        if has_left(after.left_on, work.by.now.date()) && !has_left(before.left_on, work.by.now.date()) {
            sessions::delete_of(work.db, after.id)?;
            account_links::end_of(work.db, after.id, work.by.now)?;
        }
        work.record("person.import", "person", after.id, Some(&*before), Some(&after));
    }
    Ok(())
}

fn set_facts(person: &mut Person, facts: &PersonFacts) {
    let id = |named: &Option<Named>| -> Option<Id> { named.as_ref().map(|named| named.id) };
    person.name.clone_from(&facts.name);
    person.name_key = facts.name.to_lowercase();
    person.email.clone_from(&facts.email);
    person.email_key = facts.email.to_lowercase();
    person.staff_id.clone_from(&facts.staff_id);
    person.title.clone_from(&facts.title);
    person.department.clone_from(&facts.department);
    person.manager_id = id(&facts.manager);
    person.deputy_id = id(&facts.deputy);
    person.left_on = facts.left_on;
    person.time_zone.clone_from(&facts.time_zone);
}
