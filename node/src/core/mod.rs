//! The node's core: a deterministic machine from events to actions.
//!
//! It owns every decision of a validator: which submissions to admit, when to batch, what to
//! acknowledge, propose and vote for, whom to ask for what is missing. It reads the ledger and its
//! own fields; whatever changes the world is an [`Action`], carried out by the shell (or by the
//! simulator) *in order*. One write it makes itself: a decision, synced, before anything follows
//! from it. It has no clock: time comes with every event.
//!
//! Modules in reading order:
//! - [`limits`], [`timers`], [`message`]: bounds, deadlines, what validators say to each other.
//! - [`mempool`]: submissions of our own clients.
//! - `members`: who takes part, and whose messages count for what.
//! - `guard`: not signing what an earlier life may have signed.
//! - `batches`: dissemination: batches, acknowledgements, certified batches.
//! - `agreement`, `pace`: the agreement's host: when a height starts, what is proposed and
//!   accepted.
//! - `sync`: catching up with peers.
//!
//! # Correctness
//! - A vote leaves only after the log entry before it is synced: `Append`, `SyncLog`, then `Send`.
//! - A decision is synced before the next height starts.
//! - Our own batch is on our disk before anybody sees it, so that its number is never used twice.

mod agreement;
mod batches;
mod guard;
pub mod limits;
mod members;
pub mod mempool;
pub mod message;
mod pace;
mod sync;
pub mod timers;
mod view;

use batches::Batches;
use guard::Guard;
use kanhe_consensus::{Consensus, Evidence, LogEntry, Timeouts};
use kanhe_ledger::Ledger;
use kanhe_ledger::store::Store;
use kanhe_types::block::Block;
use kanhe_types::hash::Hash;
use kanhe_types::keys::PublicKey;
use kanhe_types::signer::Signer;
use kanhe_types::submission::{Batch, VerifiedSubmission};
use kanhe_types::time::Millis;
use kanhe_types::validator::{Validator, ValidatorSet};
use members::Members;
use mempool::{AdmissionError, Mempool};
use message::Message;
use pace::Pace;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use timers::{Timer, Timers};
use view::View;
pub(crate) use view::chain;

/// The time at which an event happens.
#[derive(Clone, Copy, Debug)]
pub struct Now {
    /// Milliseconds of a clock that never goes back; its start means nothing.
    pub elapsed_ms: u64,
    /// The wall clock.
    pub time: Millis,
}

/// Names one request of a client until it is answered.
pub type Token = u64;

/// What happens to the core.
#[derive(Debug)]
pub enum Event {
    /// A peer's connection is usable.
    Connected(PublicKey),
    /// A peer's connection is gone.
    Disconnected(PublicKey),
    /// A peer says something.
    Message {
        /// The peer's validator key.
        from: PublicKey,
        /// What it says.
        message: Box<Message>,
    },
    /// A client submits.
    Submitted {
        /// The request to answer.
        token: Token,
        /// Its submissions, with checked signatures.
        submissions: Vec<VerifiedSubmission>,
    },
    /// A batch was checked and synced to disk.
    Held(Box<kanhe_types::submission::BatchHeader>),
    /// A batch of a peer is not valid.
    Refused {
        /// Its digest.
        digest: Hash,
        /// Why.
        reason: String,
    },
    /// What [`Action::Execute`] asked for was executed.
    Executed,
    /// Time has passed; timers may be due.
    Tick,
}

/// What the core wants done, in order.
#[derive(Debug)]
pub enum Action {
    /// Send a message to a peer; it may be lost.
    Send {
        /// The peer's validator key.
        to: PublicKey,
        /// What to say.
        message: Arc<Message>,
    },
    /// Append to the agreement's log.
    Append(Box<LogEntry>),
    /// Sync the log before carrying out any later action.
    SyncLog,
    /// Empty the log: the height is decided.
    ResetLog,
    /// From here on the log holds all that an earlier life of a restored home may have signed.
    TrustLog,
    /// Check a batch (unless it is our own), store it synced, and answer with [`Event::Held`] or
    /// [`Event::Refused`].
    Hold(Arc<Batch>),
    /// Execute up to this height and answer with [`Event::Executed`].
    Execute(u64),
    /// Answer a client's request: one answer for each of its submissions.
    Answer {
        /// The request.
        token: Token,
        /// The submission's identity, or why it was not taken in.
        answers: Vec<Result<Hash, AdmissionError>>,
    },
    /// Admit the nodes of these validators, under the keys that sign, and no others' but those that
    /// the operator named and the chain never knew.
    Admit(Vec<Validator>),
    /// Tell the operator.
    Report(Report),
    /// This machine cannot go on: end the process with this text.
    Fail(String),
}

