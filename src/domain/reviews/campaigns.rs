//! Campaigns: reviews opened together, from a selection that is frozen when it begins.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::domain::guard::typed::{HOLDS_A_SECRET, holds_a_secret};
use crate::domain::task_words::date_words;
use crate::words;

words! {
    /// How far a campaign has come.
    CampaignState {
        Draft = "draft", "Draft";
        /// Its items are opened, one batch after the other.
        Preparing = "preparing", "Being prepared";
        Active = "active", "Active";
        /// Its day has passed and something is not answered.
        Overdue = "overdue", "Overdue";
        /// Everything is answered, and something that was taken away was not seen to be gone.
        Remediating = "remediating", "Waiting for proof";
        Closed = "closed", "Closed";
        /// Nothing could be asked.
        Failed = "failed", "Could not be prepared";
        Cancelled = "cancelled", "Cancelled";
    }
}

impl CampaignState {
    /// Whether it has ended.
    pub fn has_ended(self) -> bool {
        matches!(self, Self::Closed | Self::Failed | Self::Cancelled)
    }

    /// Whether people are asked.
    pub fn runs(self) -> bool {
        matches!(self, Self::Active | Self::Overdue | Self::Remediating)
    }
}

words! {
    /// Why something that was selected is not asked about.
    Excluded {
        NotWorking = "not_working", "It is neither active nor suspended";
        /// Its own clock still asks about it: somebody answers for the system, and silence goes to the administrators.
        VendorKeeps = "vendor_keeps", "Its system\u{2019}s vendor keeps it: nobody here can narrow it or switch it off";
        AskedElsewhere = "asked_elsewhere", "Another campaign asks about it already";
        Decided = "decided", "Somebody has decided about it, and that has yet to take effect";
        Lately = "lately", "It was reviewed lately and has not changed since";
        Gone = "gone", "It was removed from the register";
        NotAnswered = "not_answered", "The campaign was cancelled before anybody answered";
    }
}

/// What a campaign selects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Selection {
    /// Everything whose review is due by that day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_by: Option<NaiveDate>,
    /// A filter of the list of identities, as its address carries it.
    #[serde(default)]
    pub filter: String,
}

/// What a keeper typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Typed<'a> {
    pub name: &'a str,
    pub why: &'a str,
    pub due_on: &'a str,
    pub due_by: &'a str,
    pub filter: &'a str,
}

/// A campaign as it was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    pub name: String,
    pub why: String,
    pub due_on: NaiveDate,
    pub selection: Selection,
}

/// What is wrong with a campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CampaignFault {
    #[error("Name the campaign in at most 200 characters on one line")]
    Name,
    #[error("Write why you ask, in at most 2,000 characters; whoever is asked reads it")]
    Why,
    #[error("{HOLDS_A_SECRET}")]
    Secret,
    #[error("Write the day by which answers are due, as in 2027-03-31")]
    NoDay,
    #[error("Write a day after today and within a year")]
    WrongDay,
    #[error("Write the day by which reviews are due, as in 2027-03-31, or leave it empty")]
    UnreadableDueBy,
    #[error("Choose what it asks about: a day by which reviews are due, or a filter of identities")]
    NothingSelected,
}

impl CampaignFault {
    /// The field of the form that it is about.
    pub fn field(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Why | Self::Secret => "why",
            Self::NoDay | Self::WrongDay => "due_on",
            Self::UnreadableDueBy | Self::NothingSelected => "due_by",
        }
    }
}

