//! One file for each noun.

mod access;
mod assist;
pub mod bench;
mod chain;
mod credit;
mod demo;
mod document;
mod flows;
mod gov;
mod grant;
mod import;
mod keys;
mod localnet;
mod node;
mod node_init;
mod observer;
mod policy;
mod proof;
mod pseudonym;
pub mod register;
mod risk;
mod signer;
mod spotcheck;
mod stats;
mod submit;
mod trade;
mod vault;
mod world;

use crate::answer::{Answer, CliError};
use crate::args::{Cli, Command};
use kanhe_api::path::percent_encode;
use std::fs;
use std::path::Path;

/// Runs a command.
///
/// # Errors
/// When it has no answer.
pub fn run(cli: Cli) -> Result<Answer, CliError> {
    match cli.command {
        Command::Demo(args) => demo::run(&args),
        Command::Bench(args) => bench::run(&args),
        Command::World(args) => world::run(&args),
        Command::Keys(command) => keys::run(&command),
        Command::Gov(command) => gov::run(&command),
        Command::Policy(command) => policy::run(&command),
        Command::Grant(command) => grant::run(&command),
        Command::Assist(command) => assist::run(&command),
        Command::Access(command) => access::run(&command),
        Command::Localnet(command) => localnet::run(&command),
        Command::Node(command) => node::run(&command),
        Command::Observer(command) => observer::run(&command),
        Command::Signer(command) => signer::run(&command),
        Command::Import(command) => import::run(&command),
        Command::Submit(args) => submit::run(&args),
        Command::Stats(args) => stats::run(&args),
        Command::Flows(args) => flows::run(&args),
        Command::Credit(command) => credit::run(&command),
        Command::Trade(command) => trade::run(&command),
        Command::Register(command) => register::run(&command),
        Command::Risk(command) => risk::run(&command),
        Command::Document(command) => document::run(&command),
        Command::Vault(command) => vault::run(&command),
        Command::Spotcheck(command) => spotcheck::run(&command),
        Command::Pseudonym(command) => pseudonym::run(&command),
        Command::Chain(command) => chain::run(&command),
        Command::Proof(command) => proof::run(&command),
    }
}

/// A value as the JSON that `--json` prints.
fn to_json<T: serde::Serialize>(value: &T) -> serde_json::Value {
    serde_json::to_value(value).expect("answers have text keys")
}

/// A path with the parameters that are stated.
fn with_query<'a>(
    path: &str,
    parameters: impl IntoIterator<Item = (&'a str, Option<String>)>,
) -> String {
    let stated = parameters.into_iter().filter_map(|(name, value)| Some((name, value?)));
    let pairs = stated.map(|(name, value)| format!("{name}={}", percent_encode(&value)));
    let pairs: Vec<String> = pairs.collect();
    if pairs.is_empty() { path.to_owned() } else { format!("{path}?{}", pairs.join("&")) }
}

/// Writes a file for people.
fn write_text(file: &Path, text: &str) -> Result<(), CliError> {
    fs::write(file, text).map_err(|source| CliError::Unknown {
        context: format!("{} cannot be written", file.display()),
        source: Some(Box::new(source)),
    })
}

/// A value's name in JSON, for people: `inventory_list` as `inventory list`.
fn name_of<T: serde::Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name.replace('_', " "),
        _ => String::new(),
    }
}
