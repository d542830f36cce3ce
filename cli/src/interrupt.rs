//! Ctrl-C and being told to stop.

use crate::answer::CliError;
use std::io;
use std::thread;
use tokio::signal::unix::{SignalKind, signal};

/// The exit code of a command that was interrupted, as shells have it.
const INTERRUPTED: i32 = 130;

/// Runs `action` and ends the process when somebody presses Ctrl-C or tells the process to stop.
///
/// # Errors
/// When the system does not let us listen.
pub fn on_interrupt(action: impl FnOnce() + Send + 'static) -> Result<(), CliError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(cannot_listen)?;
    let thread = thread::Builder::new().name("interrupt".into());
    let spawned = thread.spawn(move || {
        if runtime.block_on(wait()).is_ok() {
            action();
            std::process::exit(INTERRUPTED);
        }
    });
    spawned.map(drop).map_err(cannot_listen)
}

/// Waits until somebody presses Ctrl-C or tells the process to stop. Must be called in a runtime.
///
/// # Errors
/// When the system does not let us listen.
pub async fn wait() -> io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        pressed = tokio::signal::ctrl_c() => pressed,
        _ = terminate.recv() => Ok(()),
    }
}

fn cannot_listen(error: io::Error) -> CliError {
    CliError::because("cannot listen for interruptions", error)
}
