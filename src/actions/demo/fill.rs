//! Putting the hospital into an empty register.

use chrono::NaiveDate;

use super::files::{Files, IdentitySeed};
use super::keys::{Keys, id_of, id_of_some};
use super::{approvals, history};
use crate::actions::{ActionError, By, Register, Work, passwords};
use crate::connectors::imports;
use crate::domain::identities::ScopeList;
use crate::domain::ids::{Id, Moment};
use crate::domain::people::Role;
use crate::domain::reaching::Measuring;
use crate::store::identities::{self, Identity};
use crate::store::identity_parts::{self, Credential, IdentityScope, RedirectUri, RevocationPath};
use crate::store::people::{self, Account, Person};
use crate::store::registry::{self, System, Vendor};
use crate::store::types::Doc;

/// Somebody who can sign in to the demonstration.
#[derive(Debug, Clone)]
pub struct SignIn {
    pub role: Role,
    pub email: String,
    pub password: String,
}

/// Fills an empty register. Answers a sign-in for each role, and two for administrators.
///
/// # Errors
/// `Refused` when the register is not empty: the demonstration never mixes with real records.
pub fn fill(register: &Register) -> Result<Vec<SignIn>, ActionError> {
    let files = Files::read().map_err(ActionError::Refused)?;
    let now = register.now();
    let by = By::setup(now);
    let (sign_ins, keys) = register.change(&by, |work| {
        if !people::names(work.db)?.is_empty() {
            return Err(ActionError::Refused("the register is not empty; give --data a new folder".to_owned()));
        }
        let mut keys = Keys::new();
        let sign_ins = add_people(work, &files, &mut keys, now)?;
        add_vendors(work, &files, &mut keys, now)?;
        add_systems(work, &files, &mut keys, now)?;
        add_identities(register, work, &files, &mut keys, now)?;
        history::tell(work, &files, &keys, now)?;
        Ok((sign_ins, keys))
    })?;
    approvals::ask(register, &keys, now)?;
    Ok(sign_ins)
}

fn ago(now: Moment, days: Option<i64>) -> Option<Moment> {
    days.map(|days| now.plus_days(-days))
}

fn date_in(now: Moment, days: Option<i64>) -> Option<NaiveDate> {
    days.map(|days| now.plus_days(days).date())
}

fn add_people(work: &mut Work<'_>, files: &Files, keys: &mut Keys, now: Moment) -> Result<Vec<SignIn>, ActionError> {
    let start = now.plus_days(-730);
    let mut sign_ins = Vec::new();
    for seed in &files.people {
        let mut person = Person::new(&seed.name, &seed.email, start);
        person.staff_id.clone_from(&seed.staff_id);
        person.title.clone_from(&seed.title);
        person.department.clone_from(&seed.department);
        person.time_zone.clone_from(&seed.time_zone);
        person.left_on = date_in(now, seed.leaves_in_days.or(seed.left_days_ago.map(|days| -days)));
        people::insert(work.db, &person)?;
        keys.insert(seed.key.clone(), person.id);
        if let Some(role) = seed.role {
            let password = passwords::make_up();
            let password_hash = Some(passwords::hash(&password)?);
            people::insert_account(work.db, &Account { password_hash, ..Account::new(person.id, role, start) })?;
            if seed.sign_in {
                sign_ins.push(SignIn { role, email: seed.email.clone(), password });
            }
        }
    }
    // Managers and deputies name people that come later in the file.
    for seed in &files.people {
        let mut person = people::find(work.db, id_of(keys, &seed.key)?)?;
        person.manager_id = id_of_some(keys, seed.manager.as_ref())?;
        person.deputy_id = id_of_some(keys, seed.deputy.as_ref())?;
        person.version += 1;
        people::update(work.db, &person)?;
        work.record("person.place", "person", person.id, None, Some(&person));
    }
    Ok(sign_ins)
}

