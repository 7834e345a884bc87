//! A run that stopped: what it holds back, who agreed, what waits behind it, and the stops of before.

use chrono::NaiveDate;
use chrono_tz::Tz;

use super::found::Found;
use super::parts::{Parts, does};
use crate::actions::reviews::silence::Planned;
use crate::domain::ids::Id;
use crate::domain::listing::thousands;
use crate::domain::permissions::Permission;
use crate::domain::reviews::silence::{Held, StopState, part};
use crate::domain::reviews::stop_words::share_words;
use crate::store::silence_stops::SilenceStop;
use crate::web::session::Viewer;
use crate::web::show;

/// Names that are listed openly; more of them stand behind one word.
const NAMED: usize = 20;

/// A run that stopped and waits.
pub struct Stop {
    pub id: Id,
    pub version: i64,
    pub words: String,
    /// What it was when the run stopped, and what was answered since; empty where nothing changed.
    pub then: String,
    pub names: Vec<Name>,
    /// Identities that are not in the register any more.
    pub unnamed: usize,
    pub agreed: String,
    /// What came since and is held back behind it; empty where nothing is.
    pub behind: String,
    pub behind_names: Vec<Name>,
    /// Two people agreed.
    pub lifted: bool,
    pub may_agree: bool,
    /// Why the reader sees no form; empty when they do.
    pub why_not: String,
}

impl Stop {
    pub fn names_open(&self) -> bool {
        self.names.len() <= NAMED
    }
}

/// An identity, where it works and what silence would do to it.
pub struct Name {
    pub review: Id,
    pub identity: Id,
    pub name: String,
    pub environment: &'static str,
    pub does: String,
}

pub struct Earlier {
    pub machine: String,
    pub on: String,
    pub state: &'static str,
    pub words: String,
    pub who: String,
    pub reason: String,
}

fn cut_words(stop: &SilenceStop) -> String {
    let all = i64::try_from(stop.reviews.0.len()).unwrap_or(i64::MAX);
    let others = match all.saturating_sub(stop.cuts) {
        ..=0 => String::new(),
        1 => ", and 1 other, elsewhere or suspended already".to_owned(),
        count => format!(", and {} others, elsewhere or suspended already", thousands(count)),
    };
    format!("{}{others}", share_words(stop.cuts, stop.population))
}

fn agreed_words(stop: &SilenceStop, found: &Found) -> String {
    match (stop.first_by_id, stop.second_by_id) {
        (None, _) => "Nobody has agreed yet".to_owned(),
        (Some(first), None) => format!("{} agreed", found.name(first)),
        (Some(first), Some(second)) => format!("{} and {} agreed", found.name(first), found.name(second)),
    }
}

/// What a run that stopped waits for, as far as it says what becomes of those that came since.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stands {
    /// Two people agreed.
    Lifted,
    /// One person agreed.
    Agreed,
    /// Nobody agreed, and silence counts.
    Counts,
    /// Nobody agreed, and silence is only simulated.
    Simulated,
}

impl Stands {
    fn of(stop: &SilenceStop, counts: bool) -> Self {
        match (stop.state == StopState::Agreed, stop.first_by_id, counts) {
            (true, _, _) => Self::Lifted,
            (_, Some(_), _) => Self::Agreed,
            (_, None, true) => Self::Counts,
            (_, None, false) => Self::Simulated,
        }
    }
}

/// How many came since the run stopped, and what becomes of them; empty where none did.
fn behind_words(count: usize, stands: Stands) -> String {
    if count == 0 {
        return String::new();
    }
    let (who, waits, them, they_are, themselves) = match count {
        1 => ("1 identity".to_owned(), "waits", "it", "it is", "itself"),
        many => {
            let many = thousands(i64::try_from(many).unwrap_or(i64::MAX));
            (format!("{many} identities"), "wait", "them", "they are", "themselves")
        }
    };
    match stands {
        Stands::Lifted => {
            format!("{who} came since. Nobody agreed to {them}; the next run judges {them} by {themselves}.")
        }
        Stands::Agreed => format!(
            "{who} came since somebody agreed, and {waits} behind this stop. No agreement covers {them}: {they_are} held \
             back until this stop is decided, and then judged by {themselves}."
        ),
        Stands::Counts => format!("{who} came since the run. The next run adds {them} here."),
        Stands::Simulated => {
            format!("{who} came since the run. Silence is only simulated, so nothing happens to {them}.")
        }
    }
}

