//! What is close to a typed name, to be offered when the name itself stands for nothing or for several.

use super::people::{self, Person};
use super::people_list::Deciders;
use super::{Db, StoreError, people_list, registry_list};
use crate::domain::ids::Id;

/// Close matches that are offered at most.
const MOST: i64 = 8;

/// People whose name or address is close, by name.
pub fn people(db: &mut Db, text: &str) -> Result<Vec<Person>, StoreError> {
    people_by(db, text, |db, part| people_list::matching(db, part, MOST))
}

/// The same of those who may be named to decide.
pub fn deciders(db: &mut Db, text: &str, who: &Deciders<'_>) -> Result<Vec<Person>, StoreError> {
    people_by(db, text, |db, part| people_list::matching_deciders(db, part, who, MOST))
}

fn people_by(
    db: &mut Db,
    text: &str,
    mut look: impl FnMut(&mut Db, &str) -> Result<Vec<(Id, String)>, StoreError>,
) -> Result<Vec<Person>, StoreError> {
    // Of an address the part that is somebody's own: the rest fits everybody.
    let text = text.rsplit_once('<').map_or(text, |(name, _)| name);
    let text = text.split('@').next().unwrap_or(text);
    let ids: Vec<Id> = first(text, |part| look(db, part))?.into_iter().map(|one| one.0).collect();
    let mut found = people::find_many(db, &ids)?;
    found.sort_by(|one, other| (&one.name_key, one.id).cmp(&(&other.name_key, other.id)));
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