fn add_vendors(work: &mut Work<'_>, files: &Files, keys: &mut Keys, now: Moment) -> Result<(), ActionError> {
    for seed in &files.vendors {
        let vendor = Vendor {
            id: Id::new(),
            name: seed.name.clone(),
            name_key: seed.name.to_lowercase(),
            contact: seed.contact.clone(),
            contract_reference: seed.contract_reference.clone(),
            contract_ends_on: date_in(now, seed.contract_ends_in_days),
            agreement_reference: seed.agreement_reference.clone(),
            agreement_ends_on: date_in(now, seed.agreement_ends_in_days),
            baa_reference: seed.baa_reference.clone(),
            baa_ends_on: date_in(now, seed.baa_ends_in_days),
            notes: seed.notes.clone(),
            created_at: now.plus_days(-727),
            updated_at: now.plus_days(-727),
            version: 1,
        };
        registry::insert_vendor(work.db, &vendor)?;
        keys.insert(seed.key.clone(), vendor.id);
        work.record("vendor.place", "vendor", vendor.id, None, Some(&vendor));
    }
    Ok(())
}

fn add_systems(work: &mut Work<'_>, files: &Files, keys: &mut Keys, now: Moment) -> Result<(), ActionError> {
    for seed in &files.systems {
        let notes = match (&seed.notes, &seed.fhir_version) {
            (Some(notes), Some(version)) => Some(format!("{notes} FHIR {version}.")),
            (notes, version) => notes.clone().or_else(|| version.as_ref().map(|version| format!("FHIR {version}."))),
        };
        let system = System {
            id: Id::new(),
            name: seed.name.clone(),
            name_key: seed.name.to_lowercase(),
            kind: seed.kind,
            base_url: seed.base_url.clone(),
            business_owner_id: id_of_some(keys, seed.business_owner.as_ref())?,
            technical_owner_id: id_of_some(keys, seed.technical_owner.as_ref())?,
            notes,
            created_at: now.plus_days(-729),
            updated_at: now.plus_days(-729),
            version: 1,
        };
        registry::insert_system(work.db, &system)?;
        keys.insert(seed.key.clone(), system.id);
        work.record("system.place", "system", system.id, None, Some(&system));
    }
    Ok(())
}

fn add_identities(
    register: &Register,
    work: &mut Work<'_>,
    files: &Files,
    keys: &mut Keys,
    now: Moment,
) -> Result<(), ActionError> {
    let fingerprint_key = &register.deployment.fingerprint_key;
    let mut measuring = Measuring::by(&register.deployment.scopes);
    let mut rows = Vec::with_capacity(files.identities.len());
    for seed in &files.identities {
        let identity = identity(seed, keys, now)?;
        let issued = seed.issued_scopes.iter().map(|issued| (ScopeList::Issued, issued.scope.as_str()));
        let approved = seed.approved_scopes.iter().map(|scope| (ScopeList::Approved, scope.as_str()));
        let requested = seed.requested_scopes.iter().map(|scope| (ScopeList::Requested, scope.as_str()));
        let measured = measuring.of(issued.chain(approved).chain(requested), identity.access_basis);
        let identity = identity.reaching(measured);
        keys.insert(seed.key.clone(), identity.id);
        rows.push(identity);
    }
    identities::insert_many(work.db, &rows)?;
    for (seed, identity) in files.identities.iter().zip(rows) {
        add_parts(work, seed, &identity, keys, now, fingerprint_key)?;
        approvals::tell(register, work, files, seed, &identity, keys, now)?;
        let mut identity = identity;
        if let Some(parent) = &seed.parent {
            identity.parent_id = Some(id_of(keys, parent)?);
            identity.version += 1;
            identities::update(work.db, &identity)?;
        }
        work.record("identity.place", "identity", identity.id, None, Some(&identity));
    }
    for seed in &files.identities {
        let id = id_of(keys, &seed.key)?;
        for twin in &seed.twins {
            let twin = id_of(keys, twin)?;
            let mut twins = identity_parts::twins(work.db, id)?;
            if !twins.contains(&twin) {
                twins.push(twin);
                identity_parts::replace_twins(work.db, id, &twins)?;
            }
        }
    }
    Ok(())
}

