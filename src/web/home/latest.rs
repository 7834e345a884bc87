//! What changed lately, in words: since the reader's last visit when they were here before.

use chrono_tz::Tz;

use crate::domain::audit::Outcome;
use crate::domain::ids::{Id, Moment};
use crate::domain::listing::{Direction, From};
use crate::store::audit::{self, AuditFilter, AuditRow};
use crate::store::{Db, StoreError};
use crate::web::audit::words::{self, Sentence};
use crate::web::show;

/// The newest entries that are looked at; older changes are a matter of the audit log.
const MOST_ENTRIES: i64 = 300;

/// Lines that are shown.
const MOST_LINES: usize = 8;

/// What happens by itself and changes nothing that is governed.
const ROUTINE: &[&str] = &[
    "account.sign_in",
    "account.sign_out",
    "job.coalesce",
    "job.run",
    "job.skip",
    "mail.drop",
    "mail.fail",
    "mail.send",
    "schedule.add",
];

/// The section of the start page.
pub struct Latest {
    /// When the reader signed in the time before; empty when they never did.
    pub last_visit: String,
    /// Whether the lines are younger than that.
    pub is_since: bool,
    pub lines: Vec<Line>,
    /// The entries of the log from that day on, or all of them.
    pub link: String,
}

/// One change, or several of a kind in a row.
pub struct Line {
    pub sentence: Sentence,
    /// \u{201c}and 12 others\u{201d}; empty for a single change.
    pub others: String,
}

/// Reads them, the newest first.
pub fn read(db: &mut Db, me: Id, tz: Tz) -> Result<Latest, StoreError> {
    let last_visit = last_visit(db, me)?;
    let newest = audit::lines(db, &AuditFilter::default(), Direction::Descending, &From::Start, MOST_ENTRIES)?;
    let mut changes: Vec<AuditRow> = newest.into_iter().filter(|row| !ROUTINE.contains(&row.action.as_str())).collect();
    let since = changes.iter().filter(|row| last_visit.is_some_and(|at| row.at > at)).count();
    if since > 0 {
        changes.truncate(since);
    }
    let groups = grouped(changes);
    let heads: Vec<AuditRow> = groups.iter().map(|(row, _)| row.clone()).collect();
    let names = words::names_for(db, &heads)?;
    let lines = groups
        .iter()
        .map(|(row, others)| Line {
            sentence: words::sentence(row, &names, tz),
            others: match others {
                0 => String::new(),
                1 => "and 1 other".to_owned(),
                more => format!("and {more} others"),
            },
        })
        .collect();
    Ok(Latest {
        last_visit: last_visit.map_or_else(String::new, |at| show::moment(at, tz)),
        is_since: since > 0,
        lines,
        link: match last_visit {
            Some(at) => format!("/audit?since={}", show::today(at, tz)),
            None => "/audit".to_owned(),
        },
    })
}

/// When somebody signed in the time before this.
fn last_visit(db: &mut Db, me: Id) -> Result<Option<Moment>, StoreError> {
    let sign_ins = AuditFilter {
        entity: Some("account".to_owned()),
        entity_id: Some(me.to_string()),
        action: Some("account.sign_in".to_owned()),
        outcome: Some(Outcome::Done),
        ..AuditFilter::default()
    };
    let newest = audit::lines(db, &sign_ins, Direction::Descending, &From::Start, 2)?;
    Ok(newest.get(1).map(|row| row.at))
}

/// Changes of one kind by one actor in a row become one: the newest of them, and how many others.
fn grouped(changes: Vec<AuditRow>) -> Vec<(AuditRow, usize)> {
    let mut groups: Vec<(AuditRow, usize)> = Vec::new();
    for row in changes {
        let alike = |head: &AuditRow| {
            (head.actor_kind, &head.actor_id, &head.action, head.outcome)
                == (row.actor_kind, &row.actor_id, &row.action, row.outcome)
        };
        let full = groups.len() == MOST_LINES;
        match groups.last_mut().filter(|(head, _)| alike(head)) {
            Some((_, others)) => *others += 1,
            None if full => break,
            None => groups.push((row, 0)),
        }
    }
    groups
}
