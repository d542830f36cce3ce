//! The `kanhe` program. Everything it does stands in the library beside it.

use std::process::ExitCode;

fn main() -> ExitCode {
    kanhe::run(std::env::args_os())
}