fn identity(seed: &IdentitySeed, keys: &Keys, now: Moment) -> Result<Identity, ActionError> {
    let registered_at = now.plus_days(-seed.registered_days_ago);
    Ok(Identity {
        description: seed.description.clone(),
        client_id: seed.client_id.clone(),
        system_id: Some(id_of(keys, &seed.system)?),
        vendor_id: id_of_some(keys, seed.vendor.as_ref())?,
        access_basis: seed.access_basis,
        purpose: seed.purpose.clone(),
        client_type: seed.client_type,
        grant_types: Doc(seed.grant_types.clone()),
        launch_types: Doc(seed.launch_types.clone()),
        access_token_seconds: seed.access_token_seconds,
        refresh_tokens: seed.refresh_tokens,
        refresh_token_seconds: seed.refresh_token_seconds,
        criticality: seed.criticality,
        enabled: seed.enabled,
        vendor_managed: seed.vendor_managed,
        state: seed.state,
        state_cause: seed.cause,
        state_changed_at: now.plus_days(-seed.state_changed_days_ago),
        expires_at: seed.expires_in_days.map(|days| now.plus_days(days)),
        review_interval_days: seed.review_interval_days,
        next_review_on: date_in(now, seed.next_review_in_days),
        last_used_at: ago(now, seed.last_used_days_ago),
        last_used_source: seed.last_used_source.clone(),
        use_visible_since: ago(now, seed.use_visible_since_days_ago),
        business_owner_id: id_of_some(keys, seed.business_owner.as_ref())?,
        business_owner_answer: seed.business_owner_answer,
        business_owner_answered_at: ago(now, seed.business_owner_answered_days_ago),
        technical_owner_id: id_of_some(keys, seed.technical_owner.as_ref())?,
        technical_owner_answer: seed.technical_owner_answer,
        technical_owner_answered_at: ago(now, seed.technical_owner_answered_days_ago),
        source_format: seed.source_format.clone(),
        vanished_at: ago(now, seed.vanished_days_ago),
        registered_at,
        updated_at: registered_at,
        ..Identity::new(seed.kind, &seed.name, seed.environment, registered_at)
    })
}

fn add_parts(
    work: &mut Work<'_>,
    seed: &IdentitySeed,
    identity: &Identity,
    keys: &Keys,
    now: Moment,
    fingerprint_key: &[u8; 32],
) -> Result<(), ActionError> {
    let id = identity.id;
    debug_assert!(keys.contains_key(&seed.key));
    let plain = |list: ScopeList, scopes: &[String]| -> Vec<IdentityScope> {
        (0_i64..)
            .zip(scopes)
            .map(|(position, scope)| IdentityScope {
                identity_id: id,
                list,
                scope: scope.clone(),
                position,
                optional: false,
                in_token: true,
                defined: true,
            })
            .collect()
    };
    let mut scopes = plain(ScopeList::Requested, &seed.requested_scopes);
    scopes.extend((0_i64..).zip(&seed.issued_scopes).map(|(position, issued)| IdentityScope {
        identity_id: id,
        list: ScopeList::Issued,
        scope: issued.scope.clone(),
        position,
        optional: issued.optional,
        in_token: true,
        defined: true,
    }));
    identity_parts::insert_scopes(work.db, &scopes)?;
    let uris: Vec<RedirectUri> = (0_i64..)
        .zip(&seed.redirect_uris)
        .map(|(position, uri)| RedirectUri { identity_id: id, position, uri: uri.clone() })
        .collect();
    identity_parts::insert_redirect_uris(work.db, &uris)?;
    let credentials: Vec<Credential> = seed
        .credentials
        .iter()
        .map(|credential| Credential {
            id: Id::new(),
            identity_id: id,
            kind: credential.kind,
            key_id: credential.key_id.clone(),
            thumbprint: credential.thumbprint.clone(),
            location: credential.location.clone(),
            issued_at: ago(now, credential.created_days_ago),
            expires_at: credential.expires_in_days.map(|days| now.plus_days(days)),
            never_expires: credential.never_expires,
            strength: credential.strength,
            fingerprint: credential
                .shared_secret_group
                .as_deref()
                .and_then(|group| imports::fingerprint(fingerprint_key, group)),
            first_seen_at: identity.registered_at,
        })
        .collect();
    identity_parts::insert_credentials(work.db, &credentials)?;
    if let Some(path) = &seed.revocation {
        identity_parts::insert_revocation_path(
            work.db,
            &RevocationPath {
                identity_id: id,
                method: path.method,
                steps: path.steps.trim().to_owned(),
                contact: path.contact.clone(),
                proved_at: ago(now, path.proved_days_ago),
                proof: path.proof.clone(),
                updated_at: identity.registered_at,
                version: 1,
            },
        )?;
    }
    Ok(())
}
