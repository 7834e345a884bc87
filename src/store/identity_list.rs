//! The list of identities: filtered and sorted by index, paged by key.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Date, Text};

use super::counted::counted;
use super::identity_line::{self, Around, Found};
use super::identity_narrow::{Plan, answers_for, escaped, far, narrowed, never, phrase};
use super::schema::{identities, identity_scopes, people, revocation_paths, systems, vendors};
use super::types::sql::{Uid, UtcTime};
use super::{Db, StoreError};
use crate::domain::identities::{Criticality, IdentityState, ScopeList};
use crate::domain::ids::{Id, Moment};
use crate::domain::listing::{COUNT_LIMIT, Count, Cursor, Direction, From, PAGE_SIZE, Page};
use crate::each;

pub use super::identity_filter::*;
pub use super::identity_line::IdentityLine;

/// From this many matches on, walking along the sort order is the faster way to a page.
const MANY: i64 = 2_000;

/// So many rows of the order are looked through for a text that many hold.
const STRETCH: i64 = 2_000;

/// Which part of the order is read.
struct Window<'a> {
    from: &'a From,
    /// No further than the key of this place.
    end: Option<&'a Cursor>,
    /// Rows that are passed over: then only the place of the next one is wanted, without its names.
    skip: i64,
    limit: i64,
}

/// A page of the list, of which `count` is known: it tells which way to read is the shorter.
pub fn page(
    db: &mut Db,
    filter: &IdentityFilter,
    order: IdentityOrder,
    from: &From,
    count: Count,
    now: Moment,
) -> Result<Page<IdentityLine>, StoreError> {
    let many = match count {
        Count::Exactly(count) => count > MANY,
        Count::MoreThan(_) => true,
    };
    let limit = PAGE_SIZE + 1;
    if many
        && filter.search.as_ref().is_some_and(|search| search.chars().count() >= 3)
        && let Some(rows) = in_stretch(db, filter, order, from, limit, now)?
    {
        return Ok(Page::of(rows, from));
    }
    read(db, filter, order, from, limit, many, now).map(|rows| Page::of(rows, from))
}

/// Where many hold a searched text, the next rows of the order nearly always hold a page of them,
/// and reading those is far cheaper than collecting all that match. `None` when they do not.
fn in_stretch(
    db: &mut Db,
    filter: &IdentityFilter,
    order: IdentityOrder,
    from: &From,
    limit: i64,
    now: Moment,
) -> Result<Option<Vec<IdentityLine>>, StoreError> {
    if matches!(db, Db::Pg(_)) {
        return Ok(None);
    }
    let plan = Plan::Stretch(order.sort);
    let window = Window { from, end: None, skip: STRETCH, limit: 1 };
    let beyond = found(db, &IdentityFilter::default(), order, &window, plan, now)?;
    let end = beyond.first().map(|line| line.cursor(order));
    let window = Window { from, end: end.as_ref(), skip: 0, limit };
    let rows = found(db, filter, order, &window, plan, now)?;
    if end.is_some() && i64::try_from(rows.len()) != Ok(limit) {
        return Ok(None);
    }
    Ok(Some(rows))
}

/// Rows of the list from a place on, at most `limit`; read backwards from a `Before`.
pub fn lines(
    db: &mut Db,
    filter: &IdentityFilter,
    order: IdentityOrder,
    from: &From,
    limit: i64,
    now: Moment,
) -> Result<Vec<IdentityLine>, StoreError> {
    // Whoever reads on and on reads everything in the end: along the order, once.
    read(db, filter, order, from, limit, true, now)
}

fn read(
    db: &mut Db,
    filter: &IdentityFilter,
    order: IdentityOrder,
    from: &From,
    limit: i64,
    many: bool,
    now: Moment,
) -> Result<Vec<IdentityLine>, StoreError> {
    let sqlite = matches!(db, Db::Sqlite(_));
    let plan = if sqlite && many { Plan::Walk(order.sort) } else { Plan::Free };
    found(db, filter, order, &Window { from, end: None, skip: 0, limit }, plan, now)
}

