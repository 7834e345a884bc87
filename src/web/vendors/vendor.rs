//! One vendor: its papers and what is theirs.

use actix_web::{HttpRequest, web};
use askama::Template;

use super::papers::{self, Paper};
use crate::actions::Register;
use crate::domain::ids::Id;
use crate::domain::listing::{From, thousands};
use crate::domain::permissions::Permission;
use crate::store::identity_list::{self, IdentityFilter, IdentityOrder};
use crate::store::registry::{self, Vendor};
use crate::store::registry_list;
use crate::web::errors::WebError;
use crate::web::fields::Fields;
use crate::web::frame::Frame;
use crate::web::identities::brief::{Brief, brief};
use crate::web::session::Viewer;
use crate::web::{Answer, page, read, show};

/// Identities shown on the page; the link over them leads to all.
const SHOWN: i64 = 20;

#[derive(Template)]
#[template(path = "vendors/vendor.html")]
struct VendorPage {
    frame: Frame,
    vendor: Vendor,
    papers: [Paper; 3],
    count: String,
    identities: Vec<Brief>,
    may_change: bool,
}

/// GET /vendors/{id}
pub async fn show(
    register: web::Data<Register>,
    request: HttpRequest,
    viewer: Viewer,
    id: web::Path<String>,
) -> Answer {
    let id: Id = id.parse().map_err(|_| WebError::NotFound)?;
    let now = viewer.now;
    let (vendor, count, identities) = read(&register, move |db| {
        let vendor = registry::find_vendor(db, id)?;
        let count = registry_list::belonging_to(db, &[id])?.get(&id).copied().unwrap_or(0);
        let theirs = IdentityFilter { vendor: Some(id), ..IdentityFilter::default() };
        let identities = identity_list::lines(db, &theirs, IdentityOrder::default(), &From::Start, SHOWN, now)?;
        Ok((vendor, count, identities))
    })
    .await?;
    let frame = Frame::new(&register, &viewer, "/vendors", vendor.name.clone()).wide().with_done(
        Fields::of_query(&request).raw("done"),
        &[("added", "The vendor was added."), ("saved", "The changes were saved.")],
    );
    page(&VendorPage {
        papers: papers::of(&vendor, show::today(now, frame.tz)),
        count: thousands(count),
        identities: identities.iter().map(|line| brief(line, now)).collect(),
        may_change: viewer.may(Permission::KeepRegister),
        vendor,
        frame,
    })
}
