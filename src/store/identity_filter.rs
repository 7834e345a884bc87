//! Which identities a list is asked for, and in which order.

use chrono::NaiveDate;

use crate::domain::identities::{Environment, IdentityKind, IdentityState};
use crate::domain::ids::{Id, Moment};
use crate::domain::listing::{Cursor, Direction};
use crate::domain::reaching::IdentityTier;
use crate::words;

words! {
    /// What the list can be sorted by. Each has an index.
    IdentitySort {
        Name = "name", "Name";
        Expires = "expires", "Expires";
        LastUsed = "last_used", "Last used";
        NextReview = "next_review", "Next review";
        Registered = "registered", "Registered";
        /// By tier, and within a tier by reach. What is unknown stands last in both directions.
        Risk = "risk", "Risk";
    }
}

words! {
    /// Which identities, by when they expire.
    ExpiryFilter {
        Passed = "passed", "Has passed";
        Within30Days = "within_30_days", "Within 30 days";
        Within90Days = "within_90_days", "Within 90 days";
        Never = "never", "Never";
    }
}

words! {
    /// Which identities, by how they can be stopped.
    RevocationFilter {
        Missing = "missing", "Nobody wrote how";
        NotProved = "not_proved", "Written, never proved";
        Proved = "proved", "Proved";
    }
}

words! {
    /// Which identities, by their review.
    ReviewFilter {
        Overdue = "overdue", "Overdue";
        Within30Days = "within_30_days", "Due within 30 days";
        NotPlanned = "not_planned", "Not planned";
    }
}

words! {
    /// Which identities, by what was seen of their use.
    UseFilter {
        NotFor90Days = "not_for_90_days", "Not seen for 90 days";
        Unknown = "unknown", "No use is known";
    }
}

/// An owner to filter by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OwnerFilter {
    /// Nobody, or somebody who refused.
    Nobody,
    Person(Id),
}

/// Which identities are asked for. Everything that is set must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct IdentityFilter {
    /// Any part of name, client id, description or purpose.
    pub search: Option<String>,
    pub kind: Option<IdentityKind>,
    pub environment: Option<Environment>,
    pub state: Option<IdentityState>,
    pub system: Option<Id>,
    pub vendor: Option<Id>,
    pub business_owner: Option<OwnerFilter>,
    pub technical_owner: Option<OwnerFilter>,
    pub expiry: Option<ExpiryFilter>,
    pub revocation: Option<RevocationFilter>,
    pub review: Option<ReviewFilter>,
    pub usage: Option<UseFilter>,
    pub vendor_managed: Option<bool>,
    pub tier: Option<IdentityTier>,
    /// Holds exactly this scope on its issued list.
    pub scope: Option<String>,
    /// Only what this person owns, or is the deputy for: what an owner may see.
    pub visible_to: Option<Id>,
}

/// How the list is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdentityOrder {
    pub sort: IdentitySort,
    pub direction: Direction,
}

impl IdentityOrder {
    /// Whether the place is one of a list in this order.
    pub fn reads(self, cursor: &Cursor) -> bool {
        match self.sort {
            IdentitySort::Name => true,
            IdentitySort::Expires | IdentitySort::LastUsed | IdentitySort::Registered => {
                Moment::parse(&cursor.key).is_ok()
            }
            IdentitySort::NextReview => cursor.key.parse::<NaiveDate>().is_ok(),
            IdentitySort::Risk => cursor.key.parse::<i64>().is_ok(),
        }
    }

    /// The key of what has no risk, in this order (`migrations`, the generated columns).
    pub(super) fn unknown_risk(self) -> i64 {
        match self.direction {
            Direction::Ascending => i64::MAX,
            Direction::Descending => -1,
        }
    }
}

impl Default for IdentityOrder {
    fn default() -> Self {
        Self { sort: IdentitySort::Name, direction: Direction::Ascending }
    }
}
