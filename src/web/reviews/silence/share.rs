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
    /// Which way it falls, and why.
    pub verdict: String,
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
    let (let_go, unseen) = part(named, &held);
    let count = |held: &[Held]| i64::try_from(held.len()).unwrap_or(i64::MAX);
    // Where not all are read, and the last that was is past, others may be past too.
    let open_ended = found.beyond && found.planned.last().is_some_and(|one| one.is_past(today));
    Weighed {
        cuts: count(&unseen),
        let_go: count(&let_go),
        lately: breaker.lately,
        population: breaker.population,
        percent: table.breaker_percent,
        least: table.breaker_least,
        open_ended,
        stops: breaker.stops(count(&unseen)),
    }
    .told()
}

/// What a run of today is weighed by.
#[derive(Debug, Clone, Copy)]
struct Weighed {
    /// What it would cut that nobody has let go.
    cuts: i64,
    /// What it would cut that two people let go.
    let_go: i64,
    lately: i64,
    population: i64,
    percent: i64,
    least: i64,
    /// Not all of it was read.
    open_ended: bool,
    stops: bool,
}

impl Weighed {
    fn told(self) -> Share {
        let at_least = if self.open_ended { "at least " } else { "" };
        let all = self.cuts.saturating_add(self.let_go);
        let together = self.lately.saturating_add(self.cuts);
        let besides = match self.let_go {
            0 => String::new(),
            let_go => format!(": {} that two people let go, and {} besides", thousands(let_go), thousands(self.cuts)),
        };
        Share {
            words: format!(
                "A run today would cut {at_least}{}{}{besides}.",
                share_words(all, self.population),
                percent_words(all, self.population)
            ),
            lately: format!(
                "In the last {LATELY_DAYS} days silence cut {} of them. Both together are {at_least}{}{}; what two \
                 people let go is not counted, because they looked at it.",
                thousands(self.lately),
                thousands(together),
                percent_words(together, self.population)
            ),
            limit: format!(
                "A run by which both together are more than {} percent of them, and more than {}, cuts nothing and \
                 waits for two people.",
                self.percent,
                thousands(self.least)
            ),
            verdict: self.verdict(together),
            stops: self.stops,
        }
    }

    /// Which way it falls: a share alone does not say it, because a few may always be cut.
    fn verdict(self, together: i64) -> String {
        let (percent, least) = (self.percent, thousands(self.least));
        if self.stops {
            return format!(
                "A run today would stop, because both together are more than {percent} percent and more than {least}."
            );
        }
        if self.open_ended {
            return "More are past than this page reads, so it cannot say whether a run today would stop.".to_owned();
        }
        match (self.cuts, self.let_go) {
            (0, 0) => "A run today would have nothing to stop for.".to_owned(),
            (0, _) => "A run today would go on, because two people let go all that it would cut.".to_owned(),
            _ if together <= self.least => {
                format!("A run today would go on, because both together are not more than {least}.")
            }
            _ => format!("A run today would go on, because both together are not more than {percent} percent."),
        }
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

    fn weighed(cuts: i64, let_go: i64, population: i64, stops: bool) -> Weighed {
        Weighed { cuts, let_go, lately: 0, population, percent: 2, least: 5, open_ended: false, stops }
    }

    #[test]
    fn it_is_said_which_way_it_falls_and_why() {
        let verdict = |weighed: Weighed| weighed.told().verdict;
        let few = weighed(5, 0, 54, false).told();
        assert!(few.words.ends_with("production, that is 9.3 percent."), "{}", few.words);
        assert_eq!(few.verdict, "A run today would go on, because both together are not more than 5.");
        assert_eq!(
            verdict(weighed(6, 0, 54, true)),
            "A run today would stop, because both together are more than 2 percent and more than 5."
        );
        assert_eq!(
            verdict(weighed(20, 0, 1_000, false)),
            "A run today would go on, because both together are not more than 2 percent."
        );
        assert_eq!(verdict(weighed(0, 0, 54, false)), "A run today would have nothing to stop for.");
        let unread = Weighed { open_ended: true, ..weighed(5, 0, 54, false) };
        assert!(verdict(unread).contains("cannot say whether"));
    }

    #[test]
    fn what_two_people_let_go_is_cut_too_and_is_no_part_of_what_is_weighed() {
        let told = weighed(1, 6, 46, false).told();
        assert_eq!(
            told.words,
            "A run today would cut 7 of 46 identities that work or may work in production, that is 15.3 percent: 6 that \
             two people let go, and 1 besides."
        );
        assert!(told.lately.contains("Both together are 1, that is 2.2 percent;"), "{}", told.lately);
        let all = weighed(0, 6, 46, false).told();
        assert!(all.words.ends_with("6 that two people let go, and 0 besides."), "{}", all.words);
        assert_eq!(all.verdict, "A run today would go on, because two people let go all that it would cut.");
    }

    #[test]
    fn a_share_never_reads_as_less_than_it_is() {
        assert_eq!(percent_words(1, 3), ", that is 33.4 percent");
        assert_eq!(percent_words(1, 50), ", that is 2 percent");
        assert_eq!(percent_words(1, 100_000), ", that is 0.1 percent");
        assert_eq!((percent_words(0, 5), percent_words(5, 0)), (String::new(), String::new()));
    }
}
