//! What waits for the reader, and all tasks they can see.

use actix_web::{HttpRequest, web};
use askama::Template;
use chrono::NaiveDate;

use super::{filter, status};
use crate::actions::Register;
use crate::domain::listing::{Count, From, PAGE_SIZE, Page, thousands};
use crate::domain::permissions::Permission;
use crate::domain::tasks::{AssigneeGroup, TaskKind, TaskState};
use crate::store::task_list::{self, TaskLine, Waiting};
use crate::store::{grant_list, people};
use crate::web::asked::FaultLine;
use crate::web::fields::Fields;
use crate::web::frame::Frame;
use crate::web::session::{Sees, Viewer};
use crate::web::{Answer, page_with, paging, read, show};

#[derive(Template)]
#[template(path = "tasks/list.html")]
struct TaskList {
    frame: Frame,
    heading: String,
    lead: String,
    views: Vec<View>,
    /// What waits for the reader; not listed again where the table is shown.
    mine: Vec<Row>,
    /// How many of mine are not listed, and where they are.
    more_mine: String,
    /// Whether the table is shown: asked for, or because nothing waits for the reader.
    table: bool,
    rows: Vec<Row>,
    count: String,
    fields: Fields,
    chips: Vec<(String, String)>,
    /// What in the link cannot be followed; then there are no rows.
    faults: Vec<FaultLine>,
    kinds: Vec<(&'static str, &'static str)>,
    states: Vec<(&'static str, &'static str)>,
    assignees: Vec<(String, String)>,
    first: String,
    previous: String,
    next: String,
    query: String,
    everything: bool,
    me: String,
    /// The grants that are open for the reader, as a sentence; empty when none is.
    grants: String,
}

/// A way to look at tasks, as a link.
struct View {
    label: String,
    href: &'static str,
    current: bool,
}

struct Row {
    href: String,
    title: String,
    reason: String,
    kind: &'static str,
    who: String,
    why_they: String,
    due: String,
    due_machine: String,
    tag: &'static str,
    status: String,
}

/// GET /tasks
pub async fn show(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    let fields = Fields::of_query(&request);
    let today = register.day(viewer.now);
    let (wanted, faults) = filter::parse(&fields, &viewer, today)?;
    let bare = paging::without_place(&fields);
    let Some(from) = paging::from(&fields, paging::reads_day) else { return paging::restart("/tasks", &bare) };
    let follows = faults.is_empty();
    let me = viewer.person()?;
    let groups = viewer.groups();
    let everything = viewer.sees()? == Sees::Everything;
    let (asked, asked_from) = (wanted.clone(), from.clone());
    let granting = crate::web::grants::filter::waiting_for(&viewer, true)?;
    let (now, keeps) = (viewer.now, viewer.may(Permission::KeepRegister));
    let (waiting, found, count, everybody, grants) = read(&register, move |db| {
        Ok((
            task_list::waiting_for(db, me, groups, PAGE_SIZE)?,
            if follows { task_list::page(db, &asked, &asked_from)? } else { Page::default() },
            task_list::count(db, &asked)?,
            if everything { people::names(db)? } else { Vec::new() },
            grant_list::count(db, &granting, now)?,
        ))
    })
    .await?;
    let done = fields.raw("done").to_owned();
    let bare = bare.with("done", "");
    if follows && paging::is_behind(&found, &from) {
        return paging::restart("/tasks", &bare);
    }
    let link = |name: &str, line: Option<&TaskLine>, more: bool| match line {
        Some(line) if more => format!("/tasks{}", bare.with(name, &line.cursor().to_text()).to_query()),
        _ => String::new(),
    };
    let mut assignees: Vec<(String, String)> =
        AssigneeGroup::ALL.iter().map(|group| (group.word().to_owned(), group.label().to_owned())).collect();
    assignees.extend(everybody.into_iter().map(|(id, name)| (id.to_string(), name)));
    let chips = chips(&bare, &assignees);
    let asked_for = bare.is_set("view") || !chips.is_empty() || !follows || from != From::Start;
    let (heading, lead) = if asked_for {
        (if everything { "All tasks" } else { "Tasks about what you own" }.to_owned(), String::new())
    } else {
        headings(&waiting, today)
    };
    let beyond = waiting.total - i64::try_from(waiting.lines.len()).unwrap_or(i64::MAX);
    let frame = paging::framed(Frame::new(&register, &viewer, "/tasks", "Tasks").wide(), &fields)
        .with_error(!faults.is_empty())
        .with_done(&done, super::task::DONE);
    page_with(
        faults.status(),
        &TaskList {
            faults: faults.lines("/tasks", &bare),
            heading,
            lead,
            views: views(&bare, asked_for, everything, waiting.total),
            mine: if asked_for { Vec::new() } else { waiting.lines.iter().map(|line| row(line, today)).collect() },
            table: asked_for || (waiting.total == 0 && !found.rows.is_empty()),
            more_mine: if beyond > 0 { format!("And {} more.", thousands(beyond)) } else { String::new() },
            rows: found.rows.iter().map(|line| row(line, today)).collect(),
            count: sentence(found.rows.len(), count),
            chips,
            kinds: TaskKind::ALL.iter().map(|kind| (kind.word(), kind.label())).collect(),
            states: [TaskState::Done, TaskState::Cancelled]
                .iter()
                .map(|state| (state.word(), state.label()))
                .chain([("any", "Any")])
                .collect(),
            assignees,
            first: if found.more_before { format!("/tasks{}", bare.to_query()) } else { String::new() },
            previous: link("before", found.rows.first(), found.more_before),
            next: link("after", found.rows.last(), found.more_after),
            query: bare.to_query(),
            fields: bare,
            frame,
            everything,
            me: me.to_string(),
            grants: match (keeps, grants) {
                (true, grants) => crate::web::grants::waiting_words(grants),
                (false, Count::Exactly(0)) => String::new(),
                // To whoever reads everything these are not theirs to know about first.
                (false, _) if everything => String::new(),
                (false, Count::Exactly(1)) => "1 grant about what you own is not finished".to_owned(),
                (false, grants) => format!("{} grants about what you own are not finished", grants.words()),
            },
        },
    )
}

