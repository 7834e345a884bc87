//! The words of the daily digest, for its reader: what waits for them at this moment.

use super::review_lines;
use crate::actions::Register;
use crate::domain::identities::Environment;
use crate::domain::ids::{Id, Moment};
use crate::domain::notices::NAMED;
use crate::domain::task_words::why_you;
use crate::domain::tasks::{AssigneeGroup, TaskKind};
use crate::mail::{Digest, DigestItem, DigestNews};
use crate::store::outbox::Mail;
use crate::store::people::Person;
use crate::store::task_list::{self, TaskLine, Waiting};
use crate::store::tasks::Task;
use crate::store::{Db, StoreError, outbox_left, people, request_list};

/// Writes what waits for that person, or why there is nothing to say.
pub fn write(
    db: &mut Db,
    register: &Register,
    now: Moment,
    person: Person,
    mail: &Mail,
) -> Result<Result<Digest, &'static str>, StoreError> {
    let account = people::account(db, person.id)?;
    let groups = account
        .filter(|account| account.disabled_at.is_none())
        .map_or(&[][..], |account| AssigneeGroup::of(account.role));
    let deployment = &register.deployment;
    let reviews = review_lines::of(db, &deployment.base_url, (person.id, groups), mail.id)?;
    // One that could not be sent for a day, or is tried again by hand, would tell the same twice. What it tells about
    // reviews no other tells.
    if reviews.lines.is_empty() && outbox_left::has_later_digest(db, person.id, mail.digest_on)? {
        return Ok(Err("a later digest has told all of it"));
    }
    let named = NAMED + i64::try_from(reviews.lines.len()).unwrap_or(NAMED);
    let Waiting { lines, total, minutes } = task_list::waiting_for(db, person.id, groups, named)?;
    let listed = i64::try_from(lines.len()).unwrap_or(0);
    let first_due = lines.first().map(|line| line.task.due_on);
    let today = register.day(now);
    let overdue = task_list::count_waiting(db, person.id, groups, None, Some(today))?;
    let asked = task_list::count_waiting(db, person.id, groups, Some(TaskKind::Recertification), None)?;
    let (told, mut lines): (Vec<TaskLine>, Vec<TaskLine>) =
        lines.into_iter().partition(|line| reviews.tells(&line.task));
    lines.truncate(usize::try_from(NAMED).unwrap_or(usize::MAX));
    let news = news(db, &deployment.base_url, person.id, now)?;
    if listed == 0 && news.is_empty() && reviews.lines.is_empty() {
        return Ok(Err("nothing waits for them any more"));
    }
    Ok(Ok(Digest {
        recipient_name: person.name,
        recipient_email: person.email,
        register_name: deployment.register_name.clone(),
        from: deployment.mail_from.clone(),
        help: deployment.help.clone(),
        base_url: deployment.base_url.clone(),
        minutes,
        items: lines.iter().map(|line| item(line, &deployment.base_url)).collect(),
        news,
        reviews: reviews.lines,
        told: i64::try_from(told.len()).unwrap_or(0),
        total,
        overdue,
        only_reviews: asked == total,
        first_due,
        today,
        now,
        message_id: mail.message_id.clone(),
    }))
}

/// What moved of what somebody asked for since the last mail that reached them.
fn news(db: &mut Db, base_url: &str, person: Id, now: Moment) -> Result<Vec<DigestNews>, StoreError> {
    // Whoever never had a mail is told of the last month, and not of the whole history.
    let since = outbox_left::last_digest(db, person)?.unwrap_or(now.plus_days(-30));
    let mut moved = request_list::moved_since(db, person, since, NAMED + 1)?;
    let more = i64::try_from(moved.len()).is_ok_and(|found| found > NAMED);
    moved.truncate(usize::try_from(NAMED).unwrap_or(usize::MAX));
    let mut news: Vec<DigestNews> = moved
        .iter()
        .map(|line| DigestNews {
            text: format!(
                "{} about {}: {}",
                line.request.reference(),
                line.identity_name,
                line.request.state_at(now).label().to_lowercase()
            ),
            link: format!("{base_url}/requests/{}", line.request.id),
        })
        .collect();
    if more {
        let text = "And more, which you find under Requests".to_owned();
        news.push(DigestNews { text, link: format!("{base_url}/requests?mine=1") });
    }
    Ok(news)
}

fn item(line: &TaskLine, base_url: &str) -> DigestItem {
    let task = &line.task;
    DigestItem {
        title: task.kind.title(&line.subject),
        about: about(line),
        reason: task.reason.clone(),
        due_on: task.due_on,
        link: link(task, base_url),
        silence: task.kind.silence(),
        why_you: why_you(task.kind, task.assigned_as),
    }
}

/// A review is answered on its own page, and everything else on that of its task.
fn link(task: &Task, base_url: &str) -> String {
    match task.review_id {
        Some(review) if task.kind == TaskKind::Recertification => format!("{base_url}/reviews/{review}"),
        _ => format!("{base_url}/tasks/{}", task.id),
    }
}

/// "SMART app in production".
fn about(line: &TaskLine) -> String {
    match line.identity {
        None => "Emergency access to this register".to_owned(),
        Some((kind, Environment::Unknown)) => format!("{}, its environment is not known", kind.label()),
        Some((kind, known)) => format!("{} in {}", kind.label(), known.label().to_lowercase()),
    }
}
