//! The list of people, and who among them administers the register.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::counted::counted;
use super::schema::{accounts, identities, people, tasks};
use super::tasks::Task;
use super::{Db, StoreError};
use crate::domain::ids::{Id, Moment};
use crate::domain::listing::{COUNT_LIMIT, Count, Cursor, From, PAGE_SIZE, Page};
use crate::domain::people::Role;
use crate::domain::tasks::TaskState;
use crate::store::people::Person;
use crate::{each, words};

words! {
    /// Which people, by whether they are still here.
    StayFilter {
        Here = "here", "Here";
        Leaving = "leaving", "Leaving";
        Left = "left", "Has left";
    }
}

words! {
    /// Which people, by their account.
    AccountFilter {
        May = "may", "May sign in";
        Disabled = "disabled", "Disabled";
        None = "none", "No account";
    }
}

/// Which people are asked for. Everything that is set must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PeopleFilter {
    /// Any part of name or e-mail address.
    pub search: Option<String>,
    pub stay: Option<StayFilter>,
    pub account: Option<AccountFilter>,
    pub role: Option<Role>,
}

/// A row of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonLine {
    pub id: Id,
    pub name: String,
    pub name_key: String,
    pub email: String,
    pub staff_id: Option<String>,
    pub title: Option<String>,
    pub department: Option<String>,
    pub manager: Option<(Id, String)>,
    pub deputy: Option<(Id, String)>,
    pub left_on: Option<NaiveDate>,
    pub time_zone: Option<String>,
    pub role: Option<Role>,
    pub disabled_at: Option<Moment>,
    /// Identities they are business owner of.
    pub business: i64,
    /// Identities they are technical owner of.
    pub technical: i64,
}

impl PersonLine {
    /// The place of this row in the list.
    pub fn cursor(&self) -> Cursor {
        Cursor { key: self.name_key.clone(), id: self.id }
    }
}

/// How a person is written where another is named.
pub fn written(name: &str, email: &str) -> String {
    format!("{name} <{email}>")
}

