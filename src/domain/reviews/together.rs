//! The one answer about several: only what carries little risk, has not changed and is still used, at most ten,
//! named one by one, and never twice running.

use chrono::NaiveDate;

use crate::domain::reaching::IdentityTier;
use crate::domain::scopes::reach::{Reach, Whose};

/// What is looked at.
#[derive(Debug, Clone)]
pub struct Item<'a> {
    pub tier: IdentityTier,
    pub reach: &'a Reach,
    /// The permissions are those that somebody looked at last: in the review before, or when they were approved.
    pub same_permissions: bool,
    pub same_owner: bool,
    pub last_used_on: Option<NaiveDate>,
    pub stop_proved: bool,
    /// The review before was answered together with others.
    pub together_before: bool,
    /// Something besides the clock and a campaign is a reason to ask.
    pub asked_early: bool,
}

/// Used within so many days.
const USED_DAYS: i64 = 90;

/// Why an item is looked at by itself, to be said to its reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Alone {
    #[error("It carries more than a low risk.")]
    Risk,
    #[error("It reaches more than one patient at a time.")]
    Reach,
    #[error("It reaches sensitive kinds of record.")]
    Sensitive,
    #[error("What it may do has changed, or nobody has looked at it before.")]
    Changed,
    #[error("Its owner has changed.")]
    Owner,
    #[error("It was not seen in use in the last 90 days.")]
    Unused,
    #[error("Nobody has tried to switch it off.")]
    StopUntried,
    #[error("It was kept together with others the last time.")]
    TwiceRunning,
    #[error("Something happened to it.")]
    Early,
    #[error("No more may be kept with one answer.")]
    TooMany,
    #[error("It is the only one, so it is answered by itself.")]
    OnlyOne,
}

/// Whether an item may be kept together with others.
///
/// # Errors
/// The first reason why it is looked at by itself.
pub fn may_join(item: &Item<'_>, today: NaiveDate) -> Result<(), Alone> {
    let used = item.last_used_on.is_some_and(|on| today.signed_duration_since(on).num_days() <= USED_DAYS);
    let checks = [
        (item.tier == IdentityTier::Low, Alone::Risk),
        (matches!(item.reach.whose, Whose::Nobody | Whose::OnePatient), Alone::Reach),
        (item.reach.sensitive_types.is_empty() && item.reach.unexplained.is_empty(), Alone::Sensitive),
        (item.same_permissions, Alone::Changed),
        (item.same_owner, Alone::Owner),
        (used, Alone::Unused),
        (item.stop_proved, Alone::StopUntried),
        (!item.together_before, Alone::TwiceRunning),
        (!item.asked_early, Alone::Early),
    ];
    match checks.into_iter().find(|(holds, _)| !holds) {
        Some((_, why)) => Err(why),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::scopes::release::Release;
    use crate::domain::scopes::{Knowledge, ScopeSet};

    fn today() -> NaiveDate {
        "2026-12-01".parse().unwrap()
    }

    fn reach(scope: &str) -> Reach {
        Reach::of(&ScopeSet::of([scope]), Release::R4, Knowledge::built_in().unwrap())
    }

    fn plain(reach: &Reach) -> Item<'_> {
        Item {
            tier: IdentityTier::Low,
            reach,
            same_permissions: true,
            same_owner: true,
            last_used_on: Some(today()),
            stop_proved: true,
            together_before: false,
            asked_early: false,
        }
    }

    #[test]
    fn each_condition_alone_keeps_an_item_apart() {
        let one = reach("patient/Appointment.rs");
        assert_eq!(may_join(&plain(&one), today()), Ok(()));
        let many = reach("user/Appointment.rs");
        let sensitive = reach("patient/Communication.rs");
        for (item, why) in [
            (Item { tier: IdentityTier::Unknown, ..plain(&one) }, Alone::Risk),
            (plain(&many), Alone::Reach),
            (plain(&sensitive), Alone::Sensitive),
            (Item { same_permissions: false, ..plain(&one) }, Alone::Changed),
            (Item { same_owner: false, ..plain(&one) }, Alone::Owner),
            (Item { last_used_on: None, ..plain(&one) }, Alone::Unused),
            (Item { last_used_on: "2026-09-01".parse().ok(), ..plain(&one) }, Alone::Unused),
            (Item { stop_proved: false, ..plain(&one) }, Alone::StopUntried),
            (Item { together_before: true, ..plain(&one) }, Alone::TwiceRunning),
            (Item { asked_early: true, ..plain(&one) }, Alone::Early),
        ] {
            assert_eq!(may_join(&item, today()), Err(why));
        }
    }
}
