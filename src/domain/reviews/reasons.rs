//! Why somebody is asked: the clock, a campaign, or something that happened in between.

use chrono::NaiveDate;

use crate::domain::identities::Environment;
use crate::domain::ids::{Id, Moment};
use crate::domain::ownership::OwnerRole;
use crate::domain::scopes::covers::Held;
use crate::domain::scopes::{ScopeSet, Verdict};
use crate::domain::task_words::date_words;
use crate::words;

words! {
    /// Why a review is opened before or at its time.
    ReviewCause {
        Clock = "clock", "Its review is due";
        Campaign = "campaign", "A campaign asks about it";
        ScopeChange = "scope_change", "What it may do has changed";
        OwnerChange = "owner_change", "It has another owner";
        OwnerLeft = "owner_left", "An owner has left";
        NewKey = "new_key", "It has a new key or secret";
        Promotion = "promotion", "It works in production now";
        CriticalFinding = "critical_finding", "It breaks a rule badly";
        FirstUse = "first_use", "It was used again after a long time";
        ContractEnds = "contract_ends", "The contract with its vendor ends";
        /// Its record was changed by hand, so that its tier fell or silence does something else.
        OtherRules = "other_rules", "Other rules count for it now";
    }
}

impl ReviewCause {
    /// Whether it says that the identity reaches further, or that it breaks a rule badly, than when somebody last
    /// decided: such a reason does not wait for the day of a decision. A new key reaches no further.
    pub fn reaches_further(self) -> bool {
        matches!(self, Self::ScopeChange | Self::Promotion | Self::CriticalFinding)
    }
}

/// A reason, in words; with its cause and period it is known again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    pub cause: ReviewCause,
    /// What makes it the same reason: a day, a version, the id of a campaign.
    pub period: String,
    /// A sentence that names no person.
    pub says: String,
}

impl Reason {
    /// Its review came up on that day. Where that is past when somebody is asked, it is said as what it is: the day by
    /// which an answer is due is another one, and stands beside it.
    pub fn clock(on: NaiveDate, today: NaiveDate) -> Self {
        let says = match on < today {
            true => format!("It should have been asked about by {}.", date_words(on)),
            false => format!("Its review came up on {}.", date_words(on)),
        };
        Self::new(ReviewCause::Clock, on.to_string(), says)
    }

    /// A campaign asks.
    pub fn campaign(id: Id, name: &str) -> Self {
        Self::new(ReviewCause::Campaign, id.to_string(), format!("It is part of the campaign \u{201c}{name}\u{201d}."))
    }

    /// An owner left on that day.
    pub fn owner_left(role: OwnerRole, on: NaiveDate) -> Self {
        Self::new(
            ReviewCause::OwnerLeft,
            format!("{}:{on}", role.word()),
            format!("Its {} left on {}.", role.label().to_lowercase(), date_words(on)),
        )
    }

    /// The vendor's contract ends on that day.
    pub fn contract_ends(on: NaiveDate) -> Self {
        Self::new(
            ReviewCause::ContractEnds,
            on.to_string(),
            format!("The contract with its vendor ends on {}.", date_words(on)),
        )
    }

    /// What it may do was approved anew while a decision waited.
    pub fn approved_anew(review: Id, says: &str) -> Self {
        Self::new(ReviewCause::ScopeChange, format!("review:{review}"), says.to_owned())
    }

    /// Other rules count for it since this version of its record.
    pub fn other_rules(version: i64, says: &str) -> Self {
        Self::new(ReviewCause::OtherRules, version.to_string(), says.to_owned())
    }

    /// A critical finding was opened.
    pub fn finding(finding: Id, says: &str) -> Self {
        Self::new(ReviewCause::CriticalFinding, finding.to_string(), says.to_owned())
    }

    fn new(cause: ReviewCause, period: String, says: String) -> Self {
        Self { cause, period, says }
    }
}

