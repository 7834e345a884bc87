//! What can be done with the register: each action authorises, loads, lets the domain decide,
//! writes, records and queues mail, in one transaction.

pub mod bench;
pub mod context;
pub mod demo;
pub mod identities;
pub mod imports;
pub mod notify;
pub mod ownership;
pub mod people;
pub mod sessions;

pub use context::{ActionError, By, FieldError, Register, Work};
