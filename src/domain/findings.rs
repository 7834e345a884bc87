//! Findings: a rule that an identity breaks, until it does not any more.

use crate::words;

words! {
    /// The rules.
    FindingRule {
        /// Nobody answered a review, and access stays.
        ReviewUnanswered = "review_unanswered", "Nobody answered its review";
        /// The same where silence may cut nothing: somebody at the top has to decide.
        ProtectedReviewUnanswered = "protected_review_unanswered", "Nobody answered its review, and silence may not stop it";
        /// The rules would cut it, and silence is only simulated or its run stopped: its access goes on undecided.
        SilenceHeldBack = "silence_held_back", "Nobody answered its review, and silence is held back";
        /// There is nobody who could be asked.
        ReviewerMissing = "reviewer_missing", "Nobody can review it";
        /// The same secret in another environment (OWASP NHI9:2025, NHI8:2025).
        SecretShared = "secret_shared", "It shares its secret with an identity in another environment";
    }
}

words! {
    /// How bad it is.
    Severity {
        Critical = "critical", "Critical";
        High = "high", "High";
        Moderate = "moderate", "Moderate";
        Low = "low", "Low";
    }
}

/// How the advice begins that leads to a review.
pub const DECIDE: &str = "Decide its review";

impl FindingRule {
    /// How bad breaking it is.
    pub fn severity(self) -> Severity {
        match self {
            Self::SecretShared => Severity::Critical,
            Self::ReviewUnanswered => Severity::Moderate,
            Self::ProtectedReviewUnanswered | Self::SilenceHeldBack | Self::ReviewerMissing => Severity::High,
        }
    }

    /// What its advice says after [`DECIDE`]; none where it does not begin with that.
    pub fn after_deciding(self) -> Option<&'static str> {
        self.remedy().strip_prefix(DECIDE)
    }

    /// What to do about it.
    pub fn remedy(self) -> &'static str {
        match self {
            Self::ReviewUnanswered => "Have somebody answer its next review, or name another owner.",
            Self::ProtectedReviewUnanswered => "Decide its review, or find somebody who can.",
            Self::SilenceHeldBack => {
                "Decide its review. Silence still comes when it counts or when two let its run go on."
            }
            Self::ReviewerMissing => "Name a business owner who can sign in, or open an account for one.",
            Self::SecretShared => "Give each environment a secret of its own, and remove the shared one.",
        }
    }
}
