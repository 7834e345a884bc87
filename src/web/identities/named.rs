//! People, vendors and systems in the filter. People and vendors are typed by name or address, because
//! a hospital has too many to choose from a list.

use crate::domain::ids::Id;
use crate::store::identity_list::OwnerFilter;
use crate::store::{Db, StoreError, people, people_list, registry, registry_list};
use crate::web::asked::Asked;
use crate::web::fields::Fields;

/// Close matches that are offered for a name that stands for nobody, or for several.
const MOST_NEAR: i64 = 8;

/// What the filter's names and ids stand for.
#[derive(Debug, Default)]
pub struct Named {
    /// Id and name of everybody and everything that the link names by id.
    known: Vec<(String, String)>,
    /// Fields whose typed name is to be an id in the link.
    turned: Vec<(&'static str, String)>,
    /// The link with ids in place of typed names, when there were any.
    pub canonical: Option<Fields>,
    tells_names: bool,
}

impl Named {
    pub fn new(tells_names: bool) -> Self {
        Self { tells_names, ..Self::default() }
    }

    /// The owner that a field names.
    pub fn owner(
        &mut self,
        db: &mut Db,
        asked: &mut Asked<'_>,
        field: &'static str,
        label: &str,
    ) -> Result<Option<OwnerFilter>, StoreError> {
        let Some(text) = asked.get(field, label) else { return Ok(None) };
        if text.eq_ignore_ascii_case("nobody") {
            if text != "nobody" {
                self.turned.push((field, "nobody".to_owned()));
            }
            return Ok(Some(OwnerFilter::Nobody));
        }
        let (by_id, found) = match text.parse::<Id>() {
            Ok(id) => (true, people::find_many(db, &[id])?.into_iter().map(|one| (one.id, one.name)).collect()),
            Err(_) => (false, people::named(db, text, 2)?),
        };
        let person = self.one(asked, field, label, text, by_id, &found, |tells_names| {
            if tells_names { near(text, |part| near_people(db, part)) } else { Ok(Vec::new()) }
        })?;
        Ok(person.map(OwnerFilter::Person))
    }

    /// The vendor that the link names.
    pub fn vendor(&mut self, db: &mut Db, asked: &mut Asked<'_>) -> Result<Option<Id>, StoreError> {
        let Some(text) = asked.get("vendor", "Vendor") else { return Ok(None) };
        let (by_id, found) = match text.parse::<Id>() {
            Ok(id) => (true, registry::find_many_vendors(db, &[id])?),
            Err(_) => (false, registry::vendors_named(db, text, 2)?),
        };
        self.one(asked, "vendor", "Vendor", text, by_id, &found, |_| {
            near(text, |part| registry_list::vendors_matching(db, part, MOST_NEAR))
        })
    }

    /// The system that the link names by its id.
    pub fn system(&mut self, db: &mut Db, asked: &mut Asked<'_>) -> Result<Option<Id>, StoreError> {
        let Some(id) = asked.id("system", "System") else { return Ok(None) };
        match registry::find_system(db, id) {
            Ok(_) => Ok(Some(id)),
            Err(StoreError::NotFound) => {
                asked.fault("system", "System: no system of the register has this id.");
                Ok(None)
            }
            Err(other) => Err(other),
        }
    }

    /// The one that was found; anything else is a fault that offers what is close.
    #[expect(clippy::too_many_arguments, reason = "what was typed, what was found, and how to look further")]
    fn one(
        &mut self,
        asked: &mut Asked<'_>,
        field: &'static str,
        label: &str,
        text: &str,
        by_id: bool,
        found: &[(Id, String)],
        near: impl FnOnce(bool) -> Result<Vec<(Id, String)>, StoreError>,
    ) -> Result<Option<Id>, StoreError> {
        let why = match found {
            [(id, name)] => {
                self.known.push((id.to_string(), name.clone()));
                if !by_id {
                    self.turned.push((field, id.to_string()));
                }
                return Ok(Some(*id));
            }
            [] if by_id => format!("{label}: the register has no record with this id."),
            [] => format!("{label}: nothing in the register is called \u{201c}{text}\u{201d}."),
            _ => format!("{label}: several are called \u{201c}{text}\u{201d}, or begin so."),
        };
        let near = if by_id { Vec::new() } else { near(self.tells_names)? };
        asked.fault_with(field, why, near.into_iter().map(|(id, name)| (id.to_string(), name)).collect());
        Ok(None)
    }

    /// Makes the link with ids in place of names.
    pub fn finish(&mut self, fields: &Fields) {
        if !self.turned.is_empty() {
            let turned = self.turned.iter();
            self.canonical = Some(turned.fold(fields.clone(), |fields, (field, value)| fields.with(field, value)));
        }
    }

    /// The name behind an id in the link.
    pub fn name(&self, value: &str) -> Option<String> {
        if value == "nobody" {
            return Some("nobody".to_owned());
        }
        self.known.iter().find(|(id, _)| id == value).map(|(_, name)| name.clone())
    }

    /// What stands in the field of the form: the name behind an id, or what was typed.
    pub fn shown(&self, value: &str) -> String {
        self.name(value).unwrap_or_else(|| value.to_owned())
    }
}

/// People with a name or address that holds the text, with their addresses: several may share a name.
fn near_people(db: &mut Db, text: &str) -> Result<Vec<(Id, String)>, StoreError> {
    let ids: Vec<Id> = people_list::matching(db, text, MOST_NEAR)?.into_iter().map(|(id, _)| id).collect();
    let mut found = people::find_many(db, &ids)?;
    found.sort_by(|one, other| (&one.name_key, one.id).cmp(&(&other.name_key, other.id)));
    Ok(found.into_iter().map(|one| (one.id, people_list::written(&one.name, &one.email))).collect())
}

/// What is close to a typed name: what holds it, or else its longest word, or else the beginning of a word.
fn near(
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

fn parts(text: &str) -> Vec<String> {
    let mut words: Vec<&str> =
        text.split(|sign: char| !sign.is_alphanumeric()).filter(|word| word.chars().count() >= 3).collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.chars().count()));
    let beginnings = words.iter().map(|word| word.chars().take(3).collect());
    std::iter::once(text.to_owned()).chain(words.iter().map(|word| (*word).to_owned())).chain(beginnings).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_telling_part_of_a_name_is_looked_for_first() {
        assert_eq!(parts("Dr Dana Reedson"), ["Dr Dana Reedson", "Reedson", "Dana", "Ree", "Dan"]);
        assert_eq!(parts("Li"), ["Li"]);
    }
}
