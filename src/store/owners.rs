//! The list of owners: everybody who owns an identity or has an open task, those who left first.
//!
//! People are walked by name and asked by index whether they own anything; the counts are grouped
//! for the people of one page, so that the size of the register does not matter.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::counted::counted;
use super::people_list::{Counts, containing, names_of, owned};
use super::schema::{identities, people, tasks};
use super::{Db, StoreError};
use crate::domain::identities::OwnerAnswer;
use crate::domain::ids::Id;
use crate::domain::listing::{COUNT_LIMIT, Count, Cursor, From, PAGE_SIZE, Page};
use crate::domain::people::has_left;
use crate::domain::tasks::TaskState;
use crate::each;

/// Which owners are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OwnersFilter {
    /// Any part of name or e-mail address.
    pub search: Option<String>,
    /// Only those who have left.
    pub left_only: bool,
}

/// A row of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnerLine {
    pub id: Id,
    pub name: String,
    pub name_key: String,
    pub email: String,
    pub department: Option<String>,
    pub left_on: Option<NaiveDate>,
    /// They have left by today: what they own needs somebody else.
    pub has_left: bool,
    pub deputy: Option<(Id, String)>,
    /// Identities as business owner.
    pub business: i64,
    /// Identities as technical owner.
    pub technical: i64,
    /// Ownerships, of either sort, that they have not yet accepted or refused.
    pub waiting: i64,
    /// Open tasks of theirs whose due date has passed.
    pub overdue: i64,
}

impl OwnerLine {
    /// The place of this row in the list: those who left come first, then by name.
    pub fn cursor(&self) -> Cursor {
        Cursor { key: format!("{}{}", if self.has_left { '0' } else { '1' }, self.name_key), id: self.id }
    }
}

/// Whether the place is one that [`OwnerLine::cursor`] gives.
pub fn reads(cursor: &Cursor) -> bool {
    cursor.key.starts_with(['0', '1'])
}

#[derive(Queryable)]
struct Found {
    id: Id,
    name: String,
    name_key: String,
    email: String,
    department: Option<String>,
    left_on: Option<NaiveDate>,
    deputy_id: Option<Id>,
}

const OWNS: &str = "(EXISTS (SELECT 1 FROM identities owned WHERE owned.business_owner_id = people.id) \
    OR EXISTS (SELECT 1 FROM identities owned WHERE owned.technical_owner_id = people.id) \
    OR EXISTS (SELECT 1 FROM tasks given WHERE given.assignee_id = people.id AND given.state = 'open'))";

/// A page of the list.
pub fn page(db: &mut Db, filter: &OwnersFilter, from: &From, today: NaiveDate) -> Result<Page<OwnerLine>, StoreError> {
    lines(db, filter, from, PAGE_SIZE + 1, today).map(|rows| Page::of(rows, from))
}

/// Rows of the list from a place on, at most `limit`; read backwards from a `Before`.
pub fn lines(
    db: &mut Db,
    filter: &OwnersFilter,
    from: &From,
    limit: i64,
    today: NaiveDate,
) -> Result<Vec<OwnerLine>, StoreError> {
    // The two halves are read one after the other, each along the index of names.
    let (place, backwards) = match from {
        From::Start => (None, false),
        From::After(cursor) => (Some(cursor), false),
        From::Before(cursor) => (Some(cursor), true),
    };
    let place = place.map(|cursor| {
        let (half, name) = cursor.key.split_at_checked(1).unwrap_or(("1", ""));
        (half == "0", Cursor { key: name.to_owned(), id: cursor.id })
    });
    let mut found: Vec<Found> = Vec::new();
    for left in if backwards { [false, true] } else { [true, false] } {
        let wanted = limit - i64::try_from(found.len()).unwrap_or(limit);
        let within = match &place {
            Some((half, cursor)) if *half == left => Some(cursor),
            // A place in the second half lies beyond all of the first, and the other way round.
            Some((half, _)) if *half != backwards => None,
            Some(_) => continue,
            None => None,
        };
        if wanted > 0 && (left || !filter.left_only) {
            found.extend(half(db, filter, left, within, backwards, wanted, today)?);
        }
    }
    complete(db, found, today)
}

