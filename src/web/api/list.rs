//! The list of requests.

use actix_web::{HttpRequest, HttpResponse, web};
use utoipa::IntoParams;

use super::types::RequestList;
use super::view;
use crate::actions::Register;
use crate::domain::listing::{Cursor, From};
use crate::domain::requests::RequestState;
use crate::store::request_list::{self, RequestFilter};
use crate::web::asked::Asked;
use crate::web::errors::WebError;
use crate::web::fields::Fields;
use crate::web::requests::facts::Names;
use crate::web::requests::filter;
use crate::web::session::{Sees, Viewer};
use crate::web::{Answer, read};

/// What the address may carry.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code)]
pub struct ListQuery {
    /// Only requests in that state now.
    state: Option<RequestState>,
    /// Only what you asked for, or what was asked in your name.
    mine: Option<bool>,
    /// Only what comes after that place: the `next` of the page before.
    after: Option<String>,
}

/// List requests.
///
/// The newest first, fifty at a time: those that you asked for, whose app you own or stand in for, that you
/// decided or have a task about; for who reads the whole register, all.
#[utoipa::path(
    get,
    path = "/api/requests",
    operation_id = "list_requests",
    tag = "requests",
    params(ListQuery),
    responses((status = 200, description = "A page of the list.", body = RequestList))
)]
pub async fn show(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    let fields = Fields::of_query(&request);
    let (wanted, from) = parse(&fields, &viewer)?;
    let now = viewer.now;
    let (page, names) = read(&register, move |db| {
        let page = request_list::page(db, &wanted, now, &from)?;
        let names = Names::of(db, page.rows.iter().flat_map(view::named_in))?;
        Ok((page, names))
    })
    .await?;
    let next = page.rows.last().filter(|_| page.more_after).map(|line| line.cursor().to_text());
    let requests = page.rows.iter().map(|line| view::line(line, &names, now)).collect();
    Ok(HttpResponse::Ok().json(RequestList { requests, next }))
}

fn parse(fields: &Fields, viewer: &Viewer) -> Result<(RequestFilter, From), WebError> {
    let mut asked = Asked::of(fields);
    let state = asked.value("state", "State");
    let mine = asked.word("mine", "Mine", &[("true", "Only what you asked for"), ("false", "All that you may see")]);
    let from = match asked.get("after", "After") {
        None => From::Start,
        Some(text) => {
            let place = Cursor::parse(text).filter(|cursor| !cursor.key.contains('\0') && filter::reads(cursor));
            if place.is_none() {
                asked.fault("after", "This is no place in the list; leave it out to begin with the first page.");
            }
            place.map_or(From::Start, From::After)
        }
    };
    // The pages have these beside the filter.
    for name in ["before", "done"].into_iter().filter(|name| fields.is_set(name)) {
        asked.fault(name, format!("This list has no filter called \u{201c}{name}\u{201d}."));
    }
    let faults = asked.finish();
    if !faults.is_empty() {
        return Err(WebError::Faults(faults.by_field()));
    }
    let filter = RequestFilter {
        search: None,
        state,
        requester: if mine == Some("true") { Some(viewer.person()?) } else { None },
        visible_to: match viewer.sees()? {
            Sees::Everything => None,
            Sees::OwnedBy(person) => Some(person),
        },
    };
    Ok((filter, from))
}
