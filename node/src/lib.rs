//! A running node: the deterministic core, and the shell that gives it threads, sockets and disks.
//!
//! Modules in reading order:
//! - [`core`]: every decision of a validator, as a machine from events to actions.
//! - [`wal`], [`evidence`]: the agreement's write-ahead log, and contradictions that were seen.
//! - [`meter`], [`parts`]: where the CPU time goes, and what the parts of a node cost.
//! - [`node`]: the shell that runs the core.
//! - [`keystore`], [`home`], [`localnet`]: key files, a node's folder, and a whole zone's folder.
//! - [`letters`]: sealed originals that the node holds for its agency.
//! - [`pseudonyms`]: the pseudonym service, in the node of the agency that keeps its keys.
//! - [`outgoing`], [`observer`]: requests to other nodes, and a node that follows by them.
//! - [`signer`]: a key in another process.
//! - [`http`]: the doors: submissions, receipts, trades, proofs, metrics.

pub mod core;
pub mod evidence;
pub mod home;
pub mod http;
pub mod keystore;
pub mod letters;
pub mod localnet;
pub mod meter;
pub mod node;
pub mod observer;
pub mod outgoing;
pub mod parts;
pub mod pseudonyms;
pub mod signer;
pub mod wal;
