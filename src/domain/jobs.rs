//! Jobs by name: what each does and when it runs unless somebody decides otherwise.

use super::runs::Overlap;
use crate::words;

words! {
    /// Work that Muster does by itself.
    Job {
        RaiseRecertifications = "raise_recertifications", "Raise recertifications";
        RaiseOffboardings = "raise_offboardings", "Raise offboardings";
        ExpireIdentities = "expire_identities", "Expire identities";
        LapseGrants = "lapse_grants", "Lapse grants";
        SettleRequests = "settle_requests", "Settle requests";
        ApplyReviews = "apply_reviews", "Apply reviews";
        EscalateReviews = "escalate_reviews", "Escalate reviews";
        ApplySilence = "apply_silence", "Apply silence";
        AdvanceCampaigns = "advance_campaigns", "Advance campaigns";
        MoveTasks = "move_tasks", "Move tasks of leavers";
        SendMail = "send_mail", "Send mail";
        PurgeSessions = "purge_sessions", "Purge sessions";
        PurgeJobRuns = "purge_job_runs", "Purge old runs of jobs";
    }
}

impl Job {
    /// What it does, in one line.
    pub fn about(self) -> &'static str {
        match self {
            Self::RaiseRecertifications => {
                "Sets the clock of identities that have none, and asks whoever answers for an identity whether it is needed: when its review is due, and early when something changed"
            }
            Self::ApplyReviews => {
                "Lets decisions of reviews take effect when they can no longer be corrected, or on their day"
            }
            Self::EscalateReviews => {
                "Reminds reviewers, asks somebody else too when they do not answer, and somebody else instead"
            }
            Self::ApplySilence => {
                "Does what the rules say about reviews that nobody answered; stops before it cuts too much of what works or may work in production"
            }
            Self::AdvanceCampaigns => "Prepares campaigns, and notes when they are overdue, answered and closed",
            Self::RaiseOffboardings => {
                "Raises a task for identities that expired, lost their vendor\u{2019}s contract or both owners, or are being revoked"
            }
            Self::ExpireIdentities => "Suspends identities whose expiry has passed, except those that care depends on",
            Self::LapseGrants => "Notes that nobody finished what was asked for or approved within its days",
            Self::SettleRequests => {
                "Lets approved requests take effect, expires those that nobody decided, and asks somebody else where nobody answered"
            }
            Self::MoveTasks => {
                "Gives open tasks of people who left, or whose account is disabled, to whoever is next in line"
            }
            Self::SendMail => "Sends the mail that waits in the outbox",
            Self::PurgeSessions => {
                "Removes sessions and one-time links that have ended, and forgets old attempts to sign in"
            }
            Self::PurgeJobRuns => "Removes runs of jobs that are older than 400 days, except the last of each job",
        }
    }

    /// Six cron fields: when it runs in a new deployment.
    pub fn default_cron(self) -> &'static str {
        match self {
            Self::RaiseRecertifications => "0 0 5 * * *",
            Self::RaiseOffboardings => "0 5 * * * *",
            Self::ExpireIdentities => "0 */10 * * * *",
            Self::LapseGrants => "0 35 * * * *",
            Self::SettleRequests => "0 */5 * * * *",
            Self::ApplyReviews => "0 */5 * * * *",
            Self::EscalateReviews => "0 30 5 * * *",
            Self::ApplySilence => "0 0 6 * * *",
            Self::AdvanceCampaigns => "0 */5 * * * *",
            Self::MoveTasks => "0 15 * * * *",
            Self::SendMail => "0 */5 * * * *",
            Self::PurgeSessions => "0 45 3 * * *",
            Self::PurgeJobRuns => "0 50 3 * * *",
        }
    }

    /// What happens in a new deployment with a slot that comes while the job runs. One that comes often finds the
    /// rest at its next slot; of one that comes once a day none is left out.
    pub fn default_overlap(self) -> Overlap {
        let cron = self.default_cron();
        if cron.split(' ').nth(2) == Some("*") { Overlap::Skip } else { Overlap::Queue }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::schedule::Schedule;

    #[test]
    fn every_job_has_a_schedule_that_can_be_said_in_words() {
        for job in Job::ALL {
            let schedule = Schedule::parse(job.default_cron(), "UTC").unwrap();
            assert!(!schedule.words().starts_with('0'), "{}", schedule.words());
        }
    }
}
