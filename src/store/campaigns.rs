//! Campaigns and everything that they selected.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};
use serde::Serialize;

use super::schema::{campaign_items, campaigns, reviews};
use super::types::Doc;
use super::{Db, StoreError};
use crate::domain::ids::{Id, Moment};
use crate::domain::reviews::ReviewState;
use crate::domain::reviews::campaigns::{CampaignState, Counts, Excluded, Selection};
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

/// Items that are neither asked about nor left out yet, in their order, at most `limit`.
pub fn to_prepare(db: &mut Db, campaign: Id, limit: i64) -> Result<Vec<CampaignItem>, StoreError> {
    each!(db, |c| campaign_items::table
        .filter(campaign_items::campaign_id.eq(campaign))
        .filter(diesel::dsl::sql::<Bool>("campaign_items.review_id IS NULL AND campaign_items.excluded IS NULL"))
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

/// How many items a campaign has: everything that it selected.
pub fn size(db: &mut Db, campaign: Id) -> Result<i64, StoreError> {
    each!(db, |c| campaign_items::table
        .filter(campaign_items::campaign_id.eq(campaign))
        .select(diesel::dsl::count_star())
        .first::<i64>(c))
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

/// How far one reviewer has come in a campaign.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Progress {
    /// The person or the group that has, or had, the first task of the review.
    #[diesel(sql_type = Text)]
    pub reviewer: String,
    #[diesel(sql_type = BigInt)]
    pub items: i64,
    #[diesel(sql_type = BigInt)]
    pub open: i64,
    #[diesel(sql_type = BigInt)]
    pub kept: i64,
    #[diesel(sql_type = BigInt)]
    pub narrowed: i64,
    #[diesel(sql_type = BigInt)]
    pub switched_off: i64,
    #[diesel(sql_type = BigInt)]
    pub silent: i64,
    #[diesel(sql_type = BigInt)]
    pub unproved: i64,
}

/// How far each reviewer of a campaign has come, by name. A review counts with whoever decided it, or has it now, or
/// had it last.
pub fn progress(db: &mut Db, campaign: Id) -> Result<Vec<Progress>, StoreError> {
    use super::types::sql::Uid;
    let text = "WITH asked AS (\
          SELECT r.id AS review_id, r.state, r.outcome, \
            coalesce(d.decided_by_id, (SELECT t.assignee_id FROM tasks t WHERE t.review_id = r.id AND t.kind = 'recertification' ORDER BY t.state = 'open' DESC, t.created_at DESC, t.id DESC LIMIT 1)) AS person_id, \
            (SELECT t.assignee_group FROM tasks t WHERE t.review_id = r.id AND t.kind = 'recertification' ORDER BY t.state = 'open' DESC, t.created_at DESC, t.id DESC LIMIT 1) AS asked_group \
          FROM reviews r LEFT JOIN review_decisions d ON d.id = r.decision_id WHERE r.campaign_id = $1) \
        SELECT coalesce(p.name, a.asked_group, 'nobody') AS reviewer, count(*) AS items, \
          sum(CASE WHEN a.state = 'open' THEN 1 ELSE 0 END) AS open, \
          sum(CASE WHEN a.outcome = 'keep' THEN 1 ELSE 0 END) AS kept, \
          sum(CASE WHEN a.outcome = 'narrow' THEN 1 ELSE 0 END) AS narrowed, \
          sum(CASE WHEN a.outcome = 'revoke' THEN 1 ELSE 0 END) AS switched_off, \
          sum(CASE WHEN a.outcome IN ('silent_keep', 'silent_suspend', 'silent_revoke') THEN 1 ELSE 0 END) AS silent, \
          sum(CASE WHEN a.state = 'remediating' OR (a.state = 'decided' AND a.outcome <> 'keep') THEN 1 ELSE 0 END) AS unproved \
        FROM asked a LEFT JOIN people p ON p.id = a.person_id \
        GROUP BY a.person_id, p.name, a.asked_group ORDER BY 3 DESC, 1";
    each!(db, |c| diesel::sql_query(text).bind::<Uid, _>(campaign).load(c)).map_err(Into::into)
}
