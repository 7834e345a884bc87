//! The list of owners, those who left first.

use actix_web::{HttpRequest, web};
use askama::Template;

use crate::actions::Register;
use crate::domain::ids::Id;
use crate::domain::listing::thousands;
use crate::store::owners::{self, OwnerLine, OwnersFilter};
use crate::web::fields::Fields;
use crate::web::frame::Frame;
use crate::web::paging::{self, Paging};
use crate::web::session::Viewer;
use crate::web::{Answer, page, read, see_other, show};

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
    let (wanted, from) = (super::filter(&fields), paging::from(&fields));
    let frame = Frame::new(&register, &viewer, "/owners", "Owners").wide();
    let today = show::today(viewer.now, frame.tz);
    let (asked, place) = (wanted.clone(), from.clone());
    let (found, count, left) = read(&register, move |db| {
        let found = owners::page(db, &asked, &place, today)?;
        let count = owners::count(db, &asked, today)?;
        let left = owners::count(db, &OwnersFilter { left_only: true, ..OwnersFilter::default() }, today)?;
        Ok((found, count, left))
    })
    .await?;
    if paging::is_behind(&found, &from) {
        return see_other(format!("/owners{}", bare.to_query()));
    }
    let (shown, of_all) = paging::tally(found.rows.len(), count, "owner", "owners");
    page(&OwnersList {
        query: bare.to_query(),
        shown,
        of_all,
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
    })
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
