//! The `muster` program: see `muster --help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    muster::cli::run()
}
