//! The list of identities: filtered and sorted by index, paged by key.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Date, Text};

use super::schema::{identities, identity_scopes, people, revocation_paths, systems, vendors};
use super::types::sql::{Uid, UtcTime};
use super::{Db, StoreError};
use crate::domain::identities::{Criticality, Environment, IdentityKind, IdentityState, OwnerAnswer, ScopeList};
use crate::domain::ids::{Id, Moment};
use crate::domain::listing::{COUNT_LIMIT, Count, Cursor, Direction, From, PAGE_SIZE, Page};
use crate::{each, words};

words! {
    /// What the list can be sorted by. Each has an index.
    IdentitySort {
        Name = "name", "Name";
        Expires = "expires", "Expires";
        LastUsed = "last_used", "Last used";
        NextReview = "next_review", "Next review";
        Registered = "registered", "Registered";
    }
}

words! {
    /// Which identities, by when they expire.
    ExpiryFilter {
        Passed = "passed", "Has passed";
        Within30Days = "within_30_days", "Within 30 days";
        Within90Days = "within_90_days", "Within 90 days";
        Never = "never", "Never";
    }
}

words! {
    /// Which identities, by how they can be stopped.
    RevocationFilter {
        Missing = "missing", "Nobody wrote how";
        NotProved = "not_proved", "Written, never proved";
        Proved = "proved", "Proved";
    }
}

words! {
    /// Which identities, by their review.
    ReviewFilter {
        Overdue = "overdue", "Overdue";
        Within30Days = "within_30_days", "Due within 30 days";
        NotPlanned = "not_planned", "Not planned";
    }
}

words! {
    /// Which identities, by what was seen of their use.
    UseFilter {
        NotFor90Days = "not_for_90_days", "Not seen for 90 days";
        Unknown = "unknown", "No use is known";
    }
}

/// An owner to filter by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OwnerFilter {
    /// Nobody, or somebody who refused.
    Nobody,
    Person(Id),
}

/// Which identities are asked for. Everything that is set must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct IdentityFilter {
    /// Any part of name, client id, description or purpose.
    pub search: Option<String>,
    pub kind: Option<IdentityKind>,
    pub environment: Option<Environment>,
    pub state: Option<IdentityState>,
    pub system: Option<Id>,
    pub vendor: Option<Id>,
    pub business_owner: Option<OwnerFilter>,
    pub technical_owner: Option<OwnerFilter>,
    pub expiry: Option<ExpiryFilter>,
    pub revocation: Option<RevocationFilter>,
    pub review: Option<ReviewFilter>,
    pub usage: Option<UseFilter>,
    pub vendor_managed: Option<bool>,
    /// Holds exactly this scope on its issued list.
    pub scope: Option<String>,
    /// Only what this person owns, or is the deputy for: what an owner may see.
    pub visible_to: Option<Id>,
}

/// How the list is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdentityOrder {
    pub sort: IdentitySort,
    pub direction: Direction,
}

impl IdentityOrder {
    /// Whether the place is one of a list in this order.
    pub fn reads(self, cursor: &Cursor) -> bool {
        match self.sort {
            IdentitySort::Name => true,
            IdentitySort::Expires | IdentitySort::LastUsed | IdentitySort::Registered => {
                Moment::parse(&cursor.key).is_ok()
            }
            IdentitySort::NextReview => cursor.key.parse::<NaiveDate>().is_ok(),
        }
    }
}

impl Default for IdentityOrder {
    fn default() -> Self {
        Self { sort: IdentitySort::Name, direction: Direction::Ascending }
    }
}

/// A row of the list: what is shown and nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct IdentityLine {
    pub id: Id,
    pub name: String,
    pub name_key: String,
    pub kind: IdentityKind,
    pub client_id: Option<String>,
    pub environment: Environment,
    pub state: IdentityState,
    pub criticality: Criticality,
    pub vendor_managed: bool,
    pub expires_at: Option<Moment>,
    pub expires_key: Moment,
    pub last_used_at: Option<Moment>,
    pub last_used_key: Moment,
    pub use_visible_since: Option<Moment>,
    pub next_review_on: Option<NaiveDate>,
    pub next_review_key: NaiveDate,
    pub registered_at: Moment,
    pub business_owner_id: Option<Id>,
    pub business_owner_answer: Option<OwnerAnswer>,
    pub business_owner_name: Option<String>,
    pub system_name: Option<String>,
    pub vendor_name: Option<String>,
    pub revocation_steps: Option<Id>,
    pub proved_at: Option<Moment>,
    pub version: i64,
}

