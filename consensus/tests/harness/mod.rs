//! Validators in memory, driven from one seed in virtual time.
//!
//! The harness is the host: it keeps logs (losing what was not synced), runs timers, checks
//! blocks, and copies decisions to whoever is behind. It watches that no two honest validators
//! decide differently and that none of them ever contradicts itself.

use kanhe_consensus::message::SignedVote;
use kanhe_consensus::proposers::proposers;
use kanhe_consensus::{
    Config, Consensus, Evidence, Input, LogEntry, Message, Output, Timeouts, Timer, Verdict,
};
use kanhe_types::block::{Block, Decision, Executed, Header, batches_root};
use kanhe_types::certificate::{CertifiedBatch, IndexedSignature, VoteKind};
use kanhe_types::hash::Hash;
use kanhe_types::keys::{PublicKey, SecretKey, Signature};
use kanhe_types::merkle::Salt;
use kanhe_types::signer::{SignError, Signer, Statement};
use kanhe_types::submission::BatchHeader;
use kanhe_types::time::Millis;
use kanhe_types::validator::{Validator, ValidatorSet};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

pub const GENESIS: Hash = Hash([4; 32]);

/// The protocol that the harness's hosts accept in a header.
pub const PROTOCOL: u16 = 1;

/// What one validator does that others do not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conduct {
    /// Follows the rules.
    Honest,
    /// Is not there.
    Dead,
    /// Tells every other one something else, under its own signature.
    Equivocates,
    /// Proposes blocks that nobody accepts.
    ProposesInvalid,
    /// Sends everybody's proposals on with spoilt acknowledgements, faster than they travel.
    Spoils,
    /// Is honest, but its checks take this long.
    ChecksSlowly(u64),
    /// Is honest, but who holds its key answers not always, and other times after a restart.
    SignsAtTimes,
}

/// What may go wrong, until it heals.
#[derive(Clone, Debug)]
pub struct Faults {
    /// When everything heals, in virtual milliseconds.
    pub until_ms: u64,
    /// The share of messages lost.
    pub loss: f64,
    /// The share of messages that come up to half a second late.
    pub late: f64,
    /// Crashes of random honest validators per virtual second.
    pub crashes_per_s: u64,
    /// Whether synced logs survive. Without, contradictions are expected.
    pub keep_logs: bool,
}

impl Default for Faults {
    fn default() -> Self {
        Self { until_ms: 0, loss: 0.0, late: 0.0, crashes_per_s: 0, keep_logs: true }
    }
}

enum Event {
    Deliver { bytes: Vec<u8> },
    Timer { timer: Timer, generation: u64 },
    Propose { height: u64, round: u32 },
    Checked { block: Hash, verdict: Verdict },
    Start { height: u64 },
    CatchUp,
    Crash,
    Restart,
}

struct Node {
    secret: SecretKey,
    conduct: Conduct,
    consensus: Option<Consensus>,
    /// Counts starts, so that events of an earlier life are dropped.
    life: u64,
    timers: BTreeMap<Timer, u64>,
    log: Vec<Vec<u8>>,
    unsynced: Vec<Vec<u8>>,
    decided: BTreeMap<u64, Decision>,
}

/// Signs two statements of three: which, depends on the statement, and on how often it was asked.
#[derive(Debug)]
struct AtTimes {
    secret: SecretKey,
    asked: AtomicU64,
}

impl Signer for AtTimes {
    fn public_key(&self) -> PublicKey {
        self.secret.public_key()
    }

    fn sign_statement(
        &self,
        genesis: &Hash,
        statement: &Statement,
    ) -> Result<Signature, SignError> {
        let digest = statement.digest(genesis);
        let asked = self.asked.fetch_add(1, Ordering::Relaxed);
        match (u64::from(digest.0[0]) + asked) % 3 {
            0 => Err(SignError::Away("not now".into())),
            _ => Ok(self.secret.sign(&digest)),
        }
    }
}

pub struct Network {
    seed: u64,
    pub now_ms: u64,
    sequence: u64,
    queue: BTreeMap<(u64, u64), (usize, u64, Event)>,
    rng: SmallRng,
    nodes: Vec<Node>,
    pub set: ValidatorSet,
    faults: Faults,
    /// Whether blocks take the recorded absences into account.
    pub skips_absent: bool,
    votes: BTreeMap<(PublicKey, u64, u32, VoteKind), Option<Hash>>,
    proposed: BTreeMap<(PublicKey, u64, u32), Hash>,
    pub evidence: Vec<Evidence>,
    pub contradictions: usize,
    pub crashes: usize,
    pub rounds: BTreeMap<u64, u32>,
    /// Who decided what when.
    pub transcript: Vec<(u64, usize, u64, Hash)>,
}

