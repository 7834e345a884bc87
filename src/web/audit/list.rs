//! The audit log: who did what, and whether it is whole.

use actix_web::{HttpRequest, web};
use askama::Template;

use super::filter;
use super::words::{self, Sentence};
use crate::actions::Register;
use crate::domain::audit::{Outcome, tree, wording};
use crate::domain::ids::Id;
use crate::domain::listing::{Count, Cursor, Direction, thousands};
use crate::store::audit::{self, AppendError, AuditFilter};
use crate::store::{Db, StoreError};
use crate::web::fields::Fields;
use crate::web::frame::Frame;
use crate::web::paging::{self, Paging};
use crate::web::session::Viewer;
use crate::web::{Answer, page, read, see_other};

#[derive(Template)]
#[template(path = "audit/list.html")]
struct AuditList {
    frame: Frame,
    fields: Fields,
    query: String,
    rows: Vec<Sentence>,
    shown: String,
    of_all: String,
    chips: Vec<(String, String)>,
    paging: Paging,
    actions: Vec<(&'static str, String)>,
    entities: Vec<(&'static str, &'static str)>,
    outcomes: Vec<(&'static str, &'static str)>,
    size: String,
    root: String,
    too_many_actors: bool,
}

/// GET /audit
pub async fn show(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    let fields = Fields::of_query(&request);
    let bare = paging::without_place(&fields);
    let from = paging::from(&fields);
    let frame = Frame::new(&register, &viewer, "/audit", "Audit log").wide();
    let wanted = filter::parse(&fields, frame.tz);
    let (place, actor) = (from.clone(), fields.text("actor"));
    let (found, names, count, head, too_many_actors) = read(&register, move |db| {
        let (wanted, too_many) = with_actors(db, wanted, actor.as_deref())?;
        let found = audit::page(db, &wanted, Direction::Descending, &place)?;
        let names = words::names_for(db, &found.rows)?;
        // The whole log counts itself.
        let count = if wanted == AuditFilter::default() {
            Count::Exactly(audit::size(db)?)
        } else {
            audit::count(db, &wanted)?
        };
        Ok((found, names, count, head(db)?, too_many))
    })
    .await?;
    if paging::is_behind(&found, &from) {
        return see_other(format!("/audit{}", bare.to_query()));
    }
    let (shown, of_all) = paging::tally(found.rows.len(), count, "entry", "entries");
    page(&AuditList {
        query: bare.to_query(),
        shown,
        of_all,
        chips: chips(&bare),
        // A place in the log is a number; the id of the cursor says nothing.
        paging: Paging::of("/audit", &bare, &found, |row| Cursor { key: row.seq.to_string(), id: Id::default() }),
        rows: found.rows.iter().map(|row| words::sentence(row, &names, frame.tz)).collect(),
        actions: wording::ACTIONS.iter().map(|(stored, words)| (*stored, format!("{stored} ({words})"))).collect(),
        entities: wording::ENTITIES.to_vec(),
        outcomes: paging::options(Outcome::ALL, Outcome::word, Outcome::label),
        size: thousands(head.0),
        root: head.1,
        too_many_actors,
        fields: bare,
        frame,
    })
}

/// The filter with the typed actor looked up.
pub fn with_actors(db: &mut Db, wanted: AuditFilter, actor: Option<&str>) -> Result<(AuditFilter, bool), StoreError> {
    match actor {
        None => Ok((wanted, false)),
        Some(text) => {
            let (actors, too_many) = filter::actors(db, text)?;
            Ok((AuditFilter { actors: Some(actors), ..wanted }, too_many))
        }
    }
}

/// The size of the log and the root over it, as hexadecimal digits; the fault in words when the tree
/// is damaged, so that the page that shows the damage still opens.
fn head(db: &mut Db) -> Result<(i64, String), StoreError> {
    let size = audit::size(db)?;
    match tree::root(size.unsigned_abs(), |level, position| audit::node(db, level, position)) {
        Ok(root) => Ok((size, hex::encode(root))),
        Err(AppendError::Store(StoreError::Unavailable(cause))) => Err(StoreError::Unavailable(cause)),
        Err(error) => Ok((size, format!("cannot be computed: {error}"))),
    }
}

fn chips(bare: &Fields) -> Vec<(String, String)> {
    paging::chips("/audit", bare, |name, value| match name {
        "actor" => Some(format!("Actor: {value}")),
        "action" => Some(format!("Action: {value}")),
        "entity" => Some(format!("About: {}", wording::entity(value))),
        "entity_id" => Some(format!("Id: {value}")),
        "outcome" => paging::chip::<Outcome>("Outcome", value),
        "since" => Some(format!("Since {value}")),
        "until" => Some(format!("Until {value}")),
        _ => None,
    })
}
