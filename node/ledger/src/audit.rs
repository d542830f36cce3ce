//! The whole chain again from genesis, trusting nothing that is stored.
//!
//! Every link, certificate, batch and signature is checked, every height is executed again into a
//! ledger of its own, and what that gives is compared with every header and with what is stored:
//! roots, receipts, events, and at the end the state. The audit takes the same path as a live
//! node: the checks of [`crate::check`], then [`Ledger::execute_next`].

use crate::check::BlockError;
use crate::execution::{ExecuteError, first_difference};
use crate::ledger::{GenesisState, Ledger, LedgerError, UnknownProtocol};
use crate::schema;
use crate::store::{Column, Direction, Pair, Store, just_after};
use crate::tree::Tree;
use kanhe_types::block::Decision;
use kanhe_types::hash::Hash;
use kanhe_types::submission::Batch;
use kanhe_types::time::Millis;
use std::fmt::Display;
use std::sync::Arc;

/// Stored pairs that are compared in one go.
const COMPARE_PAGE: usize = 4_096;

/// How far an audit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditProgress {
    /// The height that was audited last.
    pub height: u64,
    /// The last height to audit.
    pub last: u64,
    /// Documents that were audited so far.
    pub documents: u64,
}

/// What an audit without a divergence has checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditReport {
    /// The last height: decided, certified and executed again.
    pub height: u64,
    /// The last header's hash; at height 0 the genesis hash.
    pub block: Hash,
    /// The last header's time.
    pub time: Millis,
    /// The state root after the last executed height.
    pub state: Hash,
    /// How many batches.
    pub batches: u64,
    /// How many submissions.
    pub submissions: u64,
    /// How many documents.
    pub documents: u64,
    /// How many signatures: of submissions, batches, acknowledgements and votes.
    pub signatures: u64,
    /// How many receipts were given again and compared.
    pub receipts: u64,
}

/// The first place where the chain is not what it must be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("height {height}: {what}: expected {expected}, found {found}")]
pub struct Divergence {
    /// The height.
    pub height: u64,
    /// What was checked.
    pub what: String,
    /// What follows from genesis and the heights before.
    pub expected: String,
    /// What is stored or stated.
    pub found: String,
}

