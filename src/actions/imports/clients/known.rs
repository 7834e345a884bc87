//! What the register knows of the systems a file speaks of, loaded once for all rows.

use std::collections::{HashMap, HashSet};

use crate::actions::imports::entries::{Entry, Said};
use crate::domain::identities::{Environment, ScopeList};
use crate::domain::ids::{Id, Moment};
use crate::domain::imported::{ImportedClient, ImportedCredential, ImportedScope};
use crate::domain::imports::facts::{ClientFacts, Named, Owners};
use crate::domain::people::has_left;
use crate::store::identities::Identity;
use crate::store::imported_identities::{self, IdentityBefore};
use crate::store::{Db, StoreError, people, registry};

/// What makes two entries the same client: client id, environment and system; for a request, which has
/// no client id yet, its name and its redirect URIs within the system.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Key {
    Client { system: String, environment: &'static str, client_id: String },
    Request { system: String, name: String, redirect_uris: Vec<String> },
}

impl Key {
    /// The key of an entry whose system and environment are set.
    pub fn of(client: &ImportedClient) -> Self {
        let system = client.system.as_deref().unwrap_or_default();
        let environment = client.environment.unwrap_or(Environment::Unknown);
        let name = crate::domain::imports::facts::name_of(client);
        Self::new(system, environment, client.client_id.as_deref(), &name, &client.redirect_uris)
    }

    fn new(
        system: &str,
        environment: Environment,
        client_id: Option<&str>,
        name: &str,
        redirect_uris: &[String],
    ) -> Self {
        let system = system.to_lowercase();
        match client_id {
            Some(client_id) => {
                Self::Client { system, environment: environment.word(), client_id: client_id.to_owned() }
            }
            None => {
                let mut redirect_uris = redirect_uris.to_vec();
                redirect_uris.sort_unstable();
                Self::Request { system, name: name.to_owned(), redirect_uris }
            }
        }
    }
}

/// The systems and environments of a file.
#[derive(Debug, Default)]
pub struct Places {
    environments: HashMap<String, HashSet<Environment>>,
    /// As they are first written.
    names: Vec<String>,
}

impl Places {
    pub fn add(&mut self, system: &str, environment: Environment) {
        let key = system.to_lowercase();
        match self.environments.get_mut(&key) {
            Some(environments) => drop(environments.insert(environment)),
            None => {
                self.names.push(system.to_owned());
                self.environments.insert(key, HashSet::from([environment]));
            }
        }
    }

    pub fn names(&self) -> Vec<&str> {
        self.names.iter().map(String::as_str).collect()
    }
}

/// The identities of those systems, the vendors, and the people whom the file names.
pub struct Known {
    /// With their lists: what the file speaks of.
    matched: HashMap<Key, IdentityBefore>,
    /// Without: what the file does not speak of, in its environments.
    others: Vec<Identity>,
    vendors: HashMap<Id, String>,
    systems: HashMap<Id, String>,
    people: HashMap<String, (Id, bool)>,
}

impl Known {
    pub fn load(db: &mut Db, places: &Places, entries: &[Entry], now: Moment) -> Result<Self, StoreError> {
        let clients = || {
            entries.iter().filter_map(|entry| match &entry.said {
                Said::Client(client) => Some(client),
                _ => None,
            })
        };
        let wanted: HashSet<Key> = clients().map(|client| Key::of(client)).collect();
        let names_owners =
            clients().any(|client| client.business_owner_email.is_some() || client.technical_owner_email.is_some());
        let people = if names_owners {
            let today = now.date();
            people::all(db)?
                .into_iter()
                .map(|person| (person.email_key, (person.id, has_left(person.left_on, today))))
                .collect()
        } else {
            HashMap::new()
        };
        let mut known = Self {
            matched: HashMap::new(),
            others: Vec::new(),
            vendors: registry::vendor_names(db)?.into_iter().collect(),
            systems: registry::system_names(db)?.into_iter().collect(),
            people,
        };
        for (id, name) in known.systems.clone() {
            let Some(environments) = places.environments.get(&name.to_lowercase()) else { continue };
            let (mut here, mut requests) = (Vec::new(), Vec::new());
            for identity in imported_identities::of_system(db, id)? {
                let key = Key::new(&name, identity.environment, identity.client_id.as_deref(), &identity.name, &[]);
                if identity.client_id.is_none() {
                    requests.push(identity);
                } else if wanted.contains(&key) {
                    here.push(identity);
                } else if environments.contains(&identity.environment) {
                    known.others.push(identity);
                }
            }
            here.append(&mut requests);
            for before in imported_identities::with_lists(db, here)? {
                let identity = &before.identity;
                let key = Key::new(
                    &name,
                    identity.environment,
                    identity.client_id.as_deref(),
                    &identity.name,
                    &before.redirect_uris,
                );
                if wanted.contains(&key) {
                    known.matched.insert(key, before);
                }
            }
        }
        Ok(known)
    }

