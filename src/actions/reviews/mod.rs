//! Reviews: opened by the clock, by a change or by a campaign; decided by whoever answers for the identity; applied
//! when nobody can correct them any more; closed when what was taken away was seen to be gone.

pub mod agreeing;
pub mod apply;
pub mod asking;
pub mod counting;
pub mod decide;
pub mod early;
pub mod ending;
pub mod load;
pub mod moving;
pub mod narrow;
pub mod note;
pub mod one_by_one;
pub mod open;
pub mod prove;
pub mod question;
pub mod reopen;
pub mod reviewers;
pub mod sheet;
pub mod silence;
pub mod stays;
pub mod step_notices;
pub mod steps;
pub mod together;
pub mod two_people;
pub mod wind;

/// Reviews handled in a transaction.
pub const BATCH: i64 = 500;
