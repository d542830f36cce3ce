//! `kanhe pseudonym`.

use super::HomeArgs;
use clap::Subcommand;
use std::path::PathBuf;

/// `kanhe pseudonym`.
#[derive(Debug, Subcommand)]
pub enum PseudonymCommand {
    /// List the keys of the zone's pseudonym service, and who keeps them.
    Keys {
        /// Whose home.
        #[command(flatten)]
        home: HomeArgs,
    },
    /// Make a key for pseudonyms in a node's home where there is none of its number, and show what
    /// the policy says of it.
    Prepare {
        /// The home of the node that serves pseudonyms.
        #[arg(long, env = "KANHE_HOME", value_name = "DIR")]
        home: PathBuf,
        /// The key's number, from 1; a new number makes a new key.
        #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
        number: u32,
        /// The year that it is for; may be repeated.
        #[arg(long = "year", value_name = "YEAR", required = true,
              value_parser = clap::value_parser!(u16).range(2000..=9999))]
        years: Vec<u16>,
    },
}
