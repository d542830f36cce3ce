//! `kanhe stats`.

use super::HomeArgs;
use clap::{Args, ValueEnum};
use kanhe_contracts::statistics::Month;
use std::path::PathBuf;

/// Which statistics.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum StatsView {
    /// Everything; for agencies.
    All,
    /// Those of our own lists.
    Own,
    /// What everybody may see.
    Public,
}

/// `kanhe stats`.
#[derive(Args, Debug)]
pub struct StatsArgs {
    /// The month in China, such as 2026-11; by default the last that is over.
    #[arg(long)]
    pub month: Option<Month>,
    /// Which: everything (agencies), our own lists' (others), or what everybody may see.
    #[arg(long, value_enum)]
    pub view: Option<StatsView>,
    /// By what to break it down: direction, mode, chapter, country, enterprise, park, platform.
    #[arg(long, value_delimiter = ',')]
    pub by: Vec<String>,
    /// Only import or export.
    #[arg(long)]
    pub direction: Option<String>,
    /// Only this mode of trade, such as 9610.
    #[arg(long)]
    pub mode: Option<String>,
    /// Only this chapter of the tariff, such as 61.
    #[arg(long)]
    pub chapter: Option<String>,
    /// Only this country of origin or destination, such as 502.
    #[arg(long)]
    pub country: Option<String>,
    /// Only the lists of this enterprise.
    #[arg(long)]
    pub enterprise: Option<String>,
    /// Only enterprises of this park.
    #[arg(long)]
    pub park: Option<String>,
    /// Only orders of this platform.
    #[arg(long)]
    pub platform: Option<String>,
    /// Write all columns to this file, too, for spreadsheets.
    #[arg(long, value_name = "FILE")]
    pub csv: Option<PathBuf>,
    /// Whose home.
    #[command(flatten)]
    pub home: HomeArgs,
}