/// What an operator should know.
#[derive(Debug)]
pub enum Report {
    /// A block is final.
    Decided {
        /// Its height.
        height: u64,
        /// The round in which it was decided.
        round: u32,
        /// How many batches it orders.
        batches: usize,
    },
    /// A validator contradicted itself.
    Evidence(Box<Evidence>),
    /// A validator used one batch number twice.
    BatchEvidence {
        /// Who.
        author: PublicKey,
        /// Which number.
        number: u64,
    },
    /// A peer sent something that cannot be used.
    Ignored {
        /// The peer.
        from: PublicKey,
        /// Why.
        reason: String,
    },
    /// The log of this height is damaged, or we signed at it in an earlier life: the node does not
    /// sign until the height is decided.
    NotSigning {
        /// The height.
        height: u64,
    },
    /// The node caught up from a peer.
    Synced {
        /// The peer.
        from: PublicKey,
        /// The height it reached.
        height: u64,
    },
}

/// What the core needs to know at start.
pub struct CoreConfig {
    /// The genesis hash.
    pub genesis: Hash,
    /// The founding time.
    pub genesis_time: Millis,
    /// Who signs with our validator key.
    pub signer: Arc<dyn Signer>,
    /// The agreement's timeouts.
    pub timeouts: Timeouts,
    /// An idle chain makes a block this often, in milliseconds.
    pub heartbeat_ms: u64,
    /// What the log holds of the height after the last decided one.
    pub replay: Replay,
    /// The home is known to be restored from a backup: an earlier life may have signed more.
    pub is_restored: bool,
}

/// What a log says after a restart.
#[derive(Debug)]
pub enum Replay {
    /// These entries, in order.
    Entries(Vec<LogEntry>),
    /// A synced entry is unreadable: what we signed at this height is not known.
    Damaged,
}

/// A validator's core.
pub struct Core<S: Store> {
    genesis: Hash,
    signer: Arc<dyn Signer>,
    own: PublicKey,
    ledger: View<S>,
    validators: Arc<ValidatorSet>,
    heartbeat_ms: u64,
    actions: Vec<Action>,
    timers: Timers,
    now: Now,
    /// Who takes part, by what is decided and executed.
    members: Members,
    /// Members whose nodes are connected.
    connected: BTreeSet<PublicKey>,
    /// Connected nodes, by node key, that the operator named and the chain does not know here.
    sources: BTreeSet<PublicKey>,

    // Dissemination.
    mempool: Mempool,
    batches: Batches,
    requests: BTreeMap<Token, Request>,

    // Agreement.
    consensus: Consensus,
    replay: Option<Vec<LogEntry>>,
    /// The last height at which we must not sign, because its log is damaged or was restored.
    not_signing: Option<u64>,
    guard: Guard,
    /// The height that the agreement works on; none between heights.
    working: Option<u64>,
    /// When the last height was started.
    started_ms: u64,
    early: VecDeque<kanhe_consensus::Message>,
    waiting_checks: Vec<Block>,
    last_with_batches: u64,
    wanted: u64,
    heartbeat_due: bool,

    // Execution.
    executing: bool,
    pace: Pace,

    // Catching up.
    peer_heights: BTreeMap<PublicKey, u64>,
    asked_decisions_ms: Option<u64>,
    asked_batches_ms: BTreeMap<Hash, u64>,
    fetch_turn: usize,
}

/// A client's request whose submissions are on their way to disk.
struct Request {
    answers: Vec<Result<Hash, AdmissionError>>,
    open: BTreeSet<Hash>,
}

impl<S: Store> Core<S> {
    /// A core on what the ledger holds. Call [`Core::handle`] with [`Event::Tick`] to start it.
    pub fn new(config: CoreConfig, ledger: Arc<Ledger<S>>) -> Self {
        let own = config.signer.public_key();
        let ledger = View::new(ledger, config.genesis_time);
        let decided = ledger.decided_height();
        let validators = ledger.validators_at(decided.saturating_add(1));
        let (replay, not_signing) = match config.replay {
            Replay::Entries(entries) => (entries, None),
            Replay::Damaged => (Vec::new(), Some(decided.saturating_add(1))),
        };
        let consensus = Consensus::new(kanhe_consensus::Config {
            genesis: config.genesis,
            signer: Arc::clone(&config.signer),
            timeouts: config.timeouts,
        });
        let guard = Guard::new(&config.genesis, own, config.is_restored, &replay);
        let batches = Batches::recover(&ledger, own);
        let last_with_batches = last_with_batches(&ledger, decided);
        let mut core = Self {
            genesis: config.genesis,
            signer: config.signer,
            own,
            ledger,
            validators,
            heartbeat_ms: config.heartbeat_ms,
            actions: not_signing
                .map(|height| Action::Report(Report::NotSigning { height }))
                .into_iter()
                .collect(),
            timers: Timers::default(),
            now: Now { elapsed_ms: 0, time: Millis(0) },
            members: Members::default(),
            connected: BTreeSet::new(),
            sources: BTreeSet::new(),
            mempool: Mempool::default(),
            batches,
            requests: BTreeMap::new(),
            consensus,
            wanted: if replay.is_empty() { 0 } else { decided.saturating_add(1) },
            replay: Some(replay),
            not_signing,
            guard,
            working: None,
            started_ms: 0,
            early: VecDeque::new(),
            waiting_checks: Vec::new(),
            last_with_batches,
            // A node that starts makes a block, or hears that there is one: it is known to work at once.
            heartbeat_due: true,
            executing: false,
            pace: Pace::default(),
            peer_heights: BTreeMap::new(),
            asked_decisions_ms: None,
            asked_batches_ms: BTreeMap::new(),
            fetch_turn: 0,
        };
        core.refresh_members();
        core
    }

