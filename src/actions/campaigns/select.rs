//! What a campaign selects, who would be asked about it, and what is left out and why.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::besides::{Besides, besides};
use crate::actions::Register;
use crate::actions::reviews::reviewers::Around;
use crate::domain::identities::{IdentityState, ScopeList};
use crate::domain::ids::{Id, Moment};
use crate::domain::listing::{Direction, From};
use crate::domain::reaching::IdentityTier;
use crate::domain::reviews::campaigns::{Excluded, own_day};
use crate::domain::reviews::reviewers::Reviewers;
use crate::domain::reviews::snapshot::Taken;
use crate::domain::reviews::{ReviewOutcome, ReviewState};
use crate::domain::tasks::{Assignee, AssigneeGroup};
use crate::store::identities::{self, Identity};
use crate::store::identity_list::{self, IdentityFilter, IdentityOrder, IdentitySort};
use crate::store::identity_parts::{self as parts, IdentityScope};
use crate::store::reviews::{self, Review};
use crate::store::{Db, StoreError};

/// Identities read at a time.
const CHUNK: i64 = 500;

/// What a campaign asks about: a filter of identities, and the day by which their review is due.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chosen {
    pub filter: IdentityFilter,
    pub due_by: Option<NaiveDate>,
}

/// Every identity that is selected, with its name, in the order of names, or of due dates where a day is chosen.
pub fn selected(db: &mut Db, chosen: &Chosen, now: Moment) -> Result<Vec<(Id, String)>, StoreError> {
    let sort = if chosen.due_by.is_some() { IdentitySort::NextReview } else { IdentitySort::Name };
    let order = IdentityOrder { sort, direction: Direction::Ascending };
    let mut found = Vec::new();
    let mut from = From::Start;
    loop {
        let lines = identity_list::lines(db, &chosen.filter, order, &from, CHUNK, now)?;
        let Some(last) = lines.last() else { return Ok(found) };
        let next = From::After(last.cursor(order));
        for line in lines {
            if let Some(day) = chosen.due_by
                && line.next_review_on.is_none_or(|due| due > day)
            {
                // The list is in the order of due dates: what follows is due later still.
                return Ok(found);
            }
            found.push((line.id, line.name));
        }
        from = next;
    }
}

/// Why an identity is left out of a campaign, if it is. A review that is open by itself is joined, not left out.
pub fn exclusion(
    identity: &Identity,
    live: Option<&Review>,
    last: Option<&Review>,
    lists: &[IdentityScope],
    lately: NaiveDate,
    register: &Register,
) -> Option<Excluded> {
    if !matches!(identity.state, IdentityState::Active | IdentityState::Suspended) {
        return Some(Excluded::NotWorking);
    }
    // Its own clock asks about it all the same: that is for somebody to look at, and nothing that a campaign could end.
    if identity.vendor_managed {
        return Some(Excluded::VendorKeeps);
    }
    match live {
        Some(review) if review.state == ReviewState::Decided => return Some(Excluded::Decided),
        Some(review) if review.campaign_id.is_some() => return Some(Excluded::AskedElsewhere),
        Some(_) => return None,
        None => {}
    }
    let last = last?;
    let decided = last.decided_at.map(|at| register.day(at))?;
    // Nothing that anybody reads has changed since the review wrote its next date.
    let on = |list: ScopeList| {
        lists.iter().filter(move |row| row.identity_id == identity.id && row.list == list).map(|row| &row.scope)
    };
    let kept =
        |taken: &Taken| last.outcome == Some(ReviewOutcome::Narrow) || on(ScopeList::Approved).eq(&taken.approved);
    let unchanged = last.snapshot.0.taken().is_some_and(|taken| {
        kept(taken)
            && on(ScopeList::Issued).all(|scope| taken.issued.contains(scope))
            && taken.business_owner_id == identity.business_owner_id
            && taken.technical_owner_id == identity.technical_owner_id
            && taken.environment == identity.environment
            && taken.tier == identity.tier
    });
    (decided > lately && unchanged).then_some(Excluded::Lately)
}

