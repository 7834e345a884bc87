//! Two people are two: whoever agrees had their account before there was anything to agree to, and neither of the two
//! made the account of the other or let themselves into it.

use std::collections::HashSet;

use crate::domain::answers::counting::{FEWEST_OF_A_REASON, words_in};
use crate::domain::ids::{Id, Moment};
use crate::domain::life_cycle::parse_reason;

/// Days for which a proposal may be agreed to. What it was about is another after that.
pub const AGREE_WITHIN_DAYS: i64 = 30;

/// Days back for which it counts that somebody gave the other one a way into their account.
pub const LET_IN_DAYS: i64 = 30;

/// What somebody did about an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Touch {
    /// The account, or what it may do, began.
    Begins,
    /// Whoever did it may have signed in with it.
    LetsIn,
}

impl Touch {
    /// The actions of the audit log that matter.
    pub const ACTIONS: [&str; 6] = [
        "account.open",
        "account.change_role",
        "account.enable",
        "account.give_link",
        "account.set_password",
        "account.remove_factors",
    ];

    /// What an action of the audit log does to an account.
    pub fn of_action(action: &str) -> Option<Self> {
        match action {
            "account.open" | "account.change_role" | "account.enable" => Some(Self::Begins),
            "account.give_link" | "account.set_password" | "account.remove_factors" => Some(Self::LetsIn),
            _ => None,
        }
    }
}

/// One of two people, as far as the register knows where their account came from.
#[derive(Debug, Clone)]
pub struct Known {
    pub person: Id,
    pub account_at: Moment,
    /// What was done about the account: when, what, and by which person. Commands and jobs are nobody.
    pub touched: Vec<(Moment, Touch, Option<Id>)>,
    /// Whoever made the account, and whoever made theirs.
    pub makers: HashSet<Id>,
}

/// Why two people do not count as two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotTwo {
    #[error(
        "your account, or what it may do, is younger than this: somebody whose account was there before has to agree"
    )]
    Young,
    #[error(
        "one of you two made the account of the other, so you do not count as two: somebody else has to agree, whose \
         account neither of you made"
    )]
    Made,
    #[error(
        "one of you two gave the other one a new way into their account in the last 30 days, so you do not count as \
         two: somebody else has to agree"
    )]
    LetIn,
}

impl Known {
    /// Whether the account, and what it may do now, was there at a moment.
    ///
    /// # Errors
    /// `Young` when it was not.
    pub fn was_there(&self, since: Moment) -> Result<(), NotTwo> {
        let began = self.touched.iter().filter(|(_, touch, _)| *touch == Touch::Begins).map(|(at, _, _)| *at);
        let latest = began.chain([self.account_at]).max();
        if latest.is_some_and(|at| at > since) { Err(NotTwo::Young) } else { Ok(()) }
    }

    fn was_let_in_by(&self, other: Id, since: Moment) -> bool {
        let lately = since.plus_days(-LET_IN_DAYS);
        self.touched.iter().any(|(at, touch, by)| *touch == Touch::LetsIn && *by == Some(other) && *at >= lately)
    }
}

/// Whether the second of two people counts beside the first. `since`: when there was something to agree to.
///
/// # Errors
/// Why they do not.
pub fn are_two(first: &Known, second: &Known, since: Moment) -> Result<(), NotTwo> {
    second.was_there(since)?;
    if first.makers.contains(&second.person) || second.makers.contains(&first.person) {
        return Err(NotTwo::Made);
    }
    if first.was_let_in_by(second.person, since) || second.was_let_in_by(first.person, since) {
        return Err(NotTwo::LetIn);
    }
    Ok(())
}

/// Whether nobody can agree any more to what was proposed at a moment.
pub fn has_lapsed(proposed_at: Moment, now: Moment) -> bool {
    now > proposed_at.plus_days(AGREE_WITHIN_DAYS)
}

/// A reason for what stops more than one identity: a sentence, and not a word.
///
/// # Errors
/// In words, for the field.
pub fn read_reason(text: &str) -> Result<String, String> {
    let reason = parse_reason(text).map_err(|error| error.to_string())?;
    if words_in(&reason) < FEWEST_OF_A_REASON {
        return Err("Say why in three words at least: whoever reads it later was not there".to_owned());
    }
    Ok(reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Moment {
        Moment::parse(text).unwrap()
    }

    const BEFORE: &str = "2026-10-01T09:00:00Z";
    const PROPOSED: &str = "2026-11-23T09:00:00Z";
    const AFTER: &str = "2026-11-23T09:01:00Z";

    fn known() -> Known {
        Known { person: Id::new(), account_at: at(BEFORE), touched: Vec::new(), makers: HashSet::new() }
    }

    #[test]
    fn an_account_that_is_younger_than_the_question_agrees_to_nothing() {
        let (first, second) = (known(), known());
        let judge = |second: &Known| are_two(&first, second, at(PROPOSED));
        assert_eq!(judge(&second), Ok(()));
        assert_eq!(judge(&Known { account_at: at(AFTER), ..second.clone() }), Err(NotTwo::Young));
        let promoted = Known { touched: vec![(at(AFTER), Touch::Begins, None)], ..second.clone() };
        assert_eq!(judge(&promoted), Err(NotTwo::Young), "its role began after");
        let same = Known { account_at: at(PROPOSED), ..second };
        assert_eq!(judge(&same), Ok(()));
    }

    #[test]
    fn whoever_made_the_account_of_the_other_is_no_second_person_either_way() {
        let (first, second) = (known(), known());
        let made = Known { makers: [first.person].into(), ..second.clone() };
        assert_eq!(are_two(&first, &made, at(PROPOSED)), Err(NotTwo::Made));
        assert_eq!(are_two(&made, &first, at(PROPOSED)), Err(NotTwo::Made));
        assert_eq!(are_two(&known(), &made, at(PROPOSED)), Ok(()), "somebody else made that one");
    }

    #[test]
    fn whoever_gave_the_other_a_way_in_lately_is_no_second_person() {
        let first = known();
        let link = |when: &str, by: Id| Known { touched: vec![(at(when), Touch::LetsIn, Some(by))], ..known() };
        let judge = |second: &Known| are_two(&first, second, at(PROPOSED));
        assert_eq!(judge(&link("2026-11-01T09:00:00Z", first.person)), Err(NotTwo::LetIn));
        assert_eq!(judge(&link(AFTER, first.person)), Err(NotTwo::LetIn));
        assert_eq!(judge(&link(BEFORE, first.person)), Ok(()), "that is long ago");
        assert_eq!(judge(&link(AFTER, Id::new())), Ok(()));
    }

    #[test]
    fn a_reason_says_something() {
        for text in ["x", "yes", "so be it"] {
            assert_eq!(read_reason(text).is_ok(), text == "so be it", "{text}");
        }
        assert!(read_reason("- . x").is_err() && read_reason(" ").is_err());
    }

    #[test]
    fn a_proposal_stands_for_thirty_days() {
        let days = |days| has_lapsed(at(PROPOSED), at(PROPOSED).plus_days(days));
        assert_eq!((days(30), days(31)), (false, true));
    }
}
