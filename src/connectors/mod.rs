//! What talks to the outside or reads what comes from there. Knows `domain` only.

pub mod imports;
