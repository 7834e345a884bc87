//! The list of people.

use actix_web::{HttpRequest, web};
use askama::Template;
use chrono::NaiveDate;

use crate::actions::Register;
use crate::domain::listing::{Count, Page, thousands};
use crate::domain::people::{Role, has_left};
use crate::domain::permissions::Permission;
use crate::store::people_list::{self, AccountFilter, PersonLine, StayFilter};
use crate::web::asked::FaultLine;
use crate::web::fields::Fields;
use crate::web::frame::Frame;
use crate::web::paging::{self, Paging};
use crate::web::session::Viewer;
use crate::web::{Answer, page_with, read, show};

#[derive(Template)]
#[template(path = "people/list.html")]
struct PeopleList {
    frame: Frame,
    fields: Fields,
    query: String,
    rows: Vec<Row>,
    shown: String,
    of_all: String,
    chips: Vec<(String, String)>,
    /// What in the link cannot be followed; then there are no rows.
    faults: Vec<FaultLine>,
    paging: Paging,
    may_change: bool,
    stays: Vec<(&'static str, &'static str)>,
    accounts: Vec<(&'static str, &'static str)>,
    roles: Vec<(&'static str, &'static str)>,
}

struct Row {
    id: String,
    name: String,
    email: String,
    title: String,
    department: String,
    manager: (String, String),
    deputy: (String, String),
    left_on: String,
    has_left: bool,
    account: &'static str,
    account_kind: &'static str,
    owns: String,
    owns_link: String,
}

/// GET /people
pub async fn show(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    let fields = Fields::of_query(&request);
    let bare = paging::without_place(&fields);
    let (wanted, faults) = super::filter(&fields);
    let Some(from) = paging::from(&fields, |_| true) else { return paging::restart("/people", &bare) };
    let frame = paging::framed(Frame::new(&register, &viewer, "/people", "People").wide(), &fields)
        .with_error(!faults.is_empty());
    let today = show::today(viewer.now, frame.tz);
    let place = from.clone();
    let follows = faults.is_empty();
    let (found, count) = read(&register, move |db| {
        if !follows {
            return Ok((Page::default(), Count::Exactly(0)));
        }
        Ok((people_list::page(db, &wanted, &place, today)?, people_list::count(db, &wanted, today)?))
    })
    .await?;
    if faults.is_empty() && paging::is_behind(&found, &from) {
        return paging::restart("/people", &bare);
    }
    let (shown, of_all) = paging::tally(found.rows.len(), count, "person", "people");
    page_with(
        faults.status(),
        &PeopleList {
            query: bare.to_query(),
            shown,
            of_all,
            faults: faults.lines("/people", &bare),
            chips: paging::chips("/people", &bare, |name, value| match name {
                "q" => Some(format!("Contains \u{201c}{value}\u{201d}")),
                "stay" => paging::chip::<StayFilter>("Stay", value),
                "account" => paging::chip::<AccountFilter>("Account", value),
                "role" => paging::chip::<Role>("Role", value),
                _ => None,
            }),
            paging: Paging::of("/people", &bare, &found, PersonLine::cursor),
            rows: found.rows.into_iter().map(|line| row(line, today)).collect(),
            may_change: viewer.may(Permission::KeepPeople),
            stays: paging::options(StayFilter::ALL, StayFilter::word, StayFilter::label),
            accounts: paging::options(AccountFilter::ALL, AccountFilter::word, AccountFilter::label),
            roles: paging::options(Role::ALL, Role::word, Role::label),
            fields: bare,
            frame,
        },
    )
}

fn row(line: PersonLine, today: NaiveDate) -> Row {
    let named = |person: Option<(crate::domain::ids::Id, String)>| {
        person.map(|(id, name)| (id.to_string(), name)).unwrap_or_default()
    };
    let (account_kind, account) = account_tag(line.role, line.disabled_at.is_some());
    let (owns, owns_link) = match (line.business, line.technical) {
        (0, 0) => ("0".to_owned(), String::new()),
        (0, technical) => (thousands(technical), format!("/identities?technical_owner={}", line.id)),
        (business, _) => (thousands(business), format!("/identities?business_owner={}", line.id)),
    };
    Row {
        id: line.id.to_string(),
        name: line.name,
        email: line.email,
        title: line.title.unwrap_or_default(),
        department: line.department.unwrap_or_default(),
        manager: named(line.manager),
        deputy: named(line.deputy),
        left_on: line.left_on.map(show::date).unwrap_or_default(),
        has_left: has_left(line.left_on, today),
        account,
        account_kind,
        owns: match (line.business, line.technical) {
            (business, technical) if business > 0 && technical > 0 => {
                format!("{owns} and {} technically", thousands(technical))
            }
            (0, technical) if technical > 0 => format!("{owns} technically"),
            _ => owns,
        },
        owns_link,
    }
}

/// The tag for an account: kind and words.
pub fn account_tag(role: Option<Role>, disabled: bool) -> (&'static str, &'static str) {
    match (role, disabled) {
        (None, _) => ("", "No account"),
        (Some(_), true) => ("warn", "Disabled"),
        (Some(role), false) => ("plain", role.label()),
    }
}
