//! Reviews that somebody was asked about and that others decide now.

use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::fragment::sql;
use super::reviews::Review;
use super::schema::{identities, reviews, tasks};
use super::tasks::Task;
use super::{Db, StoreError};
use crate::domain::ids::Id;
use crate::each;

/// A review that is open, and the task by which the person had it last.
#[derive(Debug, Clone, PartialEq)]
pub struct PassedOn {
    pub review: Review,
    pub identity_name: String,
    pub task: Task,
}

/// What was taken from a person or given away by them, while others are asked: the latest first, at most `limit`.
/// `campaign` leaves out those of others.
pub fn passed_on(db: &mut Db, person: Id, campaign: Option<Id>, limit: i64) -> Result<Vec<PassedOn>, StoreError> {
    // The last task of the person about the review, and none of theirs that is open.
    const LAST: &str = "NOT EXISTS (SELECT 1 FROM tasks later WHERE later.review_id = tasks.review_id \
        AND later.kind = 'recertification' AND later.assignee_id = tasks.assignee_id \
        AND (later.state = 'open' OR later.closed_at > tasks.closed_at \
            OR (later.closed_at = tasks.closed_at AND later.id > tasks.id)))";
    let rows: Vec<(Review, String, Task)> = each!(db, |c| {
        let mut query = tasks::table
            .inner_join(reviews::table.on(tasks::review_id.eq(reviews::id.nullable())))
            .inner_join(identities::table.on(reviews::identity_id.eq(identities::id)))
            .filter(tasks::assignee_id.eq(person))
            // The words of the partial indexes: with bound values SQLite would not use them.
            .filter(sql::<Bool>("tasks.kind = 'recertification' AND tasks.state IN ('done', 'cancelled')"))
            .filter(sql::<Bool>("reviews.state = 'open'"))
            .filter(sql::<Bool>(LAST))
            .order((tasks::closed_at.desc(), tasks::id.desc()))
            .limit(limit)
            .select((Review::as_select(), identities::name, Task::as_select()))
            .into_boxed::<DB>();
        if let Some(campaign) = campaign {
            query = query.filter(reviews::campaign_id.eq(campaign));
        }
        query.load(c)
    })?;
    Ok(rows.into_iter().map(|(review, identity_name, task)| PassedOn { review, identity_name, task }).collect())
}
