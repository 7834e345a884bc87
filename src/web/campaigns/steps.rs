//! The steps of a campaign as they are sent: changing the draft, opening, cancelling.

use actix_web::{HttpRequest, web};

use super::campaign::{Refusal, render};
use super::{chosen, form};
use crate::actions::campaigns::{cancel as cancelling, make, open as opening, select};
use crate::actions::{ActionError, Register};
use crate::domain::ids::Id;
use crate::domain::listing::thousands;
use crate::domain::permissions::Permission;
use crate::domain::reviews::campaigns::CampaignState;
use crate::store::{StoreError, campaigns};
use crate::web::errors::WebError;
use crate::web::fields::{Fields, Posted};
use crate::web::identities::id;
use crate::web::session::Viewer;
use crate::web::{Answer, act, read, see_other};

/// POST /campaigns/{id}
pub async fn change(
    register: web::Data<Register>,
    request: HttpRequest,
    viewer: Viewer,
    Posted(fields): Posted,
) -> Answer {
    let (id, by, version) = (id(&request)?, viewer.by()?, version(&fields)?);
    let wanted = match form::wanted(&register, &viewer, &fields).await? {
        Ok(wanted) => wanted,
        Err(errors) => return again(&register, &viewer, id, fields, Refusal::Faults(errors)).await,
    };
    let outcome = act(&register, move |register| make::change(register, &by, id, version, &wanted)).await?;
    after(&register, &viewer, id, fields, outcome, "saved").await
}

/// POST /campaigns/{id}/open: as many as were read about, or nothing.
pub async fn open(
    register: web::Data<Register>,
    request: HttpRequest,
    viewer: Viewer,
    Posted(fields): Posted,
) -> Answer {
    let (id, by, version) = (id(&request)?, viewer.by()?, version(&fields)?);
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
        _ if campaign.state != CampaignState::Draft => Refusal::Refused("this campaign has begun already".to_owned()),
        None => Refusal::Refused(
            "its filter cannot be followed any more, so nothing was opened: change it below".to_owned(),
        ),
        Some(_) if read_by_reader != Some(asked) => Refusal::Refused(format!(
            "what it selects has changed since you read it, so nothing was opened: it would ask about {} now. Read it \
             again, then open it",
            thousands(i64::try_from(asked).unwrap_or(i64::MAX))
        )),
        Some(_) => Refusal::None,
    };
    let chosen = match (chosen, refusal) {
        (Some(chosen), Refusal::None) => chosen,
        (_, refusal) => return again(&register, &viewer, id, fields, refusal).await,
    };
    let outcome = act(&register, move |register| opening::open(register, &by, id, version, &chosen)).await?;
    after(&register, &viewer, id, fields, outcome.map(|_| ()), "opened").await
}

/// POST /campaigns/{id}/cancel
pub async fn cancel(
    register: web::Data<Register>,
    request: HttpRequest,
    viewer: Viewer,
    Posted(fields): Posted,
) -> Answer {
    let (id, by, version) = (id(&request)?, viewer.by()?, version(&fields)?);
    let reason = fields.raw("reason").to_owned();
    let outcome = act(&register, move |register| cancelling::cancel(register, &by, id, version, &reason)).await?;
    after(&register, &viewer, id, fields, outcome, "cancelled").await
}

fn version(fields: &Fields) -> Result<i64, WebError> {
    fields.value("version").ok_or_else(|| WebError::Bad("This form is incomplete; open its page again".to_owned()))
}

async fn after(
    register: &web::Data<Register>,
    viewer: &Viewer,
    id: Id,
    fields: Fields,
    outcome: Result<(), ActionError>,
    done: &str,
) -> Answer {
    let refusal = match outcome {
        Ok(()) => return see_other(format!("/campaigns/{id}?done={done}")),
        Err(ActionError::Invalid(errors)) => Refusal::Faults(errors),
        Err(ActionError::Refused(text)) => Refusal::Refused(text),
        Err(ActionError::Store(StoreError::Conflict)) => Refusal::Conflict,
        Err(other) => return Err(other.into()),
    };
    again(register, viewer, id, fields, refusal).await
}

async fn again(register: &web::Data<Register>, viewer: &Viewer, id: Id, fields: Fields, refusal: Refusal) -> Answer {
    render(register, viewer, id, fields, refusal, &Fields::default()).await
}