pub fn network(count: usize) -> (Vec<SecretKey>, ValidatorSet) {
    let mut secrets: Vec<SecretKey> =
        (1..=count).map(|i| SecretKey::from_seed([u8::try_from(i).unwrap(); 32])).collect();
    secrets.sort_by_key(SecretKey::public_key);
    let validators = secrets.iter().enumerate().map(|(index, secret)| Validator {
        organisation: format!("V{index}").parse().unwrap(),
        key: secret.public_key(),
        node: PublicKey::Ed25519([u8::try_from(index).unwrap(); 32]),
    });
    let set = ValidatorSet::new(validators.collect()).unwrap();
    (secrets, set)
}

pub fn timeouts() -> Timeouts {
    Timeouts {
        propose_ms: 400,
        prevote_ms: 150,
        precommit_ms: 150,
        delta_ms: 50,
        rebroadcast_ms: 500,
        max_ms: 2_000,
    }
}

/// A block of a height; `salt` makes it differ from others.
pub fn block(set: &ValidatorSet, height: u64, proposer: PublicKey, salt: u64) -> Block {
    let batch = CertifiedBatch {
        header: BatchHeader {
            author: proposer,
            number: salt,
            validators: set.hash(),
            submissions: Hash([1; 32]),
            submission_count: 1,
            document_count: 1,
            salt: Salt::default(),
        },
        acknowledgements: vec![IndexedSignature {
            validator: 0,
            signature: Signature::Ed25519([1; 64]),
        }],
    };
    let none = Hash::default();
    let header = Header {
        protocol: PROTOCOL,
        genesis: GENESIS,
        height,
        time: Millis(salt),
        parent: none,
        proposer,
        validators: set.hash(),
        policy: none,
        batches: batches_root(&GENESIS, std::slice::from_ref(&batch)),
        executed: Executed { height: 0, receipts: none, events: none, state: none },
        absent: vec![],
        next_validators: set.hash(),
    };
    Block { header, batches: vec![batch] }
}

impl Network {
    pub fn new(conducts: &[Conduct], faults: Faults, seed: u64) -> Self {
        let (secrets, set) = network(conducts.len());
        let nodes = secrets.into_iter().zip(conducts).map(|(secret, conduct)| Node {
            secret,
            conduct: *conduct,
            consensus: None,
            life: 0,
            timers: BTreeMap::new(),
            log: Vec::new(),
            unsynced: Vec::new(),
            decided: BTreeMap::new(),
        });
        let mut network = Self {
            seed,
            now_ms: 0,
            sequence: 0,
            queue: BTreeMap::new(),
            rng: SmallRng::seed_from_u64(seed),
            nodes: nodes.collect(),
            set,
            faults,
            skips_absent: true,
            votes: BTreeMap::new(),
            proposed: BTreeMap::new(),
            evidence: Vec::new(),
            contradictions: 0,
            crashes: 0,
            rounds: BTreeMap::new(),
            transcript: Vec::new(),
        };
        for (index, conduct) in conducts.iter().enumerate() {
            if *conduct != Conduct::Dead {
                network.restart(index);
                network.at(index, 100, Event::CatchUp);
            }
        }
        network.plan_crashes();
        network
    }

    fn plan_crashes(&mut self) {
        let count = self.faults.crashes_per_s * self.faults.until_ms / 1_000;
        for _ in 0..count {
            let index = self.rng.random_range(0..self.nodes.len());
            let after_ms = self.rng.random_range(0..self.faults.until_ms);
            if self.is_honest(index) {
                self.sequence += 1;
                self.queue.insert((after_ms, self.sequence), (index, u64::MAX, Event::Crash));
            }
        }
    }

    fn is_honest(&self, index: usize) -> bool {
        matches!(self.nodes[index].conduct, Conduct::Honest | Conduct::ChecksSlowly(_))
    }

    fn at(&mut self, index: usize, after_ms: u64, event: Event) {
        self.sequence += 1;
        let life = self.nodes[index].life;
        self.queue.insert((self.now_ms + after_ms, self.sequence), (index, life, event));
    }

