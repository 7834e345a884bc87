//! The list of vendors.

use actix_web::{HttpRequest, web};
use askama::Template;

use super::papers::{self, Paper};
use crate::actions::Register;
use crate::domain::ids::Id;
use crate::domain::listing::{Count, Page, thousands};
use crate::domain::permissions::Permission;
use crate::store::registry_list::{self, PapersFilter, VendorLine};
use crate::web::asked::FaultLine;
use crate::web::fields::Fields;
use crate::web::frame::Frame;
use crate::web::paging::{self, Paging};
use crate::web::session::Viewer;
use crate::web::{Answer, page_with, read, show};

#[derive(Template)]
#[template(path = "vendors/list.html")]
struct VendorsList {
    frame: Frame,
    fields: Fields,
    query: String,
    rows: Vec<Row>,
    shown: String,
    of_all: String,
    chips: Vec<(String, String)>,
    /// What in the link cannot be followed; then there are no rows.
    faults: Vec<FaultLine>,
    paging: Paging,
    may_change: bool,
    papers: Vec<(&'static str, &'static str)>,
}

struct Row {
    id: Id,
    name: String,
    contact: String,
    papers: [Paper; 3],
    identities: String,
}

/// GET /vendors
pub async fn show(register: web::Data<Register>, request: HttpRequest, viewer: Viewer) -> Answer {
    let fields = Fields::of_query(&request);
    let bare = paging::without_place(&fields);
    let (wanted, faults) = super::filter(&fields);
    let Some(from) = paging::from(&fields, |_| true) else { return paging::restart("/vendors", &bare) };
    let frame = paging::framed(Frame::new(&register, &viewer, "/vendors", "Vendors").wide(), &fields)
        .with_error(!faults.is_empty());
    let today = show::today(viewer.now, frame.tz);
    let place = from.clone();
    let follows = faults.is_empty();
    let (found, count) = read(&register, move |db| {
        if !follows {
            return Ok((Page::default(), Count::Exactly(0)));
        }
        Ok((
            registry_list::vendors_page(db, &wanted, &place, today)?,
            registry_list::vendors_count(db, &wanted, today)?,
        ))
    })
    .await?;
    if faults.is_empty() && paging::is_behind(&found, &from) {
        return paging::restart("/vendors", &bare);
    }
    let (shown, of_all) = paging::tally(found.rows.len(), count, "vendor", "vendors");
    page_with(
        faults.status(),
        &VendorsList {
            frame,
            query: bare.to_query(),
            shown,
            of_all,
            faults: faults.lines("/vendors", &bare),
            chips: paging::chips("/vendors", &bare, |name, value| match name {
                "q" => Some(format!("Contains \u{201c}{value}\u{201d}")),
                "papers" => paging::chip::<PapersFilter>("Papers", value),
                _ => None,
            }),
            paging: Paging::of("/vendors", &bare, &found, VendorLine::cursor),
            rows: found
                .rows
                .into_iter()
                .map(|line| Row {
                    id: line.vendor.id,
                    papers: papers::of(&line.vendor, today),
                    name: line.vendor.name,
                    contact: line.vendor.contact.unwrap_or_default(),
                    identities: thousands(line.identities),
                })
                .collect(),
            may_change: viewer.may(Permission::KeepRegister),
            papers: paging::options(PapersFilter::ALL, PapersFilter::word, PapersFilter::label),
            fields: bare,
        },
    )
}
