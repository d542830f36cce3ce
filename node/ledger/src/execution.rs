//! One decided height into one atomic write.

use crate::ledger::{Ledger, LedgerError};
use crate::salts;
use crate::schema::{self, CHUNK, DocumentPlace, ExecutedRecord, SubmissionPlace};
use crate::store::{Column, Durability, Store, WriteBatch};
use crate::tree::{LeafChange, Tree, Update};
use kanhe_contracts::execute::{BlockContext, Effects};
use kanhe_contracts::state::{StateError, StateRead, Writes};
use kanhe_types::block::{Decision, Executed, Header};
use kanhe_types::codec;
use kanhe_types::hash::{Domain, Hash};
use kanhe_types::limits::EXECUTION_LAG;
use kanhe_types::merkle;
use kanhe_types::receipt::{Outcome, Receipt};
use kanhe_types::state_proof;
use kanhe_types::submission::{Batch, Submission};
use kanhe_types::time::Millis;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// A part of a height's execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Reading bodies and applying the rules.
    Rules,
    /// Computing the state root.
    Tree,
    /// Receipts, events and indexes, and writing all of it.
    Write,
}

/// The rules: what a block's submissions, each with its identity, do to a state.
pub(crate) type Executor<S> = fn(
    &BlockContext<'_>,
    &StateView<'_, S>,
    &mut dyn Iterator<Item = (Hash, &Submission)>,
) -> Result<Effects, StateError>;

/// The rules of trade.
pub(crate) fn contracts<S: Store>(
    context: &BlockContext<'_>,
    state: &StateView<'_, S>,
    submissions: &mut dyn Iterator<Item = (Hash, &Submission)>,
) -> Result<Effects, StateError> {
    kanhe_contracts::execute::execute(context, state, submissions)
}

/// The stored state as the rules read it.
pub struct StateView<'a, S> {
    store: &'a S,
}

impl<S: Store> StateRead for StateView<'_, S> {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StateError> {
        let stored = self.store.get(Column::State, key).map_err(state_error)?;
        unsalted(key, stored)
    }

    fn get_sorted(&self, keys: &[Vec<u8>]) -> Result<Vec<Option<Vec<u8>>>, StateError> {
        let stored = self.store.multi_get(Column::State, keys).map_err(state_error)?;
        keys.iter().zip(stored).map(|(key, stored)| unsalted(key, stored)).collect()
    }
}

/// A stored value without its salt.
fn unsalted(key: &[u8], stored: Option<Vec<u8>>) -> Result<Option<Vec<u8>>, StateError> {
    let value = stored.map(|stored| schema::split_salted(key, &stored)).transpose();
    Ok(value.map_err(state_error)?.map(|(_, value)| value))
}

fn state_error(error: impl Into<LedgerError>) -> StateError {
    StateError(error.into().to_string())
}

/// The next height is not executed.
#[derive(Debug, thiserror::Error)]
pub enum ExecuteError {
    /// Nothing is left to execute.
    #[error("height {height} is not decided yet")]
    NotDecided {
        /// The height that would execute.
        height: u64,
    },
    /// Bodies are missing; fetch them and try again.
    #[error("height {height} orders {} batches whose bodies are not here yet", .digests.len())]
    MissingBatches {
        /// The height that would execute.
        height: u64,
        /// The missing batches.
        digests: Vec<Hash>,
    },
    /// This machine computed other effects than the quorum certified. Fatal: the node must stop.
    #[error(
        "{field} of height {height} is {ours} here, the header of height {certified_at} says \
         {theirs}; this node's state is wrong: keep the home for inspection, and sync into a new \
         one"
    )]
    Diverged {
        /// The height whose effects differ.
        height: u64,
        /// The height whose header states them.
        certified_at: u64,
        /// Which of the effects.
        field: &'static str,
        /// What this machine computed.
        ours: Hash,
        /// What the header says.
        theirs: Hash,
    },
    /// The rules could not read the state.
    #[error(transparent)]
    State(#[from] StateError),
    /// The ledger cannot answer.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl From<crate::store::StoreError> for ExecuteError {
    fn from(error: crate::store::StoreError) -> Self {
        Self::Ledger(error.into())
    }
}

/// A batch with its digest.
type Body = (Hash, Arc<Batch>);

