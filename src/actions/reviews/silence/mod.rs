//! When nobody answered: what the rules say happens, simulated before it is ever done, and stopped before it cuts too
//! much.
//!
//! A new deployment simulates: nothing is suspended or revoked by silence until two administrators have said that it
//! counts. Access that stays with a finding, and what goes to the administrators, needs no such word. Whatever is held
//! back leaves a step, a finding and a question to the administrators, and silence still comes to it.

pub mod breaker;
mod doing;
mod escalating;
mod holding;
mod letting;
mod planning;
mod returning;
mod running;
mod standstill;
mod stop_mail;
mod stopping;
mod telling;
pub mod today;

pub use super::counting::counts;
pub use letting::agree;
pub use planning::{Planned, SHOWN, plan};
pub use running::{Ran, run};
