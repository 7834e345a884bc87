//! The rules of the register, pure: no clock, no input or output, no database, no web.
//!
//! Time is an argument, people are ids, and functions return values that say what should happen.

pub mod access;
pub mod agents;
pub mod answers;
pub mod api_tokens;
pub mod attempts;
pub mod audit;
pub mod break_glass;
pub mod bulk;
pub mod codes;
pub mod events;
pub mod findings;
pub mod grants;
pub mod guard;
pub mod identities;
pub mod ids;
pub mod imported;
pub mod imported_people;
pub mod imports;
pub mod jobs;
pub mod life_cycle;
pub mod listing;
pub mod network;
pub mod notices;
pub mod ownership;
pub mod passwords;
pub mod people;
pub mod permissions;
pub mod provider_address;
pub mod pulse;
pub mod rates;
pub mod reaching;
pub mod registration;
pub mod requests;
pub mod reviews;
pub mod runs;
pub mod schedule;
pub mod scopes;
pub mod security_notices;
pub mod single_sign_on;
pub mod slots;
pub mod systems;
pub mod task_words;
pub mod tasks;
pub mod words;
