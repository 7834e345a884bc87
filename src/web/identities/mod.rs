//! Identities: the list, one identity, registering and editing.

pub mod export;
pub mod filter;
pub mod form;
pub mod identity;
pub mod list;

use super::errors::WebError;
use super::session::{Sees, Viewer};
use crate::domain::ids::{Id, Moment};
use crate::store::identity_list::{self, IdentityFilter};
use crate::store::{Db, StoreError};

/// Narrows a filter to what the viewer may see.
pub fn visible(viewer: &Viewer, filter: IdentityFilter) -> Result<IdentityFilter, WebError> {
    Ok(match viewer.sees()? {
        Sees::Everything => filter,
        Sees::OwnedBy(person) => IdentityFilter { visible_to: Some(person), ..filter },
    })
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
