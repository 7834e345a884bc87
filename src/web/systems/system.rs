//! One system: who answers for it and what it issues.

use actix_web::{HttpRequest, web};
use askama::Template;

use crate::actions::Register;
use crate::domain::ids::Id;
use crate::domain::listing::{From, thousands};
use crate::domain::permissions::Permission;
use crate::store::identity_list::{self, IdentityFilter, IdentityOrder};
use crate::store::registry::{self, System};
use crate::store::{people_list, registry_list};
use crate::web::errors::WebError;
use crate::web::fields::Fields;
use crate::web::frame::Frame;
use crate::web::identities::brief::{Brief, brief};
use crate::web::session::Viewer;
use crate::web::{Answer, page, read};

/// Identities shown on the page; the link over them leads to all.
const SHOWN: i64 = 20;

#[derive(Template)]
#[template(path = "systems/system.html")]
struct SystemPage {
    frame: Frame,
    system: System,
    business_owner: Option<(Id, String)>,
    technical_owner: Option<(Id, String)>,
    count: String,
    identities: Vec<Brief>,
    may_change: bool,
}

/// GET /systems/{id}
pub async fn show(
    register: web::Data<Register>,
    request: HttpRequest,
    viewer: Viewer,
    id: web::Path<String>,
) -> Answer {
    let id: Id = id.parse().map_err(|_| WebError::NotFound)?;
    let now = viewer.now;
    let (system, count, identities, names) = read(&register, move |db| {
        let system = registry::find_system(db, id)?;
        let count = registry_list::issued_by(db, &[id])?.get(&id).copied().unwrap_or(0);
        let issued = IdentityFilter { system: Some(id), ..IdentityFilter::default() };
        let identities = identity_list::lines(db, &issued, IdentityOrder::default(), &From::Start, SHOWN, now)?;
        let owners: Vec<Id> = [system.business_owner_id, system.technical_owner_id].into_iter().flatten().collect();
        Ok((system, count, identities, people_list::names_of(db, &owners)?))
    })
    .await?;
    let frame = Frame::new(&register, &viewer, "/systems", system.name.clone()).wide().with_done(
        Fields::of_query(&request).raw("done"),
        &[("added", "The system was added."), ("saved", "The changes were saved.")],
    );
    let named = |id: Option<Id>| id.and_then(|id| names.get(&id).map(|name| (id, name.clone())));
    page(&SystemPage {
        business_owner: named(system.business_owner_id),
        technical_owner: named(system.technical_owner_id),
        count: thousands(count),
        identities: identities.iter().map(|line| brief(line, now)).collect(),
        may_change: viewer.may(Permission::KeepRegister),
        system,
        frame,
    })
}
