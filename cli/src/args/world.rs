//! `kanhe world`.

use clap::Args;
use kanhe_gateway::world::full::risk::RiskParameters;
use std::path::PathBuf;

/// `kanhe world`.
#[derive(Clone, Debug, Args)]
pub struct WorldArgs {
    /// Where to: a folder that is empty or does not exist.
    #[arg(long, value_name = "DIR")]
    pub dir: PathBuf,
    /// How many trades.
    #[arg(long, default_value_t = 2_000)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=200_000))]
    pub trades: u32,
    /// The seed: the same one gives the same files.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Patterns of risk instead of faults, as typed documents.
    #[arg(long)]
    pub risk: bool,
    /// The set of parameters of a world of risks.
    #[arg(long, value_name = "NAME", default_value = "written", requires = "risk")]
    #[arg(value_parser = clap::builder::PossibleValuesParser::new(RiskParameters::NAMES))]
    pub parameters: String,
}