    /// Runs until every living validator decided `height`.
    pub fn run_to(&mut self, height: u64) {
        let limit_ms = self.now_ms + self.faults.until_ms + 60_000 + height * 5_000;
        while self.least_decided() < height {
            let heights: Vec<u64> = self.nodes.iter().map(|n| self.last_decided(n)).collect();
            assert!(
                self.now_ms < limit_ms,
                "seed {}: stuck at {heights:?} of {height} after {} ms",
                self.seed,
                self.now_ms
            );
            let Some(((now_ms, _), (index, life, event))) = self.queue.pop_first() else {
                panic!("seed {}: nothing left to happen at {heights:?}", self.seed);
            };
            self.now_ms = now_ms;
            if life == u64::MAX || life == self.nodes[index].life {
                self.happen(index, event);
            }
        }
    }

    fn last_decided(&self, node: &Node) -> u64 {
        node.decided.keys().last().copied().unwrap_or(0)
    }

    fn least_decided(&self) -> u64 {
        let alive = self.nodes.iter().filter(|node| node.conduct != Conduct::Dead);
        alive.map(|node| self.last_decided(node)).min().unwrap_or(0)
    }

    fn happen(&mut self, index: usize, event: Event) {
        match event {
            Event::Deliver { bytes } => {
                if self.nodes[index].conduct == Conduct::Spoils {
                    self.spoil(index, &bytes);
                }
                let message = Message::decode(&bytes).unwrap();
                self.input(index, Input::Message(message));
            }
            Event::Timer { timer, generation } => {
                if self.nodes[index].timers.get(&timer) == Some(&generation) {
                    self.nodes[index].timers.remove(&timer);
                    self.input(index, Input::TimerElapsed(timer));
                }
            }
            Event::Propose { height, round } => {
                let block = self.build(index, height);
                self.input(index, Input::Proposed { height, round, block });
            }
            Event::Checked { block, verdict } => {
                self.input(index, Input::Checked { block, verdict });
            }
            Event::Start { height } => self.start(index, height, Vec::new()),
            Event::CatchUp => self.catch_up(index),
            Event::Crash => self.crash(index),
            Event::Restart => self.restart(index),
        }
    }

    fn build(&mut self, index: usize, height: u64) -> Block {
        let proposer = self.nodes[index].secret.public_key();
        let mut block = block(&self.set, height, proposer, self.rng.random());
        let heard = self.nodes[index].consensus.as_ref().unwrap().heard(height - 1);
        if 1 < height && !heard.is_empty() {
            let keys = self.set.validators().iter().zip(0u16..);
            let absent = keys.filter(|(v, _)| !heard.contains(&v.key)).map(|(_, i)| i);
            block.header.absent = absent.collect();
        }
        if self.nodes[index].conduct == Conduct::ProposesInvalid {
            block.header.protocol = PROTOCOL + 1;
        }
        block
    }

    /// Starts the height after the last decided one, from the log.
    fn restart(&mut self, index: usize) {
        let node = &mut self.nodes[index];
        node.life += 1;
        node.timers.clear();
        let secret = node.secret.clone();
        let signer: Arc<dyn Signer> = match node.conduct {
            Conduct::SignsAtTimes => Arc::new(AtTimes { secret, asked: AtomicU64::new(node.life) }),
            _ => Arc::new(secret),
        };
        node.consensus =
            Some(Consensus::new(Config { genesis: GENESIS, signer, timeouts: timeouts() }));
        let replay = node.log.iter().map(|bytes| LogEntry::decode(bytes).unwrap()).collect();
        let height = node.decided.keys().last().copied().unwrap_or(0) + 1;
        self.start(index, height, replay);
        self.at(index, 100, Event::CatchUp);
    }

    fn start(&mut self, index: usize, height: u64, replay: Vec<LogEntry>) {
        let node = &mut self.nodes[index];
        if height <= node.consensus.as_ref().unwrap().height() {
            return;
        }
        if replay.is_empty() {
            node.log.clear();
            node.unsynced.clear();
        }
        let headers: Vec<Header> =
            node.decided.values().map(|decision| decision.block.header.clone()).collect();
        let recent = if self.skips_absent { &headers[..] } else { &[] };
        let proposers = proposers(&self.set, height, recent);
        let validators = self.set.clone();
        self.input(index, Input::StartHeight { height, validators, proposers, replay });
    }

