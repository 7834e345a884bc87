//! The list's filter as it stands in a link, and as chips.

use crate::domain::ids::Id;
use crate::domain::listing::{Cursor, Direction, From};
use crate::store::identity_list::*;
use crate::web::fields::Fields;

/// Reads what a link asks for. What cannot be read is as if it were absent, and its chip is absent too.
pub fn parse(fields: &Fields) -> IdentityFilter {
    IdentityFilter {
        search: fields.text("q"),
        kind: fields.value("kind"),
        environment: fields.value("environment"),
        state: fields.value("state"),
        system: fields.value::<Id>("system"),
        vendor: fields.value::<Id>("vendor"),
        business_owner: owner(fields, "business_owner"),
        technical_owner: owner(fields, "technical_owner"),
        expiry: fields.value("expiry"),
        revocation: fields.value("revocation"),
        review: fields.value("review"),
        usage: fields.value("usage"),
        vendor_managed: match fields.get("vendor_managed") {
            Some("yes") => Some(true),
            Some("no") => Some(false),
            _ => None,
        },
        scope: fields.text("scope"),
        visible_to: None,
    }
}

fn owner(fields: &Fields, name: &str) -> Option<OwnerFilter> {
    match fields.get(name) {
        Some("nobody") => Some(OwnerFilter::Nobody),
        _ => fields.value(name).map(OwnerFilter::Person),
    }
}

/// How the link sorts: `sort=expires` or `sort=-expires`.
pub fn order(fields: &Fields) -> IdentityOrder {
    let Some(text) = fields.get("sort") else { return IdentityOrder::default() };
    let (name, direction) = match text.strip_prefix('-') {
        Some(name) => (name, Direction::Descending),
        None => (text, Direction::Ascending),
    };
    match name.parse() {
        Ok(sort) => IdentityOrder { sort, direction },
        Err(_) => IdentityOrder::default(),
    }
}

/// From where on the link reads.
pub fn from(fields: &Fields) -> From {
    if let Some(cursor) = fields.get("after").and_then(Cursor::parse) {
        From::After(cursor)
    } else if let Some(cursor) = fields.get("before").and_then(Cursor::parse) {
        From::Before(cursor)
    } else {
        From::Start
    }
}

/// The fields without the place in the list: what a filter link carries.
pub fn without_place(fields: &Fields) -> Fields {
    fields.with("after", "").with("before", "").with("done", "")
}
