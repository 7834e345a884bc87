//! The list of grants: what waits for the reader, and all they may see.

use actix_web::{HttpRequest, web};
use askama::Template;

use super::{filter, tag};
use crate::actions::Register;
use crate::domain::grants::GrantState;
use crate::domain::listing::{Count, Page};
use crate::store::grant_list::{self, GrantLine};
use crate::store::people;
use crate::web::asked::FaultLine;
use crate::web::fields::Fields;
use crate::web::frame::Frame;
use crate::web::paging::{self, Paging};
use crate::web::session::Viewer;
use crate::web::{Answer, page_with, read, show};

#[derive(Template)]
#[template(path = "grants/list.html")]
struct GrantList {
    frame: Frame,
    /// What in the link cannot be followed; then there are no rows.
    faults: Vec<FaultLine>,
    rows: Vec<Row>,
    views: Vec<(String, String, bool)>,
    paging: Paging,
    query: String,
    filtered: bool,
}

struct Row {
    href: String,
    title: String,
    reason: String,
    tag: &'static str,
    state: &'static str,
    requester: String,
    asked_machine: String,
    asked: String,
    ends: String,
}

/// GET /grants
pub async fn show(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    let fields = Fields::of_query(&request);
    let (wanted, faults) = filter::parse(&fields, &viewer)?;
    let bare = paging::without_place(&fields);
    let Some(from) = paging::from(&fields, filter::reads) else { return paging::restart("/grants", &bare) };
    let (now, follows) = (viewer.now, faults.is_empty());
    let (place, asked, mine) = (from.clone(), wanted.clone(), filter::waiting_for(&viewer, true)?);
    let (found, names, waiting) = read(&register, move |db| {
        let found = if follows { grant_list::page(db, &asked, &place, now)? } else { Page::default() };
        let ids: Vec<_> = found.rows.iter().map(|line| line.grant.requester_id).collect();
        let names: std::collections::HashMap<_, _> =
            people::find_many(db, &ids)?.into_iter().map(|person| (person.id, person.name)).collect();
        Ok((found, names, grant_list::count(db, &mine, now)?))
    })
    .await?;
    if follows && paging::is_behind(&found, &from) {
        return paging::restart("/grants", &bare);
    }
    let frame = paging::framed(Frame::new(&register, &viewer, "/grants", "Grants").wide(), &fields)
        .with_error(!faults.is_empty());
    let tz = frame.tz;
    let query = bare.to_query();
    let mut views = vec![("All".to_owned(), String::new())];
    let mine = match waiting {
        Count::Exactly(0) => "Waiting for you".to_owned(),
        some => format!("Waiting for you {}", some.words()),
    };
    views.push((mine, "?waiting=1".to_owned()));
    views.extend(GrantState::ALL.iter().map(|state| (state.label().to_owned(), format!("?state={}", state.word()))));
    let views = views.into_iter().map(|(label, link)| (format!("/grants{link}"), label, link == query)).collect();
    page_with(
        faults.status(),
        &GrantList {
            faults: faults.lines("/grants", &bare),
            paging: Paging::of("/grants", &bare, &found, GrantLine::cursor),
            rows: found
                .rows
                .iter()
                .map(|line| {
                    let grant = &line.grant;
                    let state = grant.state_at(now);
                    Row {
                        href: format!("/grants/{}", grant.id),
                        title: format!("{}: {}", grant.kind.label(), line.identity_name),
                        reason: grant.reason.clone(),
                        tag: tag(state),
                        state: state.label(),
                        requester: names.get(&grant.requester_id).cloned().unwrap_or_default(),
                        asked_machine: grant.asked_at.to_text(),
                        asked: show::moment(grant.asked_at, tz),
                        ends: match state {
                            GrantState::Asked | GrantState::Approved => show::moment(grant.ends_at, tz),
                            _ => String::new(),
                        },
                    }
                })
                .collect(),
            views,
            filtered: !query.is_empty(),
            query,
            frame,
        },
    )
}
