//! The whole chain again from genesis: from a node's own data, or fetched from a validator.
//!
//! Nothing that is stored or answered is trusted but the genesis in the home.

use crate::answer::CliError;
use crate::client::Client;
use crate::progress::Progress;
use crate::scratch::Scratch;
use kanhe_api::limits::DECISIONS_MAX;
use kanhe_api::path;
use kanhe_api::view::StatusView;
use kanhe_genesis::Genesis;
use kanhe_ledger::audit::{AuditError, AuditReport, Divergence, audit_into};
use kanhe_ledger::execution::{Execute, contracts};
use kanhe_ledger::{Ledger, LedgerError, RocksStore, Store};
use kanhe_node::home::{Home, HomeLock};
use kanhe_node::node::genesis_state;
use kanhe_types::block::Decision;
use kanhe_types::codec;
use kanhe_types::limits::{BLOCK_BYTES_MAX, CERTIFICATE_BYTES_MAX};
use kanhe_types::submission::Batch;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Bytes of one answer with decisions.
const DECISIONS_BYTES_MAX: usize = DECISIONS_MAX * (BLOCK_BYTES_MAX + CERTIFICATE_BYTES_MAX);

/// What a check of the whole chain comes to.
pub enum Verified {
    /// Everything is as it must be.
    Holds(AuditReport),
    /// The first thing that is not.
    Diverges(Divergence),
}

/// What executing the whole chain again comes to.
pub enum Replayed {
    /// Everything is as it must be, and this is what it gives under the key that was asked for.
    Value {
        /// What was checked.
        report: AuditReport,
        /// The value; none where the state has none.
        value: Option<Vec<u8>>,
    },
    /// The first thing that is not.
    Diverges(Verified),
}

/// A chain that was not checked yet.
pub struct Chain {
    /// Its blocks; what they led to only where a node executed them.
    pub ledger: Ledger<RocksStore>,
    /// Held until the ledger is closed: what nobody else may use, or what is removed then.
    _kept: Kept,
}

/// What a chain that is read keeps from others.
#[expect(dead_code, reason = "what is held is of use as long as it is held")]
enum Kept {
    Home(HomeLock),
    Fetched(Scratch),
}

/// A chain, or why it is none.
pub enum Opened {
    /// It can be read.
    Chain(Box<Chain>),
    /// It is damaged, or another one.
    Diverges(Divergence),
}

/// A chain that was executed again, with the ledger that did, which is removed when it is dropped.
pub struct Again {
    /// The ledger.
    pub ledger: Ledger<RocksStore>,
    /// What the check came to.
    pub verified: Verified,
    _scratch: Scratch,
}

/// Checks the data of a stopped node.
///
/// # Errors
/// When the node runs, or this machine cannot check.
pub fn from_data(home: &Home, genesis: &Genesis) -> Result<Verified, CliError> {
    match open_data(home, genesis)? {
        Opened::Chain(chain) => check(&chain.ledger, genesis),
        Opened::Diverges(divergence) => Ok(Verified::Diverges(divergence)),
    }
}

/// Opens the data of a stopped node, to be read.
///
/// # Errors
/// When the node runs, or this machine cannot read.
pub fn open_data(home: &Home, genesis: &Genesis) -> Result<Opened, CliError> {
    let data = home.data_path();
    if !data.is_dir() {
        return Err(CliError::unknown(format!(
            "{} does not exist: the node has never run; start it, or give another home",
            data.display()
        )));
    }
    let lock = home.lock()?;
    match Ledger::open(open(&data)?, genesis_state(genesis)) {
        Ok(ledger) => Ok(Opened::Chain(Box::new(Chain { ledger, _kept: Kept::Home(lock) }))),
        Err(error) => Ok(Opened::Diverges(damaged(0, error)?)),
    }
}

/// Fetches the chain from a validator, as an agency, and checks it.
///
/// # Errors
/// When the validator does not answer or does not show the chain to this organisation.
pub fn from_api(client: &Client, genesis: &Genesis) -> Result<Verified, CliError> {
    match fetch(client, genesis)? {
        Opened::Chain(chain) => check(&chain.ledger, genesis),
        Opened::Diverges(divergence) => Ok(Verified::Diverges(divergence)),
    }
}

/// The same, and what the chain gives under a key of the state when it is executed again.
///
/// # Errors
/// Likewise.
pub fn replay(client: &Client, genesis: &Genesis, key: &[u8]) -> Result<Replayed, CliError> {
    let chain = match fetch(client, genesis)? {
        Opened::Chain(chain) => chain,
        Opened::Diverges(found) => return Ok(Replayed::Diverges(Verified::Diverges(found))),
    };
    let again = execute_again(&chain.ledger, genesis, contracts)?;
    let value = again.ledger.state_value(key);
    let value = value.map_err(|error| CliError::because("the state cannot be read", error))?;
    Ok(match again.verified {
        Verified::Holds(report) => Replayed::Value { report, value },
        found @ Verified::Diverges(_) => Replayed::Diverges(found),
    })
}

/// The chain up to a height, fetched from a validator, as an agency, and executed again; what is
/// wrong with it where it cannot be.
///
/// # Errors
/// When the validator does not answer or does not show the chain to this organisation.
pub fn again_to(
    client: &Client,
    genesis: &Genesis,
    height: u64,
) -> Result<Result<Again, Verified>, CliError> {
    let chain = match fetch_to(client, genesis, height)? {
        Opened::Chain(chain) => chain,
        Opened::Diverges(found) => return Ok(Err(Verified::Diverges(found))),
    };
    let again = execute_again(&chain.ledger, genesis, contracts)?;
    Ok(match again.verified {
        Verified::Holds(_) => Ok(again),
        found @ Verified::Diverges(_) => Err(found),
    })
}