impl IdentityLine {
    /// The place of this row in a list of that order.
    pub fn cursor(&self, sort: IdentitySort) -> Cursor {
        let key = match sort {
            IdentitySort::Name => self.name_key.clone(),
            IdentitySort::Expires => self.expires_key.to_text(),
            IdentitySort::LastUsed => self.last_used_key.to_text(),
            IdentitySort::NextReview => self.next_review_key.to_string(),
            IdentitySort::Registered => self.registered_at.to_text(),
        };
        Cursor { key, id: self.id }
    }
}

/// How SQLite is to read the list. PostgreSQL knows from its statistics what fits a page; SQLite would
/// collect and sort thousands of matches to show fifty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Plan {
    /// Whatever the database thinks best: right when few match.
    Free,
    /// Along the index of the sort order, leaving out what does not match: right when many match.
    Walk(IdentitySort),
}

impl Plan {
    /// A plus before a column keeps SQLite from choosing that column's index (its documented way).
    /// The column that the list is sorted by keeps its index.
    fn plus(self, column: Option<IdentitySort>) -> &'static str {
        match (self, column) {
            (Self::Walk(sort), column) if column != Some(sort) => "+",
            _ => "",
        }
    }
}

/// From this many matches on, walking along the sort order is the faster way to a page.
const MANY: i64 = 2_000;

/// Narrows a boxed query that has `identities` in it to what a filter asks for.
macro_rules! narrowed {
    ($query:expr, $filter:expr, $now:expr, $sqlite:expr, $plan:expr) => {{
        let mut query = $query;
        let plan: Plan = $plan;
        let equal = |column: &str| diesel::dsl::sql::<Bool>(&format!("{}identities.{column} = ", plan.plus(None)));
        let filter: &IdentityFilter = $filter;
        let now: Moment = $now;
        if let Some(search) = &filter.search {
            query = if search.chars().count() < 3 {
                // Too short for trigrams: names that start with it.
                query.filter(identities::name_key.like(format!("{}%", escaped(&search.to_lowercase()))).escape('\\'))
            } else if $sqlite {
                query.filter(
                    diesel::dsl::sql::<Bool>(&format!(
                        "{}identities.number IN (SELECT rowid FROM identity_search WHERE identity_search MATCH ",
                        plan.plus(None)
                    ))
                    .bind::<Text, _>(format!("\"{}\"", search.replace('"', "\"\"")))
                    .sql(")"),
                )
            } else {
                query.filter(
                    diesel::dsl::sql::<Bool>("identities.search_text LIKE ")
                        .bind::<Text, _>(format!("%{}%", escaped(&search.to_lowercase()))),
                )
            };
        }
        if let Some(kind) = filter.kind {
            query = query.filter(equal("kind").bind::<Text, _>(kind));
        }
        if let Some(environment) = filter.environment {
            query = query.filter(equal("environment").bind::<Text, _>(environment));
        }
        // As shown: an expired identity counts as suspended before the job has moved it there, unless care
        // depends on it.
        match filter.state {
            Some(state @ (IdentityState::Active | IdentityState::Approved)) => {
                query = query
                    .filter(equal("state").bind::<Text, _>(state))
                    .filter(identities::expires_key.gt(now).or(identities::criticality.eq(Criticality::Clinical)));
            }
            Some(IdentityState::Suspended) => {
                let plus = plan.plus(None);
                query = query.filter(
                    diesel::dsl::sql::<Bool>(&format!(
                        "({plus}identities.state = 'suspended' OR ({plus}identities.state IN ('active', 'approved') \
                         AND identities.criticality <> 'clinical' AND {plus}identities.expires_key <= "
                    ))
                    .bind::<UtcTime, _>(now)
                    .sql("))"),
                );
            }
            Some(state) => query = query.filter(equal("state").bind::<Text, _>(state)),
            None => {}
        }
        if let Some(system) = filter.system {
            query = query.filter(equal("system_id").bind::<Uid, _>(system));
        }
        if let Some(vendor) = filter.vendor {
            query = query.filter(equal("vendor_id").bind::<Uid, _>(vendor));
        }
        match filter.business_owner {
            Some(OwnerFilter::Nobody) => {
                query = query.filter(diesel::dsl::sql::<Bool>(
                    "(identities.business_owner_id IS NULL OR identities.business_owner_answer = 'refused')",
                ));
            }
            Some(OwnerFilter::Person(person)) => {
                query = query.filter(equal("business_owner_id").bind::<Uid, _>(person))
            }
            None => {}
        }
        match filter.technical_owner {
            Some(OwnerFilter::Nobody) => {
                query = query.filter(diesel::dsl::sql::<Bool>(
                    "(identities.technical_owner_id IS NULL OR identities.technical_owner_answer = 'refused')",
                ));
            }
            Some(OwnerFilter::Person(person)) => {
                query = query.filter(equal("technical_owner_id").bind::<Uid, _>(person))
            }
            None => {}
        }
        let expires = |relation: &str| {
            diesel::dsl::sql::<Bool>(&format!(
                "{}identities.expires_key {relation} ",
                plan.plus(Some(IdentitySort::Expires))
            ))
        };
        match filter.expiry {
            Some(ExpiryFilter::Passed) => query = query.filter(expires("<=").bind::<UtcTime, _>(now)),
            Some(within @ (ExpiryFilter::Within30Days | ExpiryFilter::Within90Days)) => {
                let days = if within == ExpiryFilter::Within30Days { 30 } else { 90 };
                query = query
                    .filter(expires(">").bind::<UtcTime, _>(now))
                    .filter(expires("<=").bind::<UtcTime, _>(now.plus_days(days)));
            }
            Some(ExpiryFilter::Never) => query = query.filter(identities::expires_at.is_null()),
            None => {}
        }
        let path = |condition: &str| {
            diesel::dsl::sql::<Bool>(&format!(
                "EXISTS (SELECT 1 FROM revocation_paths path WHERE path.identity_id = identities.id{condition})"
            ))
        };
        match filter.revocation {
            Some(RevocationFilter::Missing) => query = query.filter(diesel::dsl::not(path(""))),
            Some(RevocationFilter::NotProved) => query = query.filter(path(" AND path.proved_at IS NULL")),
            Some(RevocationFilter::Proved) => query = query.filter(path(" AND path.proved_at IS NOT NULL")),
            None => {}
        }
        let review = |relation: &str| {
            diesel::dsl::sql::<Bool>(&format!(
                "{}identities.next_review_key {relation} ",
                plan.plus(Some(IdentitySort::NextReview))
            ))
        };
        match filter.review {
            Some(ReviewFilter::Overdue) => query = query.filter(review("<").bind::<Date, _>(now.date())),
            Some(ReviewFilter::Within30Days) => {
                query = query
                    .filter(review(">=").bind::<Date, _>(now.date()))
                    .filter(review("<=").bind::<Date, _>(now.plus_days(30).date()));
            }
            Some(ReviewFilter::NotPlanned) => query = query.filter(identities::next_review_on.is_null()),
            None => {}
        }
        let used = |relation: &str| {
            diesel::dsl::sql::<Bool>(&format!(
                "{}identities.last_used_key {relation} ",
                plan.plus(Some(IdentitySort::LastUsed))
            ))
        };
        match filter.usage {
            Some(UseFilter::NotFor90Days) => {
                query = query
                    .filter(identities::last_used_at.is_not_null())
                    .filter(used("<").bind::<UtcTime, _>(now.plus_days(-90)));
            }
            Some(UseFilter::Unknown) => query = query.filter(identities::last_used_at.is_null()),
            None => {}
        }
        if let Some(vendor_managed) = filter.vendor_managed {
            query = query.filter(equal("vendor_managed").bind::<Bool, _>(vendor_managed));
        }
        if let Some(scope) = &filter.scope {
            query = query.filter(diesel::dsl::exists(
                identity_scopes::table
                    .filter(identity_scopes::identity_id.eq(identities::id))
                    .filter(identity_scopes::list.eq(ScopeList::Issued))
                    .filter(identity_scopes::scope.eq(scope))
                    .select(identity_scopes::position),
            ));
        }
        if let Some(person) = filter.visible_to {
            let deputised = diesel::dsl::sql::<Bool>(
                "identities.business_owner_id IN (SELECT owner.id FROM people owner WHERE owner.deputy_id = ",
            )
            .bind::<Uid, _>(person)
            .sql(")");
            query = query.filter(
                identities::business_owner_id
                    .eq(person)
                    .assume_not_null()
                    .or(identities::technical_owner_id.eq(person).assume_not_null())
                    .or(deputised),
            );
        }
        query
    }};
}

