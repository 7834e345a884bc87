//! The list of identities: a dense workbench.

use actix_web::{HttpRequest, web};
use askama::Template;

use super::counts::Counts;
use super::filter::{self, Wanted};
use super::offered::{Choices, chips, choices};
use super::row::{Row, row};
use super::views::{Head, View, heads, sorted, views};
use crate::actions::Register;
use crate::domain::listing::{Count, Page};
use crate::domain::permissions::Permission;
use crate::store::identity_list;
use crate::store::registry;
use crate::web::asked::FaultLine;
use crate::web::campaigns::chosen::link_from;
use crate::web::fields::Fields;
use crate::web::frame::Frame;
use crate::web::paging::{self, Paging};
use crate::web::session::{Sees, Viewer};
use crate::web::{Answer, page_with, read, see_other};

#[derive(Template)]
#[template(path = "identities/list.html")]
struct IdentityList {
    frame: Frame,
    fields: Fields,
    rows: Vec<Row>,
    /// Rows on this page, and "of 214 identities".
    shown: String,
    of_all: String,
    sorted: String,
    views: Vec<View>,
    owners_only: bool,
    chips: Vec<(String, String)>,
    heads: Vec<Head>,
    first: String,
    previous: String,
    next: String,
    /// The query for exports and bulk changes: filter and sort without the place.
    query: String,
    /// The query that carries the filter to the form of a new campaign.
    campaign: String,
    choices: Choices,
    systems: Vec<(String, String)>,
    business_owner: String,
    technical_owner: String,
    vendor: String,
    /// What in the link cannot be followed; then there are no rows.
    faults: Vec<FaultLine>,
    filtered: bool,
}

/// GET /identities
pub async fn show(
    register: web::Data<Register>,
    counts: web::Data<Counts>,
    request: HttpRequest,
    viewer: Viewer,
) -> Answer {
    let fields = Fields::of_query(&request);
    let bare = paging::without_place(&fields);
    let Some(order) = filter::order(&fields) else {
        return see_other(format!("/identities{}", bare.with("sort", "").with("done", UNSORTED).to_query()));
    };
    let Some(from) = paging::from(&fields, |cursor| order.reads(cursor)) else {
        return paging::restart("/identities", &bare);
    };
    let (sees, now, tells_names) = (viewer.sees()?, viewer.now, viewer.may(Permission::ReadRegister));
    let (place, typed) = (from.clone(), fields.clone());
    let (found, count, wanted, systems) = read(&register, move |db| {
        let Wanted { filter, faults, named } = filter::read(db, &typed, tells_names)?;
        let systems = registry::system_names(db)?;
        if !faults.is_empty() || named.canonical.is_some() {
            return Ok((Page::default(), Count::Exactly(0), Wanted { filter, faults, named }, systems));
        }
        let filter = super::visible(sees, filter);
        let count = counts.count(db, &filter, now)?;
        let found = identity_list::page(db, &filter, order, &place, count, now)?;
        Ok((found, count, Wanted { filter, faults, named }, systems))
    })
    .await?;
    let Wanted { faults, named, .. } = wanted;
    if let Some(canonical) = named.canonical.as_ref().filter(|_| faults.is_empty()) {
        return see_other(format!("/identities{}", canonical.to_query()));
    }
    if faults.is_empty() && paging::is_behind(&found, &from) {
        return paging::restart("/identities", &bare);
    }
    let frame = paging::framed(Frame::new(&register, &viewer, "/identities", "Identities").wide(), &fields)
        .with_done(fields.raw("done"), &[("registered", "The identity was registered.")])
        .with_error(!faults.is_empty());
    let frame = if fields.raw("done") == UNSORTED { frame.with_notice("warn", UNSORTED_TEXT) } else { frame };
    let tz = frame.tz;
    let (shown, of_all) = paging::tally(found.rows.len(), count, "identity", "identities");
    let Paging { first, previous, next } =
        Paging::of("/identities", &bare, &found, |line: &identity_list::IdentityLine| line.cursor(order));
    let systems: Vec<(String, String)> = systems.into_iter().map(|(id, name)| (id.to_string(), name)).collect();
    let chips = chips(&bare, &named, &systems);
    page_with(
        faults.status(),
        &IdentityList {
            shown,
            of_all,
            sorted: sorted(order),
            views: views(&bare),
            owners_only: sees != Sees::Everything,
            heads: heads(&bare, order),
            first,
            previous,
            next,
            query: bare.to_query(),
            campaign: link_from(&bare),
            filtered: !chips.is_empty() || !faults.is_empty(),
            choices: choices(),
            business_owner: named.shown(bare.raw("business_owner")),
            technical_owner: named.shown(bare.raw("technical_owner")),
            vendor: named.shown(bare.raw("vendor")),
            faults: faults.lines("/identities", &bare),
            rows: found.rows.iter().map(|line| row(line, now, tz)).collect(),
            frame,
            fields: bare,
            chips,
            systems,
        },
    )
}

const UNSORTED: &str = "unsorted";
const UNSORTED_TEXT: &str = "The list cannot be sorted the way your link asks. It is sorted by name; choose another order from the column heads.";