impl<S: Store> Ledger<S> {
    /// The state after the last executed height, as the rules read it.
    pub fn state(&self) -> StateView<'_, S> {
        StateView { store: &self.store }
    }

    /// Executes the height after [`Self::executed_height`]: state, receipts, events, indexes and
    /// roots, in one write that is whole or absent after a crash. It is not synced: decision and
    /// bodies are, and give the same again.
    ///
    /// # Errors
    /// When the height is not decided, bodies are missing, the store fails, or (fatal) what this
    /// machine computed before differs from what the header says.
    ///
    /// # Panics
    /// If the rules break their own contract, such as a receipt for a document that no one sent.
    pub fn execute_next(&self) -> Result<Executed, ExecuteError> {
        self.execute_next_watched(&mut |_| {})
    }

    /// The same; `ended` is called at the end of each phase, for whoever measures.
    ///
    /// # Errors
    /// As [`Self::execute_next`].
    ///
    /// # Panics
    /// As [`Self::execute_next`].
    pub fn execute_next_watched(
        &self,
        ended: &mut dyn FnMut(Phase),
    ) -> Result<Executed, ExecuteError> {
        let _alone = self.executing.lock().expect("no thread has panicked while executing");
        let height = self.executed_height() + 1;
        let decision = self.decision(height)?.ok_or(ExecuteError::NotDecided { height })?;
        self.check_effects(&decision.block.header)?;
        let batches = self.ordered_bodies(&decision)?;
        let submissions: Vec<&Submission> =
            batches.iter().flat_map(|(_, batch)| &batch.submissions).collect();
        let policy = self.policy_at(height);
        let context = BlockContext {
            protocol: decision.block.header.protocol,
            genesis: self.genesis,
            height,
            time: decision.block.header.time,
            policy: &policy,
        };
        let identified = submissions.iter().map(|one| (one.header.id(&self.genesis), *one));
        let effects = (self.executor)(&context, &self.state(), &mut { identified })?;
        let before = self.record(height - 1)?.expect("the height before was executed").secret;
        let secret = salts::height_secret(&before, &submissions);
        ended(Phase::Rules);
        let (height, time) = (context.height, context.time);
        self.commit((height, time), secret, &batches, effects, ended)
    }

    /// Checks what a decided header says of earlier effects against our own.
    fn check_effects(&self, header: &Header) -> Result<(), ExecuteError> {
        let theirs = &header.executed;
        let height = header.height.saturating_sub(EXECUTION_LAG);
        let ours = self.executed(height)?.expect("heights below the next were executed");
        match first_difference(&ours, theirs) {
            None => Ok(()),
            Some((field, ours, theirs)) => Err(ExecuteError::Diverged {
                height,
                certified_at: header.height,
                field,
                ours,
                theirs,
            }),
        }
    }

    fn ordered_bodies(&self, decision: &Decision) -> Result<Vec<Body>, ExecuteError> {
        let (mut batches, mut digests) = (Vec::new(), Vec::new());
        for certified in &decision.block.batches {
            let digest = certified.header.digest(&self.genesis);
            match self.batch(&digest)? {
                Some(batch) if batch.header == certified.header => batches.push((digest, batch)),
                Some(_) => {
                    let reason = "the body belongs to another digest";
                    return Err(schema::corrupt(Column::Batches, &digest.0, reason).into());
                }
                None => digests.push(digest),
            }
        }
        match digests.is_empty() {
            true => Ok(batches),
            false => {
                let height = decision.block.header.height;
                Err(ExecuteError::MissingBatches { height, digests })
            }
        }
    }

    fn commit(
        &self,
        (height, time): (u64, Millis),
        secret: Hash,
        batches: &[Body],
        effects: Effects,
        ended: &mut dyn FnMut(Phase),
    ) -> Result<Executed, ExecuteError> {
        let mut changes = WriteBatch::default();
        let Effects { writes, receipts, events, cases } = effects;
        let update = {
            let current = self.tree.read().expect("no thread has panicked with the tree");
            assert_eq!(current.height + 1, height, "the tree stands before the height");
            let (store, genesis) = (&self.store, &self.genesis);
            write_state(store, genesis, &current.tree, &secret, writes, &mut changes)?
        };
        ended(Phase::Tree);
        let executed = Executed {
            height,
            receipts: write_receipts(height, &secret, &receipts, &mut changes),
            events: write_events(height, &secret, &events, &mut changes),
            state: update.root(),
        };
        self.index_receipts(height, batches, &receipts, &mut changes);
        self.index_cases(&cases, &mut changes)?;
        let record = ExecutedRecord {
            executed,
            secret,
            receipt_count: receipts.len() as u64,
            event_count: events.len() as u64,
        };
        changes.put(Column::Executed, schema::height_key(height), codec::encode(&record));
        // Whoever proves holds the lock, so that a tree is never read with other buckets.
        let mut current = self.tree.write().expect("no thread has panicked with the tree");
        let bytes = changes.bytes();
        self.store.write(changes, Durability::Reproducible)?;
        current.tree.apply(update);
        current.height = height;
        self.executed.store(height, Ordering::Release);
        drop(current);
        let mut bodies = self.bodies();
        batches.iter().for_each(|(digest, _)| bodies.forget(digest));
        drop(bodies);
        let mut turns = self.turns.lock().expect("no thread has panicked while it counted");
        if turns.written(height, time, bytes) {
            self.store.begin_flush()?;
        }
        drop(turns);
        ended(Phase::Write);
        Ok(executed)
    }

    /// Where submissions and accepted documents are.
    fn index_receipts(
        &self,
        height: u64,
        batches: &[Body],
        receipts: &[Receipt],
        changes: &mut WriteBatch,
    ) {
        let carried = self.carried(batches);
        let mut submissions: BTreeMap<Hash, SubmissionPlace> = BTreeMap::new();
        let mut documents: Vec<(Hash, DocumentPlace)> = Vec::with_capacity(receipts.len());
        for (position, receipt) in (0u64..).zip(receipts) {
            assert_eq!(receipt.height, height, "a receipt names the height that gave it");
            match submissions.entry(receipt.submission) {
                Entry::Vacant(entry) => {
                    let carrier = carried.get(&receipt.submission).copied();
                    let (batch, index) =
                        carrier.expect("a receipt names a submission of its height");
                    entry.insert(SubmissionPlace { height, batch, index, position, count: 1 });
                }
                Entry::Occupied(mut entry) => {
                    let place = entry.get_mut();
                    let next = place.position + place.count;
                    assert_eq!(position, next, "a submission's receipts follow each other");
                    place.count += 1;
                }
            }
            if matches!(receipt.outcome, Outcome::Accepted { .. }) {
                documents.push((receipt.document, DocumentPlace { height, position }));
            }
        }
        // The store takes ascending keys faster. A document is accepted once.
        documents.sort_unstable_by_key(|(document, _)| *document);
        for (document, place) in documents {
            changes.put(Column::Documents, document.0.to_vec(), codec::encode(&place));
        }
        for (submission, place) in submissions {
            changes.put(Column::Submissions, submission.0.to_vec(), codec::encode(&place));
        }
    }

    /// For each submission the batch and the index that first carry it.
    fn carried(&self, batches: &[Body]) -> BTreeMap<Hash, (u32, u32)> {
        let mut carried = BTreeMap::new();
        for (number, (_, batch)) in (0u32..).zip(batches) {
            for (index, submission) in (0u32..).zip(&batch.submissions) {
                let id = submission.header.id(&self.genesis);
                carried.entry(id).or_insert((number, index));
            }
        }
        carried
    }
}

