//! Grants: the list, and one with its three steps, which stand on the page of its identity too.

pub mod decide;
pub mod export;
pub mod filter;
pub mod grant;
pub mod list;
pub mod steps;

use super::session::Sees;
use crate::domain::grants::GrantState;
use crate::domain::ids::{Id, Moment};
use crate::domain::listing::Count;
use crate::store::grant_list::{self, GrantFilter};
use crate::store::{Db, StoreError};

/// Answers `NotFound` for a grant that the viewer may not see.
pub fn check_visible(db: &mut Db, sees: Sees, id: Id, now: Moment) -> Result<(), StoreError> {
    let Sees::OwnedBy(person) = sees else { return Ok(()) };
    let filter = GrantFilter { visible_to: Some(person), ..GrantFilter::default() };
    if grant_list::matches(db, &filter, id, now)? { Ok(()) } else { Err(StoreError::NotFound) }
}

/// How many grants wait for somebody, as a sentence; empty when none does.
pub fn waiting_words(count: Count) -> String {
    match count {
        Count::Exactly(0) => String::new(),
        Count::Exactly(1) => "1 grant waits for you".to_owned(),
        more => format!("{} grants wait for you", more.words()),
    }
}

/// The kind of a state's tag.
pub fn tag(state: GrantState) -> &'static str {
    match state {
        GrantState::Asked | GrantState::Approved => "info",
        GrantState::Executed => "ok",
        GrantState::Refused => "bad",
        GrantState::Withdrawn | GrantState::Lapsed => "plain",
    }
}
