//! The list's filter as it stands in a link.

use super::named::Named;
use super::offered::MANAGED;
use crate::domain::listing::Direction;
use crate::store::identity_list::*;
use crate::store::{Db, StoreError};
use crate::web::asked::{Asked, Faults};
use crate::web::fields::Fields;

/// What a link asks for.
pub struct Wanted {
    pub filter: IdentityFilter,
    /// What cannot be followed: then the filter is wider than what was asked, and nothing is shown.
    pub faults: Faults,
    pub named: Named,
}

/// Reads what a link asks for. `tells_names`: whether the reader may see the names of people, when a
/// typed name is close to some.
pub fn read(db: &mut Db, fields: &Fields, tells_names: bool) -> Result<Wanted, StoreError> {
    let mut asked = Asked::of(fields);
    let mut named = Named::new(tells_names);
    let filter = IdentityFilter {
        search: asked.text("q", "Search"),
        kind: asked.value("kind", "Kind"),
        environment: asked.value("environment", "Environment"),
        state: asked.value("state", "State"),
        system: named.system(db, &mut asked)?,
        vendor: named.vendor(db, &mut asked)?,
        business_owner: named.owner(db, &mut asked, "business_owner", "Business owner")?,
        technical_owner: named.owner(db, &mut asked, "technical_owner", "Technical owner")?,
        expiry: asked.value("expiry", "Expiry"),
        revocation: asked.value("revocation", "Way to stop it"),
        review: asked.value("review", "Next review"),
        usage: asked.value("usage", "Use"),
        vendor_managed: asked.word("vendor_managed", "Kept by", &MANAGED).map(|word| word == "yes"),
        tier: asked.value("tier", "Tier"),
        scope: asked.text("scope", "Holds this scope"),
        visible_to: None,
    };
    named.finish(fields);
    if asked.get("sort", "Order").is_some() && order(fields).is_none() {
        asked.fault("sort", "Order: the list cannot be sorted that way.");
    }
    Ok(Wanted { filter, faults: asked.finish(), named })
}

/// How the link sorts: `sort=expires` or `sort=-expires`; `None` when the list cannot be sorted that way.
pub fn order(fields: &Fields) -> Option<IdentityOrder> {
    let Some(text) = fields.get("sort") else { return Some(IdentityOrder::default()) };
    let (name, direction) = match text.strip_prefix('-') {
        Some(name) => (name, Direction::Descending),
        None => (text, Direction::Ascending),
    };
    name.parse().ok().map(|sort| IdentityOrder { sort, direction })
}
