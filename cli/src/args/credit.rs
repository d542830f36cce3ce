//! The flags of `kanhe credit`.

use super::HomeArgs;
use clap::{Args, Subcommand, ValueEnum};
use kanhe_contracts::statistics::Month;
use kanhe_types::code::OrganisationCode;
use kanhe_types::hash::Hash;
use kanhe_types::time::Millis;

/// `kanhe credit`.
#[derive(Debug, Subcommand)]
pub enum CreditCommand {
    /// Show an organisation's score, grades and supervision, as far as we may see them.
    Show(CreditOfArgs),
    /// Show how an organisation's score comes about: indicators, facts, records.
    Explain(CreditExplainArgs),
    /// List who acted in a month's trades with score and grades; for agencies everybody.
    List {
        /// The month in China, such as 2026-11; by default this month.
        #[arg(long)]
        month: Option<Month>,
        /// How many to leave out: the `next` of what was listed before.
        #[arg(long)]
        after: Option<usize>,
        /// How many to list at most.
        #[arg(long)]
        limit: Option<usize>,
        /// Whose home.
        #[command(flatten)]
        home: HomeArgs,
    },
    /// List who is on the negative list.
    NegativeList {
        /// Which: every entry, ended or not (agencies), or what everybody may see.
        #[arg(long, value_enum)]
        view: Option<ListView>,
        /// Only entries with a lower number.
        #[arg(long, value_name = "NUMBER")]
        before: Option<u64>,
        /// Whose home.
        #[command(flatten)]
        home: HomeArgs,
    },
    /// Object to a notice of the negative list, or to a credit record.
    Object(ObjectArgs),
    /// Report that we put right what we are listed for; as the agency that listed, end the listing.
    Repair(RepairArgs),
}

/// Which negative list.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum ListView {
    /// Every entry; for agencies.
    Full,
    /// What everybody may see.
    Public,
}

/// Whose credit.
#[derive(Clone, Debug, Args)]
pub struct CreditOfArgs {
    /// The organisation; by default ourselves.
    pub organisation: Option<OrganisationCode>,
    /// Whose home.
    #[command(flatten)]
    pub home: HomeArgs,
}

/// `kanhe credit explain`.
#[derive(Clone, Debug, Args)]
pub struct CreditExplainArgs {
    /// Whose.
    #[command(flatten)]
    pub of: CreditOfArgs,
    /// Execute the chain again from genesis on this machine, and compare; for agencies.
    #[arg(long)]
    pub replay: bool,
}

/// To what we object.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Objected {
    /// A notice of the negative list.
    NegativeList,
    /// A credit record.
    CreditRecord,
}

/// `kanhe credit object`.
#[derive(Clone, Debug, Args)]
pub struct ObjectArgs {
    /// The agency that noticed or recorded.
    pub agency: OrganisationCode,
    /// Its number for the entry.
    pub number: String,
    /// To what we object.
    #[arg(long, value_enum, default_value = "negative-list")]
    pub to: Objected,
    /// What shows it, such as report=SHA256: contract, payment, transport, picture, report,
    /// correspondence, certificate or other.
    #[arg(long, value_name = "KIND=SHA256", value_parser = evidence)]
    pub evidence: Vec<(String, Hash)>,
    /// Whose home.
    #[command(flatten)]
    pub home: HomeArgs,
}

/// `kanhe credit repair`.
#[derive(Clone, Debug, Args)]
#[group(skip)]
pub struct RepairArgs {
    /// The agency that listed.
    pub agency: OrganisationCode,
    /// Its number for the entry.
    pub number: String,
    /// The SHA-256 of our report that we put things right.
    #[arg(long, value_name = "SHA256", required_unless_present = "decision")]
    pub report: Option<Hash>,
    /// What shows it, such as picture=SHA256.
    #[arg(long, value_name = "KIND=SHA256", value_parser = evidence, requires = "report")]
    pub evidence: Vec<(String, Hash)>,
    /// As the agency: the SHA-256 of the decision,
    #[arg(long, value_name = "SHA256", conflicts_with = "report", requires = "from")]
    pub decision: Option<Hash>,
    /// and from when the listing ends, such as 2027-01-01T00:00:00.000Z.
    #[arg(long, value_name = "TIME", requires = "decision")]
    pub from: Option<Millis>,
    /// Whose home.
    #[command(flatten)]
    pub home: HomeArgs,
}

fn evidence(text: &str) -> Result<(String, Hash), String> {
    let wrong = || "expected a kind, =, and a SHA-256 in hex, such as report=9f2c…".to_owned();
    let (kind, digest) = text.split_once('=').ok_or_else(wrong)?;
    Ok((kind.to_owned(), digest.parse().map_err(|_| wrong())?))
}