    /// What the host's synchronisation does: takes a decision from whoever has it.
    fn catch_up(&mut self, index: usize) {
        self.at(index, 100, Event::CatchUp);
        let Some(consensus) = &self.nodes[index].consensus else { return };
        let height = consensus.height();
        let decision = self.nodes.iter().find_map(|node| node.decided.get(&height)).cloned();
        let Some(decision) = decision else { return };
        self.nodes[index].decided.insert(height, decision);
        self.start(index, height + 1, Vec::new());
    }

    fn crash(&mut self, index: usize) {
        if self.nodes[index].consensus.take().is_none() {
            return;
        }
        self.crashes += 1;
        let keep = self.rng.random_range(0..=self.nodes[index].unsynced.len());
        let node = &mut self.nodes[index];
        node.life += 1;
        // The disk keeps some prefix of what was not synced.
        let mut tail = std::mem::take(&mut node.unsynced);
        tail.truncate(keep);
        node.log.append(&mut tail);
        if !self.faults.keep_logs {
            node.log.clear();
        }
        let down_ms = self.rng.random_range(10..500);
        self.at(index, down_ms, Event::Restart);
    }

    fn input(&mut self, index: usize, input: Input) {
        let Some(consensus) = &mut self.nodes[index].consensus else { return };
        let outputs = consensus.handle(input);
        let (height, round) = (consensus.height(), consensus.round());
        let highest = self.rounds.entry(height).or_default();
        *highest = round.max(*highest);
        let crash_at = self.crash_within(index, outputs.len());
        for (place, output) in outputs.into_iter().enumerate() {
            if crash_at == Some(place) {
                return self.crash(index);
            }
            self.carry_out(index, output);
        }
    }

    /// Some crashes hit between two outputs.
    fn crash_within(&mut self, index: usize, outputs: usize) -> Option<usize> {
        let may = self.now_ms < self.faults.until_ms && self.is_honest(index) && 0 < outputs;
        let crashes = may
            && self.faults.crashes_per_s != 0
            && self.rng.random_bool(0.002 * self.faults.crashes_per_s as f64);
        crashes.then(|| self.rng.random_range(0..outputs))
    }

    fn carry_out(&mut self, index: usize, output: Output) {
        match output {
            Output::Append(entry) => self.nodes[index].unsynced.push(entry.encode()),
            Output::Sync => {
                let node = &mut self.nodes[index];
                node.log.append(&mut node.unsynced);
            }
            Output::Broadcast(message) => self.broadcast(index, message),
            Output::Schedule { timer, after_ms } => {
                let generation = self.sequence;
                self.nodes[index].timers.insert(timer, generation);
                self.at(index, after_ms, Event::Timer { timer, generation });
            }
            Output::Cancel(timer) => {
                self.nodes[index].timers.remove(&timer);
            }
            Output::CancelAll => self.nodes[index].timers.clear(),
            Output::Propose { height, round } => {
                self.at(index, 1, Event::Propose { height, round });
            }
            Output::Check { block } => {
                let verdict = verdict_on(&block);
                let after_ms = match self.nodes[index].conduct {
                    Conduct::ChecksSlowly(ms) => ms,
                    _ => 1,
                };
                let block = block.header.hash();
                self.at(index, after_ms, Event::Checked { block, verdict });
            }
            Output::Decided { block, certificate } => {
                self.decided(index, Decision { block, certificate });
            }
            Output::Evidence(evidence) => {
                evidence.verify(&GENESIS).unwrap();
                let accused = self.set.index_of(&evidence.validator()).unwrap();
                let conduct = self.nodes[usize::from(accused)].conduct;
                assert!(
                    conduct == Conduct::Equivocates || !self.faults.keep_logs,
                    "seed {}: an honest validator is accused: {evidence:?}",
                    self.seed
                );
                self.evidence.push(evidence);
            }
        }
    }

    fn decided(&mut self, index: usize, decision: Decision) {
        let (height, hash) = (decision.certificate.height, decision.block.header.hash());
        decision.certificate.verify(&GENESIS, &self.set).unwrap();
        assert_eq!(decision.certificate.block, hash);
        assert_eq!(verdict_on(&decision.block), Verdict::Valid, "seed {}", self.seed);
        for other in self.nodes.iter().filter_map(|node| node.decided.get(&height)) {
            let other = other.block.header.hash();
            assert_eq!(other, hash, "seed {}: two decisions at {height}", self.seed);
        }
        self.transcript.push((self.now_ms, index, height, hash));
        self.nodes[index].decided.insert(height, decision);
        self.at(index, 1, Event::Start { height: height + 1 });
    }

