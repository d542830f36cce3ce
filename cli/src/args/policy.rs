//! The flags of `kanhe policy`.

use super::{HomeArgs, TermsArgs};
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// `kanhe policy`.
#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// Show a version of the policy as the file that people propose.
    Show {
        /// The version; the one in force without it.
        version: Option<u32>,
        /// Only the file: nothing about since when it holds and who decided it.
        #[arg(long)]
        yaml: bool,
        /// Only this section, such as risk or modes, or this field.
        #[arg(long, value_name = "NAME")]
        section: Option<String>,
        /// Write it to this file, to be changed and proposed.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// Whose home.
        #[command(flatten)]
        home: HomeArgs,
    },
    /// List every version: since when it holds, who proposed it, who voted, and why.
    History {
        /// Whose home.
        #[command(flatten)]
        home: HomeArgs,
    },
    /// Show what differs between two policies, by path.
    Diff {
        /// A version or a file.
        before: String,
        /// A version or a file; what a file leaves out is as in the first.
        after: String,
        /// Whose home; two files need none.
        #[command(flatten)]
        home: AnyHomeArgs,
    },
    /// Check a file: every fault with its line and column, its size, what its expressions cost.
    Check {
        /// The file, in YAML or JSON.
        file: PathBuf,
        /// Take what it leaves out from the last version of the zone that this home is of, instead
        /// of this program's defaults.
        // Not from the environment: a check needs no zone that runs.
        #[arg(long, value_name = "DIR")]
        home: Option<PathBuf>,
    },
    /// Say what other rules of risk would have found in what was observed. Changes nothing.
    Backtest(BacktestArgs),
    /// Put a file to the vote as the next version.
    Propose {
        /// The file, in YAML or JSON; what it leaves out stays as it is.
        file: PathBuf,
        /// Its terms.
        #[command(flatten)]
        terms: PolicyTermsArgs,
    },
    /// Vote for a proposal of a policy.
    Approve(PolicyVoteArgs),
    /// Vote against a proposal of a policy.
    Reject(PolicyVoteArgs),
}

/// `kanhe policy backtest`.
#[derive(Clone, Debug, Args)]
pub struct BacktestArgs {
    /// The candidate, in YAML or JSON; what it leaves out is as in the policy in force.
    pub file: PathBuf,
    /// The first height that counts; those before fill the features. The first of all without it.
    #[arg(long, value_name = "HEIGHT")]
    pub from: Option<u64>,
    /// The last height that counts. The last of all without it.
    #[arg(long, value_name = "HEIGHT")]
    pub to: Option<u64>,
    /// Test it on this table of declarations with labels instead of a chain.
    #[arg(long, value_name = "FILE", requires = "map", conflicts_with_all = ["from", "to"])]
    pub csv: Option<PathBuf>,
    /// Which column of the table is what: a file in YAML (docs/backtest.md).
    #[arg(long, value_name = "FILE", requires = "csv")]
    pub map: Option<PathBuf>,
    /// Whose home; a table needs none.
    #[command(flatten)]
    pub home: AnyHomeArgs,
}

/// A home that a command can do without.
#[derive(Clone, Debug, Args)]
pub struct AnyHomeArgs {
    /// A node's or a member's home, or a localnet's folder.
    #[arg(long, env = "KANHE_HOME", value_name = "DIR")]
    pub home: Option<PathBuf>,
    /// In a localnet's folder: the member that speaks.
    #[arg(long = "as", value_name = "CODE")]
    pub member: Option<kanhe_types::code::OrganisationCode>,
}

impl AnyHomeArgs {
    /// The home, if one is named.
    pub fn home(&self) -> Option<HomeArgs> {
        let Self { home, member } = self.clone();
        home.map(|home| HomeArgs { home, member })
    }
}

/// A vote on a policy.
#[derive(Clone, Debug, Args)]
pub struct PolicyVoteArgs {
    /// The proposal's number, or the identity of its document.
    pub proposal: String,
    /// Why; kept on the ledger.
    #[arg(long)]
    pub reason: String,
    /// Whose home.
    #[command(flatten)]
    pub home: HomeArgs,
}

/// Why a policy is proposed, and when it is to be in force.
#[derive(Clone, Debug, Args)]
pub struct PolicyTermsArgs {
    /// Why; kept on the ledger.
    #[arg(long)]
    pub reason: String,
    /// Votes count for so many heights.
    #[arg(long, value_name = "HEIGHTS", default_value_t = 200_000)]
    pub expires: u64,
    /// It becomes active so many heights after its approval.
    #[arg(long, value_name = "HEIGHTS", default_value_t = 10, conflicts_with = "at")]
    pub after: u64,
    /// It becomes active at this height.
    #[arg(long, value_name = "HEIGHT")]
    pub at: Option<u64>,
    /// Vote for it at once.
    #[arg(long)]
    pub approve: bool,
    /// Whose home.
    #[command(flatten)]
    pub home: HomeArgs,
}

impl PolicyTermsArgs {
    /// The same as the terms of any proposal.
    pub fn terms(&self) -> TermsArgs {
        let Self { reason, expires, after, at, approve, home } = self.clone();
        TermsArgs {
            reason: Some(reason),
            expires_in: expires,
            active_in: after,
            active_at: at,
            approve,
            home,
        }
    }
}
