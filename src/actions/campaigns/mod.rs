//! Campaigns: previewed, opened from a frozen selection, prepared batch by batch, and closed when everything that
//! they selected is accounted for.

pub mod advance;
pub mod besides;
pub mod cancel;
pub mod make;
pub mod open;
pub mod prepare;
pub mod report;
pub mod select;
