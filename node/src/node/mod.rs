//! The shell: runs the core on threads, sockets and disks.
//!
//! One thread owns the core and its log and carries out its actions in order. One thread checks and
//! stores batches, one executes heights, one reads the network. They talk through channels; when
//! one of them fails or panics the whole node stops, for half a node is worse than none.
//!
//! `runner`, `workers` and `pump` are the threads, `peers` says who is admitted; this file is what
//! they share, and starting and stopping them.

mod peers;
mod pump;
mod runner;
mod workers;

use crate::core::mempool::AdmissionError;
use crate::core::{Core, CoreConfig, CoreStatus, Event, Token};
use crate::evidence::EvidenceFile;
use crate::meter::Meter;
use crate::signer::{RemoteSigner, SignerStatus};
use crate::wal::{Wal, WalError, mark_restored};
use kanhe_consensus::Timeouts;
use kanhe_genesis::Genesis;
use kanhe_ledger::store::{RocksStore, StoreError};
use kanhe_ledger::{GenesisState, Ledger, LedgerError};
use kanhe_network::{Network, NetworkConfig, NetworkError, NetworkEvents, NetworkHandle, PeerKey};
use kanhe_types::code::OrganisationCode;
use kanhe_types::hash::Hash;
use kanhe_types::keys::{PublicKey, SecretKey};
use kanhe_types::signer::Signer;
use kanhe_types::submission::VerifiedSubmission;
use kanhe_types::validator::ValidatorSet;
use peers::Peers;
use pump::{Pump, hello};
use runner::Runner;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;
use tokio::runtime::Runtime;
use tokio::sync::{oneshot, watch};
use workers::{Executor, Holder};
use zeroize::Zeroizing;

/// Events that wait for the core; senders wait when it is behind.
const EVENTS_MAX: usize = 4_096;
/// Threads that encrypt and carry what validators say to each other.
const NETWORK_THREADS: usize = 2;

/// What a node needs to run.
pub struct NodeConfig {
    /// Whose node it is.
    pub organisation: OrganisationCode,
    /// The document of height 0, checked.
    pub genesis: Genesis,
    /// The folder of the ledger.
    pub data: PathBuf,
    /// The file of the agreement's log.
    pub log: PathBuf,
    /// The file of contradictions that were seen.
    pub evidence: PathBuf,
    /// The file of what agencies read of others' trades.
    pub reads: PathBuf,
    /// The key that signs votes and batches, or who holds it.
    pub signer: ValidatorSigner,
    /// The key shown on connections.
    pub node_secret: SecretKey,
    /// Where peers reach us.
    pub listen: SocketAddr,
    /// Where we reach the peers, by node key. Admitted are validators' nodes, as the chain says,
    /// and nodes named here of which the chain says nothing: those may tell us what we lack.
    pub peers: BTreeMap<PublicKey, String>,
    /// The agreement's timeouts.
    pub timeouts: Timeouts,
    /// An idle chain makes a block this often, in milliseconds.
    pub heartbeat_ms: u64,
    /// A file that gets every outgoing message before encryption; for tests of what leaves.
    pub tap: Option<PathBuf>,
}

/// The validator's key, or who holds it.
#[derive(Debug)]
pub enum ValidatorSigner {
    /// In this process.
    Key(SecretKey),
    /// Another process.
    Remote(Arc<RemoteSigner>),
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
    /// The validator's node shows another key than the chain says.
    #[error(
        "validator {validator} has node key {expected} on the chain, this home's is {found}; \
         restore the home's keys, or let the agencies replace the validator"
    )]
    OtherNodeKey {
        /// Our validator key.
        validator: PublicKey,
        /// What the chain says.
        expected: PublicKey,
        /// What the home holds.
        found: PublicKey,
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
    /// Where the CPU time goes.
    pub meter: Arc<Meter>,
    own: PublicKey,
    /// The node's key: it signs what the node itself says to the ledger.
    pub(crate) node_secret: SecretKey,
    /// The file of what agencies read of others' trades.
    pub(crate) reads: PathBuf,
    network: NetworkHandle,
    shared: Arc<Shared>,
    events: SyncSender<Event>,
    executed: watch::Receiver<u64>,
    signer: Option<Arc<RemoteSigner>>,
}

/// What threads share besides channels.
struct Shared {
    waiting: Mutex<BTreeMap<Token, oneshot::Sender<Answers>>>,
    next_token: AtomicU64,
    status: Mutex<CoreStatus>,
    connected: Mutex<BTreeMap<PublicKey, bool>>,
    /// Who may be connected: by node key, the key that signs. A node that only our operator knows
    /// stands for itself.
    identities: Mutex<BTreeMap<PeerKey, PublicKey>>,
    other_genesis: Mutex<BTreeMap<OrganisationCode, String>>,
}

