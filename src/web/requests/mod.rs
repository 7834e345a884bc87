//! Requests: the list, one with its decision, its receipt, and what was refused on which ground.

pub mod about;
pub mod change;
pub mod decide;
pub mod decision;
pub mod denials;
pub mod draft;
pub mod export;
pub mod facts;
pub mod filter;
pub mod list;
pub mod progress;
pub mod request;
mod rights;
pub mod sheet;
pub mod ticks;

use super::session::Sees;
use crate::domain::ids::{Id, Moment};
use crate::domain::requests::{RequestKind, RequestState};
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

/// What a request asks, as a heading: verb first. Where everything is new, nothing was approved before.
pub fn title(kind: RequestKind, app: &str, sheet: &sheet::SheetView) -> String {
    let starts = sheet.losses.is_empty() && sheet.same.is_empty() && sheet.gains.iter().all(|line| line.was.is_empty());
    match kind {
        RequestKind::Promotion => format!("{app} asks to work in another environment"),
        _ if starts => format!("{app} asks to be let in"),
        _ if !sheet.gains.is_empty() => format!("{app} asks for more access"),
        _ if !sheet.losses.is_empty() => format!("{app} asks for less access"),
        _ => format!("{app} asks to go on"),
    }
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
