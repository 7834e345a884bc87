//! How far each person and each group has come with what they were asked, and how far all of it is.
//!
//! Several people may be asked about one review: one after the other, or beside each other. So a review stands with
//! everybody who was asked about it, with what became of it there; the sum counts each review once.

mod ending;
mod standing;
mod tally;

pub use ending::Ending;
pub use standing::{Asking, Became, Part, Standing, Who};
pub use tally::{Progress, Sum, Tally};

#[cfg(test)]
mod tests;
