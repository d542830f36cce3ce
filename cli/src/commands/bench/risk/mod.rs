//! How good rules of risk are: invented trade of which it is known who offends goes through the
//! contracts, and what the rules said of it is counted against the truth.
//!
//! - `ledger`: executes a world in memory, and measures what risk costs.
//! - `judge`: what was said against what is so.
//! - `words`: rules that need a zone's own words.
//! - `text`: for people.

mod judge;
mod ledger;
mod text;
mod words;

#[cfg(test)]
mod tests;

use crate::answer::{Answer, CliError};
use crate::args::BenchRiskArgs;
use judge::{Judgement, judge};
use kanhe_contracts::policy::Policy;
use kanhe_contracts::risk::RiskPolicy;
use kanhe_gateway::world::full::risk::{RiskConfig, RiskParameters, RiskWorld};
use kanhe_genesis::policy_file;
use kanhe_types::time::CustomsTime;
use ledger::{Cost, KeyRow, RiskLedger};
use serde::Serialize;
use std::fs;
use std::path::Path;

/// When worlds begin.
const START: &str = "20260301000000";

/// What one world showed.
#[derive(Debug, Serialize)]
struct Report {
    parameters: String,
    seed: u64,
    trades: usize,
    documents: u64,
    blocks: u64,
    /// Documents that were refused.
    refused: u64,
    #[serde(flatten)]
    judgement: Judgement,
    cost: Cost,
    /// What is kept, by the keys of features.
    features: Vec<KeyRow>,
}

/// Measures the worlds that the arguments name.
pub(super) fn run(args: &BenchRiskArgs) -> Result<Answer, CliError> {
    let names: Vec<&str> = match args.parameters.as_str() {
        "all" => RiskParameters::NAMES.to_vec(),
        name => vec![name],
    };
    let (mut text, mut reports) = (String::new(), Vec::new());
    for name in names {
        let start: CustomsTime = START.parse().expect("the start is a time");
        let parameters = RiskParameters::named(name)
            .ok_or_else(|| CliError::Usage(format!("no set of parameters is called {name}")))?;
        let trades = usize::try_from(args.trades).unwrap_or(usize::MAX);
        let config = RiskConfig { seed: args.seed, trades, start, parameters };
        let report = measure(config, args.policy.as_deref())?;
        text.push_str(&text::text_of(&report));
        reports.push(report);
    }
    Ok(Answer::yes(text, super::super::to_json(&reports)))
}

/// Runs one world and judges what was said of it.
fn measure(config: RiskConfig, file: Option<&Path>) -> Result<Report, CliError> {
    let world = RiskWorld::new(config);
    let policy = policy_of(&world, file)?;
    let mut ledger = RiskLedger::new(&world, policy);
    ledger.run(&world)?;
    let verdicts = ledger.verdicts(world.truth())?;
    let truth = world.truth();
    Ok(Report {
        parameters: truth.parameters.clone(),
        seed: truth.seed,
        trades: truth.trades.len(),
        documents: ledger.documents(),
        blocks: ledger.height(),
        refused: ledger.refused(),
        judgement: judge(&ledger.policy().risk, truth, &verdicts),
        cost: ledger.cost(),
        features: ledger.keys(),
    })
}

/// The world's policy with rules of risk: those that a zone begins with, and those with its words.
fn policy_of(world: &RiskWorld, file: Option<&Path>) -> Result<Policy, CliError> {
    let mut base = Policy { risk: RiskPolicy::default(), ..world.policy() };
    words::add_words(&mut base.risk, world);
    let Some(file) = file else { return Ok(base) };
    let bytes = fs::read(file)
        .map_err(|error| CliError::because(format!("cannot read {}", file.display()), error))?;
    let read = policy_file::read(&bytes, &base).map_err(|faults| {
        let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
        CliError::Usage(format!("{} is no policy:\n{}", file.display(), faults.join("\n")))
    })?;
    Ok(read.policy)
}
