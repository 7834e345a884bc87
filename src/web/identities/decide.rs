//! What is decided on the page of an identity: suspending, an owner’s answer.

use actix_web::{HttpRequest, web};

use super::identity::{field_names, render};
use crate::actions::ownership::Answer as OwnerReply;
use crate::actions::{ActionError, FieldError, Register, identities, ownership};
use crate::domain::ids::Id;
use crate::domain::ownership::OwnerRole;
use crate::web::errors::WebError;
use crate::web::fields::{Fields, Posted};
use crate::web::session::Viewer;
use crate::web::{Answer, act, read, see_other};

/// POST /identities/{id}/suspend
pub async fn suspend(
    register: web::Data<Register>,
    request: HttpRequest,
    viewer: Viewer,
    Posted(fields): Posted,
) -> Answer {
    let (id, by, sees, now) = (super::id(&request)?, viewer.by()?, viewer.sees()?, viewer.now);
    read(&register, move |db| super::check_visible(db, sees, id, now)).await?;
    let reason = fields.raw("reason").to_owned();
    let outcome = act(&register, move |register| identities::suspend(register, &by, id, &reason)).await?;
    after(&register, &viewer, id, fields, outcome, "suspended").await
}

/// POST /identities/{id}/ownership
pub async fn answer(
    register: web::Data<Register>,
    request: HttpRequest,
    viewer: Viewer,
    Posted(fields): Posted,
) -> Answer {
    let (id, by, sees, now) = (super::id(&request)?, viewer.by()?, viewer.sees()?, viewer.now);
    read(&register, move |db| super::check_visible(db, sees, id, now)).await?;
    let role: OwnerRole =
        fields.value("role").ok_or_else(|| WebError::Bad("This form names no role; open its page again".to_owned()))?;
    let (answer_field, reason_field) = field_names(role);
    let reason = fields.raw(reason_field).to_owned();
    let accepts = match fields.raw(answer_field) {
        "accept" => true,
        "refuse" => false,
        _ => {
            let errors = vec![FieldError::new(answer_field, "Choose an answer: nothing was recorded")];
            return render(&register, &viewer, id, fields, errors, "").await;
        }
    };
    let outcome = act(&register, move |register| {
        let reply = if accepts { OwnerReply::Accept } else { OwnerReply::Refuse(&reason) };
        ownership::answer(register, &by, id, role, reply)
    })
    .await?
    .map_err(|error| match error {
        ActionError::Invalid(errors) => {
            ActionError::Invalid(errors.into_iter().map(|error| FieldError::new(reason_field, error.message)).collect())
        }
        other => other,
    });
    after(&register, &viewer, id, fields, outcome, if accepts { "accepted" } else { "refused" }).await
}

async fn after(
    register: &web::Data<Register>,
    viewer: &Viewer,
    id: Id,
    fields: Fields,
    outcome: Result<(), ActionError>,
    done: &str,
) -> Answer {
    match outcome {
        Ok(()) => see_other(format!("/identities/{id}?done={done}")),
        Err(ActionError::Invalid(errors)) => render(register, viewer, id, fields, errors, "").await,
        Err(other) => Err(other.into()),
    }
}
