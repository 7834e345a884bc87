//! What today's run would cut of what works or may work in production, and what silence has cut of it lately.

use chrono::NaiveDate;

use super::found::Found;
use crate::actions::Register;
use crate::actions::reviews::silence::Planned;
use crate::domain::listing::thousands;
use crate::domain::reviews::silence::{Held, LATELY_DAYS, StopState, part};
use crate::domain::reviews::stop_words::share_words;

/// What today's run would cut of what works or may work in production.
pub struct Share {
    pub words: String,
    /// What was cut in the last days, and both together.
    pub lately: String,
    pub limit: String,
    /// It would stop before it cuts anything.
    pub stops: bool,
}

pub fn share(register: &Register, found: &Found, today: NaiveDate) -> Share {
    let table = &register.deployment.reviews;
    let breaker = found.breaker;
    let past: Vec<&Planned> =
        found.planned.iter().filter(|one| one.is_past(today) && !one.waits() && one.may_cut_production()).collect();
    let held: Vec<Held> = past.iter().map(|one| one.held()).collect();
    // What two people let go is looked at, and leaves the share to the rest.
    let named: &[Held] = match &found.waiting {
        Some(stop) if stop.state == StopState::Agreed => &stop.reviews.0,
        _ => &[],
    };
    let (_, unseen) = part(named, &held);
    let cuts = i64::try_from(unseen.len()).unwrap_or(i64::MAX);
    // Where not all are read, and the last that was is past, others may be past too.
    let open_ended = found.beyond && found.planned.last().is_some_and(|one| one.is_past(today));
    let at_least = if open_ended { "at least " } else { "" };
    let together = breaker.lately.saturating_add(cuts);
    Share {
        words: format!(
            "A run today would cut {at_least}{}{}.",
            share_words(cuts, breaker.population),
            percent_words(cuts, breaker.population)
        ),
        lately: format!(
            "In the last {LATELY_DAYS} days silence cut {} of that kind, without what two people let go; together that \
             would be {at_least}{}{}.",
            thousands(breaker.lately),
            thousands(together),
            percent_words(together, breaker.population)
        ),
        limit: format!(
            "A run by which both together would be more than {} percent of them, and more than {}, cuts nothing and \
             waits for two people.",
            table.breaker_percent, table.breaker_least
        ),
        stops: breaker.stops(cuts),
    }
}

/// ", that is 2.5 percent", rounded up to a tenth so that it never reads as less than it is.
fn percent_words(part: i64, whole: i64) -> String {
    if whole <= 0 || part <= 0 {
        return String::new();
    }
    let tenths = part.saturating_mul(1_000).saturating_add(whole - 1) / whole;
    match tenths % 10 {
        0 => format!(", that is {} percent", tenths / 10),
        rest => format!(", that is {}.{rest} percent", tenths / 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_never_reads_as_less_than_it_is() {
        assert_eq!(percent_words(1, 3), ", that is 33.4 percent");
        assert_eq!(percent_words(1, 50), ", that is 2 percent");
        assert_eq!(percent_words(1, 100_000), ", that is 0.1 percent");
        assert_eq!((percent_words(0, 5), percent_words(5, 0)), (String::new(), String::new()));
    }
}
