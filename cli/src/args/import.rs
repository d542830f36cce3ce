//! `kanhe import`.

use clap::Subcommand;
use std::path::PathBuf;

/// `kanhe import`.
#[derive(Debug, Subcommand)]
pub enum ImportCommand {
    /// Turn tables of other software into messages for `kanhe submit`.
    Csv {
        /// The tables: comma-separated values in UTF-8.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// Which column is which field: JSON, as docs/spec/tables.md says.
        #[arg(long, value_name = "FILE")]
        map: PathBuf,
        /// The folder for the messages, which are JSON.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
}
