//! What the filter of the list offers, and what of it is on.

use super::named::Named;
use crate::domain::identities::{Environment, IdentityKind, IdentityState};
use crate::domain::reaching::IdentityTier;
use crate::domain::words::Worded;
use crate::store::identity_list::{ExpiryFilter, ReviewFilter, RevocationFilter, UseFilter};
use crate::web::fields::Fields;
use crate::web::paging;

/// The choices of the selects: stored word and label.
pub struct Choices {
    pub kinds: Vec<(&'static str, &'static str)>,
    pub environments: Vec<(&'static str, &'static str)>,
    pub states: Vec<(&'static str, &'static str)>,
    pub expiries: Vec<(&'static str, &'static str)>,
    pub reviews: Vec<(&'static str, &'static str)>,
    pub usages: Vec<(&'static str, &'static str)>,
    pub revocations: Vec<(&'static str, &'static str)>,
    pub managed: Vec<(&'static str, &'static str)>,
    pub tiers: Vec<(&'static str, &'static str)>,
}

pub const MANAGED: [(&str, &str); 2] = [("yes", "Kept by the system\u{2019}s vendor"), ("no", "Our own")];

/// What can be chosen.
pub fn choices() -> Choices {
    Choices {
        kinds: IdentityKind::pairs(),
        environments: Environment::pairs(),
        states: IdentityState::pairs(),
        expiries: ExpiryFilter::pairs(),
        reviews: ReviewFilter::pairs(),
        usages: UseFilter::pairs(),
        revocations: RevocationFilter::pairs(),
        managed: MANAGED.to_vec(),
        tiers: IdentityTier::pairs(),
    }
}

/// The filters that are on, each with the link that removes it.
pub fn chips(bare: &Fields, named: &Named, systems: &[(String, String)]) -> Vec<(String, String)> {
    let all = choices();
    let system = |value: &str| systems.iter().find(|(id, _)| id == value).map(|(_, name)| name.clone());
    let labelled = |pairs: &[(&str, &str)], value: &str| {
        pairs.iter().find(|(word, _)| *word == value).map(|(_, label)| (*label).to_owned())
    };
    paging::chips("/identities", bare, |name, value| match name {
        "q" => Some(format!("Contains \u{201c}{value}\u{201d}")),
        "kind" => labelled(&all.kinds, value).map(|label| format!("Kind: {label}")),
        "environment" => labelled(&all.environments, value).map(|label| format!("Environment: {label}")),
        "state" => labelled(&all.states, value).map(|label| format!("State: {label}")),
        "business_owner" => named.name(value).map(|label| format!("Business owner: {label}")),
        "technical_owner" => named.name(value).map(|label| format!("Technical owner: {label}")),
        "system" => system(value).map(|label| format!("System: {label}")),
        "vendor" => named.name(value).map(|label| format!("Vendor: {label}")),
        "expiry" => labelled(&all.expiries, value).map(|label| format!("Expiry: {label}")),
        "review" => labelled(&all.reviews, value).map(|label| format!("Next review: {label}")),
        "usage" => labelled(&all.usages, value).map(|label| format!("Use: {label}")),
        "revocation" => labelled(&all.revocations, value).map(|label| format!("Way to stop it: {label}")),
        "vendor_managed" => labelled(&all.managed, value).map(|label| format!("Kept by: {label}")),
        "tier" => labelled(&all.tiers, value).map(|label| format!("Tier: {label}")),
        "scope" => Some(format!("Holds {value}")),
        _ => None,
    })
}
