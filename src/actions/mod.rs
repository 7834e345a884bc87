//! What can be done with the register: each action authorises, loads, lets the domain decide,
//! writes, records and queues mail, in one transaction.

pub mod accounts;
pub mod assignees;
pub mod bench;
pub mod bulk;
pub mod context;
pub mod demo;
pub mod drafts;
pub mod expire;
pub mod identities;
pub mod imports;
pub mod lookup;
pub mod move_tasks;
pub mod notify;
pub mod outbox;
pub mod ownership;
pub mod people;
pub mod raise;
pub mod reaching;
pub mod records;
pub mod runs;
pub mod schedules;
pub mod sessions;
pub mod systems;
pub mod task_effects;
pub mod task_moves;
pub mod tasks;
pub mod vendors;

pub use context::{ActionError, By, FieldError, Register, Work};
