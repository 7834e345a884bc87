//! Secrets that two environments share (OWASP NHI8:2025, NHI9:2025): a finding on each identity that holds one, until
//! none does any more. A critical finding is a reason to ask early whether the identity is needed.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::actions::{ActionError, Work, findings};
use crate::domain::findings::FindingRule;
use crate::domain::identities::Environment;
use crate::domain::ids::Id;
use crate::store::findings::Finding;
use crate::store::identities::{self, Identity};
use crate::store::identity_parts as parts;

/// Identities looked at at a time.
const CHUNK: usize = 500;

/// Looks whether identities that an import brought or changed share a secret with an environment that is not theirs,
/// and notes it on all that do. Where an identity does so no longer its finding ends, and so does that of whoever
/// shared with it: `gone` are the fingerprints of secrets that the import took away.
pub fn look(work: &mut Work<'_>, touched: &[Id], gone: &[String]) -> Result<(), ActionError> {
    let left: Vec<Id> = parts::holders_of(work.db, gone)?.into_iter().map(|(_, id)| id).collect();
    let mut touched: Vec<Id> = touched.iter().copied().chain(left).collect();
    touched.sort_unstable();
    touched.dedup();
    for chunk in touched.chunks(CHUNK) {
        let fingerprints = parts::fingerprints_of(work.db, chunk)?;
        let mut holders: BTreeMap<String, Vec<Id>> = BTreeMap::new();
        for (fingerprint, id) in parts::holders_of(work.db, &fingerprints)? {
            holders.entry(fingerprint).or_default().push(id);
        }
        let mut ids: Vec<Id> = holders.values().flatten().copied().chain(chunk.iter().copied()).collect();
        ids.sort_unstable();
        ids.dedup();
        let about: HashMap<Id, Identity> =
            identities::find_many(work.db, &ids)?.into_iter().map(|identity| (identity.id, identity)).collect();
        let mut shares: BTreeMap<Id, BTreeSet<Environment>> = BTreeMap::new();
        for group in holders.values() {
            for id in group {
                let Some(own) = about.get(id) else { continue };
                let others = group.iter().filter_map(|other| about.get(other)).map(|other| other.environment);
                shares.entry(*id).or_default().extend(others.filter(|other| differs(own.environment, *other)));
            }
        }
        for id in ids {
            let Some(identity) = about.get(&id) else { continue };
            let elsewhere: Vec<&str> = shares.get(&id).into_iter().flatten().map(|place| place.label()).collect();
            if elsewhere.is_empty() {
                findings::close(
                    work,
                    id,
                    &[FindingRule::SecretShared],
                    "it shares its secret with no other environment",
                )?;
                continue;
            }
            let says = format!(
                "An identity in {} has the same secret: whoever reads it there acts as this one.",
                elsewhere.join(" and ").to_lowercase()
            );
            findings::open(work, identity, Finding::new(id, FindingRule::SecretShared, says, work.by.now))?;
        }
    }
    Ok(())
}

/// What is not known is no other environment.
fn differs(own: Environment, other: Environment) -> bool {
    own != other && own != Environment::Unknown && other != Environment::Unknown
}