/// Who would be asked how much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reviewer {
    Person(Id),
    Group(AssigneeGroup),
    Nobody,
}

/// What a campaign would do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Preview {
    pub selected: usize,
    pub asked: usize,
    /// Who would be asked about how many, the most first.
    pub reviewers: Vec<(Reviewer, usize)>,
    pub excluded: Vec<(Excluded, usize)>,
    /// Everything that is selected, in its order.
    pub items: Vec<Item>,
    /// How many reviews wait for them already, besides those.
    pub besides: Besides,
    /// The day that it has once it is opened; none where nobody would be asked.
    pub due_on: Option<NaiveDate>,
    /// How many of each tier must be answered before that day, and by when: the earliest first. Those that are joined
    /// are among them, as on the page of a campaign that was opened.
    pub earlier: Vec<Earlier>,
    /// Of those that would be asked about, how many have a review that is open: it is joined, and its day stays.
    pub joined: usize,
    /// How many come to each group when nobody answers.
    pub in_the_end: Vec<(AssigneeGroup, usize)>,
    /// How many can act for each group.
    pub members: BTreeMap<AssigneeGroup, usize>,
}

/// Something that is selected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    pub identity: Id,
    pub name: String,
    pub what: What,
}

/// What would become of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    Asked {
        reviewer: Reviewer,
        due_on: NaiveDate,
        /// Somebody is asked already: that review is joined.
        joined: bool,
    },
    LeftOut(Excluded),
}

/// What of a tier must be answered before the day that the campaign has once it is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Earlier {
    pub due_on: NaiveDate,
    pub tier: IdentityTier,
    pub count: usize,
}

impl Preview {
    /// How many reviews wait for somebody already, besides these.
    pub fn waiting_for(&self, reviewer: Reviewer) -> usize {
        let waiting = match reviewer {
            Reviewer::Person(person) => self.besides.people.get(&person),
            Reviewer::Group(group) => self.besides.groups.get(&group),
            Reviewer::Nobody => None,
        };
        waiting.copied().unwrap_or_default()
    }

    /// Whether so many, with what waits already, are more than somebody can look at: for a group, than each of its
    /// members can.
    pub fn is_too_much(&self, reviewer: Reviewer, count: usize, most: usize) -> bool {
        let count = count.saturating_add(self.waiting_for(reviewer));
        match reviewer {
            Reviewer::Person(_) => count > most,
            Reviewer::Group(group) => count > most.saturating_mul(self.members.get(&group).copied().unwrap_or(0)),
            Reviewer::Nobody => false,
        }
    }
}

