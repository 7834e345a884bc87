//! What the page of an identity says.

use super::super::row::state_kind;
use super::IdentityPage;
use crate::domain::identities::*;
use crate::domain::ids::Moment;
use crate::domain::ownership::OwnerRole;
use crate::store::identity_parts::RevocationPath;
use crate::web::show;

impl IdentityPage {
    pub(super) fn identity(&self) -> &crate::store::identities::Identity {
        &self.facts.identity
    }

    pub(super) fn state_words(&self) -> (String, bool) {
        let identity = self.identity();
        state_words(identity.state, identity.expires_at, identity.criticality, self.now)
    }

    pub(super) fn state_tag(&self) -> &'static str {
        if self.state_words().1 { "warn" } else { state_kind(self.state) }
    }

    pub(super) fn state_text(&self) -> String {
        self.state_words().0
    }

    /// "Next review 3 Feb 2027. Expires in 41 days, on 3 Jan 2027."
    pub(super) fn state_sentence(&self) -> String {
        let identity = self.identity();
        let today = show::today(self.now, self.tz);
        let review = match identity.next_review_on {
            Some(date) if date < today => format!("Its review was due on {}.", show::date(date)),
            Some(date) => format!("Next review {}.", show::date(date)),
            None => "No review is planned.".to_owned(),
        };
        let end = identity.expires_at.map(|at| at.utc().with_timezone(&self.tz).date_naive());
        let expiry = end.map(|date| format!("{}, on {}", show::distance(today, date), show::date(date)));
        match (self.state, expiry) {
            (IdentityState::Active | IdentityState::Approved, Some(when)) if identity.has_expired(self.now) => {
                format!("Its expiry has passed {when}. Care depends on it, so nothing stops it by itself. {review}")
            }
            (_, Some(when)) if identity.has_expired(self.now) => format!("Its expiry has passed {when}. {review}"),
            (state, expiry) => {
                let cause = match state {
                    IdentityState::Suspended => format!("Why: {}. ", identity.state_cause.label()),
                    _ => String::new(),
                };
                let expiry = match expiry {
                    Some(when) => format!("Expires {when}."),
                    None => "Never expires: no end date is set.".to_owned(),
                };
                format!("{cause}{review} {expiry}")
            }
        }
    }

    /// What Muster stopped and its system still lets in: said before anything else.
    pub(super) fn still_enabled(&self) -> String {
        let state = match self.state {
            IdentityState::Suspended => "suspended",
            IdentityState::Revoking => "being revoked",
            IdentityState::Revoked => "revoked",
            IdentityState::Rejected => "rejected",
            IdentityState::Requested | IdentityState::Approved | IdentityState::Active => return String::new(),
        };
        // Muster's own door refuses what the register stopped.
        if !self.identity().enabled || self.facts.token.is_some() {
            return String::new();
        }
        let place = self.facts.system.as_ref().map_or("its system", |system| system.name.as_str());
        if let Some((who, day, saw)) = &self.reviewed.attested {
            return format!(
                "It is {state} in Muster. {who} attested on {day} what they saw at {place}: \u{201c}{saw}\u{201d} No \
                 import has shown yet that it is switched off there."
            );
        }
        format!("It is {state} in Muster, but as far as we know {place} still lets it in. Stop it there too.")
    }

    /// The page of the API token that it is, for those who may open it.
    pub(super) fn token_href(&self) -> String {
        let mine = self.facts.token.as_ref().is_some_and(|line| Some(line.token.person_id) == self.me);
        match &self.facts.token {
            Some(line) if self.reads_register || mine => format!("/tokens/{}", line.token.id),
            _ => String::new(),
        }
    }

    /// Facts that nobody has told yet, for owners, who cannot write them themselves.
    pub(super) fn missing(&self) -> String {
        let identity = self.identity();
        let missing: Vec<&str> = [
            (identity.purpose.is_none(), "why it exists"),
            (identity.access_basis.is_none(), "why it may see patient data"),
            (identity.criticality == Criticality::Unknown, "how much care depends on it"),
            (identity.business_owner_id.is_none(), "its business owner"),
            (identity.technical_owner_id.is_none(), "its technical owner"),
            (identity.next_review_on.is_none(), "when it is reviewed next"),
            (self.facts.path.is_none(), "how it is stopped"),
        ]
        .into_iter()
        .filter_map(|(missing, words)| missing.then_some(words))
        .collect();
        missing.join(", ")
    }

    /// Nobody has to be sent back to what works without a person.
    pub(super) fn needs_no_redirect(&self) -> bool {
        self.facts.redirect_uris.is_empty() && self.remarked().without_person
    }

    /// Whether the reader is one of its owners and can only ask for changes.
    pub(super) fn asks(&self) -> bool {
        !self.frame.may_keep() && self.owners.iter().any(|owner| owner.mine)
    }

    /// Whether the reader may ask for it in another environment: its owners, the deputy of its business
    /// owner, and who keeps the register.
    pub(super) fn may_promote(&self) -> bool {
        let deputy = self.facts.owners.iter().any(|(role, person, answer)| {
            *role == OwnerRole::Business
                && *answer != Some(OwnerAnswer::Refused)
                && person.as_ref().is_some_and(|owner| owner.deputy_id.is_some() && owner.deputy_id == self.me)
        });
        // An auditor who stands in for somebody only reads.
        (self.own || (deputy && !self.reads_audit) || self.frame.may_keep())
            && self.facts.token.is_none()
            && !matches!(self.identity().state, IdentityState::Revoking | IdentityState::Revoked)
    }

    /// Whether it is worth saying who prolongs it.
    pub(super) fn ends(&self) -> bool {
        self.identity().expires_at.is_some()
            && !matches!(self.state, IdentityState::Revoking | IdentityState::Revoked | IdentityState::Rejected)
    }

    /// Coverage, never a bare "never used".
    pub(super) fn use_sentence(&self) -> String {
        let identity = self.identity();
        let source = identity.last_used_source.as_deref();
        match (identity.last_used_at, identity.use_visible_since) {
            (Some(at), _) => {
                format!("Last seen {}, in {}.", show::moment(at, self.tz), source.unwrap_or("an unnamed source"))
            }
            (None, Some(since)) => format!(
                "Not seen since {}, when we began receiving calls{}.",
                show::day(since, self.tz),
                source.map(|name| format!(" from {name}")).unwrap_or_default()
            ),
            (None, None) => "We can\u{2019}t see use of this identity.".to_owned(),
        }
    }

    pub(super) fn can_suspend(&self) -> bool {
        (self.own || self.frame.may_keep())
            && !self.is_expired()
            && matches!(self.identity().state, IdentityState::Active | IdentityState::Approved)
    }
    /// Suspended, and its expiry has passed.
    pub(super) fn is_expired(&self) -> bool {
        self.state == IdentityState::Suspended && self.identity().has_expired(self.now)
    }
    pub(super) fn path(&self) -> Option<&RevocationPath> {
        self.facts.path.as_ref()
    }
    pub(super) fn edit(&self, field: &str) -> String {
        format!("/identities/{}/edit#{field}", self.identity().id)
    }
    pub(super) fn day(&self, at: &Moment) -> String {
        show::day(*at, self.tz)
    }
    pub(super) fn date(&self, date: &chrono::NaiveDate) -> String {
        show::date(*date)
    }
    pub(super) fn is_past(&self, date: &chrono::NaiveDate) -> bool {
        *date < show::today(self.now, self.tz)
    }
    pub(super) fn has_passed(&self, at: &Moment) -> bool {
        *at <= self.now
    }
    /// "3 years old": how long ago, in the largest unit that is not zero.
    pub(super) fn age(&self, at: &Moment) -> String {
        let days = (show::today(self.now, self.tz) - at.utc().with_timezone(&self.tz).date_naive()).num_days();
        match days {
            days if days >= 730 => format!("{} old", show::counted(days / 365, "year")),
            days if days >= 60 => format!("{} old", show::counted(days / 30, "month")),
            days => format!("{} old", show::counted(days.max(0), "day")),
        }
    }
    pub(super) fn lifetime(&self, seconds: &Option<i64>) -> String {
        seconds.map(show::seconds).unwrap_or_default()
    }
    pub(super) fn refresh_words(&self) -> String {
        match (self.identity().refresh_tokens, self.identity().refresh_token_seconds) {
            (RefreshTokens::Limited, Some(seconds)) => format!("End after {}", show::seconds(seconds)),
            (RefreshTokens::Unknown, _) => String::new(),
            (other, _) => other.label().to_owned(),
        }
    }
    pub(super) fn launch_words(&self) -> String {
        use crate::domain::registration::LAUNCH_TYPES;
        let words: Vec<&str> = self
            .identity()
            .launch_types
            .0
            .iter()
            .map(|launch| {
                LAUNCH_TYPES.iter().find(|(word, _)| word == launch).map_or(launch.as_str(), |(_, label)| label)
            })
            .collect();
        words.join("; ")
    }
    pub(super) fn strength_kind(&self, strength: &Strength) -> &'static str {
        match strength {
            Strength::Weak => "bad",
            Strength::Ok => "ok",
            Strength::Unknown => "unknown",
        }
    }
    pub(super) fn id(&self) -> String {
        self.identity().id.to_string()
    }
    pub(super) fn text(&self, text: &Option<String>) -> String {
        text.clone().unwrap_or_default()
    }
    pub(super) fn basis(&self) -> &'static str {
        self.identity().access_basis.map_or("", |basis| basis.label())
    }
    pub(super) fn enabled_words(&self) -> &'static str {
        if self.identity().enabled { "Yes" } else { "No" }
    }
    pub(super) fn criticality(&self) -> &'static str {
        match self.identity().criticality {
            Criticality::Unknown => "",
            known => known.label(),
        }
    }
    pub(super) fn client_type(&self) -> &'static str {
        match self.identity().client_type {
            ClientType::Unknown => "",
            known => known.label(),
        }
    }
    /// The way it signs in, as it is written on the wire and in words.
    pub(super) fn grants(&self) -> Vec<(&str, &'static str)> {
        self.identity().grant_types.0.iter().map(|grant| (grant.as_str(), grant_words(grant))).collect()
    }
    pub(super) fn event_count(&self) -> usize {
        self.events.len()
    }
}

/// What a grant type means; nothing for one that we have no words for.
fn grant_words(grant: &str) -> &'static str {
    match grant {
        "authorization_code" => "A person signs in",
        "client_credentials" => "It signs in by itself",
        "refresh_token" => "It renews its access without the person",
        "password" => "It is given a person\u{2019}s password",
        "implicit" => "A person signs in, in the old way that hands the token to the browser",
        "urn:ietf:params:oauth:grant-type:device_code" => "A person signs in on another device",
        "urn:ietf:params:oauth:grant-type:jwt-bearer" => "It signs in with a signed statement",
        "urn:ietf:params:oauth:grant-type:token-exchange" => "It exchanges another token",
        _ => "",
    }
}
