//! Where each item of a campaign works and how far it reaches, and what tells two of the same name apart.

use std::collections::{HashMap, HashSet};

use crate::domain::identities::Environment;
use crate::domain::ids::Id;
use crate::domain::reaching::IdentityTier;
use crate::store::identities::{self, Identity};
use crate::store::{Db, StoreError, registry};

/// What is known of the items of a page.
#[derive(Debug, Default)]
pub struct Apart {
    identities: HashMap<Id, Identity>,
    systems: HashMap<Id, String>,
    /// Names that several items have.
    twice: HashSet<String>,
}

/// The names that come more than once.
pub fn twice<'a>(names: impl Iterator<Item = &'a str>) -> HashSet<String> {
    let (mut seen, mut twice) = (HashSet::new(), HashSet::new());
    for name in names {
        if !seen.insert(name) {
            twice.insert(name.to_owned());
        }
    }
    twice
}

impl Apart {
    /// Reads it for these identities. `twice`: the names that several items of the campaign have.
    pub fn of(db: &mut Db, ids: &[Id], twice: HashSet<String>) -> Result<Self, StoreError> {
        let identities = identities::find_many(db, ids)?.into_iter().map(|identity| (identity.id, identity)).collect();
        let systems = if twice.is_empty() { HashMap::new() } else { registry::system_names(db)?.into_iter().collect() };
        Ok(Self { identities, systems, twice })
    }

    /// "Environment: production. Tier: low.", with its system and its client id before where another has its name.
    /// `known`: both as a snapshot has them, in place of those of today. Empty where nothing is in the register any more.
    pub fn facts(&self, identity: Id, name: &str, known: Option<(Environment, IdentityTier)>) -> String {
        let today = self.identities.get(&identity).map(|identity| (identity.environment, identity.tier));
        let place = known.or(today).map(|(environment, tier)| {
            format!("Environment: {}. Tier: {}.", environment.label().to_lowercase(), tier.label().to_lowercase())
        });
        let marks = self.marks(identity, name);
        [marks, place.unwrap_or_default()].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
    }

    /// "System: Main EHR. Client id: pocket-chart-2."; empty where no other has its name.
    pub fn marks(&self, identity: Id, name: &str) -> String {
        let Some(identity) = self.identities.get(&identity).filter(|_| self.twice.contains(name)) else {
            return String::new();
        };
        let system = identity.system_id.and_then(|system| self.systems.get(&system));
        format!(
            "System: {}. Client id: {}.",
            system.map_or("not known", String::as_str),
            identity.client_id.as_deref().unwrap_or("not known")
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::identities::IdentityKind;
    use crate::domain::ids::Moment;

    #[test]
    fn two_of_one_name_are_told_apart_and_others_are_not_burdened() {
        let now = Moment::parse("2026-11-23T15:00:00Z").unwrap();
        let named = |name: &str, client: &str| Identity {
            client_id: Some(client.to_owned()),
            ..Identity::new(IdentityKind::SmartApp, name, Environment::Production, now)
        };
        let rows = [named("Pocket Chart", "one"), named("Pocket Chart", "two"), named("Planner", "three")];
        let ids = [rows[0].id, rows[1].id, rows[2].id];
        let twice = twice(rows.iter().map(|row| row.name.as_str()));
        let identities = rows.into_iter().map(|row| (row.id, row)).collect();
        let apart = Apart { identities, twice, ..Apart::default() };
        let place = "Environment: production. Tier: unknown.";
        assert_eq!(apart.facts(ids[1], "Pocket Chart", None), format!("System: not known. Client id: two. {place}"));
        assert_eq!(apart.facts(ids[2], "Planner", None), place);
        let then = Some((Environment::Sandbox, IdentityTier::Low));
        assert_eq!(apart.facts(ids[2], "Planner", then), "Environment: sandbox. Tier: low.");
        assert_eq!(apart.facts(Id::new(), "Gone", None), "");
    }
}
