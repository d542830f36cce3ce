//! The shell: runs the core on threads, sockets and disks.
//!
//! One thread owns the core and its log and carries out its actions in order. One thread checks and
//! stores batches, one executes heights, one reads the network. They talk through channels; when
//! one of them fails or panics the whole node stops, for half a node is worse than none.

use crate::core::mempool::AdmissionError;
use crate::core::message::{Lane, Message};
use crate::core::{Action, Core, CoreConfig, CoreStatus, Event, Now, Report, Token, chain};
use crate::evidence::EvidenceFile;
use crate::wal::{Wal, WalError};
use bytes::Bytes;
use kanhe_consensus::Timeouts;
use kanhe_genesis::Genesis;
use kanhe_ledger::store::{RocksStore, StoreError};
use kanhe_ledger::{GenesisState, Ledger, LedgerError};
use kanhe_network::{
    Channel, Network, NetworkConfig, NetworkError, NetworkEvent, NetworkEvents, NetworkHandle,
    PeerAddress, PeerKey,
};
use kanhe_types::code::OrganisationCode;
use kanhe_types::hash::{Domain, Hash};
use kanhe_types::keys::{PublicKey, SecretKey};
use kanhe_types::limits::PROTOCOL_VERSION;
use kanhe_types::submission::{Batch, VerifiedSubmission};
use kanhe_types::time::Millis;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::sync::{oneshot, watch};
use zeroize::Zeroizing;

/// Events that wait for the core; senders wait when it is behind.
const EVENTS_MAX: usize = 4_096;
/// Batches that are stored under one sync.
const BATCHES_PER_SYNC_MAX: usize = 32;

/// What a node needs to run.
pub struct NodeConfig {
    /// The document of height 0, checked.
    pub genesis: Genesis,
    /// The folder of the ledger.
    pub data: PathBuf,
    /// The file of the agreement's log.
    pub log: PathBuf,
    /// The file of contradictions that were seen.
    pub evidence: PathBuf,
    /// The key that signs votes and batches.
    pub validator_secret: SecretKey,
    /// The key shown on connections.
    pub node_secret: SecretKey,
    /// Where peers reach us.
    pub listen: SocketAddr,
    /// Where we reach the peers, by node key; only validators' nodes are admitted.
    pub peers: BTreeMap<PublicKey, String>,
    /// The agreement's timeouts.
    pub timeouts: Timeouts,
    /// An idle chain makes a block this often, in milliseconds.
    pub heartbeat_ms: u64,
    /// A file that gets every outgoing message before encryption; for tests of what leaves.
    pub tap: Option<PathBuf>,
}

