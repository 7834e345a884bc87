//! The list of imports, newest first.

use actix_web::{HttpRequest, web};
use askama::Template;

use super::{format_label, state_kind};
use crate::actions::Register;
use crate::domain::imports::ImportState;
use crate::domain::listing::{Cursor, Page};
use crate::store::imports::{self, Import};
use crate::store::people;
use crate::web::asked::{Asked, FaultLine};
use crate::web::fields::Fields;
use crate::web::frame::Frame;
use crate::web::session::Viewer;
use crate::web::{Answer, page_with, paging, read, show};

#[derive(Template)]
#[template(path = "imports/list.html")]
struct ImportList {
    frame: Frame,
    /// What in the link cannot be followed; then there are no rows.
    faults: Vec<FaultLine>,
    rows: Vec<Line>,
    first: String,
    previous: String,
    next: String,
}

struct Line {
    id: String,
    file: String,
    what: String,
    place: String,
    state: ImportState,
    state_kind: &'static str,
    rows: String,
    by: String,
    at: String,
    machine_at: String,
}

/// GET /imports
pub async fn show(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    let fields = Fields::of_query(&request);
    let faults = Asked::of(&fields).finish();
    let Some(from) = paging::from(&fields, |_| true) else { return paging::restart("/imports", &Fields::default()) };
    let follows = faults.is_empty();
    let place = from.clone();
    let (found, names) = read(&register, move |db| {
        let found = if follows { imports::page(db, &place)? } else { Page::default() };
        let ids: Vec<_> = found.rows.iter().filter_map(|import| import.made_by).collect();
        Ok((found, people::find_many(db, &ids)?))
    })
    .await?;
    if follows && paging::is_behind(&found, &from) {
        return paging::restart("/imports", &Fields::default());
    }
    let frame = paging::framed(Frame::new(&register, &viewer, "/imports", "Imports").wide(), &fields)
        .with_error(!follows)
        .with_done(fields.raw("done"), &[("discarded", "The preview was discarded. Nothing was imported.")]);
    let (tz, now) = (frame.tz, viewer.now);
    let rows = found
        .rows
        .iter()
        .map(|import| (import, import.state.at(import.made_at, now)))
        .map(|(import, state)| Line {
            id: import.id.to_string(),
            file: import.file_name.clone(),
            what: format_label(import),
            place: place_of(import),
            state,
            state_kind: state_kind(state),
            rows: import.counts.0.tally.words(!matches!(state, ImportState::Previewed | ImportState::Expired)),
            by: import
                .made_by
                .and_then(|id| names.iter().find(|person| person.id == id))
                .map_or_else(|| "The command line".to_owned(), |person| person.name.clone()),
            at: show::moment(import.made_at, tz),
            machine_at: import.made_at.to_text(),
        })
        .collect();
    let link = |name: &str, import: Option<&Import>, more: bool| match import {
        Some(import) if more => {
            let cursor = Cursor { key: String::new(), id: import.id };
            format!("/imports{}", Fields::default().with(name, &cursor.to_text()).to_query())
        }
        _ => String::new(),
    };
    page_with(
        faults.status(),
        &ImportList {
            faults: faults.lines("/imports", &paging::without_place(&fields)),
            first: if found.more_before { "/imports".to_owned() } else { String::new() },
            previous: link("before", found.rows.first(), found.more_before),
            next: link("after", found.rows.last(), found.more_after),
            frame,
            rows,
        },
    )
}

fn place_of(import: &Import) -> String {
    let parts = [import.counts.0.system.clone(), import.environment.map(|environment| environment.label().to_owned())];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}
