//! What of a stopped run is what: in production or perhaps there, suspended already, elsewhere, or ended since.

use super::found::Named;
use super::rows::STAYS_SUSPENDED;
use crate::domain::identities::IdentityState;
use crate::domain::listing::thousands;
use crate::domain::reviews::silence::Silence;
use crate::domain::reviews::stop_words::share_words;
use crate::store::silence_stops::SilenceStop;

/// What of a stop is what, as it is now.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// They work in production, or may, and would not any more.
    pub production: i64,
    /// They are suspended, and stay so.
    pub suspended: i64,
    pub elsewhere: i64,
    /// Somebody answered, or their review ended otherwise: the next run leaves them out.
    pub ended: i64,
}

impl Parts {
    /// Counts it.
    pub fn of(named: &[Named]) -> Self {
        let mut parts = Self::default();
        for one in named {
            let part = match (one.open, one.identity.environment.may_be_production(), one.identity.state) {
                (false, _, _) => &mut parts.ended,
                _ if stays(one) => &mut parts.suspended,
                (true, true, IdentityState::Active) => &mut parts.production,
                _ => &mut parts.elsewhere,
            };
            *part += 1;
        }
        parts
    }

    /// "13 of 49 identities that work or may work in production, and 6 others: 5 are suspended already and stay so, 1
    /// does not work in production".
    pub fn words(&self, population: i64) -> String {
        let mut others: Vec<String> = Vec::new();
        match self.suspended {
            0 => {}
            1 => others.push("1 is suspended already and stays so".to_owned()),
            many => others.push(format!("{} are suspended already and stay so", thousands(many))),
        }
        match self.elsewhere {
            0 => {}
            1 => others.push("1 does not work in production".to_owned()),
            many => others.push(format!("{} do not work in production", thousands(many))),
        }
        let besides = match self.suspended + self.elsewhere {
            0 => String::new(),
            1 => format!(", and 1 other: {}", others.join(", ")),
            many => format!(", and {} others: {}", thousands(many), others.join(", ")),
        };
        format!("{}{besides}", share_words(self.production, population))
    }

    /// What changed since the run stopped.
    pub fn then(&self, stop: &SilenceStop, population: i64) -> String {
        let mut said = Vec::new();
        if (stop.cuts, stop.population) != (self.production, population) {
            said.push(format!(
                "When the run was looked at last, these were {}.",
                share_words(stop.cuts, stop.population)
            ));
        }
        match self.ended {
            0 => {}
            1 => said.push("1 was answered or ended since, and goes with the next run.".to_owned()),
            many => said.push(format!("{} were answered or ended since, and go with the next run.", thousands(many))),
        }
        said.join(" ")
    }
}

/// Whether what a stop names is suspended already, and would only stay so.
fn stays(one: &Named) -> bool {
    one.identity.state == IdentityState::Suspended && one.held.does != Some(Silence::Revoke)
}

/// What would be done to what a stop names, in words; empty where a stop of before did not note it.
pub fn does(one: &Named) -> String {
    match (one.open, one.held.does) {
        (false, _) => "answered or ended since".to_owned(),
        _ if stays(one) => STAYS_SUSPENDED.to_lowercase(),
        (true, Some(does)) => does.would().to_owned(),
        (true, None) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::identities::Environment;
    use crate::domain::ids::Id;
    use crate::domain::reviews::silence::Held;
    use crate::store::identity_names::IdentityName;

    fn named(environment: Environment, state: IdentityState, does: Silence, open: bool) -> Named {
        let identity = IdentityName { id: Id::new(), name: "Planner".to_owned(), client_id: None, environment, state };
        Named { identity, held: Held { review: Id::new(), does: Some(does) }, open }
    }

    #[test]
    fn what_a_stop_holds_back_adds_up_and_says_what_the_others_are() {
        use Environment::{Production, Sandbox, Unknown};
        use IdentityState::{Active, Suspended};
        let held = [
            named(Production, Active, Silence::Suspend, true),
            named(Unknown, Active, Silence::Suspend, true),
            named(Production, Suspended, Silence::Suspend, true),
            named(Unknown, Suspended, Silence::Suspend, true),
            named(Sandbox, Active, Silence::Revoke, true),
            named(Production, Active, Silence::Suspend, false),
        ];
        let parts = Parts::of(&held);
        assert_eq!(parts, Parts { production: 2, suspended: 2, elsewhere: 1, ended: 1 });
        assert_eq!(
            parts.words(49),
            "2 of 49 identities that work or may work in production, and 3 others: 2 are suspended already and stay \
             so, 1 does not work in production"
        );
        let one = Parts { production: 1, ..Parts::default() };
        assert_eq!(one.words(9), "1 of 9 identities that work or may work in production");
        assert_eq!(held.iter().map(does).filter(|does| *does == "stays suspended").count(), 2);
        assert_eq!(does(&held[5]), "answered or ended since");
    }
}