/// `%` and `_` mean themselves in what a reader types.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
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
    read(db, filter, order, from, PAGE_SIZE + 1, many, now).map(|rows| Page::of(rows, from))
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
    let (cursor, direction) = match from {
        From::Start => (None, order.direction),
        From::After(cursor) => (Some(cursor), order.direction),
        From::Before(cursor) => (Some(cursor), order.direction.reversed()),
    };
    let sqlite = matches!(db, Db::Sqlite(_));
    let plan = if sqlite && many { Plan::Walk(order.sort) } else { Plan::Free };
    each!(db, |c| {
        let mut query = narrowed!(
            identities::table
                .left_join(systems::table)
                .left_join(vendors::table)
                .left_join(people::table.on(identities::business_owner_id.eq(people::id.nullable())))
                .left_join(revocation_paths::table.on(revocation_paths::identity_id.eq(identities::id)))
                .select((
                    (
                        identities::id,
                        identities::name,
                        identities::name_key,
                        identities::kind,
                        identities::client_id,
                        identities::environment,
                        identities::state,
                        identities::criticality,
                        identities::vendor_managed,
                        identities::expires_at,
                        identities::expires_key,
                        identities::last_used_at,
                        identities::last_used_key,
                    ),
                    (
                        identities::use_visible_since,
                        identities::next_review_on,
                        identities::next_review_key,
                        identities::registered_at,
                        identities::business_owner_id,
                        identities::business_owner_answer,
                        people::name.nullable(),
                        systems::name.nullable(),
                        vendors::name.nullable(),
                        revocation_paths::identity_id.nullable(),
                        revocation_paths::proved_at.nullable(),
                        identities::version,
                    ),
                ))
                .into_boxed::<DB>(),
            filter,
            now,
            sqlite,
            plan
        );
        // `key >= k AND (key > k OR id > i)` walks the index; the textbook form does not.
        macro_rules! by_key {
            ($column:expr, $key:expr) => {{
                if let Some((key, id)) = $key {
                    query = match direction {
                        Direction::Ascending => {
                            query.filter($column.ge(key.clone())).filter($column.gt(key).or(identities::id.gt(id)))
                        }
                        Direction::Descending => {
                            query.filter($column.le(key.clone())).filter($column.lt(key).or(identities::id.lt(id)))
                        }
                    };
                }
                match direction {
                    Direction::Ascending => query.order(($column.asc(), identities::id.asc())),
                    Direction::Descending => query.order(($column.desc(), identities::id.desc())),
                }
            }};
        }
        let moment = || cursor.and_then(|cursor| Moment::parse(&cursor.key).ok().map(|key| (key, cursor.id)));
        let query = match order.sort {
            IdentitySort::Name => by_key!(identities::name_key, cursor.map(|cursor| (cursor.key.clone(), cursor.id))),
            IdentitySort::Expires => by_key!(identities::expires_key, moment()),
            IdentitySort::LastUsed => by_key!(identities::last_used_key, moment()),
            IdentitySort::Registered => by_key!(identities::registered_at, moment()),
            IdentitySort::NextReview => by_key!(
                identities::next_review_key,
                cursor.and_then(|cursor| cursor.key.parse::<NaiveDate>().ok().map(|key| (key, cursor.id)))
            ),
        };
        query.limit(limit).load::<LineParts>(c)
    })
    .map(|rows| rows.into_iter().map(line).collect())
    .map_err(StoreError::from)
}

