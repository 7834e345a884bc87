//! Identities whose clock is not set, or set later than their tier allows.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Date, Text};

use super::fragment::sql;
use super::schema::identities;
use super::types::sql::Uid;
use super::{Db, StoreError};
use crate::domain::ids::Id;
use crate::domain::ownership::OwnerRole;
use crate::domain::reaching::IdentityTier;
use crate::each;

/// The key of a day that is not set: after every other.
const NOT_SET: NaiveDate = match NaiveDate::from_ymd_opt(9999, 12, 31) {
    Some(day) => day,
    None => NaiveDate::MAX,
};

/// The id of an identity, so that SQLite does not seek the place by it.
///
/// Two reads here begin with a few rows (people who left, contracts that end) and go on to the identities behind them.
/// Left to itself SQLite, which keeps no statistics, would walk every identity after the place. So the join is a
/// `CROSS JOIN`, which it takes in the order in which it is written, and the place is compared with an expression,
/// which is in no index. SQLite's own `+i.id` would say the same, but PostgreSQL knows no such sign for a UUID;
/// PostgreSQL itself plans by statistics and needs neither.
const UNSOUGHT_ID: &str = "coalesce(i.id, i.id)";

/// Identities of a tier that work and whose next review is not set or lies after a day, each with that day, after a
/// place: the same of one.
///
/// The index holds a tier's identities by their next review, so those that are right are not read.
pub fn late(
    db: &mut Db,
    tier: IdentityTier,
    latest: NaiveDate,
    after: Option<(Id, Option<NaiveDate>)>,
    limit: i64,
) -> Result<Vec<(Id, Option<NaiveDate>)>, StoreError> {
    let (key, id) = match after {
        Some((id, day)) => (day.unwrap_or(NOT_SET), id),
        None => (latest, Id(uuid::Uuid::max())),
    };
    each!(db, |c| identities::table
        // The words of the partial index: with bound values SQLite would not use it.
        .filter(sql::<Bool>("identities.state IN ('active', 'suspended')"))
        .filter(identities::tier.eq(tier))
        .filter(identities::next_review_key.gt(latest))
        .filter(identities::next_review_key.gt(key).or(identities::next_review_key.eq(key).and(identities::id.gt(id))))
        .order((identities::next_review_key, identities::id))
        .limit(limit)
        .select((identities::id, identities::next_review_on))
        .load(c))
    .map_err(Into::into)
}

/// What works whose owner has left, and that nobody was asked about for it, by identity and role, after a place, at
/// most `limit`.
pub fn of_leavers(
    db: &mut Db,
    today: NaiveDate,
    after: Option<(Id, OwnerRole)>,
    limit: i64,
) -> Result<Vec<Leaver>, StoreError> {
    let day = if is_postgres(db) { "to_char(p.left_on, 'YYYY-MM-DD')" } else { "p.left_on" };
    // From the few who left to what they own: see [`UNSOUGHT_ID`].
    let owner = |column: &str, role: OwnerRole| {
        let role = role.word();
        format!(
            "SELECT i.id AS identity_id, p.left_on AS left_on, '{role}' AS role \
             FROM people p CROSS JOIN identities i \
             WHERE i.{column} = p.id AND p.left_on <= $1 \
             AND ({UNSOUGHT_ID} > $2 OR (i.id = $2 AND '{role}' > $3)) \
             AND i.state IN ('active', 'suspended') \
             AND NOT EXISTS (SELECT 1 FROM review_reasons r \
             WHERE r.identity_id = i.id AND r.cause = 'owner_left' AND r.period = '{role}:' || {day})"
        )
    };
    let text = format!(
        "{} UNION ALL {} ORDER BY 1, 3 LIMIT $4",
        owner("business_owner_id", OwnerRole::Business),
        owner("technical_owner_id", OwnerRole::Technical)
    );
    let (id, role) = after.map_or((Id(uuid::Uuid::nil()), ""), |(id, role)| (id, role.word()));
    each!(db, |c| diesel::sql_query(text)
        .bind::<Date, _>(today)
        .bind::<Uid, _>(id)
        .bind::<Text, _>(role)
        .bind::<BigInt, _>(limit)
        .load(c))
    .map_err(Into::into)
}

fn is_postgres(db: &Db) -> bool {
    matches!(db, Db::Pg(_))
}

/// An owner who has left.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Leaver {
    #[diesel(sql_type = Uid)]
    pub identity_id: Id,
    #[diesel(sql_type = Date)]
    pub left_on: NaiveDate,
    #[diesel(sql_type = Text)]
    pub role: OwnerRole,
}

/// Identities that work whose vendor's contract ends from today until a day, and that nobody was asked about for it,
/// by id, after one.
pub fn of_ending_contracts(
    db: &mut Db,
    today: NaiveDate,
    until: NaiveDate,
    after: Option<Id>,
    limit: i64,
) -> Result<Vec<Ending>, StoreError> {
    let period = if is_postgres(db) { "to_char(v.contract_ends_on, 'YYYY-MM-DD')" } else { "v.contract_ends_on" };
    // From the few contracts to what their vendors make: see [`UNSOUGHT_ID`].
    let text = format!(
        "SELECT i.id AS identity_id, v.contract_ends_on AS ends_on \
         FROM vendors v CROSS JOIN identities i \
         WHERE i.vendor_id = v.id AND v.contract_ends_on >= $1 AND v.contract_ends_on <= $2 \
         AND {UNSOUGHT_ID} > $3 \
         AND i.state IN ('active', 'suspended') \
         AND NOT EXISTS (SELECT 1 FROM review_reasons r \
         WHERE r.identity_id = i.id AND r.cause = 'contract_ends' AND r.period = {period}) \
         ORDER BY i.id LIMIT $4"
    );
    each!(db, |c| diesel::sql_query(text)
        .bind::<Date, _>(today)
        .bind::<Date, _>(until)
        .bind::<Uid, _>(after.unwrap_or(Id(uuid::Uuid::nil())))
        .bind::<BigInt, _>(limit)
        .load(c))
    .map_err(Into::into)
}

/// An identity whose vendor's contract ends.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Ending {
    #[diesel(sql_type = Uid)]
    pub identity_id: Id,
    #[diesel(sql_type = Date)]
    pub ends_on: NaiveDate,
}
