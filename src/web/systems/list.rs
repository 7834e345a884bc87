//! The list of systems.

use actix_web::{HttpRequest, web};
use askama::Template;

use crate::actions::Register;
use crate::domain::listing::{Count, Page};
use crate::domain::permissions::Permission;
use crate::domain::systems::SystemKind;
use crate::store::registry_list::{self, SystemLine};
use crate::web::asked::FaultLine;
use crate::web::fields::Fields;
use crate::web::frame::Frame;
use crate::web::paging::{self, Paging};
use crate::web::session::Viewer;
use crate::web::{Answer, page_with, read};

#[derive(Template)]
#[template(path = "systems/list.html")]
struct SystemsList {
    frame: Frame,
    fields: Fields,
    query: String,
    rows: Vec<SystemLine>,
    shown: String,
    of_all: String,
    chips: Vec<(String, String)>,
    /// What in the link cannot be followed; then there are no rows.
    faults: Vec<FaultLine>,
    paging: Paging,
    may_change: bool,
    kinds: Vec<(&'static str, &'static str)>,
}

/// GET /systems
pub async fn show(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    let fields = Fields::of_query(&request);
    let bare = paging::without_place(&fields);
    let (wanted, faults) = super::filter(&fields);
    let Some(from) = paging::from(&fields, |_| true) else { return paging::restart("/systems", &bare) };
    let place = from.clone();
    let follows = faults.is_empty();
    let (found, count) = read(&register, move |db| {
        if !follows {
            return Ok((Page::default(), Count::Exactly(0)));
        }
        Ok((registry_list::systems_page(db, &wanted, &place)?, registry_list::systems_count(db, &wanted)?))
    })
    .await?;
    if faults.is_empty() && paging::is_behind(&found, &from) {
        return paging::restart("/systems", &bare);
    }
    let (shown, of_all) = paging::tally(found.rows.len(), count, "system", "systems");
    page_with(
        faults.status(),
        &SystemsList {
            frame: paging::framed(Frame::new(&register, &viewer, "/systems", "Systems").wide(), &fields)
                .with_error(!faults.is_empty()),
            query: bare.to_query(),
            shown,
            of_all,
            faults: faults.lines("/systems", &bare),
            chips: paging::chips("/systems", &bare, |name, value| match (name, value) {
                ("q", text) => Some(format!("Contains \u{201c}{text}\u{201d}")),
                ("kind", kind) => paging::chip::<SystemKind>("Kind", kind),
                ("owner", "missing") => Some("An owner is missing".to_owned()),
                _ => None,
            }),
            paging: Paging::of("/systems", &bare, &found, SystemLine::cursor),
            rows: found.rows,
            may_change: viewer.may(Permission::KeepRegister),
            kinds: paging::options(SystemKind::ALL, SystemKind::word, SystemKind::label),
            fields: bare,
        },
    )
}
