//! Telling people that something waits for them: a digest in the outbox, in the same transaction.

use std::collections::{BTreeSet, HashMap};

use chrono::{NaiveDate, TimeZone};
use chrono_tz::Tz;

use super::{ActionError, Register, Work};
use crate::domain::ids::{Id, Moment};
use crate::domain::notices::LineKind;
use crate::domain::people::has_left;
use crate::domain::tasks::AssigneeGroup;
use crate::store::digest_lines::{self, DigestLine};
use crate::store::tasks::Task;
use crate::store::{Db, outbox, people};

/// The hour at which the day's digests leave, in the deployment's zone.
const DIGEST_HOUR: u32 = 7;

/// The same as a clock shows it.
pub const DIGEST_TIME: &str = "07:00";

/// Queues the digests of whoever has these tasks: the person, or every account of the group. Answers
/// whether a task went to a group that has no account, so that nobody is told.
pub fn queue_for_tasks(register: &Register, work: &mut Work<'_>, tasks: &[&Task]) -> Result<bool, ActionError> {
    // In the order of ids: two replicas that wait for each other's rows do so in the same order.
    let mut recipients: BTreeSet<Id> = tasks.iter().filter_map(|task| task.assignee_id).collect();
    let mut nobody = false;
    let mut groups: Vec<AssigneeGroup> = tasks.iter().filter_map(|task| task.assignee_group).collect();
    groups.sort_unstable();
    groups.dedup();
    for group in groups {
        let members = members(work.db, group, register.day(work.by.now))?;
        nobody |= members.is_empty();
        recipients.extend(members);
    }
    let recipients: Vec<Id> = recipients.into_iter().collect();
    queue_digests(register, work, &recipients)?;
    Ok(nobody)
}

/// Everybody who can act for a group.
fn members(db: &mut Db, group: AssigneeGroup, today: NaiveDate) -> Result<Vec<Id>, ActionError> {
    let with_account: Vec<Id> = people::accounts(db)?
        .into_iter()
        .filter(|account| AssigneeGroup::of(account.role).contains(&group) && account.disabled_at.is_none())
        .map(|account| account.person_id)
        .collect();
    let here = people::find_many(db, &with_account)?.into_iter().filter(|person| !has_left(person.left_on, today));
    Ok(here.map(|person| person.id).collect())
}

/// Queues the digests of people, in the order in which they are given.
pub fn queue_digests(register: &Register, work: &mut Work<'_>, people: &[Id]) -> Result<(), ActionError> {
    digests(register, work, people).map(drop)
}

/// What is told about a review: in the digest of the day, and not by a mail of its own.
#[derive(Debug, Clone, Copy)]
pub struct Told<'a> {
    pub review: Id,
    /// What it is, once for a review and a person: a word of its key.
    pub what: &'a str,
    pub kind: LineKind,
    /// What is said beside, in a sentence or two. No name of a person: it is kept.
    pub says: &'a str,
}

/// Puts a line about a review into the digest of each of these people. Each gets it once, whoever says it again.
pub fn tell_of_review(
    register: &Register,
    work: &mut Work<'_>,
    people: &BTreeSet<Id>,
    told: Told<'_>,
) -> Result<(), ActionError> {
    let recipients: Vec<Id> = people.iter().copied().collect();
    let mails = digests(register, work, &recipients)?;
    let lines: Vec<DigestLine> = recipients
        .iter()
        .filter_map(|person| mails.get(person).map(|mail| (person, *mail)))
        .map(|(person, mail_id)| DigestLine {
            id: Id::new(),
            dedupe_key: format!("review:{}:{}:{person}", told.review, told.what),
            mail_id,
            review_id: told.review,
            kind: told.kind,
            says: told.says.to_owned(),
            created_at: work.by.now,
        })
        .collect();
    digest_lines::insert(work.db, &lines)?;
    Ok(())
}

/// The digest that each of these people gets next.
fn digests(register: &Register, work: &mut Work<'_>, people: &[Id]) -> Result<HashMap<Id, Id>, ActionError> {
    let zone = register.deployment.time_zone;
    let today = register.day(work.by.now);
    Ok(outbox::queue_digests(work.db, people, today, work.by.now, |date| leaves_at(date, zone))?)
}

fn leaves_at(date: NaiveDate, zone: Tz) -> Moment {
    let civil = date.and_hms_opt(DIGEST_HOUR, 0, 0).unwrap_or_default();
    let local = zone.from_local_datetime(&civil).earliest();
    Moment::new(local.map_or_else(|| civil.and_utc(), |at| at.to_utc()))
}
