//! Opening reviews: a bounded batch in a transaction, with tasks, audit entries and mail.

mod batches;
pub mod fields;
mod freezing;
mod joining;
mod opening;
mod storing;
mod wanted;

pub use batches::{due_batch, reasons_batch};
pub use opening::open;
pub use wanted::{For, Opened, Outcome, Wanted};
