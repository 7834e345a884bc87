//! One's own account: how one signs in, and where one is signed in.

pub mod page;
pub mod tokens;
