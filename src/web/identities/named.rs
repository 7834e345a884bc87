//! People, vendors and systems in the filter. People and vendors are typed by name or address, because
//! a hospital has too many to choose from a list.

use crate::domain::ids::Id;
use crate::store::identity_list::OwnerFilter;
use crate::store::{Db, StoreError, near, people, people_list, registry};
use crate::web::asked::Asked;
use crate::web::fields::Fields;

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
            let near = if tells_names { near::people(db, text)? } else { Vec::new() };
            Ok(near.into_iter().map(|one| (one.id, people_list::written(&one.name, &one.email))).collect())
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
        self.one(asked, "vendor", "Vendor", text, by_id, &found, |_| near::vendors(db, text))
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
            [] => {
                let none = if field == "vendor" { "no vendor" } else { "nobody" };
                format!("{label}: {none} in the register is called \u{201c}{text}\u{201d}.")
            }
            _ => format!("{label}: several are called \u{201c}{text}\u{201d}, or begin so."),
        };
        let near = if by_id { Vec::new() } else { near(self.tells_names)? };
        asked.fault_with(field, why, near.into_iter().map(|(id, name)| (id.to_string(), name)).collect());
        Ok(None)
    }

    /// A word that a field was typed as: the link carries it, and the page shows its label.
    pub fn word(&mut self, field: &'static str, typed: &str, word: &str, label: &str) {
        self.known.push((word.to_owned(), label.to_owned()));
        if typed != word {
            self.turned.push((field, word.to_owned()));
        }
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
