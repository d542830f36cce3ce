//! One validator's machine: its disk, its clock, and the core while it is up.

use super::Micros;
use super::bugs;
use super::faults::Bug;
use super::world::World;
use kanhe_consensus::LogEntry;
use kanhe_ledger::Ledger;
use kanhe_ledger::schema;
use kanhe_ledger::store::{Column, Durability, MemoryStore, Store, WriteBatch};
use kanhe_node::core::message::Message;
use kanhe_node::core::{Action, Core, CoreConfig, Event, Now, Replay};
use kanhe_node::wal;
use kanhe_types::hash::Hash;
use kanhe_types::keys::{PublicKey, SecretKey};
use kanhe_types::submission::Batch;
use kanhe_types::time::Millis;
use rand::Rng;
use rand::rngs::SmallRng;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// One validator's machine.
pub(super) struct Machine {
    secret: SecretKey,
    key: PublicKey,
    /// The wall clock against virtual time, in milliseconds.
    skew_ms: i64,
    /// Rises at every start and crash, so that answers of an earlier life are dropped.
    life: u64,
    running: Option<Running>,
    /// When the next wake-up is scheduled.
    pub(super) wake_at: Option<Micros>,
    /// The validators whose nodes it admits.
    pub(super) admitted: BTreeSet<PublicKey>,
    bug: Option<Bug>,
    /// Which machines this one knows to be reachable.
    pub(super) links: BTreeMap<usize, bool>,

    // The disk.
    store: MemoryStore,
    log: Vec<u8>,
    synced_log: usize,
    sequence: u32,
    /// What somebody copied of it.
    backup: Option<MemoryStore>,
    /// The disk was put back from a backup without its log.
    pub(super) is_restored: bool,
}

struct Running {
    core: Core<MemoryStore>,
    ledger: Arc<Ledger<MemoryStore>>,
    booted: Micros,
}

/// The virtual wall clock starts a day after the genesis.
const EPOCH_MS: u64 = 86_400_000;

impl Machine {
    pub(super) fn new(world: &World, index: usize, skew_ms: i64, bug: Option<Bug>) -> Self {
        Self {
            secret: world.secrets[index].clone(),
            key: world.keys[index],
            skew_ms,
            life: 0,
            running: None,
            wake_at: None,
            links: BTreeMap::new(),
            store: MemoryStore::default(),
            log: Vec::new(),
            synced_log: 0,
            sequence: 0,
            backup: None,
            is_restored: false,
            admitted: BTreeSet::new(),
            bug,
        }
    }

    pub(super) fn key(&self) -> PublicKey {
        self.key
    }

    /// Copies the disk, all but the log.
    pub(super) fn back_up(&mut self) {
        self.backup = Some(self.store.copy());
    }

    /// Puts the copy in the place of the disk; false where there is none.
    pub(super) fn restore(&mut self) -> bool {
        let Some(backup) = self.backup.take() else { return false };
        self.store = backup;
        self.log.clear();
        (self.synced_log, self.sequence, self.is_restored) = (0, 0, true);
        true
    }

    pub(super) fn life(&self) -> u64 {
        self.life
    }

    pub(super) fn core(&self) -> Option<&Core<MemoryStore>> {
        self.running.as_ref().map(|running| &running.core)
    }

    /// The ledger while the machine is up.
    pub(super) fn ledger(&self) -> Option<&Arc<Ledger<MemoryStore>>> {
        self.running.as_ref().map(|running| &running.ledger)
    }

    pub(super) fn now(&self, micros: Micros) -> Now {
        let booted = self.running.as_ref().map_or(0, |running| running.booted);
        let wall = (micros / 1_000 + EPOCH_MS).saturating_add_signed(self.skew_ms);
        Now { elapsed_ms: (micros - booted) / 1_000, time: Millis(wall + super::world::FOUNDED_MS) }
    }

    pub(super) fn micros_of(&self, elapsed_ms: u64) -> Micros {
        let booted = self.running.as_ref().map_or(0, |running| running.booted);
        booted.saturating_add(elapsed_ms.saturating_mul(1_000))
    }

    pub(super) fn boot(&mut self, world: &World, micros: Micros) {
        self.life += 1;
        self.wake_at = None;
        self.links.clear();
        let state = kanhe_node::node::genesis_state(&world.genesis);
        let executor = match self.bug {
            Some(Bug::RemovedVoteCounts) => bugs::removed_vote_counts,
            Some(Bug::SetTooLate) => bugs::set_too_late,
            _ => kanhe_ledger::execution::contracts,
        };
        let ledger = Ledger::open_with(self.store.clone(), state, executor);
        let ledger = ledger.expect("the disk is sound");
        let ledger = Arc::new(ledger);
        let height = ledger.decided_height() + 1;
        let (replay, sequence) = wal::recover(&self.log, height);
        self.rewrite_log(&replay, sequence);
        let core = Core::new(
            CoreConfig {
                genesis: world.genesis.hash(),
                genesis_time: world.genesis.time,
                signer: Arc::new(self.secret.clone()),
                timeouts: world.timeouts,
                heartbeat_ms: 1_000,
                replay,
                is_restored: self.is_restored,
            },
            Arc::clone(&ledger),
        );
        self.running = Some(Running { core, ledger, booted: micros });
    }

