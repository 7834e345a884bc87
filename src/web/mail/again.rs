//! Having everything tried again that the mail server could not take, as after an outage.

use actix_web::web;

use crate::actions::Register;
use crate::actions::dead_letters::{GivenUp, retry_all};
use crate::domain::listing::thousands;
use crate::web::fields::Posted;
use crate::web::session::Viewer;
use crate::web::{Answer, act, see_other};

pub(super) const DONE: &[(&str, &str)] =
    &[("again", "Everything that you read of is tried again within minutes. Whatever has not left yet stands below.")];

/// What is tried again with one press.
pub(super) struct Together {
    /// The digest of what is shown.
    pub shown: String,
    /// How many it is.
    pub button: String,
}

impl Together {
    /// What the list offers; none where there is nothing.
    pub fn of(given_up: &GivenUp) -> Option<Self> {
        let number = thousands(i64::try_from(given_up.count()).unwrap_or(i64::MAX));
        let button = match (given_up.count(), given_up.more) {
            (0, _) => return None,
            (1, _) => "Try again the one that the server could not take".to_owned(),
            (_, false) => format!("Try again all {number} that the server could not take"),
            (_, true) => format!("Try again the oldest {number} that the server could not take"),
        };
        Some(Self { shown: given_up.digest(), button })
    }
}

/// POST /mail/retry
pub async fn submit(register: web::Data<Register>, viewer: Viewer, Posted(fields): Posted) -> Answer {
    let (by, shown) = (viewer.by()?, fields.raw("shown").to_owned());
    act(&register, move |register| retry_all(register, &by, &shown)).await??;
    see_other("/mail?state=pending&done=again")
}
