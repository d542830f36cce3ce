//! `kanhe flows`.

use super::HomeArgs;
use clap::{Args, ValueEnum};
use kanhe_contracts::flows::{Figure, FlowDimension};
use kanhe_contracts::policy::Direction;
use kanhe_contracts::statistics::Month;
use kanhe_types::code::OrganisationCode;
use std::path::PathBuf;

/// Which way goods go.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum FlowDirection {
    /// Into the country.
    Import,
    /// Out of it.
    Export,
}

impl From<FlowDirection> for Direction {
    fn from(direction: FlowDirection) -> Self {
        match direction {
            FlowDirection::Import => Self::Import,
            FlowDirection::Export => Self::Export,
        }
    }
}

/// Which figures are opened.
#[derive(Clone, Copy, Debug)]
pub enum Opened {
    /// All of them.
    All,
    /// One.
    One(Figure),
}

fn opened(text: &str) -> Result<Opened, String> {
    if text == "all" {
        return Ok(Opened::All);
    }
    let names: Vec<&str> = Figure::ALL.iter().map(|figure| figure.name()).collect();
    let figure = Figure::named(text);
    figure.map(Opened::One).ok_or_else(|| format!("expected all, {}", names.join(", ")))
}

fn dimension(text: &str) -> Result<FlowDimension, String> {
    let names = FlowDimension::ALL.map(FlowDimension::name);
    FlowDimension::named(text).ok_or_else(|| format!("expected {}", names.join(", ")))
}

/// `kanhe flows`.
#[derive(Args, Debug)]
pub struct FlowsArgs {
    /// The month of the lists in China, such as 2026-11; by default this month.
    #[arg(long, conflicts_with_all = ["from", "to"])]
    pub month: Option<Month>,
    /// The first month of a period.
    #[arg(long)]
    pub from: Option<Month>,
    /// The last month of a period.
    #[arg(long)]
    pub to: Option<Month>,
    /// Only imports or exports.
    #[arg(long, value_enum)]
    pub direction: Option<FlowDirection>,
    /// Only this mode of trade, such as 9610.
    #[arg(long)]
    pub mode: Option<String>,
    /// Only the trades of this merchant.
    #[arg(long)]
    pub organisation: Option<OrganisationCode>,
    /// Only this currency, such as 502.
    #[arg(long)]
    pub currency: Option<String>,
    /// By what to break it down: month, mode, organisation.
    #[arg(long, value_delimiter = ',', value_parser = dimension)]
    pub by: Vec<FlowDimension>,
    /// Show the trades and netting statements behind a figure, such as paid, and the documents from
    /// which it follows; without a name of all figures.
    #[arg(
        long, value_name = "FIGURE", num_args = 0..=1, default_missing_value = "all",
        value_parser = opened, conflicts_with_all = ["by", "csv"]
    )]
    pub open: Option<Opened>,
    /// How many trades to open at most.
    #[arg(long, default_value_t = 50, requires = "open")]
    pub limit: usize,
    /// The `next` of what was opened before.
    #[arg(long, requires = "open")]
    pub after: Option<String>,
    /// Write all columns to this file, too, for spreadsheets.
    #[arg(long, value_name = "FILE")]
    pub csv: Option<PathBuf>,
    /// Whose home.
    #[command(flatten)]
    pub home: HomeArgs,
}
