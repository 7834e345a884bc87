//! A register of any size for measurements, spread as a large organisation's would be.

use super::{ActionError, By, Register, people};
use crate::domain::identities::*;
use crate::domain::ids::{Id, Moment};
use crate::domain::people::Role;
use crate::domain::reaching::Measuring;
use crate::domain::systems::SystemKind;
use crate::store::identities::{self, Identity};
use crate::store::identity_parts::{self, Credential, IdentityScope, RevocationPath};
use crate::store::people::Person;
use crate::store::registry::{self, System, Vendor};
use crate::store::types::Doc;

const OWNERS: usize = 500;
const SYSTEMS: usize = 12;
const VENDORS: usize = 200;
const WORDS: [&str; 24] = [
    "cardiac",
    "discharge",
    "growth",
    "imaging",
    "pharmacy",
    "intake",
    "referral",
    "billing",
    "triage",
    "wound",
    "renal",
    "sepsis",
    "bed",
    "stroke",
    "kiosk",
    "claims",
    "lab",
    "vaccine",
    "registry",
    "export",
    "portal",
    "rounds",
    "oncology",
    "research",
];
const SCOPES: [&str; 8] = [
    "patient/Observation.rs",
    "patient/Patient.r",
    "user/Encounter.rs",
    "system/*.rs",
    "launch/patient",
    "openid",
    "fhirUser",
    "offline_access",
];

/// The element of a list at a running number, round and round.
fn at<T: Copy>(list: &[T], number: usize, otherwise: T) -> T {
    list.get(number % list.len().max(1)).copied().unwrap_or(otherwise)
}

/// A number that has nothing to do with its neighbours' (SplitMix64), a different one for each trait:
/// traits that went along with each other or with the name would flatter or slander an index.
fn mixed(number: usize, of: u64) -> usize {
    let mut word =
        (number as u64).wrapping_add(of.wrapping_mul(0x9e37_79b9_7f4a_7c15)).wrapping_add(0x9e37_79b9_7f4a_7c15);
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    usize::try_from((word ^ (word >> 31)) >> 8).unwrap_or_default()
}

/// Fills an empty register; answers the address of a security analyst with that password.
pub fn fill(register: &Register, count: usize, password: &str) -> Result<String, ActionError> {
    let now = register.now();
    let by = By::setup(now);
    let email = "analyst@bench.example";
    people::add(register, &by, "Bench Analyst", email, Some((Role::SecurityAnalyst, password)))?;
    let (owners, systems, vendors) = register.change(&by, |work| {
        let mut owners = Vec::with_capacity(OWNERS);
        for number in 0..OWNERS {
            let person = Person::new(&format!("Owner {number:03}"), &format!("owner{number}@bench.example"), now);
            crate::store::people::insert(work.db, &person)?;
            owners.push(person.id);
        }
        let mut systems = Vec::with_capacity(SYSTEMS);
        for number in 0..SYSTEMS {
            let system = system(&format!("System {number}"), now);
            registry::insert_system(work.db, &system)?;
            systems.push(system.id);
        }
        let mut vendors = Vec::with_capacity(VENDORS);
        for number in 0..VENDORS {
            let vendor = vendor(&format!("Vendor {number:03}"), now);
            registry::insert_vendor(work.db, &vendor)?;
            vendors.push(vendor.id);
        }
        work.record::<()>("register.fill", "register", "bench", None, None);
        Ok((owners, systems, vendors))
    })?;
    let mut measuring = Measuring::by(&register.deployment.scopes);
    let mut number = 0;
    while number < count {
        let batch: Vec<usize> = (number..count.min(number + 2_000)).collect();
        let held = |number: usize| (0..3).map(move |place| at(&SCOPES, number + place, "openid"));
        number += batch.len();
        register.database.write(|db| {
            let row = |number: usize| {
                let row = identity(number, count, &owners, &systems, &vendors, now);
                let measured = measuring.of(held(number).map(|scope| (ScopeList::Issued, scope)), row.access_basis);
                row.reaching(measured)
            };
            let rows: Vec<Identity> = batch.iter().copied().map(row).collect();
            identities::insert_many(db, &rows)?;
            let mut scopes = Vec::with_capacity(rows.len() * 3);
            let mut credentials = Vec::with_capacity(rows.len());
            for (number, row) in batch.iter().zip(&rows) {
                scopes.extend((0_i64..).zip(held(*number)).map(|(position, scope)| IdentityScope {
                    identity_id: row.id,
                    list: ScopeList::Issued,
                    scope: scope.to_owned(),
                    position,
                    optional: position == 2,
                    in_token: true,
                    defined: true,
                }));
                credentials.push(credential(row, *number, now));
                if number.is_multiple_of(3) {
                    identity_parts::insert_revocation_path(db, &path(row.id, *number, now))?;
                }
            }
            identity_parts::insert_scopes(db, &scopes)?;
            identity_parts::insert_credentials(db, &credentials)?;
            Ok::<(), ActionError>(())
        })?;
    }
    register.database.write(|db| db.execute("ANALYZE"))?;
    Ok(email.to_owned())
}

