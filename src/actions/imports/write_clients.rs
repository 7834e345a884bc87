//! Writing what a file of clients says: new identities in batches, changed ones over their version.

mod lists;
mod names;

use serde::Serialize;

use super::clients::{ChangedClient, NewClient, Step};
use super::shared_secrets;
use crate::actions::reviews::early;
use crate::actions::{ActionError, Register, Work, ownership, reaching, requests};
use crate::domain::identities::{OwnerAnswer, ScopeList};
use crate::domain::ids::Id;
use crate::domain::imports::facts::ClientFacts;
use crate::domain::reaching::Measuring;
use crate::store::identities::{self, Identity};
use crate::store::identity_parts::{self as parts, Credential, IdentityScope, RedirectUri};
use crate::store::imported_identities::IdentityBefore;
use crate::store::imports::Import;
use crate::store::types::Doc;
use lists::{credential, issued, requested};
use names::{Names, system, vendor};

/// How many identities are built before they are written.
const BATCH: usize = 500;

/// An identity and what an import may set of it, as the audit log keeps it.
#[derive(Serialize)]
pub struct Imported<'a> {
    #[serde(flatten)]
    pub identity: &'a Identity,
    pub redirect_uris: &'a [String],
    pub scopes: &'a [IdentityScope],
    pub credentials: &'a [Credential],
}

impl<'a> From<&'a IdentityBefore> for Imported<'a> {
    fn from(before: &'a IdentityBefore) -> Self {
        Self {
            identity: &before.identity,
            redirect_uris: &before.redirect_uris,
            scopes: &before.scopes,
            credentials: &before.credentials,
        }
    }
}

/// Writes every step.
pub fn write(register: &Register, work: &mut Work<'_>, import: &Import, steps: Vec<Step>) -> Result<(), ActionError> {
    let mut names = Names::load(work)?;
    let mut measuring = Measuring::by(&register.deployment.scopes);
    let mut asked: Vec<Id> = Vec::new();
    // Whose secrets are looked at: those that may be shared.
    let mut proving: Vec<Id> = Vec::new();
    let mut gone: Vec<String> = Vec::new();
    let mut new: Vec<IdentityBefore> = Vec::with_capacity(BATCH);
    for step in steps {
        match step {
            Step::Create(client) => {
                let mut built = build(work, import, &mut names, *client)?;
                let measured = reaching::measure(&mut measuring, &built.identity, &built.scopes);
                built.identity = built.identity.reaching(measured);
                if built.credentials.iter().any(|credential| credential.fingerprint.is_some()) {
                    proving.push(built.identity.id);
                }
                new.push(built);
                if new.len() == BATCH {
                    create(register, work, std::mem::take(&mut new), &mut asked)?;
                }
            }
            Step::Change(client) => {
                // One that lost its secret may share none any more, and neither may whoever shared it.
                proving.push(client.before.identity.id);
                gone.extend(client.before.credentials.iter().filter_map(|credential| credential.fingerprint.clone()));
                let after = change(register, work, &mut names, *client, &mut asked)?;
                let measured = reaching::measure(&mut measuring, &after.identity, &after.scopes);
                if measured != after.identity.measured() {
                    identities::set_measured(work.db, &[after.identity.id], measured)?;
                }
            }
            Step::Vanish(before) => {
                let mut after = (*before).clone();
                after.identity.vanished_at = Some(work.by.now);
                after.identity.updated_at = work.by.now;
                after.identity.version += 1;
                identities::update(work.db, &after.identity)?;
                record(work, Some(&before), &after, Some("it is no longer in the file"));
            }
        }
    }
    create(register, work, new, &mut asked)?;
    shared_secrets::look(work, &proving, &gone)?;
    asked.sort_unstable();
    asked.dedup();
    ownership::tell(register, work, &asked)
}

fn record(work: &mut Work<'_>, before: Option<&IdentityBefore>, after: &IdentityBefore, reason: Option<&str>) {
    let id = after.identity.id;
    let before = before.map(Imported::from);
    work.record_because("identity.import", "identity", id, reason, before.as_ref(), Some(&Imported::from(after)));
}

/// A new identity; its system and its vendor are made when the register lacks them.
fn build(
    work: &mut Work<'_>,
    import: &Import,
    names: &mut Names,
    client: NewClient,
) -> Result<IdentityBefore, ActionError> {
    let now = work.by.now;
    let mut identity = Identity::new(client.kind, &client.facts.name, client.environment, now);
    identity.id = client.id;
    identity.client_id = client.client_id;
    identity.system_id = Some(system(work, names, &client.system)?);
    identity.source_format = Some(import.format.clone());
    identity.source_import_id = Some(import.id);
    identity.state = client.facts.state;
    set_facts(work, names, &mut identity, &client.facts)?;
    Ok(IdentityBefore {
        redirect_uris: client.facts.redirect_uris.clone(),
        scopes: [issued(client.id, &client.facts), requested(client.id, &client.facts)].concat(),
        credentials: client.facts.credentials.iter().map(|said| credential(client.id, said, Id::new(), now)).collect(),
        identity,
    })
}

