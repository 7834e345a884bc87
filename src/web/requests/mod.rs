//! Requests: the list, one with its decision, its receipt, and what was refused on which ground.

pub mod draft;
pub mod sheet;

use super::session::Sees;
use crate::domain::ids::{Id, Moment};
use crate::domain::requests::RequestState;
use crate::store::request_list::{self, RequestFilter, RequestLine};
use crate::store::{Db, StoreError};

/// The request of that id; `NotFound` for one that the viewer may not see.
pub fn visible(db: &mut Db, sees: Sees, id: Id, now: Moment) -> Result<RequestLine, StoreError> {
    let visible_to = match sees {
        Sees::Everything => None,
        Sees::OwnedBy(person) => Some(person),
    };
    request_list::find(db, &RequestFilter { visible_to, ..RequestFilter::default() }, now, id)
}

/// The kind of a state's tag.
pub fn tag(state: RequestState) -> &'static str {
    match state {
        RequestState::Open | RequestState::Approved | RequestState::InForce => "info",
        RequestState::Issued => "ok",
        RequestState::Refused => "bad",
        RequestState::Withdrawn | RequestState::Expired | RequestState::Superseded => "plain",
    }
}
