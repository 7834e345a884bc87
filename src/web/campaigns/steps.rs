//! The steps of a campaign as they are sent: changing the draft, opening, cancelling.

use actix_web::{HttpRequest, web};

use super::campaign::render;
use super::far::Far;
use super::{chosen, form};
use crate::actions::campaigns::{cancel as cancelling, make, open as opening, select};
use crate::actions::{ActionError, Register};
use crate::domain::ids::Id;
use crate::domain::listing::thousands;
use crate::domain::permissions::Permission;
use crate::domain::reviews::campaigns::CampaignState;
use crate::store::campaigns;
use crate::web::fields::{Fields, Posted};
use crate::web::identities::id;
use crate::web::refusal::Refusal;
use crate::web::session::Viewer;
use crate::web::{Answer, act, read, see_other};

/// POST /campaigns/{id}
pub async fn change(
    register: web::Data<Register>,
    far: web::Data<Far>,
    request: HttpRequest,
    viewer: Viewer,
    Posted(fields): Posted,
) -> Answer {
    let (id, by, version) = (id(&request)?, viewer.by()?, fields.required("version")?);
    let wanted = match form::wanted(&register, &viewer, &fields).await? {
        Ok(wanted) => wanted,
        Err(errors) => return again(&register, &far, &viewer, id, fields, Refusal::Faults(errors)).await,
    };
    let outcome = act(&register, move |register| make::change(register, &by, id, version, &wanted)).await?;
    after(&register, &far, &viewer, id, fields, outcome, "saved").await
}

/// POST /campaigns/{id}/open: as many as were read about, or nothing.
pub async fn open(
    register: web::Data<Register>,
    far: web::Data<Far>,
    request: HttpRequest,
    viewer: Viewer,
    Posted(fields): Posted,
) -> Answer {
    let (id, by, version) = (id(&request)?, viewer.by()?, fields.required::<i64>("version")?);
    let (now, tells_names, known) = (viewer.now, viewer.may(Permission::ReadRegister), register.clone());
    let (campaign, chosen, asked) = read(&register, move |db| {
        let campaign = campaigns::find(db, id)?;
        let chosen = chosen::read(db, &campaign.selection.0, tells_names)?.chosen;
        let asked = match &chosen {
            Some(chosen) if campaign.state == CampaignState::Draft => {
                select::preview(db, &known, chosen, campaign.due_on, now)?.asked
            }
            _ => 0,
        };
        Ok((campaign, chosen, asked))
    })
    .await?;
    if campaign.state != CampaignState::Draft && campaign.opened_by_id.is_some_and(|person| Some(person) == by.person) {
        // A second press shows what the first one did.
        return see_other(format!("/campaigns/{id}"));
    }
    let read_by_reader = fields.value::<usize>("asked");
    let refusal = match &chosen {
        _ if campaign.version != version => Refusal::Conflict,
        _ if campaign.state != CampaignState::Draft => Refusal::because("this campaign has begun already"),
        None => Refusal::because("its filter cannot be followed any more, so nothing was opened: change it below"),
        Some(_) if read_by_reader != Some(asked) => Refusal::because(&format!(
            "what it selects has changed since you read it, so nothing was opened: it would ask about {} now. Read it \
             again, then open it",
            thousands(i64::try_from(asked).unwrap_or(i64::MAX))
        )),
        Some(_) => Refusal::None,
    };
    let chosen = match (chosen, refusal) {
        (Some(chosen), Refusal::None) => chosen,
        (_, refusal) => return again(&register, &far, &viewer, id, fields, refusal).await,
    };
    let outcome = act(&register, move |register| opening::open(register, &by, id, version, &chosen)).await?;
    after(&register, &far, &viewer, id, fields, outcome.map(|_| ()), "opened").await
}

/// POST /campaigns/{id}/cancel
pub async fn cancel(
    register: web::Data<Register>,
    far: web::Data<Far>,
    request: HttpRequest,
    viewer: Viewer,
    Posted(fields): Posted,
) -> Answer {
    let (id, by, version) = (id(&request)?, viewer.by()?, fields.required("version")?);
    let reason = fields.raw("reason").to_owned();
    let outcome = act(&register, move |register| cancelling::cancel(register, &by, id, version, &reason)).await?;
    after(&register, &far, &viewer, id, fields, outcome, "cancelled").await
}

async fn after(
    register: &web::Data<Register>,
    far: &web::Data<Far>,
    viewer: &Viewer,
    id: Id,
    fields: Fields,
    outcome: Result<(), ActionError>,
    done: &str,
) -> Answer {
    match outcome {
        Ok(()) => see_other(format!("/campaigns/{id}?done={done}")),
        Err(error) => again(register, far, viewer, id, fields, Refusal::of(error)?).await,
    }
}

async fn again(
    register: &web::Data<Register>,
    far: &web::Data<Far>,
    viewer: &Viewer,
    id: Id,
    fields: Fields,
    refusal: Refusal,
) -> Answer {
    render(register, far, viewer, id, fields, refusal, &Fields::default()).await
}
