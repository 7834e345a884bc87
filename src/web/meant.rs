//! Who is meant, when a typed name fits nobody or several: the page offers whoever is close, and what
//! was typed stays.
//!
//! The field `owner` then stands beside `owner_meant`, the person that was chosen, and `owner_typed`,
//! the text for which they were offered: a choice counts only while that text is the one in the field.

use actix_web::web;

use super::errors::WebError;
use super::fields::Fields;
use super::read;
use crate::actions::people::written;
use crate::actions::{FieldError, Register};
use crate::domain::ids::Id;
use crate::store::{near, people};

/// A person to choose: id, name with address, department.
pub type Choice = (String, String, String);

/// Who can be chosen, by field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Candidates(Vec<(&'static str, Vec<Choice>)>);

impl Candidates {
    /// Who can be chosen for a field; nobody when it is right.
    pub fn of(&self, field: &str) -> &[Choice] {
        self.0.iter().find(|(name, _)| *name == field).map_or(&[], |(_, choices)| choices)
    }
}

/// The fields with whoever was chosen written in place of what was typed.
pub async fn settled(
    register: &web::Data<Register>,
    fields: Fields,
    names: &'static [&'static str],
) -> Result<Fields, WebError> {
    let chosen: Vec<(&str, Id)> = names
        .iter()
        .filter(|name| fields.raw(&format!("{name}_typed")).trim() == fields.raw(name).trim())
        .filter_map(|name| fields.value(&format!("{name}_meant")).map(|id| (*name, id)))
        .collect();
    let mut settled = fields;
    for name in names {
        settled = settled.with(&format!("{name}_typed"), "").with(&format!("{name}_meant"), "");
    }
    if chosen.is_empty() {
        return Ok(settled);
    }
    let ids: Vec<Id> = chosen.iter().map(|(_, id)| *id).collect();
    let people = read(register, move |db| people::find_many(db, &ids)).await?;
    for (name, id) in chosen {
        if let Some(person) = people.iter().find(|person| person.id == id) {
            settled = settled.with(name, &written(person));
        }
    }
    Ok(settled)
}

/// Who is close to what was typed, for those of the fields that are at fault.
pub async fn candidates(
    register: &web::Data<Register>,
    fields: &Fields,
    errors: &[FieldError],
    names: &'static [&'static str],
) -> Result<Candidates, WebError> {
    let asked: Vec<(&str, String)> = names
        .iter()
        .filter(|name| errors.iter().any(|error| error.field == **name))
        .filter_map(|name| fields.text(name).map(|text| (*name, text)))
        .collect();
    if asked.is_empty() {
        return Ok(Candidates::default());
    }
    read(register, move |db| {
        let mut all = Vec::new();
        for (name, text) in asked {
            let choice = |person: people::Person| {
                (person.id.to_string(), written(&person), person.department.unwrap_or_default())
            };
            all.push((name, near::people(db, &text)?.into_iter().map(choice).collect()));
        }
        Ok(Candidates(all))
    })
    .await
}
