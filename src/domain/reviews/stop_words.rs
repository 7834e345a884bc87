//! What is said of a run of silence that stopped: how many would have lost what, where they work or may work in
//! production, and besides.

use super::silence::Silence;
use crate::domain::listing::thousands;

/// How many of how many: "6 of 300 identities that work or may work in production".
pub fn share_words(cuts: i64, population: i64) -> String {
    format!("{} of {} identities that work or may work in production", thousands(cuts), thousands(population))
}

/// How many would have met which end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ends {
    pub suspended: i64,
    pub revoked: i64,
}

impl Ends {
    /// Adds one by what silence would have done to it. What is not cut is not counted.
    pub fn add(&mut self, silence: Silence) {
        match silence {
            Silence::Suspend => self.suspended += 1,
            Silence::Revoke => self.revoked += 1,
            Silence::Keep | Silence::Escalate => {}
        }
    }

    /// All of them.
    pub fn all(self) -> i64 {
        self.suspended + self.revoked
    }

    /// "4 would be suspended, 2 would be revoked".
    fn words(self) -> String {
        let mut said = Vec::new();
        if self.suspended > 0 {
            said.push(format!("{} would be suspended", thousands(self.suspended)));
        }
        if self.revoked > 0 {
            said.push(format!("{} would be revoked", thousands(self.revoked)));
        }
        said.join(", ")
    }
}

/// What a stopped run holds back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stopped {
    /// Of those that work in production, or may.
    pub production: Ends,
    /// How many do.
    pub population: i64,
    /// Of the others: elsewhere, or suspended already where they would be revoked.
    pub others: Ends,
}

impl Stopped {
    /// What is said of them, in a sentence or two each.
    pub fn lines(self) -> Vec<String> {
        let all = thousands(self.population);
        let reviews = match self.production.all() {
            0 => format!("Of the {all} identities that work or may work in production none is held back any more."),
            1 => format!(
                "Nobody answered the review of 1 identity that works or may work in production, of {all} that do: {}.",
                self.production.words()
            ),
            many => format!(
                "Nobody answered the reviews of {} identities that work or may work in production, of {all} that do: \
                 {}.",
                thousands(many),
                self.production.words()
            ),
        };
        let mut lines = vec![format!("{reviews} Nothing was cut.")];
        match self.others.all() {
            0 => {}
            1 => lines.push(format!(
                "The run would also have ended the review of 1 other identity, which nobody answered either and which \
                 does not work in production: {}.",
                self.others.words()
            )),
            many => lines.push(format!(
                "The run would also have ended the reviews of {} other identities, which nobody answered either and \
                 of which none works in production: {}.",
                thousands(many),
                self.others.words()
            )),
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_says_that_it_is_of_what_may_work_in_production_too() {
        assert_eq!(share_words(6, 1_300), "6 of 1,300 identities that work or may work in production");
    }

    #[test]
    fn each_is_counted_by_its_own_end() {
        let mut ends = Ends::default();
        for silence in [Silence::Suspend, Silence::Revoke, Silence::Revoke, Silence::Keep, Silence::Escalate] {
            ends.add(silence);
        }
        assert_eq!(ends, Ends { suspended: 1, revoked: 2 });
        assert_eq!(ends.all(), 3);
        assert_eq!(ends.words(), "1 would be suspended, 2 would be revoked");
    }

    #[test]
    fn the_others_are_said_to_be_others_of_what_and_what_would_be_done_to_them() {
        let stopped = Stopped {
            production: Ends { suspended: 1_200, ..Ends::default() },
            population: 40_000,
            others: Ends { suspended: 2, revoked: 4 },
        };
        assert_eq!(
            stopped.lines(),
            [
                "Nobody answered the reviews of 1,200 identities that work or may work in production, of 40,000 that \
                 do: 1,200 would be suspended. Nothing was cut.",
                "The run would also have ended the reviews of 6 other identities, which nobody answered either and of \
                 which none works in production: 2 would be suspended, 4 would be revoked."
            ]
        );
        let one = Ends { revoked: 1, ..Ends::default() };
        let alone = Stopped { production: one, population: 9, others: one };
        assert_eq!(
            alone.lines(),
            [
                "Nobody answered the review of 1 identity that works or may work in production, of 9 that do: 1 would \
                 be revoked. Nothing was cut.",
                "The run would also have ended the review of 1 other identity, which nobody answered either and which \
                 does not work in production: 1 would be revoked."
            ]
        );
        let none = Stopped { production: Ends::default(), population: 9, others: Ends::default() };
        assert_eq!(
            none.lines(),
            ["Of the 9 identities that work or may work in production none is held back any more. Nothing was cut."]
        );
    }
}
