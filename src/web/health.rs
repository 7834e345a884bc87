//! Whether the service is alive, and whether it can work.

use actix_web::{HttpResponse, web};

use super::Answer;
use crate::actions::Register;
use crate::actions::looks::{self, Health};
use crate::domain::jobs::Job;
use crate::domain::pulse::Pulse;

/// GET /healthz: the process answers.
pub async fn alive() -> Answer {
    Ok(HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("alive\n"))
}

/// GET /readyz: the database answers and can be written; and a word on whether jobs run, and which have not run yet, are
/// paused or run seldom. Jobs that stand still are no reason to send nobody here: every replica would say the same.
pub async fn ready(register: web::Data<Register>) -> Answer {
    let state = register.clone();
    let outcome = web::block(move || {
        state.database.write(|db| db.execute("SELECT 1"))?;
        looks::health(&mut *state.database.read()?, &state, state.now())
    })
    .await;
    Ok(match outcome {
        Ok(Ok(health)) => HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(said(&health)),
        failed => {
            tracing::error!(?failed, "not ready");
            HttpResponse::ServiceUnavailable()
                .content_type("text/plain; charset=utf-8")
                .body("not ready: the database does not answer or cannot be written\n")
        }
    })
}

fn said(health: &Health) -> String {
    let mut text = format!("ready\njobs: {}\n", health.pulse.word());
    text.push_str(&not_yet(health));
    let paused: Vec<&str> = health.paused.iter().map(|paused| paused.job.word()).collect();
    if !paused.is_empty() {
        text.push_str(&format!("paused: {}\n", paused.join(", ")));
    }
    for (job, gap) in &health.seldom {
        let next = gap.until.map_or_else(|| "never".to_owned(), |at| at.to_text());
        let from = gap.from.to_text();
        text.push_str(&format!("runs seldom: {}, not from {from} to {next}\n", job.word()));
    }
    text
}

/// Which jobs have not run yet; of each that a time has passed by since when. Where nothing ran at all, its word says so.
fn not_yet(health: &Health) -> String {
    if health.pulse == Pulse::NotStarted {
        return String::new();
    }
    let to_come: Vec<&str> = health.to_come().into_iter().map(Job::word).collect();
    let mut text = String::new();
    if !to_come.is_empty() {
        text.push_str(&format!("has not run yet: {}\n", to_come.join(", ")));
    }
    for (job, at) in health.passed_by() {
        text.push_str(&format!("passed by: {} at {}\n", job.word(), at.to_text()));
    }
    text
}
