//! The list of systems.

use actix_web::{HttpRequest, web};
use askama::Template;

use crate::actions::Register;
use crate::domain::permissions::Permission;
use crate::domain::systems::SystemKind;
use crate::store::registry_list::{self, SystemLine};
use crate::web::fields::Fields;
use crate::web::frame::Frame;
use crate::web::paging::{self, Paging};
use crate::web::session::Viewer;
use crate::web::{Answer, page, read, see_other};

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
    paging: Paging,
    may_change: bool,
    kinds: Vec<(&'static str, &'static str)>,
}

/// GET /systems
pub async fn show(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    let fields = Fields::of_query(&request);
    let bare = paging::without_place(&fields);
    let (wanted, from) = (super::filter(&fields), paging::from(&fields));
    let place = from.clone();
    let (found, count) = read(&register, move |db| {
        Ok((registry_list::systems_page(db, &wanted, &place)?, registry_list::systems_count(db, &wanted)?))
    })
    .await?;
    if paging::is_behind(&found, &from) {
        return see_other(format!("/systems{}", bare.to_query()));
    }
    let (shown, of_all) = paging::tally(found.rows.len(), count, "system", "systems");
    page(&SystemsList {
        frame: Frame::new(&register, &viewer, "/systems", "Systems").wide(),
        query: bare.to_query(),
        shown,
        of_all,
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
    })
}