/// `%` and `_` mean themselves in what a reader types.
pub(super) fn containing(text: &str) -> String {
    format!("%{}%", text.to_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"))
}

/// Narrows a boxed query over people and their accounts.
macro_rules! narrowed {
    ($query:expr, $filter:expr, $today:expr) => {{
        let mut query = $query;
        let filter: &PeopleFilter = $filter;
        let today: NaiveDate = $today;
        if let Some(search) = &filter.search {
            let pattern = containing(search);
            query = query.filter(
                people::name_key.like(pattern.clone()).escape('\\').or(people::email_key.like(pattern).escape('\\')),
            );
        }
        query = match filter.stay {
            Some(StayFilter::Here) => {
                query.filter(people::left_on.is_null().or(people::left_on.gt(today).assume_not_null()))
            }
            Some(StayFilter::Leaving) => query.filter(people::left_on.gt(today)),
            Some(StayFilter::Left) => query.filter(people::left_on.le(today)),
            None => query,
        };
        query = match filter.account {
            Some(AccountFilter::May) => {
                query.filter(accounts::person_id.nullable().is_not_null()).filter(accounts::disabled_at.is_null())
            }
            Some(AccountFilter::Disabled) => query.filter(accounts::disabled_at.is_not_null()),
            Some(AccountFilter::None) => query.filter(accounts::person_id.nullable().is_null()),
            None => query,
        };
        if let Some(role) = filter.role {
            query = query.filter(accounts::role.eq(role));
        }
        query
    }};
}

/// A page of the list, by name.
pub fn page(db: &mut Db, filter: &PeopleFilter, from: &From, today: NaiveDate) -> Result<Page<PersonLine>, StoreError> {
    lines(db, filter, from, PAGE_SIZE + 1, today).map(|rows| Page::of(rows, from))
}

/// Rows of the list from a place on, at most `limit`; read backwards from a `Before`.
pub fn lines(
    db: &mut Db,
    filter: &PeopleFilter,
    from: &From,
    limit: i64,
    today: NaiveDate,
) -> Result<Vec<PersonLine>, StoreError> {
    type Found = (Person, Option<(Role, Option<Moment>)>);
    let found: Vec<Found> = each!(db, |c| {
        let query = narrowed!(
            people::table
                .left_join(accounts::table)
                .select((Person::as_select(), (accounts::role, accounts::disabled_at).nullable()))
                .into_boxed::<DB>(),
            filter,
            today
        );
        let query = match from {
            From::Start => query.order((people::name_key.asc(), people::id.asc())),
            From::After(cursor) => query
                .filter(people::name_key.ge(&cursor.key))
                .filter(people::name_key.gt(&cursor.key).or(people::id.gt(cursor.id)))
                .order((people::name_key.asc(), people::id.asc())),
            From::Before(cursor) => query
                .filter(people::name_key.le(&cursor.key))
                .filter(people::name_key.lt(&cursor.key).or(people::id.lt(cursor.id)))
                .order((people::name_key.desc(), people::id.desc())),
        };
        query.limit(limit).load(c)
    })?;
    let ids: Vec<Id> = found.iter().map(|(person, _)| person.id).collect();
    let (business, technical) = owned(db, &ids)?;
    let others: Vec<Id> =
        found.iter().flat_map(|(person, _)| [person.manager_id, person.deputy_id]).flatten().collect();
    let names = names_of(db, &others)?;
    let named = |id: Option<Id>| id.and_then(|id| names.get(&id).map(|name| (id, name.clone())));
    Ok(found
        .into_iter()
        .map(|(person, account)| PersonLine {
            manager: named(person.manager_id),
            deputy: named(person.deputy_id),
            role: account.map(|(role, _)| role),
            disabled_at: account.and_then(|(_, at)| at),
            business: business.get(&person.id).copied().unwrap_or(0),
            technical: technical.get(&person.id).copied().unwrap_or(0),
            id: person.id,
            name: person.name,
            name_key: person.name_key,
            email: person.email,
            staff_id: person.staff_id,
            title: person.title,
            department: person.department,
            left_on: person.left_on,
            time_zone: person.time_zone,
        })
        .collect())
}

/// How many people match, counted no further than the limit.
pub fn count(db: &mut Db, filter: &PeopleFilter, today: NaiveDate) -> Result<Count, StoreError> {
    let found: i64 = each!(db, |c| {
        counted(
            narrowed!(
                people::table
                    .left_join(accounts::table)
                    .select(diesel::dsl::sql::<diesel::sql_types::Integer>("1"))
                    .into_boxed::<DB>(),
                filter,
                today
            )
            .limit(COUNT_LIMIT + 1),
        )
        .get_result(c)
    })?;
    Ok(Count::of(found))
}

/// How many of something each person has.
pub type Counts = std::collections::HashMap<Id, i64>;

/// Identities by business owner and by technical owner, for these people.
pub fn owned(db: &mut Db, ids: &[Id]) -> Result<(Counts, Counts), StoreError> {
    let (mut business, mut technical) = (Counts::new(), Counts::new());
    for chunk in ids.chunks(500) {
        let found: Vec<(Option<Id>, i64)> = each!(db, |c| identities::table
            .filter(identities::business_owner_id.eq_any(chunk))
            .group_by(identities::business_owner_id)
            .select((identities::business_owner_id, diesel::dsl::count_star()))
            .load(c))?;
        business.extend(found.into_iter().filter_map(|(id, count)| id.map(|id| (id, count))));
        let found: Vec<(Option<Id>, i64)> = each!(db, |c| identities::table
            .filter(identities::technical_owner_id.eq_any(chunk))
            .group_by(identities::technical_owner_id)
            .select((identities::technical_owner_id, diesel::dsl::count_star()))
            .load(c))?;
        technical.extend(found.into_iter().filter_map(|(id, count)| id.map(|id| (id, count))));
    }
    Ok((business, technical))
}

/// The names of these people.
pub fn names_of(db: &mut Db, ids: &[Id]) -> Result<std::collections::HashMap<Id, String>, StoreError> {
    let mut names = std::collections::HashMap::new();
    for chunk in ids.chunks(500) {
        let found: Vec<(Id, String)> =
            each!(db, |c| people::table.filter(people::id.eq_any(chunk)).select((people::id, people::name)).load(c))?;
        names.extend(found);
    }
    Ok(names)
}

/// Everybody who has exactly that name, whatever its case; at most two, which is enough to know it is not one.
pub fn of_name(db: &mut Db, name: &str) -> Result<Vec<Person>, StoreError> {
    let key = name.trim().to_lowercase();
    each!(db, |c| people::table.filter(people::name_key.eq(&key)).limit(2).select(Person::as_select()).load(c))
        .map_err(Into::into)
}

/// People whose name or address holds the text, at most `limit`, by name.
pub fn matching(db: &mut Db, text: &str, limit: i64) -> Result<Vec<(Id, String)>, StoreError> {
    let pattern = containing(text);
    each!(db, |c| people::table
        .filter(
            people::name_key
                .like(pattern.clone())
                .escape('\\')
                .or(people::email_key.like(pattern.clone()).escape('\\'))
        )
        .order((people::name_key, people::id))
        .limit(limit)
        .select((people::id, people::name))
        .load(c))
    .map_err(Into::into)
}

/// Who may be named to decide something in somebody's place.
#[derive(Debug, Clone, Copy)]
pub struct Deciders<'a> {
    /// Whoever has left by then may not.
    pub today: NaiveDate,
    /// Those without an account may, too: the provider of single sign-on lets them in.
    pub without_account: bool,
    /// Nor may any of these.
    pub but: &'a [Id],
}