/// The first of the effects in which two accounts of one height differ.
pub(crate) fn first_difference(
    ours: &Executed,
    theirs: &Executed,
) -> Option<(&'static str, Hash, Hash)> {
    [
        ("state root", ours.state, theirs.state),
        ("receipts root", ours.receipts, theirs.receipts),
        ("events root", ours.events, theirs.events),
    ]
    .into_iter()
    .find(|(_, ours, theirs)| ours != theirs)
}

/// Adds a height's state and the buckets of its tree to `changes`, and gives the next tree.
pub(crate) fn write_state<S: Store>(
    store: &S,
    genesis: &Hash,
    tree: &Tree,
    secret: &Hash,
    writes: Writes,
    changes: &mut WriteBatch,
) -> Result<Update, LedgerError> {
    let mut leaves: Vec<LeafChange> = Vec::with_capacity(writes.len());
    for (key, value) in writes {
        let place = state_proof::key_hash(genesis, &key);
        match value {
            Some(value) => {
                let salt = salts::value_salt(secret, &key);
                leaves.push((place, Some(state_proof::value_hash(&place, &salt, &value))));
                changes.put(Column::State, key, schema::salted_value(&salt, &value));
            }
            None => {
                leaves.push((place, None));
                changes.remove(Column::State, key);
            }
        }
    }
    leaves.sort_by_key(|(place, _)| *place);
    tree.update(store, &leaves, changes)
}

fn write_receipts(
    height: u64,
    secret: &Hash,
    receipts: &[Receipt],
    changes: &mut WriteBatch,
) -> Hash {
    let mut leaves = Vec::with_capacity(receipts.len());
    for (position, chunk) in (0u64..).step_by(CHUNK).zip(receipts.chunks(CHUNK)) {
        let each = (position..).zip(chunk);
        leaves.extend(each.map(|(position, receipt)| receipt.leaf(secret, position)));
        let key = schema::chunk_key(height, position);
        changes.put(Column::Receipts, key, codec::encode(&chunk));
    }
    let tops = merkle::tops(&leaves, CHUNK);
    let root = merkle::root_of_tops(Domain::ReceiptsRoot, leaves.len() as u64, &tops);
    if !tops.is_empty() {
        changes.put(Column::Receipts, schema::chunk_tops_key(height), codec::encode(&tops));
    }
    root
}

