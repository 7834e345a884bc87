//! Imports: what becomes of each row of a file.

use crate::words;

words! {
    /// What a file is about.
    ImportSubject {
        Clients = "clients", "Clients";
        People = "people", "People";
    }
}

words! {
    /// How far an import has come.
    ImportState {
        Previewed = "previewed", "Waiting to be applied";
        Applied = "applied", "Applied";
        Undone = "undone", "Undone";
        Discarded = "discarded", "Discarded";
    }
}

words! {
    /// What becomes of a row.
    RowAction {
        Create = "create", "Create";
        Change = "change", "Change";
        Unchanged = "unchanged", "Unchanged";
        Skip = "skip", "Skip";
        Error = "error", "Error";
        /// Known from an earlier file of the same system, absent from this one. Nothing is removed.
        Vanished = "vanished", "Vanished";
    }
}
