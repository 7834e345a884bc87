//! The audit log: who did what, and whether it is whole.

use actix_web::{HttpRequest, web};
use askama::Template;

use super::filter;
use super::words::{self, Sentence};
use crate::actions::Register;
use crate::domain::audit::{Outcome, tree, wording};
use crate::domain::ids::Id;
use crate::domain::listing::{Count, Cursor, Direction, Page, thousands};
use crate::store::audit::{self, AppendError, AuditFilter};
use crate::store::{Db, StoreError};
use crate::web::asked::FaultLine;
use crate::web::fields::Fields;
use crate::web::frame::Frame;
use crate::web::paging::{self, Paging};
use crate::web::session::Viewer;
use crate::web::{Answer, page_with, read};

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
    /// What in the link cannot be followed; then there are no rows.
    faults: Vec<FaultLine>,
}

/// GET /audit
pub async fn show(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    let fields = Fields::of_query(&request);
    let bare = paging::without_place(&fields);
    let Some(from) = paging::from(&fields, filter::reads) else { return paging::restart("/audit", &bare) };
    let frame = paging::framed(Frame::new(&register, &viewer, "/audit", "Audit log").wide(), &fields);
    let (place, typed, tz) = (from.clone(), fields.clone(), frame.tz);
    let (found, names, count, head, faults) = read(&register, move |db| {
        let (wanted, faults) = filter::read(db, &typed, tz)?;
        if !faults.is_empty() {
            return Ok((Page::default(), words::Names::default(), Count::Exactly(0), head(db)?, faults));
        }
        let found = audit::page(db, &wanted, Direction::Descending, &place)?;
        let names = words::names_for(db, &found.rows)?;
        // The whole log counts itself.
        let count = if wanted == AuditFilter::default() {
            Count::Exactly(audit::size(db)?)
        } else {
            audit::count(db, &wanted)?
        };
        Ok((found, names, count, head(db)?, faults))
    })
    .await?;
    if faults.is_empty() && paging::is_behind(&found, &from) {
        return paging::restart("/audit", &bare);
    }
    let (shown, of_all) = paging::tally(found.rows.len(), count, "entry", "entries");
    page_with(
        faults.status(),
        &AuditList {
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
            faults: faults.lines("/audit", &bare),
            fields: bare,
            frame: frame.with_error(!faults.is_empty()),
        },
    )
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
        "emergency" => Some("Under one emergency access".to_owned()),
        "since" => Some(format!("Since {value}")),
        "until" => Some(format!("Until {value}")),
        _ => None,
    })
}
