//! One person: who they are, their account, what they own, what waits for them, what was done.

use actix_web::{HttpRequest, web};
use askama::Template;
use chrono_tz::Tz;

use crate::actions::Register;
use crate::domain::ids::Id;
use crate::domain::listing::{Direction, From, thousands};
use crate::domain::people::has_left;
use crate::domain::permissions::Permission;
use crate::domain::tasks::TaskState;
use crate::store::account_links::{self, AccountLink};
use crate::store::audit::{self, AuditFilter};
use crate::store::people::{self, Account, Person};
use crate::store::people_list;
use crate::store::registry_list;
use crate::store::sessions;
use crate::web::audit::words::{self, Sentence};
use crate::web::errors::WebError;
use crate::web::fields::Fields;
use crate::web::frame::Frame;
use crate::web::session::Viewer;
use crate::web::{Answer, page, read, show};

/// Lines of history on the page; the link under it leads to all.
const HISTORY: i64 = 20;

const DONE: &[(&str, &str)] = &[
    ("added", "The person was added."),
    ("saved", "The changes were saved."),
    ("opened", "The account was opened."),
    ("role", "The role was changed. Open sessions have ended."),
    ("disabled", "The account was disabled. Open sessions have ended."),
    ("factors", "The second factors were removed. Open sessions have ended."),
    ("ended", "Every open session has ended."),
    ("enabled", "The account was enabled."),
];

#[derive(Template)]
#[template(path = "people/person.html")]
struct PersonPage {
    frame: Frame,
    person: Person,
    manager: (String, String),
    deputy: (String, String),
    left_on: String,
    left: bool,
    leaving: bool,
    account: Option<Account>,
    account_kind: &'static str,
    account_words: &'static str,
    /// How they sign in, and when a link that waits for them ends.
    ways: Vec<String>,
    last_sign_in: String,
    business: String,
    technical: String,
    systems: Vec<(String, String)>,
    tasks: Vec<TaskRow>,
    more_tasks: String,
    history: Vec<Sentence>,
    deputy_for: Vec<(String, String)>,
    may_change: bool,
    /// How many places they are signed in at, for whoever may end that.
    signed_in: usize,
}

impl PersonPage {
    fn places(&self) -> String {
        match self.signed_in {
            0 => "Nowhere".to_owned(),
            1 => "1 place".to_owned(),
            more => format!("{more} places"),
        }
    }
}

struct TaskRow {
    href: String,
    title: String,
    reason: String,
    kind: &'static str,
    status: String,
}

/// How an account is signed in to, in words.
fn ways(account: &Account, link: Option<&AccountLink>, tz: Tz) -> Vec<String> {
    let mut ways = Vec::new();
    if account.password_hash.is_some() {
        ways.push("Password".to_owned());
    }
    if account.single_sign_on_subject.is_some() {
        ways.push("Single sign-on".to_owned());
    }
    if let Some(link) = link {
        ways.push(format!("One-time link, until {}", show::moment(link.ends_at, tz)));
    }
    ways
}

/// GET /people/{id}
pub async fn show(
    register: web::Data<Register>,
    request: HttpRequest,
    viewer: Viewer,
    id: web::Path<String>,
) -> Answer {
    let id: Id = id.parse().map_err(|_| WebError::NotFound)?;
    let fields = Fields::of_query(&request);
    let (limits, now) = (register.deployment.access.sessions, viewer.now);
    let found = read(&register, move |db| {
        let person = people::find(db, id)?;
        let account = people::account(db, id)?;
        let link = account_links::open_of(db, id, now)?;
        let others: Vec<Id> = [person.manager_id, person.deputy_id].into_iter().flatten().collect();
        let names = people_list::names_of(db, &others)?;
        let (business, technical) = people_list::owned(db, &[id])?;
        let systems = registry_list::systems_of(db, id)?;
        let tasks = people_list::open_tasks(db, id)?;
        let deputy_for = people_list::deputy_for(db, id)?;
        let mut history = Vec::new();
        for entity in ["person", "account"] {
            let about = AuditFilter {
                entity: Some(entity.to_owned()),
                entity_id: Some(id.to_string()),
                ..AuditFilter::default()
            };
            history.extend(audit::lines(db, &about, Direction::Descending, &From::Start, HISTORY)?);
        }
        history.sort_by_key(|row| std::cmp::Reverse(row.seq));
        history.truncate(usize::try_from(HISTORY).unwrap_or(usize::MAX));
        let known = words::names_for(db, &history)?;
        let signed_in = sessions::of(db, id, now)?;
        let signed_in = signed_in.iter().filter(|held| limits.hold(held.last_seen_at, held.ends_at, now)).count();
        Ok((person, account, link, names, business, technical, systems, tasks, deputy_for, history, known, signed_in))
    })
    .await?;
    let (person, account, link, names, business, technical, systems, tasks, deputy_for, history, known, signed_in) =
        found;
    let frame =
        Frame::new(&register, &viewer, "/people", person.name.clone()).wide().with_done(fields.raw("done"), DONE);
    let today = show::today(viewer.now, frame.tz);
    let named = |id: Option<Id>| {
        id.and_then(|id| names.get(&id).map(|name| (id.to_string(), name.clone()))).unwrap_or_default()
    };
    let (account_kind, account_words) = super::list::account_tag(
        account.as_ref().map(|account| account.role),
        account.as_ref().is_some_and(|account| account.disabled_at.is_some()),
    );
    let shown = 10;
    page(&PersonPage {
        manager: named(person.manager_id),
        deputy: named(person.deputy_id),
        left_on: person.left_on.map(show::date).unwrap_or_default(),
        left: has_left(person.left_on, today),
        leaving: person.left_on.is_some_and(|date| date > today),
        account_kind,
        account_words,
        ways: account.as_ref().map(|account| ways(account, link.as_ref(), frame.tz)).unwrap_or_default(),
        last_sign_in: account
            .as_ref()
            .and_then(|account| account.last_sign_in_at)
            .map(|at| show::moment(at, frame.tz))
            .unwrap_or_default(),
        business: thousands(business.get(&id).copied().unwrap_or(0)),
        technical: thousands(technical.get(&id).copied().unwrap_or(0)),
        systems: systems.into_iter().map(|(id, name)| (id.to_string(), name)).collect(),
        more_tasks: tasks
            .len()
            .checked_sub(shown)
            .filter(|more| *more > 0)
            .map_or_else(String::new, |more| more.to_string()),
        tasks: tasks
            .into_iter()
            .take(shown)
            .map(|(task, identity)| TaskRow {
                href: format!("/tasks/{}", task.id),
                title: format!("{}: {identity}", task.kind),
                reason: task.reason,
                kind: if task.due_on < today { "bad" } else { "plain" },
                status: match task.state {
                    TaskState::Open if task.due_on < today => format!("Overdue since {}", show::date(task.due_on)),
                    _ => format!("Due {}", show::date(task.due_on)),
                },
            })
            .collect(),
        history: history.iter().map(|row| words::sentence(row, &known, frame.tz)).collect(),
        deputy_for: deputy_for.into_iter().map(|(id, name)| (id.to_string(), name)).collect(),
        may_change: viewer.may(Permission::KeepPeople),
        signed_in,
        account,
        person,
        frame,
    })
}
