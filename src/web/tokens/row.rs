//! What pages say of a token.

use chrono_tz::Tz;

use crate::domain::api_tokens::Stopped;
use crate::domain::ids::Moment;
use crate::store::api_tokens::TokenLine;
use crate::web::show;

/// A line of a list of tokens.
pub struct Row {
    pub href: String,
    pub name: String,
    pub ending: String,
    pub creator: String,
    pub creator_href: String,
    pub scopes: Vec<&'static str>,
    pub ends_machine: String,
    pub ends: String,
    pub used: String,
    pub tag: &'static str,
    pub state: &'static str,
}

impl Row {
    pub fn of(line: &TokenLine, now: Moment, tz: Tz) -> Self {
        let token = &line.token;
        let (tag, state) = state(line, now);
        Self {
            href: format!("/tokens/{}", token.id),
            name: token.name.clone(),
            ending: token.ending.clone(),
            creator: line.creator.clone(),
            creator_href: format!("/people/{}", token.person_id),
            scopes: token.scopes.0.iter().map(|scope| scope.label()).collect(),
            ends_machine: token.ends_at.to_text(),
            ends: show::moment(token.ends_at, tz),
            used: used(line, tz),
            tag,
            state,
        }
    }
}

/// How it stands: the kind of its tag and the word.
pub fn state(line: &TokenLine, now: Moment) -> (&'static str, &'static str) {
    match line.standing(now).check(now) {
        Ok(()) => ("ok", "Good"),
        Err(stopped @ (Stopped::Revoked | Stopped::Ended)) => ("plain", stopped.label()),
        Err(stopped) => ("warn", stopped.label()),
    }
}

/// "23 Nov 2026, 09:00 CST, from 10.1.2.3".
pub fn used(line: &TokenLine, tz: Tz) -> String {
    match (line.token.last_used_at, line.token.last_used_from.as_deref()) {
        (Some(at), Some(from)) if !from.is_empty() => format!("{}, from {from}", show::moment(at, tz)),
        (Some(at), _) => show::moment(at, tz),
        (None, _) => "Never".to_owned(),
    }
}