/// An audit ends without a report.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The chain is not what it must be.
    #[error(transparent)]
    Divergence(#[from] Divergence),
    /// This program does not know the rules of a height.
    #[error(transparent)]
    Protocol(#[from] UnknownProtocol),
    /// This machine cannot audit: the scratch ledger or a read fails.
    #[error("the audit cannot go on")]
    Ledger(#[from] LedgerError),
}

fn diverged(
    height: u64,
    what: impl Display,
    expected: impl Display,
    found: impl Display,
) -> AuditError {
    let (what, expected, found) = (what.to_string(), expected.to_string(), found.to_string());
    AuditError::Divergence(Divergence { height, what, expected, found })
}

/// Audits `source`, executing its chain again into `scratch`, which is empty. Nothing may write to
/// the source meanwhile.
///
/// # Errors
/// [`AuditError::Divergence`] names the first thing that is not what it must be.
pub fn audit<S: Store, T: Store>(
    source: &Ledger<S>,
    genesis: GenesisState,
    scratch: T,
    progress: impl FnMut(AuditProgress),
) -> Result<AuditReport, AuditError> {
    if source.genesis() != genesis.hash {
        return Err(diverged(0, "genesis", genesis.hash, source.genesis()));
    }
    audit_into(source, &Ledger::open(scratch, genesis)?, progress)
}

/// Audits `source` by executing its chain again in `again`, which stands at height 0.
///
/// # Errors
/// As [`audit`].
///
/// # Panics
/// If `again` has decided a height.
pub fn audit_into<S: Store, T: Store>(
    source: &Ledger<S>,
    again: &Ledger<T>,
    mut progress: impl FnMut(AuditProgress),
) -> Result<AuditReport, AuditError> {
    assert_eq!(again.decided_height(), 0, "an audit starts from genesis in an empty store");
    let mut report = AuditReport::default();
    // The source may have executed fewer heights than it has decided.
    let (last, executed) = (source.decided_height(), source.executed_height());
    compare_effects(source, again, 0, &mut report)?;
    if executed == 0 {
        compare_state(source, again, 0)?;
    }
    for height in 1..=last {
        audit_height(source, again, height, &mut report)?;
        if height <= executed {
            compare_effects(source, again, height, &mut report)?;
        }
        if height == executed {
            compare_state(source, again, height)?;
        }
        progress(AuditProgress { height, last, documents: report.documents });
    }
    report.height = last;
    (report.block, report.time) = again.link(last)?.expect("the last height was audited");
    report.state = again.executed(last)?.expect("the last height was executed").state;
    Ok(report)
}

/// A damaged value in the source is a divergence of its height; any other error is this machine's.
fn of_source<V>(height: u64, what: &str, read: Result<V, LedgerError>) -> Result<V, AuditError> {
    read.map_err(|error| match error {
        LedgerError::Corrupt { .. } => diverged(height, what, "readable bytes", error),
        other => other.into(),
    })
}

fn audit_height<S: Store, T: Store>(
    source: &Ledger<S>,
    again: &Ledger<T>,
    height: u64,
    report: &mut AuditReport,
) -> Result<(), AuditError> {
    let decision = of_source(height, "decision", source.decision(height))?;
    let decision = decision.ok_or_else(|| diverged(height, "decision", "one", "none"))?;
    again.check_block(&decision.block).map_err(|error| block_divergence(height, error))?;
    check_certificate(again, &decision)?;
    report.signatures += decision.certificate.signatures.len() as u64;
    let mut bodies = Vec::new();
    for certified in &decision.block.batches {
        let digest = certified.header.digest(&again.genesis());
        let body = audit_batch(source, again, height, &digest)?;
        report.batches += 1;
        report.submissions += body.submissions.len() as u64;
        report.documents += u64::from(body.header.document_count);
        report.signatures += (certified.acknowledgements.len() + body.submissions.len() + 1) as u64;
        bodies.push((digest, body));
    }
    again.store_batches(&bodies)?;
    again.store_decision(&decision)?;
    again.execute_next().map_err(|error| execute_divergence(height, error))?;
    Ok(())
}

fn check_certificate<T: Store>(again: &Ledger<T>, decision: &Decision) -> Result<(), AuditError> {
    let (header, certificate) = (&decision.block.header, &decision.certificate);
    let height = header.height;
    if certificate.height != height {
        return Err(diverged(height, "certificate's height", height, certificate.height));
    }
    if certificate.block != header.hash() {
        return Err(diverged(height, "certificate's block", header.hash(), certificate.block));
    }
    certificate
        .verify(&again.genesis(), &again.validators_at(height))
        .map_err(|error| diverged(height, "certificate", "signatures of a quorum", error))
}

/// The body of a batch, verified down to its submissions' signatures.
fn audit_batch<S: Store, T: Store>(
    source: &Ledger<S>,
    again: &Ledger<T>,
    height: u64,
    digest: &Hash,
) -> Result<Arc<Batch>, AuditError> {
    let what = format!("batch {digest}");
    let body = of_source(height, &what, source.batch(digest))?;
    let body = body.ok_or_else(|| diverged(height, &what, "its body", "none"))?;
    let found = body.header.digest(&again.genesis());
    if found != *digest {
        return Err(diverged(height, &what, digest, found));
    }
    body.verify(&again.genesis())
        .map_err(|error| diverged(height, &what, "valid signatures and content", error))?;
    Ok(body)
}

fn block_divergence(height: u64, error: BlockError) -> AuditError {
    match error {
        BlockError::Ledger(error) => error.into(),
        BlockError::Hash { field, expected, found } => {
            diverged(height, format!("header's {field}"), expected, found)
        }
        BlockError::UnknownProtocol(unknown) => unknown.into(),
        other => diverged(height, "block", "one that follows the height before", other),
    }
}

fn execute_divergence(height: u64, error: ExecuteError) -> AuditError {
    match error {
        ExecuteError::Ledger(error) => error.into(),
        ExecuteError::Protocol(unknown) => unknown.into(),
        ExecuteError::OtherProtocol { height, ours, theirs } => {
            diverged(height, "protocol", ours, theirs)
        }
        ExecuteError::Diverged { height, field, ours, theirs, .. } => {
            diverged(height, field, ours, theirs)
        }
        other @ (ExecuteError::NotDecided { .. }
        | ExecuteError::MissingBatches { .. }
        | ExecuteError::State(_)) => diverged(height, "execution", "effects", other),
    }
}

/// Compares what a height did, as it was stored and as it came out again.
fn compare_effects<S: Store, T: Store>(
    source: &Ledger<S>,
    again: &Ledger<T>,
    height: u64,
    report: &mut AuditReport,
) -> Result<(), AuditError> {
    let ours = again.record(height)?.expect("the height was executed again");
    let stored = of_source(height, "executed roots", source.record(height))?;
    let stored =
        stored.ok_or_else(|| diverged(height, "executed roots", "stored roots", "none"))?;
    if let Some((field, expected, found)) = first_difference(&ours.executed, &stored.executed) {
        return Err(diverged(height, format!("stored {field}"), expected, found));
    }
    if ours != stored {
        return Err(diverged(height, "stored record", format!("{ours:?}"), format!("{stored:?}")));
    }
    let prefix = schema::height_key(height);
    compare_column(source, again, Column::Receipts, &prefix, height)?;
    compare_column(source, again, Column::Events, &prefix, height)?;
    report.receipts += ours.receipt_count;
    Ok(())
}

fn compare_state<S: Store, T: Store>(
    source: &Ledger<S>,
    again: &Ledger<T>,
    height: u64,
) -> Result<(), AuditError> {
    for column in [Column::State, Column::Documents, Column::Submissions] {
        compare_column(source, again, column, &[], height)?;
    }
    let expected = again.executed(height)?.expect("the height was executed again").state;
    let tree = of_source(height, "state tree", Tree::open(source.store()))?;
    match tree.root() {
        found if found == expected => Ok(()),
        found => Err(diverged(height, "state tree", expected, found)),
    }
}

/// Compares the pairs of a column whose keys start with `prefix`.
fn compare_column<S: Store, T: Store>(
    source: &Ledger<S>,
    again: &Ledger<T>,
    column: Column,
    prefix: &[u8],
    height: u64,
) -> Result<(), AuditError> {
    let mut from = prefix.to_vec();
    loop {
        let expected = page(again.store(), column, prefix, &from)?;
        let found = page(source.store(), column, prefix, &from)?;
        if let Some((key, expected, found)) = pair_difference(&expected, &found) {
            let what = format!("column {}, key {}", column.name(), hex::encode(key));
            return Err(diverged(height, what, expected, found));
        }
        match expected.last() {
            Some((key, _)) if expected.len() == COMPARE_PAGE => from = just_after(key),
            _ => return Ok(()),
        }
    }
}

fn page<S: Store>(
    store: &S,
    column: Column,
    prefix: &[u8],
    from: &[u8],
) -> Result<Vec<Pair>, LedgerError> {
    debug_assert!(from.starts_with(prefix), "a page starts within its prefix");
    let mut pairs = store.scan(column, from, Direction::Forward, COMPARE_PAGE)?;
    pairs.retain(|(key, _)| key.starts_with(prefix));
    Ok(pairs)
}

/// The first key at which two pages differ, with both values for people.
fn pair_difference<'a>(
    expected: &'a [Pair],
    found: &'a [Pair],
) -> Option<(&'a [u8], String, String)> {
    let shown = |value: &[u8]| match hex::encode(value) {
        text if text.len() <= 80 => text,
        text => format!("{}… ({} bytes)", text.split_at(80).0, value.len()),
    };
    let mut pairs = (expected.iter(), found.iter());
    loop {
        match (pairs.0.next(), pairs.1.next()) {
            (None, None) => return None,
            (Some(one), Some(two)) if one == two => {}
            (Some((key, one)), Some((other, two))) if key == other => {
                return Some((key, shown(one), shown(two)));
            }
            (Some((key, value)), other) if other.is_none_or(|other| *key < other.0) => {
                return Some((key, shown(value), "nothing".into()));
            }
            (_, Some((key, value))) => return Some((key, "nothing".into(), shown(value))),
            (Some((key, value)), None) => return Some((key, shown(value), "nothing".into())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{MemoryStore, WriteBatch};
    use crate::testing::{Network, tamper};
    use kanhe_types::codec;

    fn ledger(network: &Network) -> Ledger<MemoryStore> {
        let ledger = network.open(MemoryStore::default());
        network.grow(&ledger, &[&["put a 1", "nonsense"]]);
        network.grow(&ledger, &[&["put b 2"], &["case o1 0"]]);
        network.grow(&ledger, &[&["remove a", "put c 3"]]);
        network.grow(&ledger, &[]);
        ledger
    }

    fn audit_again(
        network: &Network,
        source: &Ledger<MemoryStore>,
    ) -> Result<AuditReport, AuditError> {
        audit_into(source, &network.open(MemoryStore::default()), |_| {})
    }

    /// Tampers with the store behind a good ledger and expects the first divergence.
    #[track_caller]
    fn check(change: impl FnOnce(&Network, &Ledger<MemoryStore>), height: u64, what: &str) {
        let network = Network::new();
        let ledger = ledger(&network);
        change(&network, &ledger);
        match audit_again(&network, &ledger) {
            Err(AuditError::Divergence(divergence)) => {
                assert_eq!(divergence.height, height, "{divergence}");
                assert!(divergence.what.contains(what), "{divergence}");
            }
            other => panic!("expected a divergence at height {height}, found {other:?}"),
        }
    }

    fn change_decision(
        ledger: &Ledger<MemoryStore>,
        height: u64,
        change: impl FnOnce(&mut Decision),
    ) {
        let mut decision = ledger.decision(height).unwrap().unwrap();
        change(&mut decision);
        let key = schema::height_key(height);
        tamper(ledger.store(), Column::Decisions, &key, |bytes| *bytes = codec::encode(&decision));
    }

    fn change_body(
        network: &Network,
        ledger: &Ledger<MemoryStore>,
        height: u64,
        change: impl FnOnce(&mut Batch),
    ) {
        let decision = ledger.decision(height).unwrap().unwrap();
        let digest = decision.block.batches[0].header.digest(&network.genesis.hash);
        let mut body = (*ledger.batch(&digest).unwrap().unwrap()).clone();
        change(&mut body);
        tamper(ledger.store(), Column::Batches, &digest.0, |bytes| *bytes = codec::encode(&body));
    }

    #[test]
    fn a_good_chain_is_counted() {
        let network = Network::new();
        let ledger = ledger(&network);
        let mut heights = Vec::new();
        let again = network.open(MemoryStore::default());
        let report = audit_into(&ledger, &again, |progress| heights.push(progress.height)).unwrap();
        assert_eq!(heights, vec![1, 2, 3, 4]);
        assert_eq!((report.height, report.batches, report.submissions), (4, 3, 4));
        assert_eq!((report.documents, report.receipts), (6, 6));
        // Three precommits a height; three acknowledgements and one author's for each batch.
        assert_eq!(report.signatures, 4 * 3 + 3 * 4 + 4);
        assert_eq!(report.state, ledger.executed(4).unwrap().unwrap().state);
        assert_eq!(report.block, ledger.header(4).unwrap().unwrap().hash());
    }

    #[test]
    fn a_chain_that_is_decided_further_than_executed_is_audited() {
        let network = Network::new();
        let ledger = ledger(&network);
        ledger.store_decision(&network.decide(network.block(&ledger, &[]))).unwrap();
        assert_eq!(audit_again(&network, &ledger).unwrap().height, 5);
        let empty = network.open(MemoryStore::default());
        assert_eq!(audit_again(&network, &empty).unwrap().height, 0);
    }

    #[test]
    fn a_changed_body_is_found_at_its_height() {
        let forged = |body: &mut Batch| body.submissions[0].signature = body.signature;
        check(|n, ledger| change_body(n, ledger, 2, forged), 2, "batch");
        let rewritten = |body: &mut Batch| body.submissions[0].documents[0] = b"put b 3".to_vec();
        check(|n, ledger| change_body(n, ledger, 3, rewritten), 3, "batch");
        check(|n, ledger| change_body(n, ledger, 1, |body| body.header.number = 9), 1, "batch");
    }

    #[test]
    fn a_changed_decision_is_found_at_its_height() {
        let later = |decision: &mut Decision| decision.block.header.time.0 += 1;
        check(|_, ledger| change_decision(ledger, 2, later), 2, "certificate's block");
        let fewer = |decision: &mut Decision| {
            decision.certificate.signatures.pop();
        };
        check(|_, ledger| change_decision(ledger, 3, fewer), 3, "certificate");
        let round = |decision: &mut Decision| decision.certificate.round = 1;
        check(|_, ledger| change_decision(ledger, 4, round), 4, "certificate");
        let root = |decision: &mut Decision| decision.block.header.executed.state = Hash([1; 32]);
        check(|_, ledger| change_decision(ledger, 4, root), 4, "header's state root");
    }

    #[test]
    fn a_missing_or_unreadable_decision_is_found_at_its_height() {
        let missing = |_: &Network, ledger: &Ledger<MemoryStore>| {
            let mut batch = WriteBatch::default();
            batch.remove(Column::Decisions, schema::height_key(2));
            ledger.store().write(batch, crate::store::Durability::Synced).unwrap();
        };
        check(missing, 2, "decision");
        let unreadable = |_: &Network, ledger: &Ledger<MemoryStore>| {
            let key = schema::height_key(3);
            tamper(ledger.store(), Column::Decisions, &key, |bytes| bytes.truncate(9));
        };
        check(unreadable, 3, "decision");
    }

    #[test]
    fn a_changed_receipt_event_or_root_is_found_at_its_height() {
        let flip = |column: Column, key: Vec<u8>| {
            move |_: &Network, ledger: &Ledger<MemoryStore>| {
                tamper(ledger.store(), column, &key, |value| {
                    let last = value.len() - 1;
                    value[last] ^= 1;
                });
            }
        };
        check(flip(Column::Receipts, schema::chunk_key(1, 0)), 1, "column receipts");
        check(flip(Column::Events, schema::chunk_key(2, 0)), 2, "column events");
        check(flip(Column::Executed, schema::height_key(3)), 3, "stored record");
    }

    #[test]
    fn a_changed_or_added_state_value_is_found() {
        let changed = |_: &Network, ledger: &Ledger<MemoryStore>| {
            tamper(ledger.store(), Column::State, b"put/b", |value| value[16] ^= 1);
        };
        check(changed, 4, "column state");
        let added = |_: &Network, ledger: &Ledger<MemoryStore>| {
            let mut batch = WriteBatch::default();
            batch.put(Column::State, b"zzz".to_vec(), vec![0; 20]);
            ledger.store().write(batch, crate::store::Durability::Synced).unwrap();
        };
        check(added, 4, "column state");
    }

    #[test]
    fn a_changed_state_tree_is_found() {
        let changed = |_: &Network, ledger: &Ledger<MemoryStore>| {
            let bucket = ledger.store().scan(Column::Tree, &[], Direction::Forward, 1).unwrap();
            tamper(ledger.store(), Column::Tree, &bucket[0].0, |leaves| leaves[40] ^= 1);
        };
        check(changed, 4, "state tree");
    }

    #[test]
    fn a_chain_that_was_decided_but_never_executed_is_audited() {
        let network = Network::new();
        let ledger = network.open(MemoryStore::default());
        ledger.store_decision(&network.decide(network.block(&ledger, &[]))).unwrap();
        assert_eq!(audit_again(&network, &ledger).unwrap().height, 1);
        tamper(ledger.store(), Column::State, b"put/founded", |value| value[16] ^= 1);
        let error = audit_again(&network, &ledger).unwrap_err();
        assert!(matches!(error, AuditError::Divergence(Divergence { height: 0, .. })), "{error}");
    }

    #[test]
    fn a_chain_that_hands_over_is_audited_and_what_the_former_set_decides_is_found() {
        let network = Network::handing_over(4);
        let ledger = ledger(&network);
        network.grow(&ledger, &[&["put d 4"]]);
        assert_eq!(audit_again(&network, &ledger).unwrap().height, 5);
        change_decision(&ledger, 5, |decision| {
            let former = &network.genesis.validators;
            *decision = network.decide_by(former, decision.block.clone());
        });
        match audit_again(&network, &ledger) {
            Err(AuditError::Divergence(divergence)) => {
                assert_eq!((divergence.height, &*divergence.what), (5, "certificate"));
            }
            other => panic!("expected a divergence at height 5, found {other:?}"),
        }
    }

    #[test]
    fn another_genesis_is_a_divergence_of_height_zero() {
        let network = Network::new();
        let ledger = ledger(&network);
        let other = GenesisState { hash: Hash([1; 32]), ..network.genesis.clone() };
        let error = audit(&ledger, other, MemoryStore::default(), |_| {}).unwrap_err();
        assert!(matches!(error, AuditError::Divergence(Divergence { height: 0, .. })), "{error}");
    }
}
