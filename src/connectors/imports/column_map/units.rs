//! The small enumerations of a column map.

use crate::words;

words! {
    /// What the lines of a list are.
    MapSubject {
        Clients = "clients", "Clients";
        People = "people", "People";
    }
}

words! {
    /// What an empty cell means.
    Blank {
        /// Nothing is known.
        Missing = "missing", "not known";
        /// It never ends.
        Never = "never", "never ends";
        /// There is none (refresh tokens, say).
        None = "none", "there is none";
        /// The line is wrong.
        Error = "error", "an error";
    }
}

words! {
    /// The unit of a duration.
    Unit {
        Seconds = "seconds", "Seconds";
        Minutes = "minutes", "Minutes";
        Hours = "hours", "Hours";
        Days = "days", "Days";
    }
}

impl Unit {
    /// How many seconds one of it has.
    pub const fn seconds(self) -> i64 {
        match self {
            Self::Seconds => 1,
            Self::Minutes => 60,
            Self::Hours => 3_600,
            Self::Days => 86_400,
        }
    }
}