fn system(name: &str, now: Moment) -> System {
    System {
        id: Id::new(),
        name: name.to_owned(),
        name_key: name.to_lowercase(),
        kind: SystemKind::AuthorizationServer,
        base_url: None,
        business_owner_id: None,
        technical_owner_id: None,
        notes: None,
        created_at: now,
        updated_at: now,
        version: 1,
    }
}

fn vendor(name: &str, now: Moment) -> Vendor {
    Vendor {
        id: Id::new(),
        name: name.to_owned(),
        name_key: name.to_lowercase(),
        contact: None,
        contract_reference: None,
        contract_ends_on: Some(now.plus_days(200).date()),
        agreement_reference: None,
        agreement_ends_on: None,
        baa_reference: None,
        baa_ends_on: None,
        notes: None,
        created_at: now,
        updated_at: now,
        version: 1,
    }
}

fn identity(number: usize, count: usize, owners: &[Id], systems: &[Id], vendors: &[Id], now: Moment) -> Identity {
    let shuffled = mixed(number, 1) % count.max(1);
    let days = |spread: usize| i64::try_from(mixed(number, 2) % spread).unwrap_or_default();
    let name = format!("{} {} {shuffled:07}", at(&WORDS, mixed(number, 3), "app"), at(&WORDS, mixed(number, 4), "app"));
    let state = if number.is_multiple_of(10) { IdentityState::Suspended } else { IdentityState::Active };
    Identity {
        description: Some(format!(
            "Reads {} data for the {} team.",
            at(&WORDS, number, "lab"),
            at(&WORDS, number + 3, "lab")
        )),
        client_id: Some(format!("client-{number:07}")),
        system_id: systems.get(number % SYSTEMS).copied(),
        vendor_id: (!number.is_multiple_of(4)).then(|| vendors.get(number % VENDORS).copied()).flatten(),
        purpose: Some(format!("The {} service needs it.", at(&WORDS, number + 7, "lab"))),
        client_type: if number.is_multiple_of(2) { ClientType::Confidential } else { ClientType::Public },
        grant_types: Doc(vec!["authorization_code".to_owned()]),
        access_token_seconds: Some(300),
        refresh_tokens: RefreshTokens::NeverExpire,
        state,
        state_cause: StateCause::ImportedEnabled,
        expires_at: (!number.is_multiple_of(3)).then(|| now.plus_days(days(730) + 1)),
        review_interval_days: Some(365),
        // One in two hundred is due within the month, and of those some today; none later than any tier allows.
        next_review_on: Some(
            now.plus_days(if number.is_multiple_of(200) { days(31) - 15 } else { 35 + days(50) }).date(),
        ),
        last_used_at: number.is_multiple_of(2).then(|| now.plus_days(-days(200))),
        last_used_source: number.is_multiple_of(2).then(|| "token log".to_owned()),
        business_owner_id: (!number.is_multiple_of(20)).then(|| owners.get(number % OWNERS).copied()).flatten(),
        business_owner_answer: (!number.is_multiple_of(20)).then_some(OwnerAnswer::Accepted),
        registered_at: now.plus_days(-days(900)),
        ..Identity::new(
            at(IdentityKind::ALL, mixed(number, 5), IdentityKind::SmartApp),
            &name,
            at(Environment::ALL, mixed(number, 6), Environment::Production),
            now,
        )
    }
}

fn credential(identity: &Identity, number: usize, now: Moment) -> Credential {
    Credential {
        id: Id::new(),
        identity_id: identity.id,
        kind: CredentialKind::ClientSecret,
        key_id: None,
        thumbprint: None,
        location: None,
        issued_at: Some(now.plus_days(-300)),
        expires_at: None,
        never_expires: true,
        strength: if number.is_multiple_of(5) { Strength::Weak } else { Strength::Ok },
        fingerprint: None,
        first_seen_at: now,
    }
}

fn path(identity: Id, number: usize, now: Moment) -> RevocationPath {
    let proved = number.is_multiple_of(2);
    RevocationPath {
        identity_id: identity,
        method: RevocationMethod::AdminConsole,
        steps: "Disable the client in the console.".to_owned(),
        contact: "Platform team on call".to_owned(),
        proved_at: proved.then(|| now.plus_days(-30)),
        proof: proved.then(|| "Refused with invalid_client.".to_owned()),
        updated_at: now,
        version: 1,
    }
}
