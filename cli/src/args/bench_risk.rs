//! Flags of `kanhe bench risk`.

use clap::{Args, Subcommand};
use kanhe_gateway::world::full::risk::RiskParameters;
use std::path::PathBuf;

/// What a bench measures instead of speed.
#[derive(Clone, Debug, Subcommand)]
pub enum BenchCommand {
    /// Measure how good rules of risk are, on invented trade of which it is known who offends.
    Risk(BenchRiskArgs),
}

/// `kanhe bench risk`.
#[derive(Clone, Debug, Args)]
pub struct BenchRiskArgs {
    /// How many trades.
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(100..))]
    pub trades: u32,
    /// The seed of the trades.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// What the trades are like: a set on which rules may be written, one on which they may not,
    /// or all sets one after another.
    #[arg(long, default_value = "written", value_parser = parameters())]
    pub parameters: String,
    /// The policy whose rules are judged, as YAML or JSON; what it leaves out is as without
    /// it: the rules that a zone begins with, and two with the words of the invented zone.
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
}

fn parameters() -> Vec<&'static str> {
    RiskParameters::NAMES.into_iter().chain(["all"]).collect()
}
