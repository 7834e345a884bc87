//! Proposals that silence counts: two administrators say it together, and one takes it back alone.

use diesel::prelude::*;
use serde::Serialize;

use super::schema::silence_proposals;
use super::{Db, StoreError};
use crate::domain::ids::{Id, Moment};
use crate::domain::reviews::silence::ProposalState;
use crate::each;

/// A row of `silence_proposals`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = silence_proposals, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct SilenceProposal {
    pub id: Id,
    pub state: ProposalState,
    pub reason: String,
    pub proposed_by_id: Id,
    pub proposed_at: Moment,
    /// Another administrator than the first.
    pub agreed_by_id: Option<Id>,
    pub agreed_at: Option<Moment>,
    /// Who withdrew it, or had silence simulated again.
    pub ended_by_id: Option<Id>,
    pub ended_at: Option<Moment>,
    pub ended_because: Option<String>,
    pub version: i64,
}

/// The proposal in that state; of those that wait or count there is one at most.
pub fn in_state(db: &mut Db, state: ProposalState) -> Result<Option<SilenceProposal>, StoreError> {
    each!(db, |c| silence_proposals::table
        .filter(silence_proposals::state.eq(state))
        .order(silence_proposals::proposed_at)
        .select(SilenceProposal::as_select())
        .first(c)
        .optional())
    .map_err(Into::into)
}

/// The latest proposals, newest first.
pub fn latest(db: &mut Db, limit: i64) -> Result<Vec<SilenceProposal>, StoreError> {
    each!(db, |c| silence_proposals::table
        .order((silence_proposals::proposed_at.desc(), silence_proposals::id.desc()))
        .limit(limit)
        .select(SilenceProposal::as_select())
        .load(c))
    .map_err(Into::into)
}

/// Stores a new proposal.
///
/// # Errors
/// `Constraint` when another one waits.
pub fn insert(db: &mut Db, proposal: &SilenceProposal) -> Result<(), StoreError> {
    each!(db, |c| diesel::insert_into(silence_proposals::table).values(proposal).execute(c))?;
    Ok(())
}

/// Stores a changed proposal over the version before it.
pub fn update(db: &mut Db, proposal: &SilenceProposal) -> Result<(), StoreError> {
    let changed = each!(db, |c| diesel::update(
        silence_proposals::table
            .filter(silence_proposals::id.eq(proposal.id))
            .filter(silence_proposals::version.eq(proposal.version - 1)),
    )
    .set(proposal)
    .execute(c))?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Conflict) }
}
