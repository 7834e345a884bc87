//! What can be chosen in the form of an identity.

use crate::domain::identities::*;
use crate::domain::ids::Id;
use crate::domain::registration::LAUNCH_TYPES;
use crate::domain::words::Worded;
use crate::store::{Db, StoreError, registry};
use crate::web::fields::Fields;

/// What can be chosen.
pub struct Choices {
    pub kinds: Vec<(&'static str, &'static str)>,
    pub environments: Vec<(&'static str, &'static str)>,
    pub client_types: Vec<(&'static str, &'static str)>,
    pub bases: Vec<(&'static str, &'static str)>,
    pub criticalities: Vec<(&'static str, &'static str)>,
    pub refresh_tokens: Vec<(&'static str, &'static str)>,
    pub methods: Vec<(&'static str, &'static str)>,
    pub systems: Vec<(String, String)>,
    pub vendors: Vec<(String, String)>,
    pub launches: Vec<(String, String, &'static str, bool)>,
    pub exists: [(&'static str, &'static str, &'static str); 2],
}

const EXISTS: [(&str, &str, &str); 2] = [
    (
        "yes",
        "It works already",
        "It becomes active with nothing approved. Its scopes are what you have seen at its system.",
    ),
    ("no", "It is asked for", "It becomes a request. Its scopes are what is asked for."),
];

/// Reads what can be chosen.
pub fn choices(db: &mut Db) -> Result<Choices, StoreError> {
    let named = |pairs: Vec<(Id, String)>| pairs.into_iter().map(|(id, name)| (id.to_string(), name)).collect();
    Ok(Choices {
        kinds: IdentityKind::ALL.iter().map(|value| (value.word(), value.label())).collect(),
        environments: Environment::ALL.iter().map(|value| (value.word(), value.label())).collect(),
        // The first option of these lists says that it is not known.
        client_types: known(ClientType::pairs(), ClientType::Unknown.word()),
        bases: AccessBasis::ALL.iter().map(|value| (value.word(), value.label())).collect(),
        criticalities: known(Criticality::pairs(), Criticality::Unknown.word()),
        refresh_tokens: known(RefreshTokens::pairs(), RefreshTokens::Unknown.word()),
        methods: RevocationMethod::ALL.iter().map(|value| (value.word(), value.label())).collect(),
        systems: named(registry::system_names(db)?),
        vendors: named(registry::vendor_names(db)?),
        launches: Vec::new(),
        exists: EXISTS,
    })
}

fn known(pairs: Vec<(&'static str, &'static str)>, unknown: &str) -> Vec<(&'static str, &'static str)> {
    pairs.into_iter().filter(|(word, _)| *word != unknown).collect()
}

/// The launch types to tick: those of the standard, and whatever else was stored.
pub fn launches(fields: &Fields) -> Vec<(String, String, &'static str, bool)> {
    let ticked = fields.all("launch_types");
    let ours =
        LAUNCH_TYPES.iter().map(|(word, label)| ((*word).to_owned(), (*label).to_owned(), "", ticked.contains(word)));
    let others = ticked
        .iter()
        .filter(|word| !LAUNCH_TYPES.iter().any(|(known, _)| known == *word))
        .map(|word| ((*word).to_owned(), (*word).to_owned(), "", true));
    ours.chain(others).collect()
}
