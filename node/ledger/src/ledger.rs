//! Opening a ledger; its batches, decisions and headers.

use crate::bodies::Bodies;
use crate::execution::{self, Execute, Executor};
use crate::salts;
use crate::schema::{self, ExecutedRecord};
use crate::state;
use crate::store::{Column, Direction, Durability, Store, StoreError, StoreMemory, WriteBatch};
use crate::tally::Tally;
use crate::tree::Tree;
use crate::turns::Turns;
use kanhe_contracts::governance::Schedule;
use kanhe_contracts::policy::Policy;
use kanhe_contracts::state::Writes;
use kanhe_contracts::state_key::zone_key_bytes;
use kanhe_types::block::{Decision, Executed, Header};
use kanhe_types::codec;
use kanhe_types::hash::{Domain, Hash};
use kanhe_types::keys::PublicKey;
use kanhe_types::limits::{EXECUTION_LAG, PROTOCOL_VERSION, STATE_GENERATION_KEYS};
use kanhe_types::merkle;
use kanhe_types::submission::Batch;
use kanhe_types::time::Millis;
use kanhe_types::validator::ValidatorSet;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, RwLock};

/// What the ledger needs to know of height 0.
#[derive(Clone, Debug)]
pub struct GenesisState {
    /// The genesis hash.
    pub hash: Hash,
    /// The time of height 0; every block is later.
    pub time: Millis,
    /// The validators that decide from height 1 on.
    pub validators: ValidatorSet,
    /// The policy in force from height 1 on.
    pub policy: Policy,
    /// The protocol version from height 1 on.
    pub protocol: u16,
    /// The state before height 1.
    pub writes: Writes,
}

/// The chain as this machine has it. Shared by the thread that executes and those that read.
///
/// # Correctness
/// One thread at a time stores decisions. Execution serialises itself. Readers see each height's
/// effects whole or not at all.
pub struct Ledger<S: Store> {
    pub(crate) store: S,
    // Constant since the ledger was opened.
    pub(crate) genesis: Hash,
    genesis_time: Millis,
    /// The last protocol version that this program knows.
    pub(crate) known_protocol: u16,
    /// What the genesis says of policy, protocol and validators.
    pub(crate) founding: Schedule,
    pub(crate) executor: Executor<S>,
    // The last heights in the store, so that nobody reads the disk for them.
    decided: AtomicU64,
    pub(crate) executed: AtomicU64,
    /// Which policy, protocol and validators hold when, by the last executed height.
    schedule: RwLock<Arc<Schedule>>,
    /// The state tree's upper nodes. Whoever reads buckets holds the lock meanwhile.
    pub(crate) tree: RwLock<TreeAt>,
    /// Held while a height executes.
    pub(crate) executing: Mutex<()>,
    bodies: Mutex<Bodies>,
    pub(crate) turns: Mutex<Turns>,
    tally: Mutex<Tally>,
    /// How many keys a generation has before the next one begins.
    pub(crate) generation_keys: u64,
}

/// The tree as it stands after a height.
pub(crate) struct TreeAt {
    pub(crate) height: u64,
    pub(crate) tree: Tree,
}

/// Bytes that a ledger holds in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LedgerMemory {
    /// Effects that are not flushed yet.
    pub unflushed: u64,
    /// What was read from files.
    pub cache: u64,
    /// What belongs to open files beside that.
    pub tables: u64,
    /// The upper nodes of the state tree.
    pub state_tree: u64,
}

/// The zone has agreed on rules that this program does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "height {height} needs protocol {needed}, this program knows protocols up to {known}; install \
     the release that knows it and start again, nothing is lost"
)]
pub struct UnknownProtocol {
    /// The height.
    pub height: u64,
    /// The protocol that holds there.
    pub needed: u16,
    /// The last one that this program knows.
    pub known: u16,
}

