//! Campaigns and everything that they selected.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use serde::Serialize;

use super::fragment::sql;
use super::schema::{campaign_items, campaigns, review_decisions, reviews};
use super::types::Doc;
use super::{Db, StoreError};
use crate::domain::ids::{Id, Moment};
use crate::domain::reviews::campaigns::{CampaignState, Counts, Excluded, Selection};
use crate::domain::reviews::{ReviewOutcome, ReviewState};
use crate::domain::tasks::AssignedAs;
use crate::each;

/// A row of `campaigns`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = campaigns, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct Campaign {
    /// What readers call it by: `C-7`. The database gives it.
    #[diesel(skip_insertion, skip_update)]
    pub number: i64,
    pub id: Id,
    pub name: String,
    pub why: String,
    pub selection: Doc<Selection>,
    pub state: CampaignState,
    pub due_on: NaiveDate,
    pub made_by_id: Id,
    pub made_at: Moment,
    pub opened_by_id: Option<Id>,
    pub opened_at: Option<Moment>,
    pub prepared_at: Option<Moment>,
    pub ended_at: Option<Moment>,
    pub ended_by_id: Option<Id>,
    pub ended_because: Option<String>,
    pub moved_at: Moment,
    pub version: i64,
}

impl Campaign {
    /// Whoever opened it, and answers for why it asks; of a draft whoever made it.
    pub fn opener(&self) -> Id {
        self.opened_by_id.unwrap_or(self.made_by_id)
    }

    /// What readers call it: `C-7`.
    pub fn reference(&self) -> String {
        format!("C-{}", self.number)
    }
}

/// A row of `campaign_items`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Queryable, Selectable, Insertable)]
#[diesel(table_name = campaign_items, treat_none_as_default_value = false)]
pub struct CampaignItem {
    pub campaign_id: Id,
    pub position: i64,
    pub identity_id: Id,
    /// The name when it was selected.
    pub name: String,
    pub review_id: Option<Id>,
    pub excluded: Option<Excluded>,
}

/// Stores a new campaign; answers it with its number.
pub fn insert(db: &mut Db, campaign: &Campaign) -> Result<Campaign, StoreError> {
    each!(db, |c| diesel::insert_into(campaigns::table).values(campaign).execute(c))?;
    find(db, campaign.id)
}

/// The campaign of that id.
pub fn find(db: &mut Db, id: Id) -> Result<Campaign, StoreError> {
    each!(db, |c| campaigns::table.filter(campaigns::id.eq(id)).select(Campaign::as_select()).first(c))
        .map_err(Into::into)
}

/// Holds a campaign against other writers until the transaction ends.
pub fn hold(db: &mut Db, id: Id) -> Result<Campaign, StoreError> {
    match db {
        Db::Pg(c) => {
            campaigns::table.filter(campaigns::id.eq(id)).select(Campaign::as_select()).for_no_key_update().first(c)
        }
        Db::Sqlite(c) => campaigns::table.filter(campaigns::id.eq(id)).select(Campaign::as_select()).first(c),
    }
    .map_err(Into::into)
}

/// Campaigns in these states, newest first, before a number, at most `limit`.
pub fn list(
    db: &mut Db,
    states: &[CampaignState],
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<Campaign>, StoreError> {
    each!(db, |c| {
        let mut query = campaigns::table
            .filter(campaigns::state.eq_any(states.to_vec()))
            .order(campaigns::number.desc())
            .limit(limit)
            .select(Campaign::as_select())
            .into_boxed::<DB>();
        if let Some(before) = before {
            query = query.filter(campaigns::number.lt(before));
        }
        query.load(c)
    })
    .map_err(Into::into)
}

/// Stores a changed campaign over the version before it.
pub fn update(db: &mut Db, campaign: &Campaign) -> Result<(), StoreError> {
    let changed = each!(db, |c| diesel::update(
        campaigns::table.filter(campaigns::id.eq(campaign.id)).filter(campaigns::version.eq(campaign.version - 1)),
    )
    .set(campaign)
    .execute(c))?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Conflict) }
}

/// Freezes what a campaign selected.
pub fn insert_items(db: &mut Db, rows: &[CampaignItem]) -> Result<(), StoreError> {
    for chunk in rows.chunks(2_000) {
        each!(db, |c| diesel::insert_into(campaign_items::table).values(chunk).execute(c))?;
    }
    Ok(())
}

/// Items that are neither asked about nor left out yet, in their order, after a position, at most `limit`.
pub fn to_prepare(db: &mut Db, campaign: Id, after: i64, limit: i64) -> Result<Vec<CampaignItem>, StoreError> {
    each!(db, |c| campaign_items::table
        .filter(campaign_items::campaign_id.eq(campaign))
        .filter(campaign_items::position.gt(after))
        .filter(sql::<Bool>("campaign_items.review_id IS NULL AND campaign_items.excluded IS NULL"))
        .order(campaign_items::position)
        .limit(limit)
        .select(CampaignItem::as_select())
        .load(c))
    .map_err(Into::into)
}

/// Stores what became of an item.
pub fn settle_item(db: &mut Db, item: &CampaignItem) -> Result<(), StoreError> {
    each!(db, |c| diesel::update(
        campaign_items::table
            .filter(campaign_items::campaign_id.eq(item.campaign_id))
            .filter(campaign_items::position.eq(item.position)),
    )
    .set((campaign_items::review_id.eq(item.review_id), campaign_items::excluded.eq(item.excluded)))
    .execute(c))?;
    Ok(())
}

