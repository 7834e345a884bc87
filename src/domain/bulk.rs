//! Changes to many identities at once, over a set frozen when it was shown.

use crate::words;

words! {
    /// What is done to each identity of a set.
    BulkAction {
        AssignOwner = "assign_owner", "Assign an owner";
    }
}
