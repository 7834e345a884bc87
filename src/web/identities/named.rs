//! People and vendors in the filter: typed by name or address, because a hospital has too many to choose from a list.

use crate::domain::ids::Id;
use crate::store::{Db, StoreError, people, registry};
use crate::web::fields::Fields;

/// What the filter's typed names stand for.
#[derive(Debug, Default)]
pub struct Named {
    /// Id and name of everybody and every vendor that the link names by id.
    known: Vec<(String, String)>,
    /// The link with ids in place of typed names, when there were any.
    pub canonical: Option<Fields>,
    /// Typed names that stand for nothing or for more than one: the filter is not applied.
    pub unresolved: Vec<String>,
}

const FIELDS: [&str; 3] = ["business_owner", "technical_owner", "vendor"];

impl Named {
    /// Looks the names up.
    pub fn resolve(db: &mut Db, fields: &Fields) -> Result<Self, StoreError> {
        let mut named = Self::default();
        let mut canonical = fields.clone();
        let mut changed = false;
        for field in FIELDS {
            let Some(text) = fields.get(field) else { continue };
            if field != "vendor" && text.eq_ignore_ascii_case("nobody") {
                if text != "nobody" {
                    canonical = canonical.with(field, "nobody");
                    changed = true;
                }
                continue;
            }
            let by_id = text.parse::<Id>().ok();
            let found = match (field, by_id) {
                ("vendor", Some(id)) => registry::find_many_vendors(db, &[id])?,
                ("vendor", None) => registry::vendors_named(db, text, 2)?,
                (_, Some(id)) => people::find_many(db, &[id])?.into_iter().map(|one| (one.id, one.name)).collect(),
                (_, None) => people::named(db, text, 2)?,
            };
            match found.as_slice() {
                [(id, name)] => {
                    named.known.push((id.to_string(), name.clone()));
                    if by_id.is_none() {
                        canonical = canonical.with(field, &id.to_string());
                        changed = true;
                    }
                }
                [] => named.unresolved.push(format!("Nothing is called \u{201c}{text}\u{201d}")),
                _ => named.unresolved.push(format!("More than one is called \u{201c}{text}\u{201d}")),
            }
        }
        if changed && named.unresolved.is_empty() {
            named.canonical = Some(canonical);
        }
        Ok(named)
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
