//! Runs of jobs: how far each has come, and what a schedule wants of slots that come at a bad time.

use crate::words;

words! {
    /// What happens with slots that passed while nothing ran.
    CatchUp {
        All = "all", "Run every missed one";
        Latest = "latest", "Run the latest missed one";
        None = "none", "Run none of the missed ones";
    }
}

words! {
    /// What happens with a slot that comes while a run of the job is under way. Two are never beside each other.
    Overlap {
        Queue = "queue", "Wait, and run when that one is done";
        Skip = "skip", "Leave it out";
    }
}

words! {
    /// How far a run has come, or why there was none.
    RunState {
        Due = "due", "Due";
        Claimed = "claimed", "Running";
        Done = "done", "Done";
        Failed = "failed", "Failed";
        Missed = "missed", "Missed";
        Skipped = "skipped", "Left out";
        /// A later run made up for it.
        Coalesced = "coalesced", "Made up for";
    }
}

words! {
    /// What started a run.
    StartedBy {
        Schedule = "schedule", "Its schedule";
        Hand = "hand", "A person";
        Command = "command", "The command line";
    }
}

impl RunState {
    /// Whether there was no run, and there will be none.
    pub fn never_ran(self) -> bool {
        matches!(self, Self::Missed | Self::Skipped | Self::Coalesced)
    }
}
