//! The `kanhe` command.
fn main() {}