/// This machine's ledger cannot answer.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The store fails.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Stored bytes are not what this program wrote.
    #[error(
        "column {column}, key {key} is damaged: {reason}; restore the home from a backup, or sync \
         into a new one"
    )]
    Corrupt {
        /// The column's name.
        column: &'static str,
        /// The key in hex.
        key: String,
        /// What is wrong.
        reason: String,
    },
    /// The home belongs to another chain.
    #[error(
        "the home holds the chain with genesis {stored}, the given genesis is {given}; give the \
         right genesis file, or another home"
    )]
    OtherGenesis {
        /// The genesis hash in the store.
        stored: Hash,
        /// The genesis hash of the caller.
        given: Hash,
    },
    /// The home was written by another release.
    #[error(
        "the home has format {found}, this release reads format {expected}; use the release that \
         wrote it, or sync into a new home"
    )]
    Format {
        /// The version that this release reads.
        expected: u32,
        /// The version in the store.
        found: u32,
    },
}

impl<S: Store> Ledger<S> {
    /// Opens the ledger in `store`; an empty store gets the state of height 0.
    ///
    /// # Errors
    /// When the store fails or is damaged, has another format, or belongs to another chain.
    pub fn open(store: S, genesis: GenesisState) -> Result<Self, LedgerError> {
        Self::open_with(store, genesis, execution::contracts)
    }

