//! `kanhe node`: a validator.

use crate::answer::{Answer, CliError};
use crate::args::NodeCommand;
use crate::{interrupt, member};
use kanhe_node::home::{self, Home};
use serde_json::json;
use std::io::Read;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;
use tracing_subscriber::EnvFilter;

/// What is logged where `KANHE_LOG` says nothing else.
const LOG_DEFAULT: &str = "warn,kanhe=info,kanhe_node=info,kanhe_ledger=info,kanhe_network=info";

/// Threads for what reads the disk or computes for a request; more would only hold memory.
const BLOCKING_THREADS_MAX: usize = 16;

/// What the allocator reads when the process starts: after how many milliseconds it gives memory
/// back. What one block needed the next one needs, too: pages that are given back in between cost
/// time (docs/performance.md).
const PURGE_DELAY: (&str, &str) = ("MIMALLOC_PURGE_DELAY", "1000");

/// Begins again with the allocator's setting, unless somebody has set it. The process stays the
/// same, with its number and its open files.
fn settle_allocator() {
    let (name, value) = PURGE_DELAY;
    if std::env::var_os(name).is_some() {
        return;
    }
    if let Ok(program) = std::env::current_exe() {
        // It only returns when it failed: the node then runs with the default.
        let _ = Command::new(program).args(std::env::args_os().skip(1)).env(name, value).exec();
    }
}

/// What runs in a home.
#[derive(Clone, Copy)]
pub(super) enum NodeKind {
    Validator,
    Observer,
}

pub(super) fn run(command: &NodeCommand) -> Result<Answer, CliError> {
    match command {
        NodeCommand::Run { home, stop_when_stdin_closes } => {
            run_until_stopped(NodeKind::Validator, home, *stop_when_stdin_closes)
        }
        NodeCommand::Init(args) => super::node_init::run(args),
    }
}

/// Runs what is in a home until it is told to stop.
pub(super) fn run_until_stopped(
    kind: NodeKind,
    home: &Path,
    stop_when_stdin_closes: bool,
) -> Result<Answer, CliError> {
    settle_allocator();
    let home = Home::new(home);
    let filter = EnvFilter::try_from_env("KANHE_LOG").unwrap_or_else(|_| LOG_DEFAULT.into());
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .init();
    let passphrase = member::passphrase(&home, "passphrase of the node's keys")?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .thread_name("kanhe-http")
        .max_blocking_threads(BLOCKING_THREADS_MAX)
        .enable_all()
        .build();
    let runtime =
        runtime.map_err(|error| CliError::because("cannot start the node's threads", error))?;
    let stop = stopped(stop_when_stdin_closes);
    let ended = match kind {
        NodeKind::Validator => runtime.block_on(Box::pin(home::run(&home, &passphrase, stop))),
        NodeKind::Observer => {
            runtime.block_on(Box::pin(home::run_observer(&home, &passphrase, stop)))
        }
    };
    // A thread that waits for stdin cannot be woken, and need not be.
    runtime.shutdown_background();
    ended.map_err(|error| CliError::because("the node stopped", error))?;
    Ok(Answer::yes("stopped", json!({ "stopped": true })))
}

/// Waits until the node is told to stop.
async fn stopped(when_stdin_closes: bool) {
    let told = interrupt::wait();
    if !when_stdin_closes {
        if told.await.is_err() {
            // Without signals it runs until it is killed.
            std::future::pending::<()>().await;
        }
        return;
    }
    let closed = tokio::task::spawn_blocking(|| {
        let mut stdin = std::io::stdin().lock();
        let mut ignored = [0; 64];
        while matches!(stdin.read(&mut ignored), Ok(read) if 0 < read) {}
    });
    tokio::select! {
        _ = told => {}
        _ = closed => {}
    }
}
