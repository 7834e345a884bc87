//! Identities: the list, one identity, registering and editing.

pub mod brief;
pub mod choices;
pub mod counts;
pub mod decide;
pub mod export;
pub mod facts;
pub mod filter;
pub mod form;
pub mod identity;
pub mod list;
pub mod named;
pub mod offered;
pub mod reviews;
pub mod row;
pub mod scopes;
pub mod timeline;
pub mod typed;
pub mod views;

use actix_web::HttpRequest;

use super::errors::WebError;
use super::session::Sees;
use crate::domain::ids::{Id, Moment};
use crate::store::identity_list::{self, IdentityFilter};
use crate::store::{Db, StoreError};

/// Narrows a filter to what somebody may see.
pub fn visible(sees: Sees, filter: IdentityFilter) -> IdentityFilter {
    match sees {
        Sees::Everything => filter,
        Sees::OwnedBy(person) => IdentityFilter { visible_to: Some(person), ..filter },
    }
}

/// Answers `NotFound` for an identity that the viewer may not see.
pub fn check_visible(db: &mut Db, sees: Sees, id: Id, now: Moment) -> Result<(), StoreError> {
    match sees {
        Sees::Everything => Ok(()),
        Sees::OwnedBy(person) => {
            let filter = IdentityFilter { visible_to: Some(person), ..IdentityFilter::default() };
            if identity_list::matches(db, &filter, id, now)? { Ok(()) } else { Err(StoreError::NotFound) }
        }
    }
}

/// The id in the address. Anything else is an address of nothing.
pub fn id(request: &HttpRequest) -> Result<Id, WebError> {
    request.match_info().get("id").and_then(|text| text.parse().ok()).ok_or(WebError::NotFound)
}
