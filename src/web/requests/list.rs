//! The list of requests: one's own, what waits, and all that the reader may see.

use actix_web::{HttpRequest, web};
use askama::Template;

use super::{filter, progress, tag};
use crate::actions::Register;
use crate::domain::listing::Page;
use crate::domain::permissions::Permission;
use crate::domain::requests::RequestState;
use crate::store::request_list::{self, RequestLine};
use crate::store::{people, request_drafts};
use crate::web::asked::FaultLine;
use crate::web::fields::Fields;
use crate::web::frame::Frame;
use crate::web::paging::{self, Paging};
use crate::web::session::Viewer;
use crate::web::{Answer, page_with, read, show};

#[derive(Template)]
#[template(path = "requests/list.html")]
struct RequestList {
    frame: Frame,
    faults: Vec<FaultLine>,
    rows: Vec<Row>,
    views: Vec<(String, String, bool)>,
    paging: Paging,
    query: String,
    filtered: bool,
    /// What is searched for, and the view that it is searched in.
    search: String,
    state: String,
    mine: bool,
    may_file: bool,
    /// Registrations that the reader has begun and not sent; empty where there are none.
    begun: String,
}

struct Row {
    href: String,
    reference: String,
    title: String,
    reason: String,
    tag: &'static str,
    state: &'static str,
    until: String,
    requester: String,
    machine: String,
    moved: String,
}

/// GET /requests
pub async fn show(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    let fields = Fields::of_query(&request);
    let (wanted, faults) = filter::parse(&fields, &viewer)?;
    let bare = paging::without_place(&fields);
    let Some(from) = paging::from(&fields, filter::reads) else { return paging::restart("/requests", &bare) };
    let (now, follows, place) = (viewer.now, faults.is_empty(), from.clone());
    let writer =
        if viewer.may(Permission::FileRequests) && viewer.token.is_none() { Some(viewer.person()?) } else { None };
    let (found, names, begun) = read(&register, move |db| {
        let begun = writer.map(|person| request_drafts::of(db, person)).transpose()?.unwrap_or_default().len();
        let found = if follows { request_list::page(db, &wanted, now, &place)? } else { Page::default() };
        let ids: Vec<_> = found.rows.iter().map(|line| line.request.requester_id).collect();
        let names: std::collections::HashMap<_, _> =
            people::find_many(db, &ids)?.into_iter().map(|person| (person.id, person.name)).collect();
        Ok((found, names, begun))
    })
    .await?;
    if follows && paging::is_behind(&found, &from) {
        return paging::restart("/requests", &bare);
    }
    let frame = paging::framed(Frame::new(&register, &viewer, "/requests", "Requests").wide(), &fields)
        .with_error(!faults.is_empty());
    let tz = frame.tz;
    let query = bare.to_query();
    let mut views = vec![("All".to_owned(), String::new()), ("Yours".to_owned(), "?mine=1".to_owned())];
    views.extend(RequestState::ALL.iter().map(|state| (state.label().to_owned(), format!("?state={}", state.word()))));
    let mut views: Vec<(String, String, bool)> =
        views.into_iter().map(|(label, link)| (format!("/requests{link}"), label, link == query)).collect();
    views.push(("/denials".to_owned(), "Refusals and grounds".to_owned(), false));
    page_with(
        faults.status(),
        &RequestList {
            faults: faults.lines("/requests", &bare),
            paging: Paging::of("/requests", &bare, &found, RequestLine::cursor),
            rows: found
                .rows
                .iter()
                .map(|line| Row {
                    href: format!("/requests/{}", line.request.id),
                    reference: line.request.reference(),
                    title: format!("{}: {}", line.request.kind.label(), line.identity_name),
                    reason: line.request.reason.clone(),
                    tag: tag(line.request.state_at(now)),
                    state: line.request.state_at(now).label(),
                    until: progress::until(&line.request, now),
                    requester: names.get(&line.request.requester_id).cloned().unwrap_or_default(),
                    machine: line.request.moved_at.to_text(),
                    moved: show::moment(line.request.moved_at, tz),
                })
                .collect(),
            views,
            filtered: !query.is_empty(),
            search: fields.raw("q").to_owned(),
            state: fields.raw("state").to_owned(),
            mine: fields.is_set("mine"),
            query,
            may_file: viewer.may(Permission::FileRequests),
            begun: match begun {
                0 => String::new(),
                1 => "You have begun a registration and not sent it".to_owned(),
                more => format!("You have begun {more} registrations and not sent them"),
            },
            frame,
        },
    )
}
