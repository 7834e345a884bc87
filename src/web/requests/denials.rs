//! The ledger of refusals: on which ground, by the same criteria for every app.

use actix_web::{HttpRequest, web};
use askama::Template;

use crate::actions::Register;
use crate::domain::listing::{Cursor, PAGE_SIZE};
use crate::domain::reaching::basis_of;
use crate::store::people;
use crate::store::request_list::{self, RequestFilter};
use crate::web::fields::Fields;
use crate::web::frame::Frame;
use crate::web::session::{Sees, Viewer};
use crate::web::{Answer, page_with, paging, read, show};

#[derive(Template)]
#[template(path = "requests/denials.html")]
struct Denials {
    frame: Frame,
    /// Label, criteria, source, how often it stands.
    grounds: Vec<(String, String, String, i64)>,
    rows: Vec<Row>,
    next: String,
    version: String,
    /// The reader sees the refusals of some requests only.
    partly: bool,
}

struct Row {
    href: String,
    reference: String,
    app: String,
    basis: &'static str,
    ground: String,
    reason: String,
    by: String,
    machine: String,
    on: String,
}

/// GET /denials
pub async fn show(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    let fields = Fields::of_query(&request);
    let reads = |cursor: &Cursor| crate::domain::ids::Moment::parse(&cursor.key).is_ok();
    let bare = Fields::default();
    let place = match fields.get("after") {
        None => None,
        Some(text) => match Cursor::parse(text).filter(reads) {
            Some(cursor) => Some(cursor),
            None => return paging::restart("/denials", &bare),
        },
    };
    let visible_to = match viewer.sees()? {
        Sees::Everything => None,
        Sees::OwnedBy(person) => Some(person),
    };
    let (now, filter) = (viewer.now, RequestFilter { visible_to, ..RequestFilter::default() });
    let (mut found, counts, names) = read(&register, move |db| {
        let found = request_list::refusals(db, &filter, now, place.as_ref())?;
        let ids: Vec<_> = found.iter().map(|one| one.decision.decided_by_id).collect();
        let names: std::collections::HashMap<_, _> =
            people::find_many(db, &ids)?.into_iter().map(|person| (person.id, person.name)).collect();
        Ok((found, request_list::refusals_by_ground(db)?, names))
    })
    .await?;
    let more = i64::try_from(found.len()).is_ok_and(|found| found > PAGE_SIZE);
    found.truncate(usize::try_from(PAGE_SIZE).unwrap_or(usize::MAX));
    let frame = Frame::new(&register, &viewer, "/requests", "Refusals").wide();
    let tz = frame.tz;
    let table = &register.deployment.approvals.grounds;
    let label = |word: &str| table.find(word).map_or_else(|| word.to_owned(), |ground| ground.label.clone());
    let counted = |word: &str| counts.iter().find(|(ground, _)| ground == word).map_or(0, |(_, count)| *count);
    let next = found
        .last()
        .filter(|_| more)
        .map(|last| Cursor { key: last.decision.decided_at.to_text(), id: last.decision.id });
    page_with(
        actix_web::http::StatusCode::OK,
        &Denials {
            grounds: table
                .all()
                .iter()
                .map(|ground| {
                    let source = if ground.source.is_empty() { "Our own rule" } else { &ground.source };
                    (ground.label.clone(), ground.criteria.clone(), source.to_owned(), counted(&ground.word))
                })
                .collect(),
            rows: found
                .iter()
                .map(|one| Row {
                    href: format!("/decisions/{}", one.decision.id),
                    reference: one.request.reference(),
                    app: one.identity_name.clone(),
                    basis: basis_of(one.request.access_basis).label(),
                    ground: label(one.decision.ground.as_deref().unwrap_or_default()),
                    reason: one.decision.reason.clone().unwrap_or_default(),
                    by: names.get(&one.decision.decided_by_id).cloned().unwrap_or_default(),
                    machine: one.decision.decided_at.to_text(),
                    on: show::moment(one.decision.decided_at, tz),
                })
                .collect(),
            next: next
                .map(|cursor| format!("/denials{}", bare.with("after", &cursor.to_text()).to_query()))
                .unwrap_or_default(),
            version: table.version.clone(),
            partly: visible_to.is_some(),
            frame,
        },
    )
}