/// One half of the list: those who have left, or the others.
fn half(
    db: &mut Db,
    filter: &OwnersFilter,
    left: bool,
    place: Option<&Cursor>,
    backwards: bool,
    limit: i64,
    today: NaiveDate,
) -> Result<Vec<Found>, StoreError> {
    each!(db, |c| {
        let mut query = people::table
            .select((
                people::id,
                people::name,
                people::name_key,
                people::email,
                people::department,
                people::left_on,
                people::deputy_id,
            ))
            .filter(diesel::dsl::sql::<Bool>(OWNS))
            .into_boxed::<DB>();
        if let Some(search) = &filter.search {
            let pattern = containing(search);
            query = query.filter(
                people::name_key.like(pattern.clone()).escape('\\').or(people::email_key.like(pattern).escape('\\')),
            );
        }
        query = if left {
            query.filter(people::left_on.le(today))
        } else {
            query.filter(people::left_on.is_null().or(people::left_on.gt(today).assume_not_null()))
        };
        if let Some(cursor) = place {
            query = if backwards {
                query
                    .filter(people::name_key.le(cursor.key.clone()))
                    .filter(people::name_key.lt(cursor.key.clone()).or(people::id.lt(cursor.id)))
            } else {
                query
                    .filter(people::name_key.ge(cursor.key.clone()))
                    .filter(people::name_key.gt(cursor.key.clone()).or(people::id.gt(cursor.id)))
            };
        }
        query = if backwards {
            query.order((people::name_key.desc(), people::id.desc()))
        } else {
            query.order((people::name_key.asc(), people::id.asc()))
        };
        query.limit(limit).load(c)
    })
    .map_err(StoreError::from)
}

/// Adds the counts and the deputies' names.
fn complete(db: &mut Db, found: Vec<Found>, today: NaiveDate) -> Result<Vec<OwnerLine>, StoreError> {
    let ids: Vec<Id> = found.iter().map(|person| person.id).collect();
    let (business, technical) = owned(db, &ids)?;
    let waiting = waiting(db, &ids)?;
    let overdue = overdue(db, &ids, today)?;
    let deputies: Vec<Id> = found.iter().filter_map(|person| person.deputy_id).collect();
    let names: HashMap<Id, String> = names_of(db, &deputies)?;
    let count = |counts: &Counts, id: Id| counts.get(&id).copied().unwrap_or(0);
    Ok(found
        .into_iter()
        .map(|person| OwnerLine {
            has_left: has_left(person.left_on, today),
            deputy: person.deputy_id.and_then(|id| names.get(&id).map(|name| (id, name.clone()))),
            business: count(&business, person.id),
            technical: count(&technical, person.id),
            waiting: count(&waiting, person.id),
            overdue: count(&overdue, person.id),
            id: person.id,
            name: person.name,
            name_key: person.name_key,
            email: person.email,
            department: person.department,
            left_on: person.left_on,
        })
        .collect())
}

fn waiting(db: &mut Db, ids: &[Id]) -> Result<Counts, StoreError> {
    let mut counts = Counts::new();
    for chunk in ids.chunks(500) {
        let business: Vec<(Option<Id>, i64)> = each!(db, |c| identities::table
            .filter(identities::business_owner_id.eq_any(chunk))
            .filter(identities::business_owner_answer.eq(OwnerAnswer::Waiting))
            .group_by(identities::business_owner_id)
            .select((identities::business_owner_id, diesel::dsl::count_star()))
            .load(c))?;
        let technical: Vec<(Option<Id>, i64)> = each!(db, |c| identities::table
            .filter(identities::technical_owner_id.eq_any(chunk))
            .filter(identities::technical_owner_answer.eq(OwnerAnswer::Waiting))
            .group_by(identities::technical_owner_id)
            .select((identities::technical_owner_id, diesel::dsl::count_star()))
            .load(c))?;
        for (id, count) in business.into_iter().chain(technical) {
            if let Some(id) = id {
                *counts.entry(id).or_default() += count;
            }
        }
    }
    Ok(counts)
}

/// Open tasks of these people that were due before today.
pub fn overdue(db: &mut Db, ids: &[Id], today: NaiveDate) -> Result<Counts, StoreError> {
    let mut counts = Counts::new();
    for chunk in ids.chunks(500) {
        let found: Vec<(Option<Id>, i64)> = each!(db, |c| tasks::table
            .filter(tasks::assignee_id.eq_any(chunk))
            .filter(tasks::state.eq(TaskState::Open))
            .filter(tasks::due_on.lt(today))
            .group_by(tasks::assignee_id)
            .select((tasks::assignee_id, diesel::dsl::count_star()))
            .load(c))?;
        counts.extend(found.into_iter().filter_map(|(id, count)| id.map(|id| (id, count))));
    }
    Ok(counts)
}

/// How many owners match, and how many of them have left.
pub fn count(db: &mut Db, filter: &OwnersFilter, today: NaiveDate) -> Result<Count, StoreError> {
    let found: i64 = each!(db, |c| {
        let mut query = people::table
            .select(diesel::dsl::sql::<diesel::sql_types::Integer>("1"))
            .filter(diesel::dsl::sql::<Bool>(OWNS))
            .into_boxed::<DB>();
        if let Some(search) = &filter.search {
            let pattern = containing(search);
            query = query.filter(
                people::name_key.like(pattern.clone()).escape('\\').or(people::email_key.like(pattern).escape('\\')),
            );
        }
        if filter.left_only {
            query = query.filter(people::left_on.le(today));
        }
        counted(query.limit(COUNT_LIMIT + 1)).get_result(c)
    })?;
    Ok(Count::of(found))
}
