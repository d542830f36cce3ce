//! `kanhe signer`.

use clap::Subcommand;
use clap::builder::RangedU64ValueParser;
use kanhe_types::keys::Scheme;
use std::path::PathBuf;

fn statements() -> RangedU64ValueParser {
    clap::value_parser!(u64).range(10..=1_000_000)
}

/// `kanhe signer`.
#[derive(Debug, Subcommand)]
pub enum SignerCommand {
    /// Move a home's key into a signer: a validator's key from a node's home, which must be
    /// stopped, or an operator key from a member's.
    Init {
        /// The signer's folder; empty or absent.
        #[arg(long, value_name = "DIR")]
        dir: PathBuf,
        /// The home that has the key, and will ask the signer.
        #[arg(long, value_name = "HOME")]
        home: PathBuf,
        /// A further user of this machine that may ask, by number; may be repeated.
        #[arg(long = "user", value_name = "UID")]
        users: Vec<u32>,
    },
    /// Hold the key and sign, until the process is ended.
    Run {
        /// The signer's folder.
        #[arg(long, value_name = "DIR")]
        dir: PathBuf,
    },
    /// Let a validator's key sign nothing below a height: after its memory was damaged or restored.
    Skip {
        /// The signer's folder; the signer must not run.
        #[arg(long, value_name = "DIR")]
        dir: PathBuf,
        /// The first height that it may sign; above every height that it may have signed.
        #[arg(long, value_name = "HEIGHT")]
        height: u64,
    },
    /// Measure what a signature costs in a process's own memory, and asked of a signer.
    Bench {
        /// Statements of each kind.
        #[arg(long, default_value_t = 2_000, value_parser = statements())]
        statements: u64,
        /// How the key signs: ed25519 or sm2.
        #[arg(long, default_value_t)]
        scheme: Scheme,
    },
}