    /// The same under other rules: for tests, for simulations of rules that are wrong, and for
    /// whoever looks on.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_with(
        store: S,
        genesis: GenesisState,
        executor: impl Execute<S> + 'static,
    ) -> Result<Self, LedgerError> {
        match store.get(Column::Meta, schema::META_FORMAT)? {
            None => initialise(&store, &genesis)?,
            Some(version) => check_meta(&store, &version, &genesis.hash)?,
        }
        let decided = last_height(&store, Column::Decisions)?;
        let executed = last_height(&store, Column::Executed)?;
        let founding = Schedule::new(genesis.policy, genesis.protocol, genesis.validators);
        let ledger = Self {
            tree: RwLock::new(TreeAt { height: executed, tree: Tree::open(&store)? }),
            store,
            genesis: genesis.hash,
            genesis_time: genesis.time,
            known_protocol: PROTOCOL_VERSION,
            schedule: RwLock::new(Arc::new(founding.clone())),
            founding,
            executor: Box::new(executor),
            decided: AtomicU64::new(decided),
            executed: AtomicU64::new(executed),
            executing: Mutex::new(()),
            bodies: Mutex::default(),
            turns: Mutex::default(),
            tally: Mutex::default(),
            generation_keys: STATE_GENERATION_KEYS,
        };
        ledger.check_heights()?;
        ledger.load_schedule()?;
        Ok(ledger)
    }

    /// Reads from the state which policy, protocol and validators hold when.
    fn load_schedule(&self) -> Result<(), LedgerError> {
        let schedule = self.founding.with(&self.state()).map_err(|error| {
            schema::corrupt(Column::State, &zone_key_bytes(), error.to_string())
        })?;
        self.set_schedule(Arc::new(schedule));
        Ok(())
    }

    pub(crate) fn set_schedule(&self, schedule: Arc<Schedule>) {
        *self.schedule.write().expect("no thread panics with the schedule") = schedule;
    }

    /// What a crash cannot bring about, but a damaged or mixed-up home can.
    fn check_heights(&self) -> Result<(), LedgerError> {
        let (decided, executed) = (self.decided_height(), self.executed_height());
        let key = schema::height_key(executed);
        if decided < executed {
            let reason = format!("height {executed} was executed, the last decision is {decided}");
            return Err(schema::corrupt(Column::Executed, &key, reason));
        }
        let expected = self.record(executed)?.map(|record| record.executed.state);
        let found = self.tree.read().expect("no thread has panicked with the tree").tree.root();
        if expected != Some(found) {
            let expected = expected.unwrap_or_default();
            let reason = format!("the state root is {expected}, the stored tree has {found}");
            return Err(schema::corrupt(Column::Executed, &key, reason));
        }
        Ok(())
    }

    /// Says which of how many validators this is, so that not all of them flush at one time.
    ///
    /// # Panics
    /// If a thread has panicked while it executed.
    pub fn take_turns(&self, index: usize, count: usize) {
        *self.turns.lock().expect("no thread has panicked while it counted") =
            Turns::new(index, count);
    }

    /// What became of the documents that were executed since the ledger was opened.
    pub fn outcomes(&self) -> Tally {
        self.tally().clone()
    }

    pub(crate) fn tally(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock().expect("no thread panics while it counts")
    }

    /// What the ledger holds in memory, roughly.
    ///
    /// # Panics
    /// If a thread has panicked with the state tree.
    pub fn memory(&self) -> LedgerMemory {
        let StoreMemory { unflushed, cache, tables } = self.store.memory();
        let tree = self.tree.read().expect("no thread has panicked with the tree");
        LedgerMemory { unflushed, cache, tables, state_tree: tree.tree.memory_bytes() }
    }

    /// The store underneath.
    pub fn store(&self) -> &S {
        &self.store
    }

    /// The genesis hash.
    pub fn genesis(&self) -> Hash {
        self.genesis
    }

    /// The last height whose decision is stored; 0 before the first.
    pub fn decided_height(&self) -> u64 {
        self.decided.load(Ordering::Acquire)
    }

    /// The last height whose effects are stored; 0 before the first.
    pub fn executed_height(&self) -> u64 {
        self.executed.load(Ordering::Acquire)
    }

    /// The roots after a height, if it was executed. Those of height 0 are the genesis state and
    /// the roots of empty lists.
    ///
    /// # Errors
    /// When the store fails or is damaged.
    pub fn executed(&self, height: u64) -> Result<Option<Executed>, LedgerError> {
        Ok(self.record(height)?.map(|record| record.executed))
    }

    pub(crate) fn record(&self, height: u64) -> Result<Option<ExecutedRecord>, LedgerError> {
        self.load(Column::Executed, &schema::height_key(height))
    }

    /// Which policy, protocol and validators hold at which height, as far as was executed.
    pub fn schedule(&self) -> Arc<Schedule> {
        Arc::clone(&self.schedule.read().expect("no thread panics with the schedule"))
    }

    /// The validators that decide `height`. Final once `height - EXECUTION_LAG - 1` was executed.
    pub fn validators_at(&self, height: u64) -> Arc<ValidatorSet> {
        Arc::clone(&self.schedule().validators_at(height).set)
    }

    /// The validators that decide the height after [`Self::decided_height`]: those whom the last
    /// decided header names. None where that header hands over to a set that this machine has not
    /// executed far enough to know.
    ///
    /// # Errors
    /// When the store fails or is damaged.
    pub fn next_validators(&self) -> Result<Option<Arc<ValidatorSet>>, LedgerError> {
        let next = self.decided_height() + 1;
        let schedule = self.schedule();
        if next <= self.executed_height() + EXECUTION_LAG + 1 {
            return Ok(Some(Arc::clone(&schedule.validators_at(next).set)));
        }
        let last = self.header(next - 1)?.expect("every height up to the last is decided");
        let known = schedule.validators_of(&last.next_validators);
        Ok(known.map(|scheduled| Arc::clone(&scheduled.set)))
    }

    /// The policy in force at `height`. Final once `height - EXECUTION_LAG` was executed.
    pub fn policy_at(&self, height: u64) -> Arc<Policy> {
        self.schedule().policy_at(height)
    }

    /// The protocol version of `height`. Final once `height - EXECUTION_LAG` was executed.
    pub fn protocol_at(&self, height: u64) -> u16 {
        self.schedule().protocol_at(height)
    }

    /// Whether this program knows the rules of `height`.
    ///
    /// # Errors
    /// When it does not: the node must stop before it.
    pub fn check_protocol(&self, height: u64) -> Result<(), UnknownProtocol> {
        self.check_known(&self.schedule(), height)
    }

    pub(crate) fn check_known(
        &self,
        schedule: &Schedule,
        height: u64,
    ) -> Result<(), UnknownProtocol> {
        let (needed, known) = (schedule.protocol_at(height), self.known_protocol);
        if known < needed { Err(UnknownProtocol { height, needed, known }) } else { Ok(()) }
    }

    /// Stores batch bodies in one synced write; they stay for ever. The caller has verified them.
    ///
    /// # Errors
    /// When the store fails.
    ///
    /// # Panics
    /// If a digest is not its batch's.
    pub fn store_batches(&self, batches: &[(Hash, Arc<Batch>)]) -> Result<(), LedgerError> {
        let mut changes = WriteBatch::default();
        let mut sizes = Vec::with_capacity(batches.len());
        for (digest, batch) in batches {
            let header = &batch.header;
            assert_eq!(header.digest(&self.genesis), *digest, "a batch is stored by its digest");
            let number = schema::batch_number_key(&header.author, header.number, digest);
            let body = codec::encode(&**batch);
            sizes.push(body.len());
            changes.put(Column::BatchNumbers, number, Vec::new());
            changes.put(Column::Batches, digest.0.to_vec(), body);
        }
        self.store.write(changes, Durability::Synced)?;
        let mut bodies = self.bodies();
        for ((digest, batch), bytes) in batches.iter().zip(sizes) {
            bodies.keep(*digest, Arc::clone(batch), bytes);
        }
        Ok(())
    }

    /// Bodies that will be executed soon.
    pub(crate) fn bodies(&self) -> MutexGuard<'_, Bodies> {
        self.bodies.lock().expect("no thread panics while it looks up a body")
    }

    /// The body of a batch, if it is stored.
    ///
    /// # Errors
    /// When the store fails or is damaged.
    pub fn batch(&self, digest: &Hash) -> Result<Option<Arc<Batch>>, LedgerError> {
        if let Some(batch) = self.bodies().get(digest) {
            return Ok(Some(batch));
        }
        Ok(self.load(Column::Batches, digest.as_bytes())?.map(Arc::new))
    }

    /// Whether the body of a batch is stored.
    ///
    /// # Errors
    /// When the store fails.
    pub fn has_batch(&self, digest: &Hash) -> Result<bool, LedgerError> {
        if self.bodies().get(digest).is_some() {
            return Ok(true);
        }
        Ok(self.store.has(Column::Batches, digest.as_bytes())?)
    }

    /// The highest number of the stored batches of `author`; 0 when there is none.
    ///
    /// # Errors
    /// When the store fails or is damaged.
    pub fn batch_number_max(&self, author: &PublicKey) -> Result<u64, LedgerError> {
        let prefix = schema::author_prefix(author);
        let from = schema::batch_number_key(author, u64::MAX, &Hash([0xff; 32]));
        let pairs = self.store.scan(Column::BatchNumbers, &from, Direction::Reverse, 1)?;
        let Some((key, _)) = pairs.first().filter(|(key, _)| key.starts_with(&prefix)) else {
            return Ok(0);
        };
        let number = key.get(prefix.len()..prefix.len() + 8).unwrap_or_default();
        schema::height_of(Column::BatchNumbers, number)
    }

    /// The height that ordered a batch, if one did.
    ///
    /// # Errors
    /// When the store fails or is damaged.
    pub fn ordered_at(&self, digest: &Hash) -> Result<Option<u64>, LedgerError> {
        match self.store.get(Column::Ordered, digest.as_bytes())? {
            Some(height) => Ok(Some(schema::height_of(Column::Ordered, &height)?)),
            None => Ok(None),
        }
    }

    /// Stores the decision of the next height in one synced write. The caller has checked the
    /// block and its certificate.
    ///
    /// # Errors
    /// When the store fails.
    ///
    /// # Panics
    /// If the decision is not of the next height.
    pub fn store_decision(&self, decision: &Decision) -> Result<(), LedgerError> {
        let height = decision.block.header.height;
        assert_eq!(height, self.decided_height() + 1, "decisions are stored in order");
        let mut changes = WriteBatch::default();
        changes.put(Column::Decisions, schema::height_key(height), codec::encode(decision));
        for batch in &decision.block.batches {
            let digest = batch.header.digest(&self.genesis);
            changes.put(Column::Ordered, digest.0.to_vec(), schema::height_key(height));
        }
        self.store.write(changes, Durability::Synced)?;
        self.decided.store(height, Ordering::Release);
        Ok(())
    }

    /// The decision of a height, if it is stored.
    ///
    /// # Errors
    /// When the store fails or is damaged.
    pub fn decision(&self, height: u64) -> Result<Option<Decision>, LedgerError> {
        self.load(Column::Decisions, &schema::height_key(height))
    }

    /// The header of a height, if its decision is stored.
    ///
    /// # Errors
    /// When the store fails or is damaged.
    pub fn header(&self, height: u64) -> Result<Option<Header>, LedgerError> {
        Ok(self.decision(height)?.map(|decision| decision.block.header))
    }

    /// The stored headers of a range of heights, ascending.
    ///
    /// # Errors
    /// When the store fails or is damaged.
    pub fn headers(&self, heights: Range<u64>) -> Result<Vec<Header>, LedgerError> {
        let heights = heights.start.max(1)..heights.end.min(self.decided_height() + 1);
        let mut headers = Vec::new();
        for height in heights {
            headers.extend(self.header(height)?);
        }
        Ok(headers)
    }

    /// The identity and the time of what stands at a height: the header, or at 0 the genesis.
    pub(crate) fn link(&self, height: u64) -> Result<Option<(Hash, Millis)>, LedgerError> {
        if height == 0 {
            return Ok(Some((self.genesis, self.genesis_time)));
        }
        Ok(self.header(height)?.map(|header| (header.hash(), header.time)))
    }

    /// The batches that a decided height orders and whose bodies are not stored yet.
    ///
    /// # Errors
    /// When the store fails or is damaged.
    pub fn missing_batches(&self, height: u64) -> Result<Vec<Hash>, LedgerError> {
        let Some(decision) = self.decision(height)? else {
            return Ok(Vec::new());
        };
        let mut missing = Vec::new();
        for batch in &decision.block.batches {
            let digest = batch.header.digest(&self.genesis);
            if !self.has_batch(&digest)? {
                missing.push(digest);
            }
        }
        Ok(missing)
    }

    pub(crate) fn load<T>(&self, column: Column, key: &[u8]) -> Result<Option<T>, LedgerError>
    where
        T: codec::Encode + codec::Decode<()>,
    {
        match self.store.get(column, key)? {
            Some(bytes) => Ok(Some(schema::decode(column, key, &bytes)?)),
            None => Ok(None),
        }
    }
}

