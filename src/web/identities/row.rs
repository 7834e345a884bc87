//! One row of the list of identities.

use crate::domain::identities::{IdentityState, OwnerAnswer, state_at, state_words};
use crate::domain::ids::Moment;
use crate::store::identity_list::IdentityLine;
use crate::web::show;

/// What a row shows, as words.
pub struct Row {
    pub id: String,
    pub name: String,
    pub client_id: String,
    pub kind: &'static str,
    pub environment: &'static str,
    pub state: String,
    pub state_kind: &'static str,
    pub vendor_managed: bool,
    pub owner: String,
    pub owner_waiting: bool,
    pub expires: String,
    pub expired: bool,
    pub last_used: String,
    pub use_known: bool,
    pub next_review: String,
    pub overdue: bool,
    pub stop: &'static str,
    pub stop_kind: &'static str,
    pub tier: &'static str,
    pub tier_kind: &'static str,
}

/// The row at `now`: an expired identity is shown as suspended, whatever a job has done so far.
pub fn row(line: &IdentityLine, now: Moment, tz: chrono_tz::Tz) -> Row {
    let expired = line.expires_at.is_some_and(|at| at <= now);
    let state = state_at(line.state, line.expires_at, line.criticality, now);
    let (state_text, overrun) = state_words(line.state, line.expires_at, line.criticality, now);
    let (stop_kind, stop) = match (line.revocation_steps, line.proved_at) {
        (_, Some(_)) => ("ok", "Proved"),
        (Some(_), None) => ("warn", "Not proved"),
        (None, None) => ("bad", "Not written"),
    };
    let refused = line.business_owner_answer == Some(OwnerAnswer::Refused);
    Row {
        id: line.id.to_string(),
        name: line.name.clone(),
        client_id: line.client_id.clone().unwrap_or_default(),
        kind: line.kind.label(),
        environment: line.environment.label(),
        state: state_text,
        state_kind: if overrun { "warn" } else { state_kind(state) },
        vendor_managed: line.vendor_managed,
        owner: match (&line.business_owner_name, refused) {
            (Some(name), false) => name.clone(),
            _ => String::new(),
        },
        owner_waiting: line.business_owner_answer == Some(OwnerAnswer::Waiting),
        expires: line.expires_at.map_or_else(|| "Never".to_owned(), |at| show::day(at, tz)),
        expired,
        last_used: match (line.last_used_at, line.use_visible_since) {
            (Some(at), _) => show::day(at, tz),
            (None, Some(since)) => format!("Not since {}", show::day(since, tz)),
            (None, None) => "We can\u{2019}t see".to_owned(),
        },
        use_known: line.last_used_at.is_some(),
        next_review: line.next_review_on.map_or_else(|| "Not planned".to_owned(), show::date),
        overdue: line.next_review_on.is_some_and(|date| date < show::today(now, tz)),
        stop,
        stop_kind,
        tier: line.tier.label(),
        tier_kind: line.tier.tag(),
    }
}

/// The tag of a state: shape, word and colour.
pub fn state_kind(state: IdentityState) -> &'static str {
    match state {
        IdentityState::Active => "ok",
        IdentityState::Approved | IdentityState::Requested => "info",
        IdentityState::Suspended | IdentityState::Revoking => "warn",
        IdentityState::Revoked | IdentityState::Rejected => "plain",
    }
}
