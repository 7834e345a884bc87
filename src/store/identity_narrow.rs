//! How a filter of identities becomes conditions that an index serves, on both databases.

use chrono::DateTime;
use diesel::prelude::*;

use super::identity_filter::{IdentityFilter, IdentitySort};
use super::schema::people;
use super::{Db, StoreError};
use crate::domain::ids::{Id, Moment};
use crate::each;

/// How SQLite is to read the list. PostgreSQL knows from its statistics what fits a page; SQLite would
/// collect and sort thousands of matches to show fifty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Plan {
    /// Whatever the database thinks best: right when few match.
    Free,
    /// Along the index of the sort order, leaving out what does not match: right when many match.
    Walk(IdentitySort),
    /// The same, and a searched text is looked for in each row instead of all that hold it being
    /// collected first: right for a stretch of the order, when many match.
    Stretch(IdentitySort),
}

impl Plan {
    /// A plus before a column keeps SQLite from choosing that column's index (its documented way).
    /// The column that the list is sorted by keeps its index.
    pub(super) fn plus(self, column: Option<IdentitySort>) -> &'static str {
        match (self, column) {
            (Self::Walk(sort) | Self::Stretch(sort), column) if column != Some(sort) => "+",
            _ => "",
        }
    }
}

/// Narrows a boxed query that has `identities` in it to what a filter asks for.
///
/// The keys that lists sort by stand for the values that may be absent: their indexes answer "never" too.
macro_rules! narrowed {
    ($query:expr, $filter:expr, $owners:expr, $now:expr, $sqlite:expr, $plan:expr) => {{
        let mut query = $query;
        let plan: Plan = $plan;
        let equal = |column: &str| diesel::dsl::sql::<Bool>(&format!("{}identities.{column} = ", plan.plus(None)));
        let filter: &IdentityFilter = $filter;
        let now: Moment = $now;
        if let Some(search) = &filter.search {
            query = if search.chars().count() < 3 {
                // Too short for trigrams: names that start with it.
                query.filter(identities::name_key.like(format!("{}%", escaped(&search.to_lowercase()))).escape('\\'))
            } else if let Plan::Stretch(_) = plan {
                // LIKE ignores case in ASCII only, as the index folds it: the two other letters that fold to
                // ASCII, the Kelvin sign and the long s, are put in its place.
                let pattern = format!("%{}%", escaped(search));
                let holds = |column: &str, joint: &str| {
                    format!("{joint}replace(replace(identities.{column}, '\u{212a}', 'k'), '\u{17f}', 's') LIKE ")
                };
                let end = " ESCAPE '\\'";
                query.filter(
                    diesel::dsl::sql::<Bool>(&holds("name", "("))
                        .bind::<Text, _>(pattern.clone())
                        .sql(&holds("client_id", &format!("{end} OR ")))
                        .bind::<Text, _>(pattern.clone())
                        .sql(&holds("description", &format!("{end} OR ")))
                        .bind::<Text, _>(pattern.clone())
                        .sql(&holds("purpose", &format!("{end} OR ")))
                        .bind::<Text, _>(pattern)
                        .sql(&format!("{end})")),
                )
            } else if $sqlite {
                query.filter(
                    diesel::dsl::sql::<Bool>(&format!(
                        "{}identities.number IN (SELECT rowid FROM identity_search WHERE identity_search MATCH ",
                        plan.plus(None)
                    ))
                    .bind::<Text, _>(phrase(search))
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
        if let Some(tier) = filter.tier {
            query = query.filter(equal("tier").bind::<Text, _>(tier));
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
            Some(ExpiryFilter::Never) => query = query.filter(expires("=").bind::<UtcTime, _>(far())),
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
            Some(ReviewFilter::NotPlanned) => query = query.filter(review("=").bind::<Date, _>(far().date())),
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
                    .filter(used(">").bind::<UtcTime, _>(never()))
                    .filter(used("<").bind::<UtcTime, _>(now.plus_days(-90)));
            }
            Some(UseFilter::Unknown) => query = query.filter(used("=").bind::<UtcTime, _>(never())),
            None => {}
        }
        if let Some(vendor_managed) = filter.vendor_managed {
            // As it is written in its partial index.
            let managed = if vendor_managed { "identities.vendor_managed" } else { "NOT identities.vendor_managed" };
            query = query.filter(diesel::dsl::sql::<Bool>(managed));
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
            // Ids and not a query in the query: PostgreSQL joins the indexes of both owners then.
            let owners: &[Id] = $owners;
            query = query.filter(
                identities::business_owner_id
                    .eq_any(owners)
                    .assume_not_null()
                    .or(identities::technical_owner_id.eq(person).assume_not_null()),
            );
        }
        query
    }};
}

pub(super) use narrowed;

/// `%` and `_` mean themselves in what a reader types.
pub(super) fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

/// The key of what never expires or has no review planned (`migrations`, the generated columns).
pub(super) fn far() -> Moment {
    Moment::new(DateTime::from_timestamp_micros(253_402_300_799_999_999).unwrap_or_default())
}

/// The key of what was never seen to be used.
pub(super) fn never() -> Moment {
    Moment::new(DateTime::from_timestamp_micros(-62_135_596_800_000_000).unwrap_or_default())
}

/// Those whose identities somebody sees as a business owner does: their own, and those of whom they are
/// the deputy.
pub(super) fn answers_for(db: &mut Db, filter: &IdentityFilter) -> Result<Vec<Id>, StoreError> {
    let Some(person) = filter.visible_to else { return Ok(Vec::new()) };
    let mut owners: Vec<Id> =
        each!(db, |c| people::table.filter(people::deputy_id.eq(person)).select(people::id).load(c))?;
    owners.push(person);
    Ok(owners)
}

/// What the index of the search is asked for: the text as it is, whatever signs are in it.
pub(super) fn phrase(search: &str) -> String {
    format!("\"{}\"", search.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keys_are_those_of_the_generated_columns() {
        assert_eq!(far().to_text(), "9999-12-31T23:59:59.999999Z");
        assert_eq!(far().date().to_string(), "9999-12-31");
        assert_eq!(never().to_text(), "0001-01-01T00:00:00.000000Z");
    }
}