/// Writes height 0: format, genesis hash, state and its tree, in one batch.
fn initialise<S: Store>(store: &S, genesis: &GenesisState) -> Result<(), LedgerError> {
    let mut changes = WriteBatch::default();
    let version = schema::FORMAT_VERSION.to_be_bytes();
    changes.put(Column::Meta, schema::META_FORMAT.to_vec(), version.to_vec());
    changes.put(Column::Meta, schema::META_GENESIS.to_vec(), genesis.hash.0.to_vec());
    let secret = salts::genesis_secret(&genesis.hash);
    let update = state::write_state(
        store,
        &genesis.hash,
        &Tree::default(),
        state::founding(&secret, genesis.writes.clone()),
        &mut changes,
    )?;
    let executed = Executed {
        height: 0,
        receipts: merkle::root(Domain::ReceiptsRoot, &[]),
        events: merkle::root(Domain::EventsRoot, &[]),
        state: update.root(),
    };
    let record = ExecutedRecord {
        executed,
        secret,
        receipt_count: 0,
        event_count: 0,
        generation: 0,
        generation_keys: genesis.writes.len() as u64,
    };
    changes.put(Column::Executed, schema::height_key(0), codec::encode(&record));
    store.write(changes, Durability::Synced)?;
    // From here on these columns are written without a log, which must not be replayed over them.
    Ok(store.flush()?)
}