/// What of an identity a change may be a reason by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noticed<'a> {
    pub version: i64,
    /// The scopes that its system gives it, as they are written.
    pub issued: Vec<&'a str>,
    pub business_owner: Option<Id>,
    pub technical_owner: Option<Id>,
    /// What tells its keys and secrets apart: thumbprints, fingerprints, key ids.
    pub keys: Vec<String>,
    pub environment: Environment,
    pub last_used_at: Option<Moment>,
    /// Since when use would have been seen, if there had been any: its registration.
    pub quiet_since: Option<Moment>,
}

/// The reasons that a change gives to ask early. Only what grows counts: a scope that went away or a key that was
/// removed is none.
pub fn noticed(before: &Noticed<'_>, after: &Noticed<'_>, dormant_days: i64) -> Vec<Reason> {
    let period = || after.version.to_string();
    let mut reasons = Vec::new();
    // By meaning: the same access in another spelling is nothing new. What cannot be told is.
    let had = ScopeSet::of_product(before.issued.iter().copied());
    let mut held = Held::of(&had);
    let mut is_new = |scope: &&&str| {
        !before.issued.contains(*scope) && held.covers(&ScopeSet::of_product([**scope])).verdict != Verdict::Covered
    };
    let new: Vec<&str> = after.issued.iter().filter(|scope| is_new(scope)).copied().collect();
    if !new.is_empty() {
        let how_many = if new.len() == 1 { "one permission".to_owned() } else { format!("{} permissions", new.len()) };
        reasons.push(Reason::new(
            ReviewCause::ScopeChange,
            period(),
            format!("Its system gives it {how_many} that it did not give before."),
        ));
    }
    for (was, is, role) in [
        (before.business_owner, after.business_owner, OwnerRole::Business),
        (before.technical_owner, after.technical_owner, OwnerRole::Technical),
    ] {
        // A first owner changes nothing that somebody answered for.
        if was.is_some() && was != is {
            reasons.push(Reason::new(
                ReviewCause::OwnerChange,
                format!("{}:{}", after.version, role.word()),
                format!("Its {} has changed.", role.label().to_lowercase()),
            ));
        }
    }
    if after.keys.iter().any(|key| !before.keys.contains(key)) {
        let says = "It has a key or a secret that was not there before.".to_owned();
        reasons.push(Reason::new(ReviewCause::NewKey, period(), says));
    }
    if after.environment == Environment::Production && before.environment != Environment::Production {
        let says = "It moved to production.".to_owned();
        reasons.push(Reason::new(ReviewCause::Promotion, period(), says));
    }
    if let (None, Some(is), Some(since)) = (before.last_used_at, after.last_used_at, after.quiet_since)
        && is >= since.plus_days(dormant_days)
    {
        reasons.push(Reason::new(
            ReviewCause::FirstUse,
            is.date().to_string(),
            format!(
                "It was used on {}, for the first time since it was registered on {}.",
                date_words(is.date()),
                date_words(since.date())
            ),
        ));
    }
    if let (Some(was), Some(is)) = (before.last_used_at, after.last_used_at)
        && is >= was.plus_days(dormant_days)
    {
        reasons.push(Reason::new(
            ReviewCause::FirstUse,
            is.date().to_string(),
            format!("It was used on {}, for the first time since {}.", date_words(is.date()), date_words(was.date())),
        ));
    }
    reasons
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Moment {
        Moment::parse(text).unwrap()
    }

    fn plain() -> Noticed<'static> {
        Noticed {
            version: 3,
            issued: vec!["patient/Observation.rs"],
            business_owner: Some(Id(uuid::Uuid::nil())),
            technical_owner: None,
            keys: vec!["a".to_owned()],
            environment: Environment::Staging,
            last_used_at: Some(at("2026-01-01T00:00:00Z")),
            quiet_since: Some(at("2025-06-01T00:00:00Z")),
        }
    }

    fn causes(after: &Noticed<'_>) -> Vec<ReviewCause> {
        noticed(&plain(), after, 90).into_iter().map(|reason| reason.cause).collect()
    }

    #[test]
    fn each_change_that_somebody_should_look_at_is_a_reason_of_its_own() {
        for (after, cause) in [
            (Noticed { issued: vec!["patient/Observation.rs", "patient/*.rs"], ..plain() }, ReviewCause::ScopeChange),
            (Noticed { business_owner: Some(Id::new()), ..plain() }, ReviewCause::OwnerChange),
            (Noticed { business_owner: None, ..plain() }, ReviewCause::OwnerChange),
            (Noticed { keys: vec!["a".to_owned(), "b".to_owned()], ..plain() }, ReviewCause::NewKey),
            (Noticed { environment: Environment::Production, ..plain() }, ReviewCause::Promotion),
            (Noticed { last_used_at: Some(at("2026-04-01T00:00:00Z")), ..plain() }, ReviewCause::FirstUse),
        ] {
            assert_eq!(causes(&after), [cause], "{after:?}");
        }
    }

    #[test]
    fn what_shrinks_or_stays_is_no_reason() {
        for after in [
            plain(),
            Noticed { issued: Vec::new(), ..plain() },
            Noticed { issued: vec!["patient/Observation.read"], ..plain() },
            Noticed { keys: Vec::new(), ..plain() },
            Noticed { technical_owner: Some(Id::new()), ..plain() },
            Noticed { last_used_at: Some(at("2026-03-31T00:00:00Z")), ..plain() },
            Noticed { last_used_at: None, ..plain() },
        ] {
            assert!(causes(&after).is_empty(), "{after:?}");
        }
    }

    #[test]
    fn use_for_the_first_time_ever_is_a_reason_when_it_could_have_been_seen_for_long() {
        let never = Noticed { last_used_at: None, ..plain() };
        let used = |day: &str, since: Option<&str>| {
            let after = Noticed { last_used_at: Some(at(day)), quiet_since: since.map(at), ..plain() };
            noticed(&never, &after, 90)
        };
        let reasons = used("2025-08-30T00:00:00Z", Some("2025-06-01T00:00:00Z"));
        assert_eq!(reasons.iter().map(|reason| reason.cause).collect::<Vec<_>>(), [ReviewCause::FirstUse]);
        assert_eq!(
            reasons[0].says,
            "It was used on 30 Aug 2025, for the first time since it was registered on 1 Jun 2025."
        );
        assert!(used("2025-08-29T23:59:59Z", Some("2025-06-01T00:00:00Z")).is_empty(), "it is new");
        assert!(used("2025-08-30T00:00:00Z", None).is_empty(), "nobody knows for how long");
    }

    #[test]
    fn the_same_access_in_another_spelling_is_nothing_new_and_what_cannot_be_told_is() {
        let causes = |issued: Vec<&'static str>| -> Vec<ReviewCause> {
            let before = Noticed { issued: vec!["patient/Observation.read", "openid"], ..plain() };
            let after = Noticed { issued, ..plain() };
            noticed(&before, &after, 90).into_iter().map(|reason| reason.cause).collect()
        };
        assert!(causes(vec!["patient/Observation.rs", "openid"]).is_empty());
        assert!(causes(vec!["openid", "patient/Observation.s", "patient/Observation.r"]).is_empty(), "the same in two");
        assert!(causes(vec!["patient/Observation.rs?category=laboratory"]).is_empty(), "less");
        assert_eq!(causes(vec!["patient/Observation.cruds", "openid"]), [ReviewCause::ScopeChange]);
        assert_eq!(causes(vec!["patient/Observation.read", "ward/board.write"]), [ReviewCause::ScopeChange]);
    }

    #[test]
    fn what_is_asked_about_late_is_not_said_to_be_due_and_is_the_same_reason() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let (late, in_time) =
            (Reason::clock(day("2026-10-03"), day("2026-11-27")), Reason::clock(day("2026-10-03"), day("2026-10-03")));
        assert_eq!(late.says, "It should have been asked about by 3 Oct 2026.");
        assert_eq!(in_time.says, "Its review came up on 3 Oct 2026.");
        assert_eq!((late.cause, late.period), (in_time.cause, in_time.period));
    }

    #[test]
    fn the_same_change_seen_twice_is_one_reason() {
        let after = Noticed { environment: Environment::Production, ..plain() };
        assert_eq!(noticed(&plain(), &after, 90), noticed(&plain(), &after, 90));
    }
}
