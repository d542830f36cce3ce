//! The `kanhe` command: arguments in, one answer out.
//!
//! A command returns its answer; nothing below prints to stdout. The answer goes to stdout as text
//! or, with `--json`, as one JSON document; everything else goes to stderr. Exit codes: 0 yes or
//! done, 1 no (rejected, not found, not valid), 2 wrong usage, 3 could not find out.
//!
//! The crate decides nothing about trade or the chain: it maps, signs, sends, asks and shows.
//!
//! Modules in reading order:
//! - [`args`]: the commands and their flags.
//! - [`answer`]: what a command comes back with, and the exit codes.
//! - [`member`]: which organisation speaks, and with which key.
//! - [`client`]: signed requests to the validators' HTTP API.
//! - [`admin`]: what is said with an admin key.
//! - [`pseudonyms`]: pseudonyms from the zone's service.
//! - [`vault`], [`original`]: a home's originals, and what one shows of its document.
//! - [`sender`]: messages to submissions to receipts.
//! - [`verify`]: the whole chain again from genesis.
//! - [`backtest`]: what other rules of risk would have said.
//! - [`validators`], [`zone`], [`interrupt`], [`scratch`]: processes and folders of a command,
//!   and how they end with it.
//! - [`progress`], [`table`], [`clock`]: what people see, and when.
//! - [`commands`]: one file for each noun.

pub mod admin;
pub mod answer;
pub mod args;
pub mod backtest;
pub mod client;
pub mod clock;
pub mod commands;
pub mod interrupt;
pub mod member;
pub mod original;
pub mod progress;
pub mod pseudonyms;
pub mod scratch;
pub mod sender;
pub mod table;
pub mod validators;
pub mod vault;
pub mod verify;
pub mod zone;

use answer::{Answer, CliError};
use args::Cli;
use clap::Parser;
use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

/// Runs one command and prints its answer. `arguments` begin with the program's name.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let cli = match Cli::try_parse_from(&arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Nothing is left to be done when the terminal is gone.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let json = cli.json;
    let result = commands::run(cli);
    let exit = match &result {
        Ok(answer) => answer.exit_code(),
        Err(error) => error.exit_code(),
    };
    match print(json, &result) {
        Ok(()) => ExitCode::from(exit),
        // The reader went away, as `head` does: the answer was still found.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::from(exit),
        Err(_) => ExitCode::from(CliError::COULD_NOT_FIND_OUT),
    }
}

fn print(json: bool, result: &Result<Answer, CliError>) -> io::Result<()> {
    let (mut stdout, mut stderr) = (io::stdout().lock(), io::stderr().lock());
    match result {
        Ok(answer) if json => writeln!(stdout, "{:#}", answer.json),
        Ok(answer) => write!(stdout, "{}", answer.text),
        Err(error) => {
            if json {
                writeln!(stdout, "{:#}", error.as_json())?;
            }
            writeln!(stderr, "kanhe: {}", error.chain())
        }
    }
}
