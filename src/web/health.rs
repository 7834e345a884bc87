//! Whether the service is alive, and whether it can work.

use actix_web::{HttpResponse, web};

use super::Answer;
use crate::actions::Register;

/// GET /healthz: the process answers.
pub async fn alive() -> Answer {
    Ok(HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("alive\n"))
}

/// GET /readyz: the database answers and can be written.
pub async fn ready(register: web::Data<Register>) -> Answer {
    let state = register.clone();
    let outcome = web::block(move || state.database.write(|db| db.execute("SELECT 1"))).await;
    Ok(match outcome {
        Ok(Ok(())) => HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ready\n"),
        failed => {
            tracing::error!(?failed, "not ready");
            HttpResponse::ServiceUnavailable()
                .content_type("text/plain; charset=utf-8")
                .body("not ready: the database does not answer or cannot be written\n")
        }
    })
}
