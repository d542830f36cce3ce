//! The flags of `kanhe risk`.

use super::HomeArgs;
use clap::{Args, Subcommand};
use kanhe_contracts::document::SignalSource;
use kanhe_contracts::risk::{AlertState, Level, ReviewOutcome};
use kanhe_types::code::OrganisationCode;
use kanhe_types::decimal::Decimal;
use kanhe_types::hash::Hash;
use serde::de::DeserializeOwned;

/// `kanhe risk`. For agencies.
#[derive(Debug, Subcommand)]
pub enum RiskCommand {
    /// List the alerts that we have, the last first.
    List(AlertsArgs),
    /// Show an alert, what fired, and what was done about it.
    Show {
        /// The alert's number.
        alert: u64,
        /// Whose home.
        #[command(flatten)]
        home: HomeArgs,
    },
    /// Say why: each rule that fired with its expression, what it saw, the documents, and how to
    /// find the same again.
    Explain(ExplainArgs),
    /// Say that a trade or an organisation is suspicious.
    Signal(SignalArgs),
    /// Give an alert to a desk.
    Assign {
        /// The alert's number.
        alert: u64,
        /// The desk, by its number or name here; no person's name.
        #[arg(long)]
        desk: String,
        /// Whose home.
        #[command(flatten)]
        home: HomeArgs,
    },
    /// Decide what to do about an alert.
    Dispose(DisposeArgs),
    /// Say what an alert turned out to be.
    Review(ReviewArgs),
    /// Show how the rules of a policy did: how often they fired, what reviews say, what was
    /// recovered.
    Rules {
        /// The policy's version; the one in force without it.
        #[arg(long, value_name = "VERSION")]
        policy_version: Option<u32>,
        /// Whose home.
        #[command(flatten)]
        home: HomeArgs,
    },
}

/// `kanhe risk list`.
#[derive(Clone, Debug, Args)]
pub struct AlertsArgs {
    /// Only those that stand so: raised, assigned, disposed or reviewed.
    #[arg(long, value_parser = named::<AlertState>)]
    pub state: Option<AlertState>,
    /// Only those of this level: medium, high or critical.
    #[arg(long, value_parser = named::<Level>)]
    pub level: Option<Level>,
    /// Only those whose term is over.
    #[arg(long)]
    pub overdue: bool,
    /// Only those with a lower place: what the page before says.
    #[arg(long, value_name = "PLACE")]
    pub before: Option<u64>,
    /// How many are looked at at most.
    #[arg(long, default_value_t = 50)]
    pub limit: usize,
    /// Whose home.
    #[command(flatten)]
    pub home: HomeArgs,
}

/// Whom or what it is about.
#[derive(Clone, Debug, Args)]
#[group(multiple = false)]
pub struct SuspectArgs {
    /// An import.
    #[arg(long, value_name = "PLATFORM/ORDER")]
    pub import: Option<String>,
    /// An export.
    #[arg(long, value_name = "PLATFORM/ORDER")]
    pub export: Option<String>,
    /// An organisation.
    #[arg(long, value_name = "CODE")]
    pub organisation: Option<OrganisationCode>,
}

/// `kanhe risk explain`.
#[derive(Clone, Debug, Args)]
pub struct ExplainArgs {
    /// The alert's number.
    #[arg(required_unless_present_any = ["import", "export", "organisation"])]
    pub alert: Option<u64>,
    /// Without an alert.
    #[command(flatten)]
    pub suspect: SuspectArgs,
    /// Execute the whole chain again from genesis on this machine, and compare.
    #[arg(long)]
    pub replay: bool,
    /// Whose home.
    #[command(flatten)]
    pub home: HomeArgs,
}

/// `kanhe risk signal`.
#[derive(Clone, Debug, Args)]
pub struct SignalArgs {
    /// Whom or what it is about.
    #[command(flatten)]
    pub suspect: SuspectArgs,
    /// Where we have it from: supervision, agency, enterprise, `rights_holder`, public or
    /// international.
    #[arg(long, value_parser = named::<SignalSource>, default_value = "supervision")]
    pub source: SignalSource,
    /// How much it adds to the score.
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..=100))]
    pub weight: u8,
    /// Hold the trade until its alert is disposed of.
    #[arg(long)]
    pub hold: bool,
    /// Why; kept on the ledger, without personal values.
    #[arg(long)]
    pub reason: String,
    /// The SHA-256 of what shows it.
    #[arg(long, value_name = "SHA256")]
    pub evidence: Option<Hash>,
    /// Whose home.
    #[command(flatten)]
    pub home: HomeArgs,
}

/// What is done with what an alert is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Disposal {
    /// Nothing: it may go on.
    Release,
    /// The goods are inspected; it is held meanwhile.
    Inspect,
    /// It is held.
    Hold,
    /// It may not go on.
    Reject,
    /// It goes to another agency.
    Transfer,
}

/// `kanhe risk dispose`.
#[derive(Clone, Debug, Args)]
pub struct DisposeArgs {
    /// The alert's number.
    pub alert: u64,
    /// What is done.
    #[arg(value_enum)]
    pub disposal: Disposal,
    /// To which agency it is transferred.
    #[arg(long, value_name = "CODE", required_if_eq("disposal", "transfer"))]
    pub to: Option<OrganisationCode>,
    /// Why; kept on the ledger, without personal values.
    #[arg(long)]
    pub reason: String,
    /// Whose home.
    #[command(flatten)]
    pub home: HomeArgs,
}

/// `kanhe risk review`.
#[derive(Clone, Debug, Args)]
pub struct ReviewArgs {
    /// The alert's number.
    pub alert: u64,
    /// What it was: `true_positive` or `false_positive`.
    #[arg(value_parser = named::<ReviewOutcome>)]
    pub outcome: ReviewOutcome,
    /// What was recovered because of it, in CNY.
    #[arg(long, value_name = "CNY")]
    pub recovered: Option<Decimal>,
    /// Why; kept on the ledger, without personal values.
    #[arg(long)]
    pub reason: String,
    /// Whose home.
    #[command(flatten)]
    pub home: HomeArgs,
}

/// A value by its name in JSON. The error lists the names.
fn named<T: DeserializeOwned>(name: &str) -> Result<T, String> {
    serde_json::from_value(serde_json::Value::String(name.to_owned()))
        .map_err(|error| error.to_string())
}