fn write_events<E: codec::Encode>(
    height: u64,
    secret: &Hash,
    events: &[E],
    changes: &mut WriteBatch,
) -> Hash {
    let mut leaves = Vec::with_capacity(events.len());
    for (position, chunk) in (0u64..).step_by(CHUNK).zip(events.chunks(CHUNK)) {
        let each = (position..).zip(chunk);
        leaves.extend(each.map(|(position, event)| salts::event_leaf(secret, position, event)));
        let key = schema::chunk_key(height, position);
        changes.put(Column::Events, key, codec::encode(&chunk));
    }
    merkle::root(Domain::EventsRoot, &leaves)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::MemoryStore;
    use crate::testing::{Network, tamper};

    #[test]
    fn a_height_whose_bodies_are_missing_names_them() {
        let network = Network::new();
        let ledger = network.open(MemoryStore::default());
        let batch = network.batch(1, &[&["put a 1"]]);
        let digest = batch.header.digest(&network.genesis.hash);
        let decision = network.decide(network.block(&ledger, &[&batch]));
        ledger.store_decision(&decision).unwrap();
        assert_eq!(ledger.missing_batches(1).unwrap(), vec![digest]);
        let error = ledger.execute_next().unwrap_err();
        assert!(
            matches!(&error, ExecuteError::MissingBatches { digests, .. } if *digests == [digest])
        );
        ledger.store_batches(&[(digest, batch.into())]).unwrap();
        assert_eq!(ledger.missing_batches(1).unwrap(), vec![]);
        assert_eq!(ledger.execute_next().unwrap().height, 1);
        let error = ledger.execute_next().unwrap_err();
        assert!(matches!(error, ExecuteError::NotDecided { height: 2 }), "{error}");
    }

    #[test]
    fn a_header_with_another_state_root_stops_the_node() {
        let network = Network::new();
        let ledger = network.open(MemoryStore::default());
        network.grow(&ledger, &[&["put a 1"]]);
        network.grow(&ledger, &[]);
        let mut block = network.block(&ledger, &[]);
        block.header.executed.state = Hash([7; 32]);
        ledger.store_decision(&network.decide(block)).unwrap();
        let error = ledger.execute_next().unwrap_err();
        let ours = ledger.executed(1).unwrap().unwrap().state;
        let expected = format!("state root of height 1 is {ours} here, the header of height 3");
        assert!(error.to_string().starts_with(&expected), "{error}");
        assert_eq!(ledger.executed_height(), 2);
    }

    #[test]
    fn a_submission_in_two_batches_executes_once() {
        let network = Network::new();
        let ledger = network.open(MemoryStore::default());
        network.grow(&ledger, &[&["put a 1"]]);
        let submission = ledger.receipts_at(1).unwrap()[0].submission;
        network.grow(&ledger, &[&["put a 1"]]);
        assert_eq!(ledger.receipts_at(2).unwrap(), vec![]);
        assert_eq!(ledger.receipts_of(&submission).unwrap().unwrap()[0].height, 1);
    }

    #[test]
    fn the_same_writes_under_another_secret_have_another_root() {
        let network = Network::new();
        let open = || network.open(MemoryStore::default());
        let alone = network.grow(&open(), &[&["put a 1", "put b 2"]]);
        let again = network.grow(&open(), &[&["put a 1", "put b 2"]]);
        let other = {
            let ledger = open();
            network.grow(&ledger, &[]);
            network.grow(&ledger, &[&["put a 1", "put b 2"]])
        };
        assert_eq!(alone.state, again.state);
        assert_ne!(alone.state, other.state);
    }

    #[test]
    fn a_body_under_another_digest_is_not_executed() {
        let network = Network::new();
        let ledger = network.open(MemoryStore::default());
        let [one, two] = [1, 2].map(|number| network.batch(number, &[&["put a 1"]]));
        let digest = one.header.digest(&network.genesis.hash);
        // Written behind the ledger's back, so that it does not keep the body in memory.
        let mut body = WriteBatch::default();
        body.put(Column::Batches, digest.0.to_vec(), codec::encode(&one));
        ledger.store().write(body, Durability::Synced).unwrap();
        tamper(ledger.store(), Column::Batches, &digest.0, |body| *body = codec::encode(&two));
        ledger.store_decision(&network.decide(network.block(&ledger, &[&one]))).unwrap();
        let error = ledger.execute_next().unwrap_err();
        assert!(matches!(error, ExecuteError::Ledger(LedgerError::Corrupt { .. })), "{error}");
    }
}