fn create(
    register: &Register,
    work: &mut Work<'_>,
    new: Vec<IdentityBefore>,
    asked: &mut Vec<Id>,
) -> Result<(), ActionError> {
    let identities: Vec<Identity> = new.iter().map(|built| built.identity.clone()).collect();
    identities::insert_many(work.db, &identities)?;
    let uris: Vec<RedirectUri> = new
        .iter()
        .flat_map(|built| {
            (0_i64..).zip(&built.redirect_uris).map(|(position, uri)| RedirectUri {
                identity_id: built.identity.id,
                position,
                uri: uri.clone(),
            })
        })
        .collect();
    parts::insert_redirect_uris(work.db, &uris)?;
    let scopes: Vec<IdentityScope> = new.iter().flat_map(|built| built.scopes.iter().cloned()).collect();
    parts::insert_scopes(work.db, &scopes)?;
    let credentials: Vec<Credential> = new.iter().flat_map(|built| built.credentials.iter().cloned()).collect();
    parts::insert_credentials(work.db, &credentials)?;
    for built in &new {
        record(work, None, built, None);
        if built.identity.business_owner_id.is_some() || built.identity.technical_owner_id.is_some() {
            asked.extend(ownership::ask(register, work, &built.identity)?);
        }
    }
    Ok(())
}

fn change(
    register: &Register,
    work: &mut Work<'_>,
    names: &mut Names,
    client: ChangedClient,
    asked: &mut Vec<Id>,
) -> Result<IdentityBefore, ActionError> {
    let ChangedClient { before, after: facts } = client;
    let now = work.by.now;
    let id = before.identity.id;
    let mut after = before.clone();
    set_facts(work, names, &mut after.identity, &facts)?;
    // A later expiry wakes only what nobody but files ever moved.
    if !after.identity.state_cause.is_observed() {
        after.identity.keep_suspended(&before.identity, now);
    }
    after.identity.updated_at = now;
    after.identity.version += 1;
    identities::update(work.db, &after.identity)?;
    if facts.redirect_uris != before.redirect_uris {
        after.redirect_uris = facts.redirect_uris.clone();
        parts::replace_redirect_uris(work.db, id, &after.redirect_uris)?;
    }
    after.scopes = before.scopes_on(ScopeList::Approved);
    for (list, scopes) in [(ScopeList::Issued, issued(id, &facts)), (ScopeList::Requested, requested(id, &facts))] {
        if scopes != before.scopes_on(list) {
            parts::replace_scopes(work.db, id, list, &scopes)?;
        }
        after.scopes.extend(scopes);
    }
    after.credentials = facts
        .credentials
        .iter()
        .map(|said| {
            // A credential that is still there keeps its id and the day it was first seen.
            let known =
                before.credentials.iter().find(|known| credential(id, said, known.id, known.first_seen_at) == **known);
            known.cloned().unwrap_or_else(|| credential(id, said, Id::new(), now))
        })
        .collect();
    if after.credentials != before.credentials {
        parts::replace_credentials(work.db, id, &after.credentials)?;
    }
    record(work, Some(&before), &after, None);
    let noticed = (
        early::seen(&before.identity, &before.scopes, &before.credentials),
        early::seen(&after.identity, &after.scopes, &after.credentials),
    );
    early::note_change(register, work, &after.identity, &noticed.0, &noticed.1)?;
    let owners = |identity: &Identity| (identity.business_owner_id, identity.technical_owner_id);
    if owners(&before.identity) != owners(&after.identity) {
        asked.extend(ownership::ask(register, work, &after.identity)?);
        requests::reassign(work, register, &after.identity)?;
    }
    if before.identity.purpose != after.identity.purpose {
        requests::use_changed(work, register, &after.identity)?;
    }
    Ok(after)
}

/// Sets what a file may set of the record itself.
fn set_facts(
    work: &mut Work<'_>,
    names: &mut Names,
    identity: &mut Identity,
    facts: &ClientFacts,
) -> Result<(), ActionError> {
    let now = work.by.now;
    if (identity.state, identity.state_cause) != (facts.state, facts.cause) {
        identity.state_changed_at = now;
    }
    if identity.last_used_at != facts.last_used_at {
        identity.last_used_source = Some("an imported file".to_owned());
    }
    if identity.vendor_id.is_none()
        && let Some(name) = &facts.vendor
    {
        identity.vendor_id = Some(vendor(work, names, name)?);
    }
    let owner = |kept: Option<Id>, named: Option<Id>| if kept.is_none() { named } else { None };
    if let Some(person) = owner(identity.business_owner_id, facts.business_owner.as_ref().map(|named| named.id)) {
        identity.business_owner_id = Some(person);
        identity.business_owner_answer = Some(OwnerAnswer::Waiting);
    }
    if let Some(person) = owner(identity.technical_owner_id, facts.technical_owner.as_ref().map(|named| named.id)) {
        identity.technical_owner_id = Some(person);
        identity.technical_owner_answer = Some(OwnerAnswer::Waiting);
    }
    identity.rename(&facts.name);
    identity.description.clone_from(&facts.description);
    identity.purpose.clone_from(&facts.purpose);
    identity.client_type = facts.client_type;
    identity.grant_types = Doc(facts.grant_types.clone());
    identity.launch_types = Doc(facts.launch_types.clone());
    identity.access_token_seconds = facts.access_token_seconds;
    identity.refresh_tokens = facts.refresh_tokens;
    identity.refresh_token_seconds = facts.refresh_token_seconds;
    identity.enabled = facts.enabled;
    identity.vendor_managed = facts.vendor_managed;
    identity.state = facts.state;
    identity.state_cause = facts.cause;
    identity.expires_at = facts.expires_at;
    identity.last_used_at = facts.last_used_at;
    identity.notes = Doc(facts.notes.clone());
    if !facts.vanished {
        identity.vanished_at = None;
    }
    Ok(())
}
