//! `kanhe observer`.

use clap::Subcommand;
use kanhe_types::code::OrganisationCode;
use std::net::SocketAddr;
use std::path::PathBuf;

/// `kanhe observer`.
#[derive(Debug, Subcommand)]
pub enum ObserverCommand {
    /// Make an observer's home, with a new key that the organisation registers.
    Init {
        /// The new home.
        #[arg(long, value_name = "DIR")]
        home: PathBuf,
        /// Whose observer it is.
        #[arg(long, value_name = "CODE")]
        organisation: OrganisationCode,
        /// The chain's genesis file.
        #[arg(long, value_name = "FILE")]
        genesis: PathBuf,
        /// Addresses of serving validators' APIs, with commas.
        #[arg(long, value_name = "URL", value_delimiter = ',', required = true)]
        validators: Vec<String>,
        /// Where the observer answers its owner.
        #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8090")]
        listen: SocketAddr,
        /// A certificate file to accept besides those of the well-known authorities.
        #[arg(long, value_name = "FILE")]
        certificate: Option<PathBuf>,
    },
    /// Follow the chain and answer, until told to stop.
    Run {
        /// The observer's home.
        #[arg(long, env = "KANHE_HOME", value_name = "DIR")]
        home: PathBuf,
        /// Stop when stdin closes, so that whoever started it cannot leave it behind.
        #[arg(long, hide = true)]
        stop_when_stdin_closes: bool,
    },
}
