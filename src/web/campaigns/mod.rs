//! Campaigns: the list, one as it is drafted, previewed, opened and watched, and its report as a file.

mod apart;
pub mod campaign;
pub mod chosen;
pub mod draft;
pub mod draft_items;
pub mod export;
pub mod far;
pub mod form;
pub mod list;
pub mod monitor;
pub mod progress;
pub mod report;
pub mod reviewers;
pub mod steps;
pub mod workbook;
pub mod workbook_error;

use chrono::NaiveDate;

use super::show;
use crate::domain::listing::thousands;
use crate::domain::reaching::IdentityTier;
use crate::domain::reviews::campaigns::{CampaignState, Counts, state_of};
use crate::domain::reviews::clock::ReviewTable;
use crate::store::campaigns::Campaign;

/// Until when an answer is due by each tier, whatever day a campaign names: "critical by 14 Dec 2026, ...".
pub fn tier_days(table: &ReviewTable, today: NaiveDate) -> String {
    let by: Vec<String> = IdentityTier::ALL
        .iter()
        .map(|tier| {
            let due_on = table.of(*tier).dates(today, None).due_on;
            format!("{} by {}", tier.label().to_lowercase(), show::date(due_on))
        })
        .collect();
    by.join(", ")
}

/// The state as it is today: what the job has yet to note is shown already.
pub fn state_today(campaign: &Campaign, counts: Counts, today: NaiveDate) -> CampaignState {
    if campaign.state.runs() { state_of(counts, campaign.due_on, today) } else { campaign.state }
}

/// How many of the reviews are settled, and how many there are. What waits to take effect or for proof is not settled,
/// and neither is what was cancelled: nobody answered it.
pub fn settled(counts: Counts) -> (i64, i64) {
    (counts.closed, counts.open + counts.decided + counts.remediating + counts.closed + counts.cancelled)
}

/// The same in words, with what is neither settled nor open.
pub fn settled_words(counts: Counts) -> String {
    let (settled, all) = settled(counts);
    let besides: String = [
        (counts.decided, "decided and not in effect yet"),
        (counts.remediating, "waiting for proof"),
        (counts.cancelled, "cancelled"),
    ]
    .iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, what)| format!(", {} {what}", thousands(*count)))
    .collect();
    format!("{} of {} settled{besides}", thousands(settled), thousands(all))
}

/// The kind of a state's tag, and its words: how late it is stands in them.
pub fn tag(state: CampaignState, due_on: NaiveDate, today: NaiveDate) -> (&'static str, String) {
    let kind = match state {
        CampaignState::Draft | CampaignState::Cancelled => "plain",
        CampaignState::Preparing | CampaignState::Active => "info",
        CampaignState::Overdue => {
            return ("bad", format!("Overdue {}", show::counted((today - due_on).num_days(), "day")));
        }
        CampaignState::Failed => "bad",
        CampaignState::Remediating => "warn",
        CampaignState::Closed => "ok",
    };
    (kind, state.label().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_late_says_by_how_much() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let words = |state| tag(state, day("2026-12-09"), day("2026-12-10"));
        assert_eq!(words(CampaignState::Overdue), ("bad", "Overdue 1 day".to_owned()));
        assert_eq!(words(CampaignState::Active), ("info", "Active".to_owned()));
    }

    #[test]
    fn what_was_cancelled_or_waits_for_proof_is_not_settled() {
        let counts = Counts { open: 3, decided: 1, remediating: 2, closed: 1_000, cancelled: 4 };
        assert_eq!(
            settled_words(counts),
            "1,000 of 1,010 settled, 1 decided and not in effect yet, 2 waiting for proof, 4 cancelled"
        );
        assert_eq!(settled_words(Counts { open: 2, ..Counts::default() }), "0 of 2 settled");
    }
}
