//! The `kanhe` program. Everything it does stands in the library beside it.

use std::process::ExitCode;

/// Documents are many small pieces of memory on several threads; docs/performance.md has the
/// figures of this choice. RocksDB allocates through it too.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    kanhe::run(std::env::args_os())
}
