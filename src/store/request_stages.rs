//! The stages that a request passes, in their order.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::Serialize;

use super::schema::request_stages;
use super::{Db, StoreError};
use crate::domain::ids::Id;
use crate::domain::requests::StageKind;
use crate::each;

/// A row of `request_stages`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Queryable, Selectable, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = request_stages, primary_key(request_id, position), treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Stage {
    pub request_id: Id,
    /// From 1.
    pub position: i64,
    pub kind: StageKind,
    /// Whom whoever was asked named.
    pub named_id: Option<Id>,
    /// How often it was opened.
    pub round: i64,
    /// Until when an answer is expected; none while earlier stages wait.
    pub due_on: Option<NaiveDate>,
}

impl Stage {
    /// The stages of a request that nobody has opened yet, in their order.
    pub fn all(request: Id, kinds: &[StageKind]) -> Vec<Self> {
        let stage = |(position, kind): (i64, &StageKind)| Self {
            request_id: request,
            position,
            kind: *kind,
            named_id: None,
            round: 1,
            due_on: None,
        };
        (1..).zip(kinds).map(stage).collect()
    }
}

/// The stages of a request, in their order.
pub fn of_request(db: &mut Db, request: Id) -> Result<Vec<Stage>, StoreError> {
    each!(db, |c| request_stages::table
        .filter(request_stages::request_id.eq(request))
        .order(request_stages::position)
        .select(Stage::as_select())
        .load(c))
    .map_err(Into::into)
}

/// Stores a stage as it stands now.
pub fn update(db: &mut Db, stage: &Stage) -> Result<(), StoreError> {
    each!(db, |c| diesel::update(
        request_stages::table
            .filter(request_stages::request_id.eq(stage.request_id))
            .filter(request_stages::position.eq(stage.position)),
    )
    .set((
        request_stages::named_id.eq(stage.named_id),
        request_stages::round.eq(stage.round),
        request_stages::due_on.eq(stage.due_on),
    ))
    .execute(c))?;
    Ok(())
}