/// Reads a campaign. An empty filter beside no day selects nothing: everything is asked about only when somebody
/// says so (`filter=all`).
///
/// # Errors
/// Every fault at once, in the order of the form.
pub fn read(typed: Typed<'_>, today: NaiveDate) -> Result<Wanted, Vec<CampaignFault>> {
    let mut faults = Vec::new();
    let name = typed.name.trim();
    if name.is_empty() || name.chars().count() > 200 || name.chars().any(char::is_control) {
        faults.push(CampaignFault::Name);
    }
    let why = typed.why.trim().replace("\r\n", "\n");
    if why.is_empty() || why.chars().count() > 2_000 {
        faults.push(CampaignFault::Why);
    }
    if holds_a_secret(&why) || holds_a_secret(name) {
        faults.push(CampaignFault::Secret);
    }
    let date = |text: &str| text.parse::<NaiveDate>().ok().filter(|_| text.len() == 10);
    let due_on = match date(typed.due_on.trim()) {
        None => {
            faults.push(CampaignFault::NoDay);
            None
        }
        Some(day) if day <= today || day.signed_duration_since(today).num_days() > 366 => {
            faults.push(CampaignFault::WrongDay);
            None
        }
        day => day,
    };
    let due_by = match typed.due_by.trim() {
        "" => None,
        text => match date(text) {
            None => {
                faults.push(CampaignFault::UnreadableDueBy);
                None
            }
            day => day,
        },
    };
    let filter = typed.filter.trim();
    if typed.due_by.trim().is_empty() && filter.is_empty() {
        faults.push(CampaignFault::NothingSelected);
    }
    match due_on {
        Some(due_on) if faults.is_empty() => Ok(Wanted {
            name: name.to_owned(),
            why,
            due_on,
            selection: Selection { due_by, filter: filter.to_owned() },
        }),
        _ => Err(faults),
    }
}

/// How many items of a campaign stand where.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub open: i64,
    pub decided: i64,
    pub remediating: i64,
    pub closed: i64,
    pub cancelled: i64,
}

/// The day of a campaign that was prepared: the one that was asked for, or the latest of its items where all of them
/// are due before it, so that it is overdue when everything in it is.
pub fn own_day(asked_for: NaiveDate, latest_item: Option<NaiveDate>) -> NaiveDate {
    latest_item.map_or(asked_for, |latest| latest.min(asked_for))
}

/// That the day of a campaign is another than was asked for, in words that the log keeps and its page shows.
pub fn earlier_day(asked_for: NaiveDate, own: NaiveDate) -> String {
    format!(
        "Answers were asked for by {}. The tiers of everything in it ask earlier, so they are due by {}.",
        date_words(asked_for),
        date_words(own)
    )
}

/// The state of a campaign that was prepared, by how many of its items stand where.
pub fn state_of(counts: Counts, due_on: NaiveDate, today: NaiveDate) -> CampaignState {
    if counts.open > 0 {
        return if due_on < today { CampaignState::Overdue } else { CampaignState::Active };
    }
    if counts.decided > 0 || counts.remediating > 0 { CampaignState::Remediating } else { CampaignState::Closed }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_campaign_is_closed_only_when_everything_is_answered_and_seen() {
        let (today, due) = (day("2026-12-10"), day("2026-12-09"));
        let counts = |open, decided, remediating| Counts { open, decided, remediating, closed: 5, cancelled: 1 };
        assert_eq!(state_of(counts(1, 0, 2), day("2026-12-10"), today), CampaignState::Active);
        assert_eq!(state_of(counts(1, 0, 2), due, today), CampaignState::Overdue);
        assert_eq!(state_of(counts(0, 1, 0), due, today), CampaignState::Remediating);
        assert_eq!(state_of(counts(0, 0, 1), due, today), CampaignState::Remediating);
        assert_eq!(state_of(counts(0, 0, 0), due, today), CampaignState::Closed);
    }

    #[test]
    fn a_campaign_is_due_with_the_last_of_its_items_and_never_later_than_asked() {
        let asked = day("2027-06-01");
        assert_eq!(own_day(asked, Some(day("2026-12-27"))), day("2026-12-27"));
        assert_eq!(own_day(asked, Some(day("2027-06-02"))), asked);
        assert_eq!(own_day(asked, None), asked);
    }

    #[test]
    fn nothing_selected_is_a_fault_and_never_everything() {
        let typed = Typed { name: "Spring", why: "Every quarter.", due_on: "2027-01-15", due_by: "", filter: "" };
        assert_eq!(read(typed, day("2026-12-10")), Err(vec![CampaignFault::NothingSelected]));
        let all = read(Typed { filter: "all", ..typed }, day("2026-12-10")).unwrap();
        assert_eq!(all.selection, Selection { due_by: None, filter: "all".to_owned() });
    }

    #[test]
    fn every_fault_is_told_at_once() {
        let typed = Typed { name: " ", why: "", due_on: "2026-12-10", due_by: "soon", filter: "" };
        let faults = read(typed, day("2026-12-10")).unwrap_err();
        let fields: Vec<&str> = faults.iter().map(|fault| fault.field()).collect();
        assert_eq!(fields, ["name", "why", "due_on", "due_by"]);
    }
}