/// A validator's organisation and key, and whether we are connected to its node.
pub type SeenValidator = (OrganisationCode, PublicKey, bool);

/// What a node is doing.
#[derive(Clone, Debug)]
pub struct NodeStatus {
    /// The core's view.
    pub core: CoreStatus,
    /// Every validator and whether we are connected to its node (our own counts as connected).
    pub validators: Vec<SeenValidator>,
    /// The validators to come, where there are others, and the first height that they decide.
    pub coming: Option<(u64, Vec<SeenValidator>)>,
    /// Peers that follow another genesis, and what they said.
    pub other_genesis: BTreeMap<OrganisationCode, String>,
}

/// The running parts of a node; shut it down with [`Node::shutdown`].
pub struct Node {
    failure: oneshot::Receiver<String>,
    threads: Vec<std::thread::JoinHandle<()>>,
    network: NetworkHandle,
    /// The network's own threads: requests of clients never delay a vote.
    network_runtime: Runtime,
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
        let seen = |set: &ValidatorSet| {
            let mut validators: Vec<_> = set
                .validators()
                .iter()
                .map(|validator| {
                    let is_own = validator.key == self.own;
                    let is_connected =
                        is_own || connected.get(&validator.key).copied().unwrap_or(false);
                    (validator.organisation.clone(), validator.key, is_connected)
                })
                .collect();
            validators.sort();
            validators
        };
        let (schedule, next) = (self.ledger.schedule(), core.decided.saturating_add(1));
        let validators = seen(&schedule.validators_at(next).set);
        let coming = schedule.coming_validators(next).next().map(|one| (one.from, seen(&one.set)));
        let other_genesis = lock(&self.shared.other_genesis).clone();
        NodeStatus { core, validators, coming, other_genesis }
    }

    /// Bytes of messages sent to and received from other validators since the node started.
    pub fn network_bytes(&self) -> (u64, u64) {
        let add = |sum: u64, bytes: u64| sum.saturating_add(bytes);
        let stats = self.network.stats();
        let sent = stats.values().map(|peer| peer.bytes_sent).fold(0, add);
        (sent, stats.values().map(|peer| peer.bytes_received).fold(0, add))
    }

    /// How who holds the validator's key is doing; none where the key is in this process.
    pub fn signer(&self) -> Option<SignerStatus> {
        self.signer.as_ref().map(|signer| signer.status())
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

impl Node {
    /// Opens the ledger and the log, and starts the threads.
    ///
    /// # Errors
    /// When the home is in use or damaged, a port is taken, or the keys do not belong together.
    pub async fn start(config: NodeConfig) -> Result<(NodeHandle, Self), NodeError> {
        let genesis_hash = config.genesis.hash();
        let (signer, remote): (Arc<dyn Signer>, _) = match config.signer {
            ValidatorSigner::Key(secret) => (Arc::new(secret), None),
            ValidatorSigner::Remote(remote) => (Arc::clone(&remote) as _, Some(remote)),
        };
        let own = signer.public_key();
        let own_node = config.node_secret.public_key();
        let store = RocksStore::open(&config.data)?;
        let ledger = Arc::new(Ledger::open(store, genesis_state(&config.genesis))?);
        check_own_keys(&ledger, own, own_node)?;
        let is_restored = mark_restored(&config.log)?;
        let (wal, replay) = Wal::open(&config.log, ledger.decided_height().saturating_add(1))?;
        let evidence = EvidenceFile::open(&config.evidence).map_err(NodeError::Evidence)?;
        let core = Core::new(
            CoreConfig {
                genesis: genesis_hash,
                genesis_time: config.genesis.time,
                signer,
                timeouts: config.timeouts,
                heartbeat_ms: config.heartbeat_ms,
                replay,
                is_restored,
            },
            Arc::clone(&ledger),
        );
        let seed = Zeroizing::new(*config.node_secret.bytes());
        let network = NetworkConfig {
            secret_key: seed,
            listen: config.listen,
            // The core says whom to admit.
            peers: Vec::new(),
            hello: hello(&genesis_hash),
            tap: config.tap,
        };
        let (network_runtime, network, network_events) = start_network(network).await?;
        let meter = Arc::new(Meter::default());
        let shared = Arc::new(Shared {
            waiting: Mutex::default(),
            next_token: AtomicU64::new(1),
            status: Mutex::new(core.status()),
            connected: Mutex::default(),
            identities: Mutex::default(),
            other_genesis: Mutex::default(),
        });
        let (events, receiver) = sync_channel(EVENTS_MAX);
        let (executed_sender, executed) = watch::channel(ledger.executed_height());
        let handle = NodeHandle {
            ledger: Arc::clone(&ledger),
            genesis: Arc::new(config.genesis),
            genesis_hash,
            organisation: config.organisation,
            meter: Arc::clone(&meter),
            own,
            node_secret: config.node_secret,
            reads: config.reads,
            network: network.clone(),
            shared: Arc::clone(&shared),
            events: events.clone(),
            executed,
            signer: remote,
        };
        let parts = Parts {
            core,
            wal,
            evidence,
            ledger,
            meter,
            network: network.clone(),
            network_runtime: network_runtime.handle().clone(),
            shared,
            events: events.clone(),
            executed: executed_sender,
            addresses: config.peers,
            own,
            own_node,
        };
        let (failure, threads, stopping) = parts.start(receiver, network_events, handle.clone())?;
        let node = Self { failure, threads, network, network_runtime, stop: events, stopping };
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
        self.network_runtime.shutdown_background();
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

/// Starts the network on threads of its own.
async fn start_network(
    config: NetworkConfig,
) -> Result<(Runtime, NetworkHandle, NetworkEvents), NodeError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(NETWORK_THREADS)
        .thread_name("kanhe-network")
        .enable_all()
        .build()
        .map_err(NodeError::Thread)?;
    let started = runtime.spawn(Network::start(config)).await;
    let started = started.map_err(|_| NodeError::Failed("the network panicked".into()));
    match started.and_then(|started| started.map_err(NodeError::Network)) {
        Ok((network, events)) => Ok((runtime, network, events)),
        Err(error) => {
            runtime.shutdown_background();
            Err(error)
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
        protocol: genesis.protocol,
        writes: kanhe_contracts::governance::genesis_writes(
            &genesis.organisations,
            &genesis.policy,
            genesis.protocol,
            &genesis.validator_set(),
        ),
    }
}

/// Checks that the node's key is the one under which the others admit our validator, and says
/// whose turn it is to flush when.
fn check_own_keys(
    ledger: &Ledger<RocksStore>,
    own: PublicKey,
    own_node: PublicKey,
) -> Result<(), NodeError> {
    let (schedule, next) = (ledger.schedule(), ledger.decided_height().saturating_add(1));
    let members = schedule.members(next);
    match members.iter().find(|validator| validator.key == own) {
        Some(validator) if validator.node != own_node => {
            let (expected, found) = (validator.node, own_node);
            return Err(NodeError::OtherNodeKey { validator: own, expected, found });
        }
        Some(_) => {}
        None => tracing::info!(
            validator = %own, node = %own_node,
            "no validator has this key so far: the node follows until the agencies add it"
        ),
    }
    let set = &schedule.validators_at(next).set;
    ledger.take_turns(usize::from(set.index_of(&own).unwrap_or(0)), set.count());
    Ok(())
}

fn peer_key(key: &PublicKey) -> PeerKey {
    let bytes = key.as_bytes().try_into().expect("a set's node keys are Ed25519");
    PeerKey::from_bytes(bytes)
}

/// Everything that the threads take with them.
struct Parts {
    core: Core<RocksStore>,
    wal: Wal,
    evidence: EvidenceFile,
    ledger: Arc<Ledger<RocksStore>>,
    meter: Arc<Meter>,
    network: NetworkHandle,
    network_runtime: tokio::runtime::Handle,
    shared: Arc<Shared>,
    events: SyncSender<Event>,
    executed: watch::Sender<u64>,
    /// Where the operator says nodes are, by node key.
    addresses: BTreeMap<PublicKey, String>,
    own: PublicKey,
    own_node: PublicKey,
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
        let Self { core, wal, evidence, ledger, meter, network, network_runtime, .. } = self;
        let Self { shared, events, executed, addresses, own, own_node, .. } = self;
        let genesis = ledger.genesis();
        let runner_ledger = Arc::clone(&ledger);
        let holder = Holder {
            ledger: Arc::clone(&ledger),
            meter: Arc::clone(&meter),
            events: events.clone(),
            own,
            genesis,
        };
        let holder_failing = Arc::clone(&failing);
        spawn("hold", Box::new(move || holder.run(&hold_receiver, &holder_failing)))?;
        let execute_failing = Arc::clone(&failing);
        let execute_events = events.clone();
        spawn(
            "execute",
            Box::new(move || {
                let executor =
                    Executor { ledger: &ledger, meter: &meter, executed, events: execute_events };
                executor.run(&execute_receiver, &execute_failing);
            }),
        )?;
        let peers = Peers::new(
            Arc::clone(&runner_ledger),
            network,
            Arc::clone(&shared),
            addresses,
            own_node,
        );
        let pump = Pump { events, handle, own_hello: hello(&genesis) };
        let pumping = move || network_runtime.block_on(pump.run(network_events));
        spawn("network", Box::new(pumping))?;
        let runner = Runner {
            core,
            wal,
            evidence,
            peers,
            shared,
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
