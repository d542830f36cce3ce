//! Blocks in; state, proofs and queries out.
//!
//! The ledger stores what validators decided, executes it in order, and answers what follows from
//! it. It is the only user of RocksDB. It never decides anything, never talks to a peer, reads no
//! clock, and holds no secret key: what it answers follows from genesis and decisions alone.
//!
//! Two synced writes a height: the decision before the next height starts, its effects in one
//! atomic batch when it was executed. After a crash execution continues between them.
//!
//! Modules in reading order:
//! - [`store`]: columns of sorted keys, on disk or in memory.
//! - [`schema`]: the keys and values of each column, and the format version.
//! - [`salts`]: the secrets that keep withheld leaves from being guessed.
//! - [`tree`]: the authenticated state.
//! - [`ledger`]: opening, batches and decisions.
//! - [`batches`], `bodies`: which batches are here and which are ordered, and their bodies.
//! - [`state`]: what the rules read of it, and where what they write stands.
//! - `receipts`: a height's receipts and events, and where they are found.
//! - [`execution`], `tally`, `turns`: decided heights into one atomic write, what became of their
//!   documents, and when that is flushed.
//! - [`cases`]: the index of trade cases.
//! - [`query`]: receipts, documents, state values.
//! - [`check`]: whether a proposed block may follow.
//! - [`proof`]: what can be shown to somebody who holds only the genesis hash.
//! - [`evidence`], [`redact`]: the same for a reader who follows the headers and may not see all.
//! - [`observer`], [`replica`]: what such a reader keeps, and what it and a validator's ledger
//!   answer alike.
//! - [`audit`]: the whole chain again from genesis.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests may panic"))]

pub mod audit;
pub mod batches;
mod bodies;
pub mod cases;
pub mod check;
pub mod evidence;
pub mod execution;
pub mod ledger;
pub mod observer;
pub mod proof;
pub mod query;
mod receipts;
pub mod redact;
pub mod replica;
pub mod salts;
pub mod schema;
pub mod state;
pub mod store;
mod tally;
#[cfg(test)]
mod testing;
pub mod tree;
mod turns;

pub use cases::{CaseFilter, CasePage, FoundCase};
pub use evidence::{DocumentEvidence, EvidenceAnswer, Shown, ValueEvidence, Wanted};
pub use execution::ExecuteError;
pub use ledger::{GenesisState, Ledger, LedgerError, UnknownProtocol};
pub use observer::{Lie, ObserverError, ObserverLedger};
pub use redact::WholeBlock;
pub use replica::Replica;
pub use store::{MemoryStore, RocksStore, Store, StoreError};
pub use tally::Tally;
