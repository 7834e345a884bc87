//! Changes to many identities at once, over a set frozen when it was shown.

use crate::words;

words! {
    /// What is done to each identity of a set.
    BulkAction {
        AssignOwner = "assign_owner", "Assign an owner";
    }
}

words! {
    /// What became of one identity of a set.
    BulkResult {
        Done = "done", "Done";
        /// Somebody changed it after the set was frozen; it was left alone.
        Conflict = "conflict", "Changed meanwhile";
        /// It was excluded before, with a reason.
        Excluded = "excluded", "Left out";
        Undone = "undone", "Undone";
        /// It was changed after it was done, so undoing left it alone.
        Kept = "kept", "Changed since, not undone";
    }
}