fn check_meta<S: Store>(store: &S, version: &[u8], given: &Hash) -> Result<(), LedgerError> {
    let damaged = |key: &[u8]| schema::corrupt(Column::Meta, key, "the value has another length");
    let version = version.try_into().map_err(|_| damaged(schema::META_FORMAT))?;
    let (found, expected) = (u32::from_be_bytes(version), schema::FORMAT_VERSION);
    if found != expected {
        return Err(LedgerError::Format { expected, found });
    }
    let stored = store.get(Column::Meta, schema::META_GENESIS)?.unwrap_or_default();
    let stored = stored.try_into().map_err(|_| damaged(schema::META_GENESIS))?;
    match Hash(stored) {
        stored if stored == *given => Ok(()),
        stored => Err(LedgerError::OtherGenesis { stored, given: *given }),
    }
}

/// The last height in a column whose keys are heights; 0 when it is empty.
fn last_height<S: Store>(store: &S, column: Column) -> Result<u64, LedgerError> {
    let last = store.scan(column, &schema::height_key(u64::MAX), Direction::Reverse, 1)?;
    last.first().map_or(Ok(0), |(key, _)| schema::height_of(column, key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{MemoryStore, RocksStore};
    use crate::testing::{FailingStore, Network, content, tamper};

    /// What a node of four heights has been given, in order.
    fn history(network: &Network) -> (Vec<(Arc<Batch>, Decision)>, MemoryStore) {
        let store = MemoryStore::default();
        let ledger = network.open(store.clone());
        let texts: [&[&str]; 4] = [
            &["put a 1", "case o1 0"],
            &["put b 2", "remove a", "nonsense"],
            &["case o1 1"],
            &["put c 3", "put a 1"],
        ];
        let steps = texts.map(|texts| {
            network.grow(&ledger, &[texts]);
            let decision = ledger.decision(ledger.decided_height()).unwrap().unwrap();
            let digest = decision.block.batches[0].header.digest(&network.genesis.hash);
            (ledger.batch(&digest).unwrap().unwrap(), decision)
        });
        (steps.to_vec(), store)
    }

    /// Continues from wherever the store stands.
    fn drive<S: Store>(
        network: &Network,
        store: S,
        history: &[(Arc<Batch>, Decision)],
    ) -> Result<(), String> {
        let text = |error: &dyn std::error::Error| error.to_string();
        let ledger = Ledger::open_with(store, network.genesis.clone(), crate::testing::rules)
            .map_err(|e| text(&e))?;
        for (batch, decision) in history {
            let height = decision.block.header.height;
            if height <= ledger.executed_height() {
                continue;
            }
            let digest = batch.header.digest(&network.genesis.hash);
            ledger.store_batches(&[(digest, Arc::clone(batch))]).map_err(|e| text(&e))?;
            if ledger.decided_height() < height {
                ledger.store_decision(decision).map_err(|e| text(&e))?;
            }
            ledger.execute_next().map_err(|e| text(&e))?;
        }
        Ok(())
    }

    #[test]
    fn a_crash_before_any_write_changes_nothing_in_the_end() {
        let network = Network::new();
        let (history, expected) = history(&network);
        // One write opens the ledger, then three for each height.
        for writes in 0..=13 {
            let store = MemoryStore::default();
            let failing = FailingStore::new(store.clone(), writes);
            let end = drive(&network, failing, &history);
            assert_eq!(end.is_ok(), writes == 13, "{writes} writes: {end:?}");
            store.crash();
            drive(&network, store.clone(), &history).unwrap();
            assert_eq!(content(&store), content(&expected), "after a crash at write {writes}");
        }
    }

    #[test]
    fn the_ledger_on_disk_continues_where_it_was_closed() {
        let network = Network::new();
        let (history, expected) = history(&network);
        let home = tempfile::tempdir().unwrap();
        let (first, rest) = history.split_at(2);
        drive(&network, RocksStore::open(home.path()).unwrap(), first).unwrap();
        drive(&network, RocksStore::open(home.path()).unwrap(), rest).unwrap();
        let store = RocksStore::open(home.path()).unwrap();
        assert_eq!(content(&store), content(&expected));
    }

    #[test]
    fn height_zero_is_the_genesis_state_with_empty_lists() {
        let network = Network::new();
        let ledger = network.open(MemoryStore::default());
        let executed = ledger.executed(0).unwrap().unwrap();
        assert_eq!(executed.receipts, merkle::root(Domain::ReceiptsRoot, &[]));
        assert_ne!(executed.state, Hash::default());
        let value = ledger.state_value(b"put/founded").unwrap().unwrap();
        assert_eq!(value, b"yes");
        assert_eq!((ledger.decided_height(), ledger.executed_height()), (0, 0));
        assert_eq!(ledger.executed(1).unwrap(), None);
    }

    #[test]
    fn another_genesis_or_format_is_refused() {
        let network = Network::new();
        let store = MemoryStore::default();
        let stored = network.open(store.clone()).genesis();
        let given = Hash([1; 32]);
        let other = GenesisState { hash: given, ..network.genesis.clone() };
        let error = Ledger::open(store.clone(), other).err().unwrap().to_string();
        assert!(error.contains(&stored.to_string()) && error.contains(&given.to_string()));
        tamper(&store, Column::Meta, schema::META_FORMAT, |version| version[3] += 1);
        let error = Ledger::open(store, network.genesis).err().unwrap();
        let LedgerError::Format { found, expected } = error else { panic!("{error}") };
        assert_eq!((expected, found), (schema::FORMAT_VERSION, schema::FORMAT_VERSION + 1));
    }

    #[test]
    fn a_home_whose_tree_is_not_that_of_its_roots_is_refused() {
        let network = Network::new();
        let (_, store) = history(&network);
        let (key, _) = store.scan(Column::Tree, &[], Direction::Forward, 1).unwrap().remove(0);
        tamper(&store, Column::Tree, &key, |bucket| bucket[40] ^= 1);
        let error = Ledger::open(store, network.genesis).err().unwrap();
        assert!(matches!(error, LedgerError::Corrupt { .. }), "{error}");
    }

    #[test]
    fn the_highest_batch_number_of_each_author_is_known() {
        let network = Network::new();
        let ledger = network.open(MemoryStore::default());
        let author = network.batch(1, &[&["x"]]).header.author;
        assert_eq!(ledger.batch_number_max(&author).unwrap(), 0);
        for number in [1, 300, 2] {
            let batch = Arc::new(network.batch(number, &[&["x"]]));
            let digest = batch.header.digest(&network.genesis.hash);
            assert!(!ledger.has_batch(&digest).unwrap());
            ledger.store_batches(&[(digest, Arc::clone(&batch))]).unwrap();
            assert!(ledger.has_batch(&digest).unwrap());
            assert_eq!(ledger.batch(&digest).unwrap(), Some(batch));
        }
        assert_eq!(ledger.batch_number_max(&author).unwrap(), 300);
        assert_eq!(ledger.batch_number_max(&PublicKey::Ed25519([0; 32])).unwrap(), 0);
        assert_eq!(ledger.batch_number_max(&PublicKey::Ed25519([255; 32])).unwrap(), 0);
    }

    #[test]
    fn headers_are_those_that_are_stored() {
        let network = Network::new();
        let (history, store) = history(&network);
        let ledger = network.open(store);
        let expected: Vec<Header> =
            history[1..].iter().map(|(_, decision)| decision.block.header.clone()).collect();
        assert_eq!(ledger.headers(2..99).unwrap(), expected);
        assert_eq!(ledger.headers(0..2).unwrap().len(), 1);
        assert_eq!(ledger.header(5).unwrap(), None);
    }
}