    fn broadcast(&mut self, index: usize, message: Message) {
        if self.nodes[index].conduct == Conduct::Equivocates {
            return self.equivocate(index, &message);
        }
        self.watch(index, &message);
        let bytes = message.encode();
        for to in (0..self.nodes.len()).filter(|to| *to != index) {
            self.send(index, to, bytes.clone());
        }
    }

    /// Honest validators never contradict themselves.
    fn watch(&mut self, index: usize, message: &Message) {
        let own = self.nodes[index].secret.public_key();
        let contradicts = match message {
            Message::Vote(SignedVote { vote, validator, .. }) => {
                let key = (*validator, vote.height, vote.round, vote.kind);
                *self.votes.entry(key).or_insert(vote.block) != vote.block
            }
            Message::Proposal { proposal, proposer, .. } if *proposer == own => {
                let key = (*proposer, proposal.height, proposal.round);
                *self.proposed.entry(key).or_insert(proposal.block) != proposal.block
            }
            _ => false,
        };
        self.contradictions += usize::from(contradicts);
        assert!(
            !contradicts || !self.faults.keep_logs,
            "seed {}: validator {index} contradicts itself: {message:?}",
            self.seed
        );
    }

    fn equivocate(&mut self, index: usize, message: &Message) {
        let secret = self.nodes[index].secret.clone();
        for to in (0..self.nodes.len()).filter(|to| *to != index) {
            let mut message = message.clone();
            if self.rng.random_bool(0.5) {
                match &mut message {
                    Message::Vote(SignedVote { vote, signature, .. }) => {
                        vote.block = match vote.block {
                            Some(_) if self.rng.random_bool(0.5) => None,
                            _ => Some(Hash([self.rng.random_range(0..4); 32])),
                        };
                        *signature = secret.sign(&vote.digest(&GENESIS));
                    }
                    Message::Proposal { proposal, signature, block, .. } => {
                        block.header.time = Millis(self.rng.random());
                        proposal.block = block.header.hash();
                        *signature = secret.sign(&proposal.digest(&GENESIS));
                    }
                    Message::Polka(_) | Message::Round(_) => {}
                }
            }
            self.send(index, to, message.encode());
        }
    }

    fn spoil(&mut self, index: usize, bytes: &[u8]) {
        let Ok(mut message) = Message::decode(bytes) else { return };
        let Message::Proposal { block, .. } = &mut message else { return };
        block.batches[0].acknowledgements.clear();
        let bytes = message.encode();
        for to in (0..self.nodes.len()).filter(|to| *to != index) {
            self.at(to, 0, Event::Deliver { bytes: bytes.clone() });
        }
    }

    fn send(&mut self, from: usize, to: usize, bytes: Vec<u8>) {
        if self.nodes[to].consensus.is_none() {
            return;
        }
        let is_faulty = self.now_ms < self.faults.until_ms;
        if is_faulty && self.rng.random_bool(self.faults.loss) {
            return;
        }
        let fast = [from, to].iter().any(|i| self.nodes[*i].conduct == Conduct::Spoils);
        let mut after_ms = if fast { 1 } else { self.rng.random_range(5..15) };
        if is_faulty && self.rng.random_bool(self.faults.late) {
            after_ms += self.rng.random_range(0..500);
        }
        self.at(to, after_ms, Event::Deliver { bytes });
    }

    /// The distinct proposers of the decided blocks.
    pub fn winners(&self) -> BTreeSet<PublicKey> {
        let blocks = self.nodes.iter().flat_map(|node| node.decided.values());
        blocks.map(|decision| decision.block.header.proposer).collect()
    }

    pub fn key(&self, index: usize) -> PublicKey {
        self.nodes[index].secret.public_key()
    }
}

fn verdict_on(block: &Block) -> Verdict {
    if block.header.protocol != PROTOCOL {
        return Verdict::Invalid;
    }
    let is_proven = block.batches.iter().all(|batch| !batch.acknowledgements.is_empty());
    if is_proven { Verdict::Valid } else { Verdict::Unproven }
}