/// Fetches the chain from a validator, as an agency.
///
/// # Errors
/// When the validator does not answer or does not show the chain to this organisation.
pub fn fetch(client: &Client, genesis: &Genesis) -> Result<Opened, CliError> {
    let status: StatusView = client.get(path::STATUS)?;
    fetch_to(client, genesis, status.decided)
}

/// The same, up to a height.
fn fetch_to(client: &Client, genesis: &Genesis, last: u64) -> Result<Opened, CliError> {
    let scratch = Scratch::new("fetched")?;
    let source = Ledger::open(open(scratch.path())?, genesis_state(genesis));
    let source =
        source.map_err(|error| CliError::because("cannot use a temporary ledger", error))?;
    let mut progress = Progress::new("fetching heights", last);
    while source.decided_height() < last {
        let from = source.decided_height() + 1;
        let target = path::decisions(from, DECISIONS_MAX);
        let bytes = client.get_bytes(&target, Duration::ZERO)?;
        let decisions: Vec<Decision> = match codec::decode(&bytes, DECISIONS_BYTES_MAX) {
            Ok(decisions) => decisions,
            Err(error) => {
                let found = diverges(from, "decisions", "canonical bytes", error);
                return Ok(Opened::Diverges(found));
            }
        };
        if decisions.is_empty() {
            return Ok(Opened::Diverges(diverges(from, "decision", "one", "none")));
        }
        for decision in &decisions {
            if last <= source.decided_height() {
                break;
            }
            if let Some(divergence) = keep(client, &source, decision)? {
                return Ok(Opened::Diverges(divergence));
            }
            progress.at(source.decided_height());
        }
    }
    drop(progress);
    Ok(Opened::Chain(Box::new(Chain { ledger: source, _kept: Kept::Fetched(scratch) })))
}

/// Fetches what a decision orders, and stores both.
fn keep(
    client: &Client,
    source: &Ledger<RocksStore>,
    decision: &Decision,
) -> Result<Option<Divergence>, CliError> {
    let expected = source.decided_height() + 1;
    let found = decision.block.header.height;
    if found != expected {
        return Ok(Some(diverges(expected, "decision's height", expected, found)));
    }
    let mut bodies = Vec::new();
    for certified in &decision.block.batches {
        let digest = certified.header.digest(client.genesis());
        let bytes = client.get_bytes(&path::batch(&digest), Duration::ZERO)?;
        let what = format!("batch {digest}");
        let batch = match Batch::decode(&bytes) {
            Ok(batch) => batch,
            Err(error) => return Ok(Some(diverges(expected, what, "canonical bytes", error))),
        };
        let found = batch.header.digest(client.genesis());
        if found != digest {
            return Ok(Some(diverges(expected, what, digest, found)));
        }
        bodies.push((digest, Arc::new(batch)));
    }
    let stored = source.store_batches(&bodies).and_then(|()| source.store_decision(decision));
    stored.map_err(|error| CliError::because("cannot keep what was fetched", error))?;
    Ok(None)
}

fn check(source: &Ledger<RocksStore>, genesis: &Genesis) -> Result<Verified, CliError> {
    Ok(execute_again(source, genesis, contracts)?.verified)
}

/// Executes a chain again from genesis in a new ledger, by whatever `executor` does, and checks
/// everything on the way.
///
/// # Errors
/// When this machine cannot.
pub fn execute_again<S: Store>(
    source: &Ledger<S>,
    genesis: &Genesis,
    executor: impl Execute<RocksStore> + 'static,
) -> Result<Again, CliError> {
    let scratch = Scratch::new("verify")?;
    let ledger = Ledger::open_with(open(scratch.path())?, genesis_state(genesis), executor);
    let ledger =
        ledger.map_err(|error| CliError::because("cannot use a temporary ledger", error))?;
    let mut progress = Progress::new("verifying heights", source.decided_height());
    let report = audit_into(source, &ledger, |at| progress.at(at.height));
    let verified = match report {
        Ok(report) => Verified::Holds(report),
        Err(AuditError::Divergence(divergence)) => Verified::Diverges(divergence),
        Err(AuditError::Ledger(error)) => Verified::Diverges(damaged(0, error)?),
        Err(AuditError::Protocol(error)) => return Err(CliError::unknown(error.to_string())),
    };
    Ok(Again { ledger, verified, _scratch: scratch })
}

/// A damaged or foreign home is an answer; anything else could not be found out.
fn damaged(height: u64, error: LedgerError) -> Result<Divergence, CliError> {
    match error {
        LedgerError::Corrupt { .. } | LedgerError::OtherGenesis { .. } => {
            Ok(diverges(height, "stored data", "what this chain's node wrote", error))
        }
        other => Err(CliError::because("the chain cannot be verified on this machine", other)),
    }
}

fn diverges(
    height: u64,
    what: impl ToString,
    expected: impl ToString,
    found: impl ToString,
) -> Divergence {
    let (what, expected) = (what.to_string(), expected.to_string());
    Divergence { height, what, expected, found: found.to_string() }
}

fn open(folder: &Path) -> Result<RocksStore, CliError> {
    let store = RocksStore::open(folder);
    store.map_err(|error| CliError::because(format!("cannot use {}", folder.display()), error))
}
