//! The flags of `kanhe register`.

use super::HomeArgs;
use clap::{Args, Subcommand};
use kanhe_contracts::register::Register;
use kanhe_types::code::OrganisationCode;

/// `kanhe register`.
#[derive(Debug, Subcommand)]
pub enum RegisterCommand {
    /// Open an entry, or do something about one.
    Act(ActArgs),
    /// List entries that concern us, the last first; of a register that is our business as an
    /// agency all.
    List {
        /// Only those of one register.
        #[arg(value_parser = register)]
        register: Option<Register>,
        /// Only those with a lower number.
        #[arg(long, value_name = "NUMBER")]
        before: Option<u64>,
        /// How many are looked at at most.
        #[arg(long, default_value_t = 50)]
        limit: usize,
        /// Whose home.
        #[command(flatten)]
        home: HomeArgs,
    },
    /// Show an entry, with everything that was done about it.
    Show {
        /// The register.
        #[arg(value_parser = register)]
        register: Register,
        /// Who opened it.
        owner: OrganisationCode,
        /// Its owner's number for it.
        number: String,
        /// Whose home.
        #[command(flatten)]
        home: HomeArgs,
    },
    /// Ask how much of a receivable can still be pledged; for banks, its owner, and forex.
    Available {
        /// Who owns it.
        owner: OrganisationCode,
        /// Its owner's number for it.
        number: String,
        /// Whose home.
        #[command(flatten)]
        home: HomeArgs,
    },
    /// Print an example of each act of a register, to be filled in.
    Example {
        /// The register.
        #[arg(value_parser = register)]
        register: Register,
    },
}

/// `kanhe register act`.
#[derive(Clone, Debug, Args)]
pub struct ActArgs {
    /// The register.
    #[arg(value_parser = register)]
    pub register: Register,
    /// The owner's number for the entry.
    pub number: String,
    /// What is done: JSON as `kanhe register example` prints it, or @FILE with it.
    pub act: String,
    /// Who opened the entry, where it is not we.
    #[arg(long, value_name = "CODE")]
    pub owner: Option<OrganisationCode>,
    /// Whose home.
    #[command(flatten)]
    pub home: HomeArgs,
}

fn register(name: &str) -> Result<Register, String> {
    Register::from_name(name).ok_or_else(|| {
        let names: Vec<&str> = Register::ALL.iter().map(|own| own.name()).collect();
        format!("expected one of {}", names.join(", "))
    })
}
