//! Tokens of Muster's own interface, as administrators and those who made them see them.

pub mod list;
pub mod row;
pub mod token;