/// "You have 3 things to decide", "About 6 minutes. First due Fri 8 May."
fn headings(waiting: &Waiting, today: NaiveDate) -> (String, String) {
    let heading = match waiting.total {
        0 => "Nothing is waiting for you".to_owned(),
        1 => "You have 1 thing to decide".to_owned(),
        more => format!("You have {} things to decide", thousands(more)),
    };
    let lead = match waiting.lines.first() {
        None => "You get an e-mail when something is.".to_owned(),
        Some(first) => {
            let time = match waiting.minutes {
                minutes if minutes < 90 => show::counted(minutes.max(1), "minute"),
                minutes => show::counted((minutes + 30) / 60, "hour"),
            };
            let due = first.task.due_on;
            let verb = if due < today { "The first was due" } else { "First due" };
            let late = waiting.lines.iter().filter(|line| line.task.due_on < today).count();
            let overdue = match late {
                0 => String::new(),
                // Only so many are read; those beyond may be overdue too.
                all if i64::try_from(all) != Ok(waiting.total) && all == waiting.lines.len() => {
                    format!(" {all} or more are overdue.")
                }
                1 => " 1 is overdue.".to_owned(),
                more => format!(" {more} are overdue."),
            };
            format!("About {time}. {verb} {}.{overdue}", show::deadline(due))
        }
    };
    (heading, lead)
}

/// What is looked at often. Without anything asked for, the reader sees what waits for them.
fn views(bare: &Fields, asked_for: bool, everything: bool, mine: i64) -> Vec<View> {
    let query = bare.to_query();
    let view = |label: &str, href: &'static str| View {
        label: label.to_owned(),
        href,
        current: asked_for && href.strip_prefix("/tasks") == Some(query.as_str()),
    };
    vec![
        View { label: format!("Waiting for you {}", thousands(mine)), href: "/tasks", current: !asked_for },
        view(if everything { "All open" } else { "About what you own" }, "/tasks?view=all"),
        view("Overdue", "/tasks?overdue=1"),
        view("Answered", "/tasks?state=done"),
    ]
}

fn sentence(shown: usize, count: Count) -> String {
    match count {
        Count::Exactly(0) => "No tasks".to_owned(),
        Count::Exactly(1) => "1 task".to_owned(),
        Count::Exactly(all) if i64::try_from(shown) == Ok(all) => format!("{} tasks", count.words()),
        _ => format!("{shown} of {} tasks", count.words()),
    }
}

fn row(line: &TaskLine, today: NaiveDate) -> Row {
    let task = &line.task;
    let (tag, status) = status(task, today);
    Row {
        href: match task.kind {
            // Ownership is answered on the page of the identity.
            TaskKind::Ownership => task.identity_id.map(|id| format!("/identities/{id}")).unwrap_or_default(),
            _ => super::elsewhere(task).unwrap_or_else(|| format!("/tasks/{}", task.id)),
        },
        title: task.kind.title(&line.subject),
        reason: task.reason.clone(),
        kind: task.kind.label(),
        who: line
            .assignee_name
            .clone()
            .or_else(|| task.assignee_group.map(|group| group.label().to_owned()))
            .unwrap_or_default(),
        why_they: task.assigned_as.label().to_owned(),
        due: show::date(task.due_on),
        due_machine: task.due_on.to_string(),
        tag,
        status,
    }
}

fn chips(bare: &Fields, assignees: &[(String, String)]) -> Vec<(String, String)> {
    bare.iter()
        .filter_map(|(name, value)| {
            let text = match name {
                "kind" => value.parse::<TaskKind>().ok().map(|kind| format!("Kind: {}", kind.label())),
                "state" if value == "any" => Some("State: any".to_owned()),
                "state" => value.parse::<TaskState>().ok().map(|state| format!("State: {}", state.label())),
                "assignee" => assignees.iter().find(|(id, _)| id == value).map(|(_, label)| format!("With: {label}")),
                "overdue" => Some("Overdue".to_owned()),
                _ => None,
            };
            text.map(|text| (text, format!("/tasks{}", bare.with(name, "").to_query())))
        })
        .collect()
}