    /// What opening a log file does: whole records are kept, a torn tail is dropped.
    fn rewrite_log(&mut self, replay: &Replay, sequence: u32) {
        if let Replay::Entries(entries) = replay {
            let records = (0u32..).zip(entries);
            self.log = records.flat_map(|(i, entry)| wal::twice(i, &entry.encode())).collect();
        }
        self.sequence = sequence;
        self.synced_log = self.log.len();
    }

    pub(super) fn crash(&mut self, rng: &mut SmallRng, bug: Option<Bug>) {
        self.life += 1;
        let running = self.running.take();
        self.wake_at = None;
        if let Some(running) = running.filter(|_| bug == Some(Bug::BatchesNotSynced)) {
            self.forget_batches(&running.ledger);
        }
        self.store.crash();
        if bug == Some(Bug::LogNotSynced) {
            self.synced_log = 0;
        }
        // The unsynced tail of the log is torn at any byte, and what is left of it may be spoilt.
        let kept = rng.random_range(self.synced_log..=self.log.len());
        self.log.truncate(kept);
        if self.synced_log < kept && rng.random_bool(0.5) {
            let spoilt = rng.random_range(self.synced_log..kept);
            self.log[spoilt] ^= 0xff;
        }
        // Rot takes at most one of the two copies of what was synced.
        if 0 < self.synced_log && rng.random_bool(0.2) {
            let spoilt = rng.random_range(0..self.synced_log);
            self.log[spoilt] ^= 0x10;
        }
    }

    /// A planted bug: our open batches were said to be on disk and were not.
    fn forget_batches(&self, ledger: &Ledger<MemoryStore>) {
        let own = self.secret.public_key();
        let mut changes = WriteBatch::default();
        for digest in ledger.unordered_batches(&own).expect("readable") {
            let batch = ledger.batch(&digest).expect("readable").expect("stored");
            let key = schema::batch_number_key(&own, batch.header.number, &digest);
            changes.remove(Column::BatchNumbers, key);
            changes.remove(Column::Batches, digest.0.to_vec());
        }
        self.store.write(changes, Durability::Synced).expect("memory does not fail");
    }

    pub(super) fn handle(&mut self, now: Now, mut event: Event) -> Option<Vec<Action>> {
        if self.bug == Some(Bug::LogNotSynced)
            && let Event::Message { message, .. } = &mut event
            && let Message::Seen { statement, .. } = &mut **message
        {
            *statement = None;
        }
        if self.bug == Some(Bug::FormerBatchesDropped) && self.drops(&event) {
            return Some(Vec::new());
        }
        self.running.as_mut().map(|running| running.core.handle(now, event))
    }

    /// A planted bug: whoever has seen a set take over knows nothing any more of batches of the one
    /// before, its own included.
    fn drops(&self, event: &Event) -> bool {
        let Some(running) = &self.running else { return false };
        let (ledger, next) = (&running.ledger, running.ledger.decided_height() + 1);
        let schedule = ledger.schedule();
        let current = schedule.validators_at(next);
        let sets = schedule.validator_sets().iter();
        let is_former =
            |hash: &Hash| sets.clone().any(|one| one.from < current.from && one.hash == *hash);
        match event {
            Event::Message { message, .. } => match &**message {
                Message::Batch(batch) => is_former(&batch.header.validators),
                Message::Certified(certified) => is_former(&certified.header.validators),
                Message::Acknowledge { digest, .. } => {
                    let batch = ledger.batch(digest).expect("readable");
                    batch.is_some_and(|batch| is_former(&batch.header.validators))
                }
                _ => false,
            },
            Event::Held(header) => is_former(&header.validators),
            _ => false,
        }
    }

    pub(super) fn append(&mut self, entry: &LogEntry) {
        self.log.extend(wal::twice(self.sequence, &entry.encode()));
        self.sequence += 1;
    }

    pub(super) fn sync_log(&mut self) {
        self.synced_log = self.log.len();
    }

    pub(super) fn reset_log(&mut self) {
        self.log.clear();
        self.synced_log = 0;
        self.sequence = 0;
    }

    pub(super) fn hold(&mut self, batch: &Arc<Batch>) -> Event {
        let ledger = &self.running.as_ref().expect("the life was checked").ledger;
        let digest = batch.header.digest(&ledger.genesis());
        if let Err(error) = batch.verify(&ledger.genesis()) {
            return Event::Refused { digest, reason: error.to_string() };
        }
        ledger.store_batches(&[(digest, Arc::clone(batch))]).expect("memory does not fail");
        Event::Held(Box::new(batch.header.clone()))
    }

    /// Executes the next heights up to `last`; false when the machine is down.
    pub(super) fn execute(&mut self, last: u64) -> bool {
        let Some(running) = &self.running else { return false };
        running.ledger.execute_to(last, &mut |_| {}).expect("a decided height executes");
        true
    }
}
