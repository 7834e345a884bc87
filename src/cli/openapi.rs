//! `muster openapi`: the description of the interface for programs, without a register.

use std::io::Write;

use super::{Failure, output};
use crate::web::api::openapi;

/// Runs `openapi`.
pub fn run() -> Result<(), Failure> {
    writeln!(output::output(), "{}", openapi::text())?;
    Ok(())
}