type LineParts = (
    (
        Id,
        String,
        String,
        IdentityKind,
        Option<String>,
        Environment,
        IdentityState,
        Criticality,
        bool,
        Option<Moment>,
        Moment,
        Option<Moment>,
        Moment,
    ),
    (
        Option<Moment>,
        Option<NaiveDate>,
        NaiveDate,
        Moment,
        Option<Id>,
        Option<OwnerAnswer>,
        Option<String>,
        Option<String>,
        Option<String>,
        Option<Id>,
        Option<Moment>,
        i64,
    ),
);

fn line((first, second): LineParts) -> IdentityLine {
    IdentityLine {
        id: first.0,
        name: first.1,
        name_key: first.2,
        kind: first.3,
        client_id: first.4,
        environment: first.5,
        state: first.6,
        criticality: first.7,
        vendor_managed: first.8,
        expires_at: first.9,
        expires_key: first.10,
        last_used_at: first.11,
        last_used_key: first.12,
        use_visible_since: second.0,
        next_review_on: second.1,
        next_review_key: second.2,
        registered_at: second.3,
        business_owner_id: second.4,
        business_owner_answer: second.5,
        business_owner_name: second.6,
        system_name: second.7,
        vendor_name: second.8,
        revocation_steps: second.9,
        proved_at: second.10,
        version: second.11,
    }
}

/// How many identities match, counted no further than the limit.
pub fn count(db: &mut Db, filter: &IdentityFilter, now: Moment) -> Result<Count, StoreError> {
    let sqlite = matches!(db, Db::Sqlite(_));
    let found: Vec<i32> = each!(db, |c| {
        narrowed!(
            identities::table.select(diesel::dsl::sql::<diesel::sql_types::Integer>("1")).into_boxed::<DB>(),
            filter,
            now,
            sqlite,
            Plan::Free
        )
        .limit(COUNT_LIMIT + 1)
        .load(c)
    })?;
    Ok(Count::of(i64::try_from(found.len()).unwrap_or(i64::MAX)))
}

/// Whether a filter matches one identity: what an owner may see of a single page.
pub fn matches(db: &mut Db, filter: &IdentityFilter, id: Id, now: Moment) -> Result<bool, StoreError> {
    let sqlite = matches!(db, Db::Sqlite(_));
    let found: Vec<i64> = each!(db, |c| {
        narrowed!(identities::table.select(identities::version).into_boxed::<DB>(), filter, now, sqlite, Plan::Free)
            .filter(identities::id.eq(id))
            .limit(1)
            .load(c)
    })?;
    Ok(!found.is_empty())
}
