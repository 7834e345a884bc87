//! What can be done with the register: each action authorises, loads, lets the domain decide,
//! writes, records and queues mail, in one transaction.

pub mod accounts;
pub mod assignees;
pub mod bench;
pub mod break_glass;
pub mod bulk;
pub mod ceremonies;
pub mod confirm;
pub mod context;
pub mod demo;
pub mod drafts;
pub mod end_sessions;
pub mod expire;
pub mod factors;
pub mod grants;
pub mod held_forms;
pub mod identities;
pub mod imports;
pub mod lookup;
pub mod move_tasks;
pub mod notify;
pub mod outbox;
pub mod ownership;
pub mod passkey_use;
pub mod passkeys;
pub mod people;
pub mod raise;
pub mod records;
pub mod runs;
pub mod schedules;
pub mod sealed;
pub mod second_step;
pub mod sessions;
pub mod single_sign_on;
pub mod systems;
pub mod task_effects;
pub mod task_moves;
pub mod tasks;
pub mod vendors;

pub use context::{ActionError, By, FieldError, Register, Work};