/// Why a node does not start, or stopped.
#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    /// The ledger's folder cannot be used.
    #[error("the ledger's folder cannot be used")]
    Store(#[from] StoreError),
    /// The ledger cannot be opened.
    #[error("the ledger cannot be opened")]
    Ledger(#[from] LedgerError),
    /// The agreement's log cannot be used.
    #[error(transparent)]
    Log(#[from] WalError),
    /// The file of evidence cannot be read.
    #[error("the file of evidence cannot be read; check its permissions")]
    Evidence(#[source] std::io::Error),
    /// The network cannot be started.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// This key is no validator's of the genesis.
    #[error(
        "{which} key {key} is not a validator's of this genesis; the home belongs to another zone"
    )]
    NotAValidator {
        /// Which of the two keys.
        which: &'static str,
        /// The key.
        key: PublicKey,
    },
    /// A thread cannot be started.
    #[error("a thread cannot be started")]
    Thread(#[source] std::io::Error),
    /// The node cannot go on.
    #[error("{0}")]
    Failed(String),
}

/// The node has stopped; the request was not taken.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the node is stopping")]
pub struct NodeStopped;

type Answers = Vec<Result<Hash, AdmissionError>>;

/// A running node, as its HTTP server and its operator see it.
#[derive(Clone)]
pub struct NodeHandle {
    /// Blocks, state, receipts and proofs.
    pub ledger: Arc<Ledger<RocksStore>>,
    /// The document of height 0.
    pub genesis: Arc<Genesis>,
    /// The chain's name.
    pub genesis_hash: Hash,
    /// The agency whose node this is.
    pub organisation: OrganisationCode,
    shared: Arc<Shared>,
    events: SyncSender<Event>,
    executed: watch::Receiver<u64>,
}

/// What threads share besides channels.
struct Shared {
    waiting: Mutex<BTreeMap<Token, oneshot::Sender<Answers>>>,
    next_token: AtomicU64,
    status: Mutex<CoreStatus>,
    connected: Mutex<BTreeMap<PublicKey, bool>>,
    other_genesis: Mutex<BTreeMap<OrganisationCode, String>>,
}

/// What a node is doing.
#[derive(Clone, Debug)]
pub struct NodeStatus {
    /// The core's view.
    pub core: CoreStatus,
    /// Every validator and whether we are connected to its node (our own counts as connected).
    pub validators: Vec<(OrganisationCode, PublicKey, bool)>,
    /// Peers that follow another genesis, and what they said.
    pub other_genesis: BTreeMap<OrganisationCode, String>,
}

/// The running parts of a node; shut it down with [`Node::shutdown`].
pub struct Node {
    failure: oneshot::Receiver<String>,
    threads: Vec<std::thread::JoinHandle<()>>,
    network: NetworkHandle,
    stop: SyncSender<Event>,
    stopping: Arc<std::sync::atomic::AtomicBool>,
}

impl NodeHandle {
    /// Hands submissions to the core; the answer comes when they are durable on this validator.
    ///
    /// # Errors
    /// When the node is stopping.
    pub async fn submit(
        &self,
        submissions: Vec<VerifiedSubmission>,
    ) -> Result<Answers, NodeStopped> {
        let token = self.shared.next_token.fetch_add(1, Ordering::Relaxed);
        let (sender, receiver) = oneshot::channel();
        lock(&self.shared.waiting).insert(token, sender);
        let events = self.events.clone();
        let sent = tokio::task::spawn_blocking(move || {
            events.send(Event::Submitted { token, submissions })
        })
        .await;
        if !matches!(sent, Ok(Ok(()))) {
            lock(&self.shared.waiting).remove(&token);
            return Err(NodeStopped);
        }
        receiver.await.map_err(|_| NodeStopped)
    }

    /// What the node is doing.
    pub fn status(&self) -> NodeStatus {
        let core = lock(&self.shared.status).clone();
        let connected = lock(&self.shared.connected);
        let validators = self.ledger.validators_at(core.decided.saturating_add(1));
        let mut validators: Vec<_> = validators
            .validators()
            .iter()
            .map(|validator| {
                let is_own = validator.organisation == self.organisation;
                let is_connected =
                    is_own || connected.get(&validator.key).copied().unwrap_or(false);
                (validator.organisation.clone(), validator.key, is_connected)
            })
            .collect();
        validators.sort();
        let other_genesis = lock(&self.shared.other_genesis).clone();
        NodeStatus { core, validators, other_genesis }
    }

    /// The last executed height; changes when a height is executed.
    pub fn executed(&self) -> watch::Receiver<u64> {
        self.executed.clone()
    }
}

/// A lock's content; a panic elsewhere ends the node anyway.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What peers show each other first: protocol and chain.
fn hello(genesis: &Hash) -> Vec<u8> {
    let digest = Hash::of(Domain::Hello, &[genesis.as_bytes(), &PROTOCOL_VERSION.to_le_bytes()]);
    [genesis.as_bytes().as_slice(), &PROTOCOL_VERSION.to_le_bytes(), digest.as_bytes()].concat()
}

/// What a peer's hello says that ours does not.
fn hello_difference(own: &[u8], theirs: &[u8]) -> Option<String> {
    if own == theirs {
        return None;
    }
    let genesis = theirs.get(..32).map_or_else(|| "nothing".to_owned(), hex::encode);
    let protocol = theirs.get(32..34).and_then(|bytes| bytes.try_into().ok());
    let protocol = protocol.map_or(0, u16::from_le_bytes);
    Some(format!(
        "peer follows genesis {genesis} with protocol {protocol}, expected {} with protocol {PROTOCOL_VERSION}; \
         give both nodes the same genesis.json and release",
        own.get(..32).map(hex::encode).unwrap_or_default(),
    ))
}

impl Node {
    /// Opens the ledger and the log, and starts the threads.
    ///
    /// # Errors
    /// When the home is in use or damaged, a port is taken, or the keys are of another zone.
    pub async fn start(config: NodeConfig) -> Result<(NodeHandle, Self), NodeError> {
        let genesis_hash = config.genesis.hash();
        let validators = config.genesis.validator_set();
        let own = config.validator_secret.public_key();
        let not_a_validator = |which, key| NodeError::NotAValidator { which, key };
        let validator =
            validators.by_key(&own).ok_or_else(|| not_a_validator("validator", own))?.clone();
        let node_key = config.node_secret.public_key();
        if validator.node != node_key {
            return Err(not_a_validator("node", node_key));
        }
        let store = RocksStore::open(&config.data)?;
        let ledger = Arc::new(Ledger::open(store, genesis_state(&config.genesis))?);
        let (wal, replay) = Wal::open(&config.log, ledger.decided_height().saturating_add(1))?;
        let evidence = EvidenceFile::open(&config.evidence).map_err(NodeError::Evidence)?;
        let core = Core::new(
            CoreConfig {
                genesis: genesis_hash,
                genesis_time: config.genesis.time,
                secret: config.validator_secret,
                timeouts: config.timeouts,
                heartbeat_ms: config.heartbeat_ms,
                replay,
            },
            Arc::clone(&ledger),
        );
        let seed = Zeroizing::new(*config.node_secret.seed());
        let (network, network_events) = Network::start(NetworkConfig {
            secret_key: seed,
            listen: config.listen,
            peers: peer_addresses(&validators, &config.peers),
            hello: hello(&genesis_hash),
            tap: config.tap,
        })
        .await?;
        let shared = Arc::new(Shared {
            waiting: Mutex::default(),
            next_token: AtomicU64::new(1),
            status: Mutex::new(core.status()),
            connected: Mutex::default(),
            other_genesis: Mutex::default(),
        });
        let (events, receiver) = sync_channel(EVENTS_MAX);
        let (executed_sender, executed) = watch::channel(ledger.executed_height());
        let handle = NodeHandle {
            ledger: Arc::clone(&ledger),
            genesis: Arc::new(config.genesis),
            genesis_hash,
            organisation: validator.organisation,
            shared: Arc::clone(&shared),
            events: events.clone(),
            executed,
        };
        let parts = Parts {
            core,
            wal,
            evidence,
            ledger,
            network: network.clone(),
            shared,
            events: events.clone(),
            executed: executed_sender,
            nodes: validators.validators().iter().map(|v| (v.key, v.node)).collect(),
        };
        let (failure, threads, stopping) =
            parts.start(receiver, network_events, handle.clone(), own)?;
        let node = Self { failure, threads, network, stop: events, stopping };
        Ok((handle, node))
    }

    /// Waits until the node cannot go on.
    pub async fn failed(&mut self) -> NodeError {
        match (&mut self.failure).await {
            Ok(text) => NodeError::Failed(text),
            Err(_) => NodeError::Failed("a thread of the node panicked; see the log".into()),
        }
    }

    /// Stops the threads and the network, and waits for them.
    pub async fn shutdown(self) {
        self.stopping.store(true, Ordering::Release);
        self.network.shutdown().await;
        let (stop, threads) = (self.stop, self.threads);
        let joined = tokio::task::spawn_blocking(move || {
            // Wakes the core; it may have ended already, which is as good.
            drop(stop.try_send(Event::Tick));
            drop(stop);
            for thread in threads {
                if thread.join().is_err() {
                    tracing::error!("a thread had panicked");
                }
            }
        });
        if joined.await.is_err() {
            tracing::error!("the threads could not be joined");
        }
    }
}

/// The ledger's beginning, from the genesis.
pub fn genesis_state(genesis: &Genesis) -> GenesisState {
    GenesisState {
        hash: genesis.hash(),
        time: genesis.time,
        validators: genesis.validator_set(),
        policy: genesis.policy.clone(),
        writes: kanhe_contracts::registry::genesis_writes(&genesis.organisations),
    }
}

fn peer_addresses(
    validators: &kanhe_types::validator::ValidatorSet,
    addresses: &BTreeMap<PublicKey, String>,
) -> Vec<PeerAddress> {
    validators
        .validators()
        .iter()
        .map(|validator| PeerAddress {
            key: peer_key(&validator.node),
            address: addresses.get(&validator.node).cloned(),
        })
        .collect()
}

fn peer_key(key: &PublicKey) -> PeerKey {
    let PublicKey::Ed25519(bytes) = key;
    PeerKey::from_bytes(*bytes)
}

/// Everything that the threads take with them.
struct Parts {
    core: Core<RocksStore>,
    wal: Wal,
    evidence: EvidenceFile,
    ledger: Arc<Ledger<RocksStore>>,
    network: NetworkHandle,
    shared: Arc<Shared>,
    events: SyncSender<Event>,
    executed: watch::Sender<u64>,
    /// Validator key → node key.
    nodes: BTreeMap<PublicKey, PublicKey>,
}

type Started = (
    oneshot::Receiver<String>,
    Vec<std::thread::JoinHandle<()>>,
    Arc<std::sync::atomic::AtomicBool>,
);

impl Parts {
    fn start(
        self,
        receiver: Receiver<Event>,
        network_events: NetworkEvents,
        handle: NodeHandle,
        own: PublicKey,
    ) -> Result<Started, NodeError> {
        let stopping = Arc::new(std::sync::atomic::AtomicBool::new(false));
        let (failure_sender, failure) = oneshot::channel();
        let (hold_sender, hold_receiver) = std::sync::mpsc::channel();
        let (execute_sender, execute_receiver) = std::sync::mpsc::channel();
        let failing = Arc::new(Failure(Mutex::new(Some(failure_sender))));
        let mut threads = Vec::new();
        let mut spawn = |name: &str, body: Box<dyn FnOnce() + Send>| {
            let failing = Arc::clone(&failing);
            let name = format!("kanhe-{name}");
            let thread = std::thread::Builder::new().name(name.clone()).spawn(move || {
                let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(body));
                if panicked.is_err() {
                    failing.fail(format!("thread {name} panicked; the log says where"));
                }
            });
            thread.map(|thread| threads.push(thread)).map_err(NodeError::Thread)
        };
        let Self { core, wal, evidence, ledger, network, shared, events, executed, nodes } = self;
        let genesis = ledger.genesis();
        let holder = Holder { ledger: Arc::clone(&ledger), events: events.clone(), own, genesis };
        let holder_failing = Arc::clone(&failing);
        spawn("hold", Box::new(move || holder.run(&hold_receiver, &holder_failing)))?;
        let execute_failing = Arc::clone(&failing);
        let execute_events = events.clone();
        spawn(
            "execute",
            Box::new(move || {
                execute(&ledger, &execute_receiver, &execute_events, &executed, &execute_failing);
            }),
        )?;
        let by_node = nodes.iter().map(|(key, node)| (peer_key(node), *key)).collect();
        let pump = Pump { by_node, events, handle, own_hello: hello(&genesis) };
        let runtime = tokio::runtime::Handle::current();
        spawn("network", Box::new(move || runtime.block_on(pump.run(network_events))))?;
        let runner = Runner {
            core,
            wal,
            evidence,
            network,
            shared,
            nodes,
            hold: hold_sender,
            execute: execute_sender,
            started: Instant::now(),
            last_encoded: None,
            stopping: Arc::clone(&stopping),
        };
        let core_failing = Arc::clone(&failing);
        spawn("core", Box::new(move || runner.run(&receiver, &core_failing)))?;
        Ok((failure, threads, stopping))
    }
}

/// The first failure of any thread.
struct Failure(Mutex<Option<oneshot::Sender<String>>>);

impl Failure {
    fn fail(&self, text: String) {
        tracing::error!("{text}");
        if let Some(sender) = lock(&self.0).take() {
            // Nobody waits when the node is being shut down.
            drop(sender.send(text));
        }
    }
}

/// The thread that owns the core.
struct Runner {
    core: Core<RocksStore>,
    wal: Wal,
    evidence: EvidenceFile,
    network: NetworkHandle,
    shared: Arc<Shared>,
    nodes: BTreeMap<PublicKey, PublicKey>,
    hold: std::sync::mpsc::Sender<Box<Batch>>,
    execute: std::sync::mpsc::Sender<()>,
    started: Instant,
    /// The message sent last, encoded: a broadcast encodes once.
    last_encoded: Option<(Arc<Message>, Bytes)>,
    stopping: Arc<std::sync::atomic::AtomicBool>,
}

impl Runner {
    fn run(mut self, receiver: &Receiver<Event>, failing: &Failure) {
        let mut event = Event::Tick;
        loop {
            let now = self.now();
            for action in self.core.handle(now, event) {
                if let Err(text) = self.carry_out(action) {
                    failing.fail(text);
                    return;
                }
            }
            *lock(&self.shared.status) = self.core.status();
            if self.stopping.load(Ordering::Acquire) {
                return;
            }
            let deadline = self.core.next_deadline().unwrap_or(u64::MAX);
            let wait = deadline.saturating_sub(self.now().elapsed_ms).min(1_000);
            event = match receiver.recv_timeout(Duration::from_millis(wait)) {
                Ok(event) => event,
                Err(RecvTimeoutError::Timeout) => Event::Tick,
                Err(RecvTimeoutError::Disconnected) => return,
            };
        }
    }

    fn now(&self) -> Now {
        let elapsed_ms = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        Now { elapsed_ms, time: wall_clock() }
    }

    fn carry_out(&mut self, action: Action) -> Result<(), String> {
        match action {
            Action::Send { to, message } => self.send(&to, message),
            Action::Append(entry) => self.wal.append(&entry),
            Action::SyncLog => self.wal.sync().map_err(|error| chain(&error))?,
            Action::ResetLog => self.wal.reset().map_err(|error| chain(&error))?,
            Action::Hold(batch) => {
                self.hold.send(batch).map_err(|_| "the holding thread has ended".to_owned())?;
            }
            Action::Execute => {
                self.execute.send(()).map_err(|_| "the executing thread has ended".to_owned())?;
            }
            Action::Answer { token, answers } => {
                if let Some(sender) = lock(&self.shared.waiting).remove(&token) {
                    // The client may have gone.
                    drop(sender.send(answers));
                }
            }
            Action::Report(report) => {
                log_report(&report);
                if let Report::Evidence(evidence) = &report {
                    let kept = self.evidence.keep(evidence);
                    kept.map_err(|error| format!("evidence cannot be kept: {error}"))?;
                }
            }
            Action::Fail(text) => return Err(text),
        }
        Ok(())
    }

    fn send(&mut self, to: &PublicKey, message: Arc<Message>) {
        let Some(node) = self.nodes.get(to) else { return };
        let lane = message.lane();
        let bytes = match &self.last_encoded {
            Some((last, bytes)) if Arc::ptr_eq(last, &message) => bytes.clone(),
            _ => {
                let bytes = Bytes::from(message.encode());
                self.last_encoded = Some((message, bytes.clone()));
                bytes
            }
        };
        let channel = match lane {
            Lane::Agreement => Channel::Agreement,
            Lane::Bulk => Channel::Bulk,
            Lane::Sync => Channel::Sync,
        };
        if let Err(error) = self.network.send(peer_key(node), channel, bytes) {
            // Lost like any message may be; the core says it again.
            tracing::debug!(peer = %to.short(), %error, "message not sent");
        }
    }
}

fn log_report(report: &Report) {
    match report {
        Report::Decided { height, round: 0, batches } => {
            tracing::debug!(height, batches, "decided");
        }
        Report::Decided { height, round, batches } => {
            tracing::info!(height, round, batches, "decided in a later round");
        }
        Report::Evidence(evidence) => {
            tracing::error!(
                ?evidence,
                "a validator contradicted itself; report it to the agencies"
            );
        }
        Report::BatchEvidence { author, number } => {
            tracing::error!(%author, number, "a validator used one batch number twice");
        }
        Report::Ignored { from, reason } => {
            tracing::warn!(peer = %from.short(), reason, "message ignored");
        }
        Report::NotSigning { height } => tracing::error!(
            height,
            "the log of this height is damaged; this node does not sign until it is decided"
        ),
        Report::Synced { from, height } => {
            tracing::info!(peer = %from.short(), height, "caught up");
        }
    }
}

fn wall_clock() -> Millis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

/// The thread that checks batches and syncs them to disk.
struct Holder {
    ledger: Arc<Ledger<RocksStore>>,
    events: SyncSender<Event>,
    own: PublicKey,
    genesis: Hash,
}

impl Holder {
    fn run(&self, receiver: &Receiver<Box<Batch>>, failing: &Failure) {
        while let Ok(first) = receiver.recv() {
            let more = receiver.try_iter().take(BATCHES_PER_SYNC_MAX - 1);
            let mut held = Vec::new();
            for batch in std::iter::once(first).chain(more) {
                let digest = batch.header.digest(&self.genesis);
                // Our own submissions were checked when they were admitted.
                if batch.header.author != self.own
                    && let Err(error) = batch.verify(&self.genesis)
                {
                    let reason = chain(&error);
                    if self.events.send(Event::Refused { digest, reason }).is_err() {
                        return;
                    }
                    continue;
                }
                held.push((digest, batch));
            }
            let bodies: Vec<(Hash, &Batch)> =
                held.iter().map(|(digest, batch)| (*digest, batch.as_ref())).collect();
            if let Err(error) = self.ledger.store_batches(&bodies) {
                return failing.fail(format!("batches cannot be stored: {}", chain(&error)));
            }
            for (_, batch) in held {
                if self.events.send(Event::Held(Box::new(batch.header))).is_err() {
                    return;
                }
            }
        }
    }
}

/// The thread that executes heights.
fn execute(
    ledger: &Ledger<RocksStore>,
    receiver: &Receiver<()>,
    events: &SyncSender<Event>,
    executed: &watch::Sender<u64>,
    failing: &Failure,
) {
    while receiver.recv().is_ok() {
        match ledger.execute_next() {
            Ok(effects) => {
                executed.send_replace(effects.height);
                if events.send(Event::Executed).is_err() {
                    return;
                }
            }
            Err(error) => {
                let height = ledger.executed_height().saturating_add(1);
                return failing
                    .fail(format!("height {height} cannot be executed: {}", chain(&error)));
            }
        }
    }
}

/// The thread that reads the network.
struct Pump {
    by_node: BTreeMap<PeerKey, PublicKey>,
    events: SyncSender<Event>,
    handle: NodeHandle,
    own_hello: Vec<u8>,
}

impl Pump {
    async fn run(self, mut network: NetworkEvents) {
        while let Some(event) = network.recv().await {
            let Some(event) = self.translate(event) else { continue };
            if self.events.send(event).is_err() {
                return;
            }
        }
    }

    fn translate(&self, event: NetworkEvent) -> Option<Event> {
        let shared = &self.handle.shared;
        match event {
            NetworkEvent::Listening { address } => {
                tracing::info!(%address, "listening for peers");
                None
            }
            NetworkEvent::Connected { peer, hello } => {
                let key = *self.by_node.get(&peer)?;
                let code = self.organisation(&key);
                if let Some(difference) = hello_difference(&self.own_hello, &hello) {
                    tracing::error!(peer = %code, difference, "peer not used");
                    lock(&shared.other_genesis).insert(code, difference);
                    return None;
                }
                tracing::info!(peer = %code, "connected");
                lock(&shared.other_genesis).remove(&code);
                lock(&shared.connected).insert(key, true);
                Some(Event::Connected(key))
            }
            NetworkEvent::Disconnected { peer, reason } => {
                let key = *self.by_node.get(&peer)?;
                tracing::info!(peer = %self.organisation(&key), reason, "disconnected");
                lock(&shared.connected).insert(key, false);
                Some(Event::Disconnected(key))
            }
            NetworkEvent::Message { peer, bytes, .. } => {
                let from = *self.by_node.get(&peer)?;
                if !lock(&shared.connected).get(&from).copied().unwrap_or(false) {
                    return None;
                }
                match Message::decode(&bytes) {
                    Ok(message) => Some(Event::Message { from, message: Box::new(message) }),
                    Err(error) => {
                        tracing::warn!(peer = %self.organisation(&from), %error, "message ignored");
                        None
                    }
                }
            }
            NetworkEvent::Refused { key, address } => {
                let key = key.map_or_else(|| "unknown".to_owned(), |key| key.to_string());
                tracing::warn!(key, address, "a peer that is not registered was refused");
                None
            }
        }
    }

    fn organisation(&self, key: &PublicKey) -> OrganisationCode {
        let validators = &self.handle.genesis.validators;
        let validator = validators.iter().find(|validator| validator.key == *key);
        validator.map_or_else(|| self.handle.organisation.clone(), |v| v.organisation.clone())
    }
}