/// The identities of a part of the order that match.
fn found(
    db: &mut Db,
    filter: &IdentityFilter,
    order: IdentityOrder,
    window: &Window<'_>,
    plan: Plan,
    now: Moment,
) -> Result<Vec<IdentityLine>, StoreError> {
    let (cursor, direction) = match window.from {
        From::Start => (None, order.direction),
        From::After(cursor) => (Some(cursor), order.direction),
        From::Before(cursor) => (Some(cursor), order.direction.reversed()),
    };
    let sqlite = matches!(db, Db::Sqlite(_));
    let owners = answers_for(db, filter)?;
    let text = |cursor: &Cursor| Some((cursor.key.clone(), cursor.id));
    let moment = |cursor: &Cursor| Moment::parse(&cursor.key).ok().map(|key| (key, cursor.id));
    let day = |cursor: &Cursor| cursor.key.parse::<NaiveDate>().ok().map(|key| (key, cursor.id));
    let number = |cursor: &Cursor| cursor.key.parse::<i64>().ok().map(|key| (key, cursor.id));
    // `key >= k AND (key > k OR id > i)` walks the index; the textbook form does not.
    macro_rules! by_key {
        ($query:expr, $column:expr, $read:expr) => {{
            let mut query = $query;
            if let Some((key, id)) = cursor.and_then($read) {
                query = match direction {
                    Direction::Ascending => {
                        query.filter($column.ge(key.clone())).filter($column.gt(key).or(identities::id.gt(id)))
                    }
                    Direction::Descending => {
                        query.filter($column.le(key.clone())).filter($column.lt(key).or(identities::id.lt(id)))
                    }
                };
            }
            if let Some((key, _)) = window.end.and_then($read) {
                query = match direction {
                    Direction::Ascending => query.filter($column.le(key)),
                    Direction::Descending => query.filter($column.ge(key)),
                };
            }
            match direction {
                Direction::Ascending => query.order(($column.asc(), identities::id.asc())),
                Direction::Descending => query.order(($column.desc(), identities::id.desc())),
            }
        }};
    }
    macro_rules! windowed {
        ($query:expr) => {{
            let query = narrowed!($query, filter, &owners, now, sqlite, plan);
            let query = match order.sort {
                IdentitySort::Name => by_key!(query, identities::name_key, text),
                IdentitySort::Expires => by_key!(query, identities::expires_key, moment),
                IdentitySort::LastUsed => by_key!(query, identities::last_used_key, moment),
                IdentitySort::Registered => by_key!(query, identities::registered_at, moment),
                IdentitySort::NextReview => by_key!(query, identities::next_review_key, day),
                IdentitySort::Risk if order.direction == Direction::Descending => {
                    by_key!(query, identities::risk_falling_key, number)
                }
                IdentitySort::Risk => by_key!(query, identities::risk_rising_key, number),
            };
            query.limit(window.limit).offset(window.skip)
        }};
    }
    match db {
        Db::Pg(c) => {
            let alone = identities::table.select(Found::as_select()).into_boxed::<diesel::pg::Pg>();
            let found = windowed!(alone).load::<Found>(c)?;
            identity_line::looked_up(c, found)
        }
        Db::Sqlite(c) if window.skip > 0 => {
            let alone = identities::table.select(Found::as_select()).into_boxed::<diesel::sqlite::Sqlite>();
            let found = windowed!(alone).load::<Found>(c)?;
            Ok(found.into_iter().map(|row| identity_line::line((row, Around::default()))).collect())
        }
        Db::Sqlite(c) => {
            let joined = identities::table
                .left_join(systems::table)
                .left_join(vendors::table)
                .left_join(people::table.on(identities::business_owner_id.eq(people::id.nullable())))
                .left_join(revocation_paths::table.on(revocation_paths::identity_id.eq(identities::id)))
                .select((
                    Found::as_select(),
                    (
                        people::name.nullable(),
                        systems::name.nullable(),
                        vendors::name.nullable(),
                        revocation_paths::identity_id.nullable(),
                        revocation_paths::proved_at.nullable(),
                    ),
                ))
                .into_boxed::<diesel::sqlite::Sqlite>();
            let found = windowed!(joined).load::<(Found, Around)>(c)?;
            Ok(found.into_iter().map(identity_line::line).collect())
        }
    }
}

#[derive(QueryableByName)]
struct SearchCount {
    #[diesel(sql_type = BigInt)]
    counted: i64,
}

/// How many identities match, counted no further than the limit.
pub fn count(db: &mut Db, filter: &IdentityFilter, now: Moment) -> Result<Count, StoreError> {
    if let (Db::Sqlite(c), Some(search)) = (&mut *db, &filter.search)
        && search.chars().count() >= 3
        && *filter == (IdentityFilter { search: Some(search.clone()), ..IdentityFilter::default() })
    {
        // The index of the search counts by itself, without the identities.
        let found: SearchCount = diesel::sql_query(
            "SELECT count(*) AS counted FROM (SELECT 1 FROM identity_search WHERE identity_search MATCH ? LIMIT ?)",
        )
        .bind::<Text, _>(phrase(search))
        .bind::<BigInt, _>(COUNT_LIMIT + 1)
        .get_result(c)?;
        return Ok(Count::of(found.counted));
    }
    let sqlite = matches!(db, Db::Sqlite(_));
    let owners = answers_for(db, filter)?;
    let found: i64 = each!(db, |c| {
        counted(
            narrowed!(
                identities::table.select(diesel::dsl::sql::<diesel::sql_types::Integer>("1")).into_boxed::<DB>(),
                filter,
                &owners,
                now,
                sqlite,
                Plan::Free
            )
            .limit(COUNT_LIMIT + 1),
        )
        .get_result(c)
    })?;
    Ok(Count::of(found))
}

/// Whether a filter matches one identity: what an owner may see of a single page.
pub fn matches(db: &mut Db, filter: &IdentityFilter, id: Id, now: Moment) -> Result<bool, StoreError> {
    let sqlite = matches!(db, Db::Sqlite(_));
    let owners = answers_for(db, filter)?;
    let found: Vec<i64> = each!(db, |c| {
        narrowed!(
            identities::table.select(identities::version).into_boxed::<DB>(),
            filter,
            &owners,
            now,
            sqlite,
            Plan::Free
        )
        .filter(identities::id.eq(id))
        .limit(1)
        .load(c)
    })?;
    Ok(!found.is_empty())
}