    /// Handles one event; the returned actions are to be carried out in order.
    pub fn handle(&mut self, now: Now, event: Event) -> Vec<Action> {
        self.now = now;
        self.start_timers();
        match event {
            Event::Connected(peer) => self.on_connected(peer),
            Event::Disconnected(peer) => self.on_disconnected(peer),
            Event::Message { from, message } => self.on_message(from, *message),
            Event::Submitted { token, submissions } => self.on_submitted(token, submissions),
            Event::Held(header) => self.on_held(*header),
            Event::Refused { digest, reason } => self.on_refused(digest, reason),
            Event::Executed => self.on_executed(),
            Event::Tick => {}
        }
        while let Some(timer) = self.timers.take_due(now.elapsed_ms) {
            self.on_timer(timer);
        }
        self.fill_batches();
        self.execute_if_ready();
        self.start_height_if_ready();
        if let Some(failure) = self.ledger.take_failure() {
            self.actions = vec![Action::Fail(format!("the ledger cannot be read: {failure}"))];
        }
        std::mem::take(&mut self.actions)
    }

    /// When [`Event::Tick`] is wanted at the latest, on the clock of [`Now::elapsed_ms`].
    pub fn next_deadline(&self) -> Option<u64> {
        self.timers.next_deadline()
    }

    /// What the node is doing, for its operator.
    pub fn status(&self) -> CoreStatus {
        let decided = self.ledger.decided_height();
        let is_connected = |key: &PublicKey| *key == self.own || self.connected.contains(key);
        let all = self.validators.validators();
        let reachable = all.iter().filter(|validator| is_connected(&validator.key)).count();
        let is_short = reachable < self.validators.quorum();
        let mut waiting_for: Vec<String> = self
            .validators
            .validators()
            .iter()
            .filter(|validator| is_short && !is_connected(&validator.key))
            .map(|validator| validator.organisation.to_string())
            .collect();
        waiting_for.sort();
        CoreStatus {
            decided,
            executed: self.ledger.executed_height(),
            round: self.working.map(|_| self.consensus.round()),
            connected: all.iter().filter(|v| self.connected.contains(&v.key)).count(),
            validators: self.validators.count(),
            is_validator: self.is_validator(),
            waiting_for,
            not_signing: self.not_signing,
            submissions_in_flight: self.mempool.len(),
            certified_batches: self.batches.certified_count(),
        }
    }

    fn start_timers(&mut self) {
        let now = self.now.elapsed_ms;
        self.timers.set_if_unset(Timer::Resend, now.saturating_add(limits::RESEND_MS));
        self.timers.set_if_unset(Timer::Status, now.saturating_add(limits::STATUS_MS));
        if !self.heartbeat_due {
            let deadline = now.saturating_add(self.heartbeat_ms);
            self.timers.set_if_unset(Timer::Heartbeat, deadline);
        }
    }

    fn on_timer(&mut self, timer: Timer) {
        match timer {
            Timer::Agreement(timer) => {
                self.agree(kanhe_consensus::Input::TimerElapsed(timer));
            }
            Timer::Batch => self.close_batch(),
            // Whatever is ready to start does after every event.
            Timer::Height => {}
            Timer::Resend => self.resend(),
            Timer::Status => self.tell_status(),
            Timer::Heartbeat => self.heartbeat_due = true,
        }
    }

    fn report(&mut self, report: Report) {
        self.actions.push(Action::Report(report));
    }

    fn ignore(&mut self, from: PublicKey, reason: impl Into<String>) {
        self.report(Report::Ignored { from, reason: reason.into() });
    }
}

/// The last height that ordered a batch.
fn last_with_batches<S: Store>(ledger: &View<S>, decided: u64) -> u64 {
    // Only the last few heights matter: earlier effects are certified already.
    let first = decided.saturating_sub(kanhe_types::limits::EXECUTION_LAG);
    (first.max(1)..=decided)
        .rev()
        .find(|height| ledger.decision(*height).is_some_and(|d| !d.block.batches.is_empty()))
        .unwrap_or(0)
}

/// What a node is doing, for its operator.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct CoreStatus {
    /// The last decided height.
    pub decided: u64,
    /// The last executed height.
    pub executed: u64,
    /// The agreement's round at the next height; none while it rests.
    pub round: Option<u32>,
    /// Validators that we are connected to.
    pub connected: usize,
    /// Validators of the set.
    pub validators: usize,
    /// Whether this node is one of them; otherwise it follows.
    pub is_validator: bool,
    /// The validators that a quorum is waiting for; empty while there is a quorum.
    pub waiting_for: Vec<String>,
    /// The last height at which this node does not sign, because its log is damaged, or because it
    /// was seen to have signed what its log does not hold.
    pub not_signing: Option<u64>,
    /// Submissions of our clients that are not executed yet.
    pub submissions_in_flight: usize,
    /// Certified batches that are not ordered yet.
    pub certified_batches: usize,
}
