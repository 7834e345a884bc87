//! Runs of jobs: which slots ran, which were missed, and what is made up for.

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
    /// How far a run has come.
    RunState {
        Due = "due", "Due";
        Claimed = "claimed", "Running";
        Done = "done", "Done";
        Failed = "failed", "Failed";
        Missed = "missed", "Missed";
    }
}

words! {
    /// What started a run.
    StartedBy {
        Schedule = "schedule", "Its schedule";
        Hand = "hand", "A person";
    }
}
