//! Identities whose clock is not set, or set later than their tier allows.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Date};

use super::identities::Identity;
use super::schema::identities;
use super::{Db, StoreError};
use crate::domain::ids::Id;
use crate::domain::ownership::OwnerRole;
use crate::domain::reaching::IdentityTier;
use crate::each;

/// Identities of a tier that work and whose next review is not set or lies after a day, by id, after a place.
///
/// The index holds a tier's identities by their next review, so those that are right are not read.
pub fn late(db: &mut Db, tier: IdentityTier, latest: NaiveDate, limit: i64) -> Result<Vec<Identity>, StoreError> {
    each!(db, |c| identities::table
        // The words of the partial index: with bound values SQLite would not use it.
        .filter(diesel::dsl::sql::<Bool>("identities.state IN ('active', 'suspended')"))
        .filter(identities::tier.eq(tier))
        .filter(identities::next_review_key.gt(latest))
        .order((identities::next_review_key, identities::id))
        .limit(limit)
        .select(Identity::as_select())
        .load(c))
    .map_err(Into::into)
}

/// What works whose owner has left, and that nobody was asked about for it, by identity, at most `limit`.
pub fn of_leavers(db: &mut Db, today: NaiveDate, limit: i64) -> Result<Vec<Leaver>, StoreError> {
    let day = if is_postgres(db) { "to_char(p.left_on, 'YYYY-MM-DD')" } else { "p.left_on" };
    let owner = |column: &str, role: OwnerRole| {
        let role = role.word();
        format!(
            "SELECT i.id AS identity_id, p.left_on AS left_on, '{role}' AS role \
             FROM people p JOIN identities i ON i.{column} = p.id \
             WHERE p.left_on <= $1 AND i.state IN ('active', 'suspended') \
             AND NOT EXISTS (SELECT 1 FROM review_reasons r WHERE r.identity_id = i.id \
             AND r.cause = 'owner_left' AND r.period = '{role}:' || {day})"
        )
    };
    let text = format!(
        "{} UNION ALL {} ORDER BY 1 LIMIT $2",
        owner("business_owner_id", OwnerRole::Business),
        owner("technical_owner_id", OwnerRole::Technical)
    );
    each!(db, |c| diesel::sql_query(text).bind::<Date, _>(today).bind::<BigInt, _>(limit).load(c)).map_err(Into::into)
}

fn is_postgres(db: &Db) -> bool {
    matches!(db, Db::Pg(_))
}

/// An owner who has left.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Leaver {
    #[diesel(sql_type = super::types::sql::Uid)]
    pub identity_id: Id,
    #[diesel(sql_type = diesel::sql_types::Date)]
    pub left_on: NaiveDate,
    #[diesel(sql_type = diesel::sql_types::Text)]
    pub role: OwnerRole,
}

/// Identities that work whose vendor's contract ends from today until a day, and that nobody was asked about for it.
pub fn of_ending_contracts(
    db: &mut Db,
    today: NaiveDate,
    until: NaiveDate,
    limit: i64,
) -> Result<Vec<Ending>, StoreError> {
    let period = if is_postgres(db) { "to_char(v.contract_ends_on, 'YYYY-MM-DD')" } else { "v.contract_ends_on" };
    let text = format!(
        "SELECT i.id AS identity_id, v.contract_ends_on AS ends_on FROM vendors v JOIN identities i ON i.vendor_id = v.id \
         WHERE v.contract_ends_on >= $1 AND v.contract_ends_on <= $2 AND i.state IN ('active', 'suspended') \
         AND NOT EXISTS (SELECT 1 FROM review_reasons r WHERE r.identity_id = i.id AND r.cause = 'contract_ends' AND r.period = {period}) \
         ORDER BY i.id LIMIT $3"
    );
    each!(db, |c| diesel::sql_query(text)
        .bind::<Date, _>(today)
        .bind::<Date, _>(until)
        .bind::<BigInt, _>(limit)
        .load(c))
    .map_err(Into::into)
}

/// An identity whose vendor's contract ends.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Ending {
    #[diesel(sql_type = super::types::sql::Uid)]
    pub identity_id: Id,
    #[diesel(sql_type = diesel::sql_types::Date)]
    pub ends_on: NaiveDate,
}
