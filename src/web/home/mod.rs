//! The start page: what needs attention today, for whoever keeps the register or audits it.

pub mod latest;
pub mod questions;
pub mod reviewing;
pub mod running;
pub mod setup;

use actix_web::web;
use askama::Template;

use super::frame::Frame;
use super::identities::counts::Counts;
use super::session::Viewer;
use super::tasks::status;
use super::{Answer, page, read, see_other, show};
use crate::actions::Register;
use crate::domain::listing::{Count, From, thousands};
use crate::domain::notices::MailState;
use crate::domain::people::Role;
use crate::domain::tasks::TaskState;
use crate::store::task_list::{self, TaskFilter, TaskLine};
use crate::store::{grant_list, outbox_list};
use latest::Latest;
use questions::Questions;
use reviewing::Reviewing;
use running::Running;
use setup::Step;

/// Tasks that are named; the others are behind the link.
const MOST_TASKS: i64 = 3;

#[derive(Template)]
#[template(path = "home/home.html")]
struct Home {
    frame: Frame,
    auditor: bool,
    /// What a new register still needs; empty when it has all of it.
    steps: Vec<Step>,
    questions: Questions,
    /// How many tasks are past their day, in words.
    overdue: String,
    /// The longest past their day, or the next that are due.
    tasks: Vec<TaskRow>,
    any_overdue: bool,
    /// What waits for the reader, as a sentence; empty when nothing does.
    mine: String,
    /// How many grants wait for the reader, as a sentence; empty when none does.
    grants: String,
    /// How many mails could not be sent, as a sentence; empty when none or when the reader keeps nothing.
    dead_mail: String,
    /// What nobody answered and what breaks rules; empty when the reader keeps nothing.
    reviewing: Reviewing,
    /// Which jobs are paused, and whether anything runs; empty when the reader keeps nothing.
    running: Running,
    latest: Latest,
}

impl Home {
    fn nothing_vendor_kept(&self) -> bool {
        self.questions.vendor_kept == Count::Exactly(0)
    }
}

struct TaskRow {
    href: String,
    title: String,
    reason: String,
    tag: &'static str,
    status: String,
}

/// GET /
pub async fn show(register: web::Data<Register>, known: web::Data<Counts>, viewer: Viewer) -> Answer {
    let role = viewer.role();
    if role == Some(Role::Owner) {
        return see_other("/tasks");
    }
    let (now, me, groups) = (viewer.now, viewer.person()?, viewer.groups());
    let today = register.day(now);
    let frame = Frame::new(&register, &viewer, "/", "Home").wide();
    let tz = frame.tz;
    let keeps = frame.may_keep();
    let granting = super::grants::filter::waiting_for(&viewer, true)?;
    let mail = register.deployment.mail.clone();
    let (asked, figure) = (register.clone(), role == Some(Role::Administrator));
    let found = read(&register, move |db| {
        let questions = questions::ask(db, &known, now)?;
        let steps = if keeps { setup::steps(db, &questions, &mail, today)? } else { Vec::new() };
        let late = TaskFilter { overdue_on: Some(today), ..TaskFilter::default() };
        let open = TaskFilter { state: Some(TaskState::Open), ..TaskFilter::default() };
        let overdue = task_list::count(db, &late)?;
        let any_overdue = overdue != Count::Exactly(0);
        let tasks = task_list::lines(db, if any_overdue { &late } else { &open }, &From::Start, MOST_TASKS)?;
        let waiting = task_list::waiting_for(db, me, groups, 1)?;
        let grants = grant_list::count(db, &granting, now)?;
        let dead = if keeps { outbox_list::count(db, MailState::Dead)? } else { Count::Exactly(0) };
        let reviewing = if keeps { reviewing::read(db, today)? } else { Reviewing::default() };
        let running = if keeps { running::read(db, &asked, figure, now, tz)? } else { Running::default() };
        let latest = latest::read(db, me, tz)?;
        Ok((questions, steps, overdue, any_overdue, tasks, waiting.total, latest, grants, dead, reviewing, running))
    })
    .await?;
    let (questions, steps, overdue, any_overdue, tasks, mine, latest, grants, dead, reviewing, running) = found;
    page(&Home {
        auditor: role == Some(Role::Auditor),
        steps,
        questions,
        overdue: overdue_words(overdue),
        tasks: tasks.iter().map(|line| task_row(line, today)).collect(),
        any_overdue,
        mine: match mine {
            0 => String::new(),
            1 => "1 task waits for you".to_owned(),
            more => format!("{} tasks wait for you", thousands(more)),
        },
        grants: if keeps { super::grants::waiting_words(grants) } else { String::new() },
        dead_mail: match dead {
            Count::Exactly(0) => String::new(),
            Count::Exactly(1) => "1 mail could not be sent".to_owned(),
            more => format!("{} mails could not be sent", capital(&more.words())),
        },
        reviewing,
        running,
        latest,
        frame,
    })
}

fn overdue_words(count: Count) -> String {
    match count {
        Count::Exactly(0) => "No task is past its day".to_owned(),
        Count::Exactly(1) => "1 task is past its day".to_owned(),
        more => format!("{} tasks are past their day", capital(&more.words())),
    }
}

/// \u{201c}More than 10,000\u{201d} at the beginning of a sentence.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn task_row(line: &TaskLine, today: chrono::NaiveDate) -> TaskRow {
    let (tag, status) = status(&line.task, today);
    let with = line.assignee_name.clone().or_else(|| line.task.assignee_group.map(|group| group.label().to_owned()));
    TaskRow {
        href: format!("/tasks/{}", line.task.id),
        title: line.task.kind.title(&line.subject),
        reason: format!(
            "With {}, due {}. {}",
            with.unwrap_or_else(|| "nobody".to_owned()),
            show::date(line.task.due_on),
            line.task.reason
        ),
        tag,
        status,
    }
}
