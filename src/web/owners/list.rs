//! The list of owners, those who left first.

use actix_web::{HttpRequest, web};
use askama::Template;

use crate::actions::Register;
use crate::domain::ids::Id;
use crate::domain::listing::{Count, Page, thousands};
use crate::store::owners::{self, OwnerLine, OwnersFilter};
use crate::web::asked::FaultLine;
use crate::web::fields::Fields;
use crate::web::frame::Frame;
use crate::web::paging::{self, Paging};
use crate::web::session::Viewer;
use crate::web::{Answer, page_with, read, show};

#[derive(Template)]
#[template(path = "owners/list.html")]
struct OwnersList {
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
    left: String,
    left_only: bool,
}

struct Row {
    id: Id,
    name: String,
    department: String,
    left_on: String,
    has_left: bool,
    deputy: (String, String),
    business: String,
    technical: String,
    waiting: String,
    overdue: String,
}

/// GET /owners
pub async fn show(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    let fields = Fields::of_query(&request);
    let bare = paging::without_place(&fields);
    let (wanted, faults) = super::filter(&fields);
    let Some(from) = paging::from(&fields, owners::reads) else { return paging::restart("/owners", &bare) };
    let frame = paging::framed(Frame::new(&register, &viewer, "/owners", "Owners").wide(), &fields)
        .with_error(!faults.is_empty());
    let today = show::today(viewer.now, frame.tz);
    let follows = faults.is_empty();
    let (asked, place) = (wanted.clone(), from.clone());
    let (found, count, left) = read(&register, move |db| {
        let (found, count) = match follows {
            true => (owners::page(db, &asked, &place, today)?, owners::count(db, &asked, today)?),
            false => (Page::default(), Count::Exactly(0)),
        };
        let left = owners::count(db, &OwnersFilter { left_only: true, ..OwnersFilter::default() }, today)?;
        Ok((found, count, left))
    })
    .await?;
    if faults.is_empty() && paging::is_behind(&found, &from) {
        return paging::restart("/owners", &bare);
    }
    let (shown, of_all) = paging::tally(found.rows.len(), count, "owner", "owners");
    page_with(
        faults.status(),
        &OwnersList {
            query: bare.to_query(),
            shown,
            of_all,
            faults: faults.lines("/owners", &bare),
            chips: paging::chips("/owners", &bare, |name, value| match (name, value) {
                ("q", text) => Some(format!("Contains \u{201c}{text}\u{201d}")),
                ("left", "yes") => Some("Has left".to_owned()),
                _ => None,
            }),
            paging: Paging::of("/owners", &bare, &found, OwnerLine::cursor),
            rows: found.rows.into_iter().map(row).collect(),
            left: left.words(),
            left_only: wanted.left_only,
            fields: bare,
            frame,
        },
    )
}

fn row(line: OwnerLine) -> Row {
    Row {
        id: line.id,
        name: line.name,
        department: line.department.unwrap_or_default(),
        left_on: line.left_on.map(show::date).unwrap_or_default(),
        has_left: line.has_left,
        deputy: line.deputy.map(|(id, name)| (id.to_string(), name)).unwrap_or_default(),
        business: thousands(line.business),
        technical: thousands(line.technical),
        waiting: thousands(line.waiting),
        overdue: thousands(line.overdue),
    }
}