/// The same of those who may be named to decide: of thousands who fit, the first of these.
pub fn matching_deciders(
    db: &mut Db,
    text: &str,
    who: &Deciders<'_>,
    limit: i64,
) -> Result<Vec<(Id, String)>, StoreError> {
    let pattern = containing(text);
    each!(db, |c| {
        let can = accounts::person_id
            .nullable()
            .is_not_null()
            .and(accounts::disabled_at.is_null())
            .and(accounts::role.ne(Role::Auditor));
        let query = people::table
            .left_join(accounts::table)
            .filter(
                people::name_key
                    .like(pattern.clone())
                    .escape('\\')
                    .or(people::email_key.like(pattern.clone()).escape('\\')),
            )
            .filter(people::left_on.is_null().or(people::left_on.gt(who.today).assume_not_null()))
            .filter(people::id.ne_all(who.but))
            .order((people::name_key, people::id))
            .limit(limit)
            .select((people::id, people::name))
            .into_boxed::<DB>();
        if who.without_account {
            query.filter(accounts::person_id.nullable().is_null().or(can)).load(c)
        } else {
            query.filter(can).load(c)
        }
    })
    .map_err(Into::into)
}

/// The open tasks of a person with the names of what they are about, those due first.
pub fn open_tasks(db: &mut Db, person: Id) -> Result<Vec<(Task, String)>, StoreError> {
    each!(db, |c| tasks::table
        .inner_join(identities::table)
        .filter(tasks::assignee_id.eq(person))
        .filter(tasks::state.eq(TaskState::Open))
        .order((tasks::due_on, tasks::id))
        .select((Task::as_select(), identities::name))
        .load(c))
    .map_err(Into::into)
}

/// Whose deputy a person is, by name.
pub fn deputy_for(db: &mut Db, person: Id) -> Result<Vec<(Id, String)>, StoreError> {
    each!(db, |c| people::table
        .filter(people::deputy_id.eq(person))
        .order((people::name_key, people::id))
        .select((people::id, people::name))
        .load(c))
    .map_err(Into::into)
}
