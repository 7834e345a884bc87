//! One's own account: how one signs in, and where one is signed in.

pub mod codes;
pub mod page;
pub mod passkeys;
pub mod password;
pub mod qr;
pub mod second_factor;
pub mod sessions;
pub mod tokens;
