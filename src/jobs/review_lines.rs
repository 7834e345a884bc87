//! What a digest tells about reviews: the lines that it carries, as they stand when it leaves.

use std::collections::HashMap;

use chrono::NaiveDate;

use crate::domain::ids::Id;
use crate::domain::tasks::{AssigneeGroup, TaskKind, TaskState};
use crate::mail::DigestReview;
use crate::store::digest_lines::{self, DigestLine};
use crate::store::tasks::{self, Task};
use crate::store::{Db, StoreError};

/// What is told about reviews.
#[derive(Debug, Default)]
pub struct ReviewLines {
    /// The most urgent first.
    pub lines: Vec<DigestReview>,
    /// The reviews that are named.
    named: Vec<Id>,
}

impl ReviewLines {
    /// Whether a task asks for an answer to one of these reviews.
    pub fn tells(&self, task: &Task) -> bool {
        task.kind == TaskKind::Recertification && task.review_id.is_some_and(|id| self.named.contains(&id))
    }
}

/// What a mail tells its reader about reviews: of each what was said last, and only what still concerns them.
pub fn of(
    db: &mut Db,
    base_url: &str,
    (reader, groups): (Id, &[AssigneeGroup]),
    mail: Id,
) -> Result<ReviewLines, StoreError> {
    let mut last: HashMap<Id, (DigestLine, String)> = HashMap::new();
    for (line, name) in digest_lines::of_mail(db, mail)? {
        last.insert(line.review_id, (line, name));
    }
    let ids: Vec<Id> = last.keys().copied().collect();
    let mut due: HashMap<Id, NaiveDate> = HashMap::new();
    for task in tasks::of_reviews(db, &ids)? {
        let asks = task.kind == TaskKind::Recertification && task.state == TaskState::Open;
        let theirs =
            task.assignee_id == Some(reader) || task.assignee_group.is_some_and(|group| groups.contains(&group));
        if let (true, true, Some(review)) = (asks, theirs, task.review_id) {
            let day = due.entry(review).or_insert(task.due_on);
            *day = task.due_on.min(*day);
        }
    }
    let mut found: Vec<(Id, DigestReview)> = last
        .into_iter()
        .map(|(review, (line, name))| {
            let link = format!("{base_url}/reviews/{review}");
            let told = DigestReview { name, kind: line.kind, says: line.says, due_on: due.get(&review).copied(), link };
            (review, told)
        })
        // Answered meanwhile, or asked of others.
        .filter(|(_, told)| told.due_on.is_some() || !told.kind.wants_an_answer())
        .collect();
    found.sort_by(|(_, one), (_, other)| {
        let key = |told: &DigestReview| (told.due_on.is_none(), told.due_on, told.name.to_lowercase());
        key(one).cmp(&key(other))
    });
    let (named, lines) = found.into_iter().unzip();
    Ok(ReviewLines { lines, named })
}