/// What would be cut today and stands in no stop.
fn behind<'a>(stop: &SilenceStop, found: &'a Found, today: NaiveDate) -> Vec<&'a Planned> {
    let past: Vec<&Planned> =
        found.planned.iter().filter(|one| one.is_past(today) && !one.waits() && one.cuts()).collect();
    let held: Vec<Held> = past.iter().map(|one| one.held()).collect();
    let (_, others) = part(&stop.reviews.0, &held);
    past.into_iter().filter(|one| others.iter().any(|held| held.review == one.review.id)).collect()
}

pub fn stop_of(stop: &SilenceStop, found: &Found, viewer: &Viewer, today: NaiveDate) -> Stop {
    let lifted = stop.state == StopState::Agreed;
    let me = viewer.person().ok();
    let keeps = viewer.may(Permission::KeepRegister) && viewer.token.is_none();
    let mine = stop.first_by_id.is_some() && stop.first_by_id == me;
    let why_not = match (lifted, keeps, mine) {
        (true, _, _) => {
            "Two people agreed, so it goes on with the next run. What is due by then besides is counted anew."
        }
        (_, false, _) => "Two people who keep the register can let it go on.",
        (_, _, true) => {
            "You agreed already. More than one identity is stopped by two people, so somebody else has to agree too."
        }
        _ => "",
    };
    let behind = behind(stop, found, today);
    let parts = Parts::of(&found.named);
    let population = found.breaker.population;
    Stop {
        id: stop.id,
        version: stop.version,
        words: parts.words(population),
        then: parts.then(stop, population),
        unnamed: stop.reviews.0.len().saturating_sub(found.named.len()),
        names: found
            .named
            .iter()
            .map(|one| Name {
                review: one.held.review,
                identity: one.identity.id,
                name: one.identity.name.clone(),
                environment: one.identity.environment.label(),
                does: does(one),
            })
            .collect(),
        agreed: match &stop.reason {
            Some(reason) => format!("{}: \u{201c}{reason}\u{201d}", agreed_words(stop, found)),
            None => format!("{}.", agreed_words(stop, found)),
        },
        behind: behind_words(behind.len(), Stands::of(stop, found.counts)),
        behind_names: behind
            .into_iter()
            .map(|one| Name {
                review: one.review.id,
                identity: one.identity.id,
                name: one.identity.name.clone(),
                environment: one.identity.environment.label(),
                does: one.silence.would().to_owned(),
            })
            .collect(),
        lifted,
        may_agree: why_not.is_empty(),
        why_not: why_not.to_owned(),
    }
}

pub fn earlier(found: &Found, tz: Tz) -> Vec<Earlier> {
    found
        .earlier
        .iter()
        .map(|stop| Earlier {
            machine: stop.stopped_at.to_text(),
            on: show::moment(stop.stopped_at, tz),
            state: stop.state.label(),
            words: cut_words(stop),
            who: agreed_words(stop, found),
            reason: stop.reason.clone().unwrap_or_default(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_that_came_since_waits_and_several_wait() {
        assert_eq!(behind_words(0, Stands::Agreed), "");
        assert_eq!(
            behind_words(1, Stands::Agreed),
            "1 identity came since somebody agreed, and waits behind this stop. No agreement covers it: it is held back \
             until this stop is decided, and then judged by itself."
        );
        assert_eq!(
            behind_words(1_200, Stands::Agreed),
            "1,200 identities came since somebody agreed, and wait behind this stop. No agreement covers them: they are \
             held back until this stop is decided, and then judged by themselves."
        );
    }

    #[test]
    fn what_becomes_of_one_that_came_since_is_said_of_one() {
        for stands in [Stands::Lifted, Stands::Agreed, Stands::Counts, Stands::Simulated] {
            let (one, two) = (behind_words(1, stands), behind_words(2, stands));
            assert!(one.starts_with("1 identity came since") && !one.contains("them"), "{one}");
            assert!(two.starts_with("2 identities came since") && two.contains("them"), "{two}");
        }
    }
}