    /// The identity of that key; it is answered once.
    pub fn take(&mut self, key: &Key) -> Option<IdentityBefore> {
        self.matched.remove(key)
    }

    pub fn vendors(&self) -> &HashMap<Id, String> {
        &self.vendors
    }

    /// The name of a system.
    pub fn system(&self, id: Option<Id>) -> &str {
        id.and_then(|id| self.systems.get(&id)).map_or("", String::as_str)
    }

    pub fn system_names(&self) -> Vec<&str> {
        self.systems.values().map(String::as_str).collect()
    }

    /// The people whom an entry names as owners, and what to say of those who cannot be.
    pub fn owners(&self, client: &ImportedClient) -> (Owners, Vec<String>) {
        let mut remarks = Vec::new();
        let mut find = |address: &Option<String>| {
            let address = address.as_deref()?;
            match self.people.get(&address.trim().to_lowercase()) {
                Some((id, false)) => Some(Named { id: *id, address: address.to_owned() }),
                Some((_, true)) => {
                    remarks.push(format!("The file names {address} as owner, who has left; nobody is proposed."));
                    None
                }
                None => {
                    remarks.push(format!("The file names {address} as owner, who is not among the people."));
                    None
                }
            }
        };
        let owners =
            Owners { business: find(&client.business_owner_email), technical: find(&client.technical_owner_email) };
        (owners, remarks)
    }

    /// The identities that earlier files of the format brought and this file does not mention, not even
    /// in an entry that cannot be read.
    pub fn left(&mut self, format: &str, unreadable: &HashSet<String>) -> Vec<Identity> {
        let mentioned = |identity: &Identity| {
            unreadable.contains(&identity.name)
                || identity.client_id.as_ref().is_some_and(|client_id| unreadable.contains(client_id))
        };
        std::mem::take(&mut self.others)
            .into_iter()
            .filter(|identity| identity.source_format.as_deref() == Some(format))
            .filter(|identity| identity.vanished_at.is_none() && !mentioned(identity))
            .collect()
    }
}

/// The facts of an identity that a file may change.
pub fn facts_of(before: &IdentityBefore, vendors: &HashMap<Id, String>) -> ClientFacts {
    let identity = &before.identity;
    let on = |list: ScopeList| before.scopes.iter().filter(move |scope| scope.list == list);
    let named = |id: Option<Id>| id.map(|id| Named { id, address: String::new() });
    ClientFacts {
        name: identity.name.clone(),
        description: identity.description.clone(),
        client_type: identity.client_type,
        grant_types: identity.grant_types.0.clone(),
        launch_types: identity.launch_types.0.clone(),
        redirect_uris: before.redirect_uris.clone(),
        access_token_seconds: identity.access_token_seconds,
        refresh_tokens: identity.refresh_tokens,
        refresh_token_seconds: identity.refresh_token_seconds,
        enabled: identity.enabled,
        vendor_managed: identity.vendor_managed,
        state: identity.state,
        cause: identity.state_cause,
        expires_at: identity.expires_at,
        last_used_at: identity.last_used_at,
        vanished: identity.vanished_at.is_some(),
        issued_scopes: on(ScopeList::Issued)
            .map(|scope| ImportedScope {
                scope: scope.scope.clone(),
                optional: scope.optional,
                in_token: scope.in_token,
                defined: scope.defined,
            })
            .collect(),
        requested_scopes: on(ScopeList::Requested).map(|scope| scope.scope.clone()).collect(),
        credentials: before
            .credentials
            .iter()
            .map(|credential| ImportedCredential {
                kind: credential.kind,
                key_id: credential.key_id.clone(),
                thumbprint: credential.thumbprint.clone(),
                location: credential.location.clone(),
                created_at: credential.issued_at,
                expires_at: credential.expires_at,
                never_expires: credential.never_expires,
                strength: credential.strength,
                fingerprint: credential.fingerprint.clone(),
            })
            .collect(),
        notes: identity.notes.0.clone(),
        vendor: identity.vendor_id.and_then(|id| vendors.get(&id).cloned()),
        purpose: identity.purpose.clone(),
        business_owner: named(identity.business_owner_id),
        technical_owner: named(identity.technical_owner_id),
    }
}
