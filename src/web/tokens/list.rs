//! Everybody's tokens, for administrators.

use actix_web::{HttpRequest, web};
use askama::Template;

use super::row::Row;
use crate::actions::Register;
use crate::domain::listing::{PAGE_SIZE, Page};
use crate::store::api_tokens::{self, TokenLine};
use crate::web::fields::Fields;
use crate::web::frame::Frame;
use crate::web::paging::{self, Paging};
use crate::web::session::Viewer;
use crate::web::{Answer, page, read};

#[derive(Template)]
#[template(path = "tokens/list.html")]
struct TokenList {
    frame: Frame,
    rows: Vec<Row>,
    paging: Paging,
}

/// GET /tokens
pub async fn show(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    let fields = Fields::of_query(&request);
    let bare = paging::without_place(&fields);
    let Some(from) = paging::from(&fields, |_| true) else { return paging::restart("/tokens", &bare) };
    let place = from.clone();
    let found = read(&register, move |db| {
        api_tokens::lines(db, None, &place, PAGE_SIZE + 1).map(|rows| Page::of(rows, &place))
    })
    .await?;
    if paging::is_behind(&found, &from) {
        return paging::restart("/tokens", &bare);
    }
    let frame = paging::framed(Frame::new(&register, &viewer, "/tokens", "API tokens").wide(), &fields);
    page(&TokenList {
        rows: found.rows.iter().map(|line| Row::of(line, viewer.now, frame.tz)).collect(),
        paging: Paging::of("/tokens", &bare, &found, TokenLine::cursor),
        frame,
    })
}