/// Counts what a campaign would do whose answers are due by a day, and changes nothing.
pub fn preview(
    db: &mut Db,
    register: &Register,
    chosen: &Chosen,
    due_on: NaiveDate,
    now: Moment,
) -> Result<Preview, StoreError> {
    let today = register.day(now);
    let lately = days_ago(today, register.deployment.reviews.lately_days);
    let all = selected(db, chosen, now)?;
    let mut preview = Preview { selected: all.len(), ..Preview::default() };
    let mut reviewers: BTreeMap<Reviewer, usize> = BTreeMap::new();
    let mut excluded: BTreeMap<Excluded, usize> = BTreeMap::new();
    let mut days: BTreeMap<(NaiveDate, IdentityTier), usize> = BTreeMap::new();
    let mut in_the_end: BTreeMap<AssigneeGroup, usize> = BTreeMap::new();
    let mut joined: Vec<Id> = Vec::new();
    let groups = [AssigneeGroup::SecurityAnalysts, AssigneeGroup::Administrators];
    for chunk in all.chunks(500) {
        let ids: Vec<Id> = chunk.iter().map(|(id, _)| *id).collect();
        let identities = identities::find_many(db, &ids)?;
        let live = reviews::live_of(db, &ids)?;
        let last = reviews::last_decided(db, &ids)?;
        let lists = parts::scopes_of(db, &ids)?;
        let around = Around::of(db, register, &identities, today)?;
        for group in groups {
            preview.members.insert(group, around.members(group).len());
        }
        for (id, name) in chunk {
            let mut note = |what: What| preview.items.push(Item { identity: *id, name: name.clone(), what });
            let Some(identity) = identities.iter().find(|identity| identity.id == *id) else {
                *excluded.entry(Excluded::Gone).or_default() += 1;
                note(What::LeftOut(Excluded::Gone));
                continue;
            };
            let live = live.iter().find(|review| review.identity_id == *id);
            let last = last.iter().find(|review| review.identity_id == *id);
            if let Some(why) = exclusion(identity, live, last, &lists, lately, register) {
                *excluded.entry(why).or_default() += 1;
                note(What::LeftOut(why));
                continue;
            }
            let (reviewer, group) = who(&around.reviewers(identity), today);
            *reviewers.entry(reviewer).or_default() += 1;
            if let Some(group) = group {
                *in_the_end.entry(group).or_default() += 1;
            }
            let own = if let Some(review) = live {
                note(What::Asked { reviewer, due_on: review.due_on, joined: true });
                joined.push(review.id);
                review.due_on
            } else {
                let clock = register.deployment.reviews.clock(identity.tier, identity.review_interval_days);
                let own = clock.dates(today, Some(due_on)).due_on;
                note(What::Asked { reviewer, due_on: own, joined: false });
                own
            };
            *days.entry((own, identity.tier)).or_default() += 1;
            preview.asked += 1;
        }
    }
    let people: Vec<Id> = reviewers
        .keys()
        .filter_map(|reviewer| match reviewer {
            Reviewer::Person(person) => Some(*person),
            Reviewer::Group(_) | Reviewer::Nobody => None,
        })
        .collect();
    preview.besides = besides(db, &people, &groups, &joined)?;
    preview.joined = joined.len();
    preview.reviewers = reviewers.into_iter().collect();
    preview.reviewers.sort_by_key(|(reviewer, count)| (std::cmp::Reverse(*count), *reviewer));
    preview.excluded = excluded.into_iter().collect();
    let latest = days.keys().map(|(day, _)| *day).max();
    preview.due_on = latest.map(|latest| own_day(due_on, Some(latest)));
    preview.earlier = days
        .into_iter()
        .filter(|((day, _), _)| preview.due_on.is_some_and(|own| *day < own))
        .map(|((due_on, tier), count)| Earlier { due_on, tier, count })
        .collect();
    preview.in_the_end = in_the_end.into_iter().collect();
    Ok(preview)
}

/// Who would be asked about it, and the group to which it comes when nobody answers.
fn who(reviewers: &Reviewers, today: NaiveDate) -> (Reviewer, Option<AssigneeGroup>) {
    let (people, mut groups, first) = match reviewers.resolve(today).found {
        Some(Assignee::Person { person, .. }) => (vec![person], Vec::new(), Reviewer::Person(person)),
        Some(Assignee::Group { group }) => (Vec::new(), vec![group], Reviewer::Group(group)),
        None => return (Reviewer::Nobody, None),
    };
    if let Some(Assignee::Group { group }) = reviewers.more(&people, &groups, today).found {
        groups.push(group);
    }
    let last = match reviewers.instead(&groups, today).found {
        Some(Assignee::Group { group }) => Some(group),
        // Nobody is left who could be asked instead: whoever was asked still is.
        _ => groups.last().copied(),
    };
    (first, last)
}

/// The day a number of days earlier.
pub fn days_ago(today: NaiveDate, days: u32) -> NaiveDate {
    today.checked_sub_days(chrono::Days::new(u64::from(days))).unwrap_or(today)
}
