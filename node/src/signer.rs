//! A key in another process: the protocol, its two ends, and what a validator's signer remembers.
//!
//! The signer process holds an encrypted key file and answers on a Unix socket. It is sent every
//! statement in full, computes what is signed by itself, for its own chain only, and refuses what
//! its key is not for. A validator's signer remembers the last step that it signed, synced before
//! it answers, and never signs another statement of that step or one before.
//!
//! - `wire`: frames and messages.
//! - `client`: the node's or member's end.
//! - `server`: the process that holds the key.
//! - `memory`: the file that remembers.
//! - `home`: the folder of a signer.
//!
//! # Correctness
//! Who may talk to whom is decided by the kernel: the socket's permissions, and both ends' users as
//! the kernel states them. Nothing travels over a network. Whatever is sent again has the same
//! answer as before, or none.

mod client;
mod home;
mod memory;
mod server;
mod wire;

pub use client::{RemoteSigner, SignerStatus};
pub use home::{SignerHome, SignerHomeError};
pub use memory::{Floor, Memory, MemoryError};
pub use server::{Role, Server, ServerConfig, ServerError};

use kanhe_types::keys::PublicKey;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Where a home's signer is: `signer` in `node.json` or `member.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignerConfig {
    /// Its socket; relative to the home.
    pub socket: PathBuf,
    /// The public half of the key that it holds.
    pub key: PublicKey,
    /// The user that it runs as; by default that of this process.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<u32>,
    /// How long an answer may take, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<u64>,
}

#[cfg(test)]
mod tests;
