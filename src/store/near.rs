//! What is close to a typed name, to be offered when the name itself stands for nothing or for several.

use std::collections::HashSet;

use super::people::{self, Person};
use super::{Db, StoreError, people_list, registry_list};
use crate::domain::ids::Id;

/// Close matches that are offered at most.
const MOST: i64 = 8;

/// People that one part of a name finds and that are looked at, at most: a part that is short finds everybody.
const LOOKED_AT: i64 = 200;

/// People read at a time.
const AT_A_TIME: usize = 50;

/// People whose name or address is close, by name.
pub fn people(db: &mut Db, text: &str) -> Result<Vec<Person>, StoreError> {
    people_who(db, text, |_, _| Ok(true))
}

/// The same of whoever `can` be taken: whoever cannot takes nobody's place.
pub fn people_who(
    db: &mut Db,
    text: &str,
    mut can: impl FnMut(&mut Db, &Person) -> Result<bool, StoreError>,
) -> Result<Vec<Person>, StoreError> {
    // Of an address the part that is somebody's own: the rest fits everybody.
    let text = text.rsplit_once('<').map_or(text, |(name, _)| name);
    let text = text.split('@').next().unwrap_or(text);
    // A wider part finds the same people again.
    let mut seen: HashSet<Id> = HashSet::new();
    for part in parts(text) {
        let ids = people_list::matching(db, &part, LOOKED_AT)?.into_iter().map(|one| one.0);
        let ids: Vec<Id> = ids.filter(|id| seen.insert(*id)).collect();
        let found = first_who(db, &ids, &mut can)?;
        if !found.is_empty() {
            return Ok(found);
        }
    }
    Ok(Vec::new())
}

/// The first of these people, who are in the order of their names, who can be taken.
fn first_who(
    db: &mut Db,
    ids: &[Id],
    can: &mut impl FnMut(&mut Db, &Person) -> Result<bool, StoreError>,
) -> Result<Vec<Person>, StoreError> {
    let mut found = Vec::new();
    for ids in ids.chunks(AT_A_TIME) {
        let mut people = people::find_many(db, ids)?;
        people.sort_by(|one, other| (&one.name_key, one.id).cmp(&(&other.name_key, other.id)));
        for person in people {
            if can(db, &person)? {
                found.push(person);
            }
            if i64::try_from(found.len()) == Ok(MOST) {
                return Ok(found);
            }
        }
    }
    Ok(found)
}

/// Vendors whose name is close, by name.
pub fn vendors(db: &mut Db, text: &str) -> Result<Vec<(Id, String)>, StoreError> {
    first(text, |part| registry_list::vendors_matching(db, part, MOST))
}

/// What the most telling part finds that finds anything.
fn first(
    text: &str,
    mut look: impl FnMut(&str) -> Result<Vec<(Id, String)>, StoreError>,
) -> Result<Vec<(Id, String)>, StoreError> {
    for part in parts(text) {
        let found = look(&part)?;
        if !found.is_empty() {
            return Ok(found);
        }
    }
    Ok(Vec::new())
}

/// The text, then its words, the longest first, then their beginnings.
fn parts(text: &str) -> Vec<String> {
    let text = text.trim();
    let mut words: Vec<&str> =
        text.split(|sign: char| !sign.is_alphanumeric()).filter(|word| word.chars().count() >= 3).collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.chars().count()));
    let whole = Some(text.to_owned()).filter(|text| !text.is_empty());
    let beginnings = words.iter().map(|word| word.chars().take(3).collect());
    whole.into_iter().chain(words.iter().map(|word| (*word).to_owned())).chain(beginnings).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_telling_part_of_a_name_is_looked_for_first() {
        assert_eq!(parts("Dr Dana Reedson"), ["Dr Dana Reedson", "Reedson", "Dana", "Ree", "Dan"]);
        assert_eq!(parts("Li"), ["Li"]);
        assert!(parts(" ").is_empty());
    }
}