/// The items of a campaign in their order, after a position, at most `limit`.
pub fn items(db: &mut Db, campaign: Id, after: i64, limit: i64) -> Result<Vec<CampaignItem>, StoreError> {
    each!(db, |c| campaign_items::table
        .filter(campaign_items::campaign_id.eq(campaign))
        .filter(campaign_items::position.gt(after))
        .order(campaign_items::position)
        .limit(limit)
        .select(CampaignItem::as_select())
        .load(c))
    .map_err(Into::into)
}

/// The names of items of a campaign that are among these, as often as they come.
pub fn named(db: &mut Db, campaign: Id, names: &[String]) -> Result<Vec<String>, StoreError> {
    each!(db, |c| campaign_items::table
        .filter(campaign_items::campaign_id.eq(campaign))
        .filter(campaign_items::name.eq_any(names))
        .select(campaign_items::name)
        .load(c))
    .map_err(Into::into)
}

/// How many items a campaign has: everything that it selected.
pub fn size(db: &mut Db, campaign: Id) -> Result<i64, StoreError> {
    each!(db, |c| campaign_items::table
        .filter(campaign_items::campaign_id.eq(campaign))
        .select(diesel::dsl::count_star())
        .first::<i64>(c))
    .map_err(Into::into)
}

/// How many items of a campaign somebody was asked about, those included that go on without it since it was cancelled.
pub fn asked(db: &mut Db, campaign: Id) -> Result<i64, StoreError> {
    each!(db, |c| campaign_items::table
        .filter(campaign_items::campaign_id.eq(campaign))
        .filter(campaign_items::review_id.is_not_null())
        .select(diesel::dsl::count_star())
        .first::<i64>(c))
    .map_err(Into::into)
}

/// The reviews of the items of a campaign, those included that go on without it since it was cancelled.
pub fn reviews_of(db: &mut Db, campaign: Id) -> Result<Vec<Id>, StoreError> {
    each!(db, |c| campaign_items::table
        .filter(campaign_items::campaign_id.eq(campaign))
        .filter(campaign_items::review_id.is_not_null())
        .select(campaign_items::review_id.assume_not_null())
        .load(c))
    .map_err(Into::into)
}

/// How many of the items of a campaign were left out, and why.
pub fn excluded(db: &mut Db, campaign: Id) -> Result<Vec<(Excluded, i64)>, StoreError> {
    each!(db, |c| campaign_items::table
        .filter(campaign_items::campaign_id.eq(campaign))
        .filter(campaign_items::excluded.is_not_null())
        .group_by(campaign_items::excluded)
        .order(campaign_items::excluded)
        .select((campaign_items::excluded.assume_not_null(), diesel::dsl::count_star()))
        .load::<(Excluded, i64)>(c))
    .map_err(Into::into)
}

/// How many of the reviews of a campaign stand where.
pub fn counts(db: &mut Db, campaign: Id) -> Result<Counts, StoreError> {
    let rows: Vec<(ReviewState, i64)> = each!(db, |c| reviews::table
        .filter(reviews::campaign_id.eq(campaign))
        .group_by(reviews::state)
        .select((reviews::state, diesel::dsl::count_star()))
        .load(c))?;
    let mut counts = Counts::default();
    for (state, count) in rows {
        match state {
            ReviewState::Open => counts.open = count,
            ReviewState::Decided => counts.decided = count,
            ReviewState::Remediating => counts.remediating = count,
            ReviewState::Closed => counts.closed = count,
            ReviewState::Cancelled => counts.cancelled = count,
        }
    }
    Ok(counts)
}

/// The latest day on which an answer is due, of the reviews of a campaign; `None` where it has none.
pub fn latest_due(db: &mut Db, campaign: Id) -> Result<Option<NaiveDate>, StoreError> {
    each!(db, |c| reviews::table
        .filter(reviews::campaign_id.eq(campaign))
        .select(diesel::dsl::max(reviews::due_on))
        .first::<Option<NaiveDate>>(c))
    .map_err(Into::into)
}

/// A review, as far as it says how far it is.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = reviews)]
pub struct Outline {
    pub id: Id,
    pub state: ReviewState,
    pub outcome: Option<ReviewOutcome>,
    pub decision_id: Option<Id>,
    pub decided_at: Option<Moment>,
    pub closed_at: Option<Moment>,
    pub due_on: NaiveDate,
}

/// Every review of a campaign, in no order.
pub fn outlines(db: &mut Db, campaign: Id) -> Result<Vec<Outline>, StoreError> {
    each!(db, |c| reviews::table.filter(reviews::campaign_id.eq(campaign)).select(Outline::as_select()).load(c))
        .map_err(Into::into)
}

/// Who gave these decisions, and as what.
pub fn deciders(db: &mut Db, decisions: &[Id]) -> Result<HashMap<Id, (Id, AssignedAs)>, StoreError> {
    let mut found = HashMap::new();
    for chunk in decisions.chunks(500) {
        let rows: Vec<(Id, Id, AssignedAs)> = each!(db, |c| review_decisions::table
            .filter(review_decisions::id.eq_any(chunk))
            .select((review_decisions::id, review_decisions::decided_by_id, review_decisions::decided_as))
            .load(c))?;
        found.extend(rows.into_iter().map(|(id, person, decided_as)| (id, (person, decided_as))));
    }
    Ok(found)
}
