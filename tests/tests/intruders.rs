//! What an intruder on the validators' network gets: a stranger no connection, a validator that
//! turned hostile nothing that its own vote does not give it. Real sockets, real nodes; the
//! intruder speaks the protocol itself.

use kanhe_consensus::message::{self as agreement, PolkaCertificate, RoundCertificate, SignedVote};
use kanhe_consensus::message::{RoundCertificateKind, RoundVote};
use kanhe_network::{
    Channel, Network as Wire, NetworkConfig, NetworkEvent, NetworkEvents, NetworkHandle,
    PeerAddress, PeerKey,
};
use kanhe_node::core::message::{Lane, Message};
use kanhe_tests::network::Network;
use kanhe_types::block::{Block, Decision, batches_root};
use kanhe_types::certificate::{
    Certificate, CertifiedBatch, IndexedSignature, Proposal, Vote, VoteKind,
};
use kanhe_types::hash::{Domain, Hash};
use kanhe_types::keys::{PublicKey, SecretKey, Signature};
use kanhe_types::limits::MESSAGES_VERSION;
use kanhe_types::receipt::Receipt;
use kanhe_types::submission::{Batch, VerifiedSubmission};
use std::sync::Arc;
use std::time::Duration;

/// The validator whose keys the intruder has; the others are honest and run.
const HOSTILE: usize = 3;
const HONEST: usize = 3;
/// Longer than anything here takes, even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Somebody who speaks the validators' protocol.
struct Intruder {
    genesis: Hash,
    peers: Vec<PeerKey>,
    handle: NetworkHandle,
    events: NetworkEvents,
}

fn peer_key(secret: &SecretKey) -> PeerKey {
    let shown = secret.public_key().to_string();
    let digits = shown.strip_prefix("ed25519:").expect("nodes have Ed25519 keys");
    let bytes: Vec<u8> = hex::decode(digits).expect("hexadecimal digits");
    PeerKey::from_bytes(bytes.try_into().expect("32 bytes"))
}

impl Intruder {
    /// Shows a key on the connections that it opens to every honest node.
    async fn with_key(network: &Network, seed: [u8; 32]) -> Self {
        let genesis = network.world().genesis.hash();
        let version = MESSAGES_VERSION.to_le_bytes();
        let digest = Hash::of(Domain::Hello, &[genesis.as_bytes(), &version]);
        let peers: Vec<PeerKey> =
            network.world().node_secrets[..HONEST].iter().map(peer_key).collect();
        let addresses = peers.iter().enumerate().map(|(index, key)| PeerAddress {
            key: *key,
            address: Some(network.config(index).listen.to_string()),
        });
        let config = NetworkConfig {
            secret_key: seed.into(),
            listen: "127.0.0.1:0".parse().expect("an address"),
            peers: addresses.collect(),
            hello: [genesis.as_bytes().as_slice(), &version, digest.as_bytes()].concat(),
            tap: None,
        };
        let (handle, events) = Wire::start(config).await.expect("loopback has ports");
        Self { genesis, peers, handle, events }
    }

    async fn connected(&mut self) {
        let mut missing = self.peers.clone();
        while !missing.is_empty() {
            let event = self.next("a connection").await;
            if let NetworkEvent::Connected { peer, .. } = event {
                missing.retain(|key| *key != peer);
            }
        }
    }

    async fn next(&mut self, what: &str) -> NetworkEvent {
        let event = tokio::time::timeout(PATIENCE, self.events.recv()).await;
        event.unwrap_or_else(|_| panic!("{what} in time")).expect("the wire lives")
    }

    fn send_bytes(&self, channel: Channel, bytes: &[u8]) {
        for peer in &self.peers {
            // A full queue means that enough is on its way.
            let _ = self.handle.send(*peer, channel, bytes.to_vec().into());
        }
    }

    fn send(&self, message: &Message) {
        let channel = match message.lane() {
            Lane::Agreement => Channel::Agreement,
            Lane::Bulk => Channel::Bulk,
            Lane::Sync => Channel::Sync,
        };
        self.send_bytes(channel, &message.encode());
    }

    fn say(&self, message: agreement::Message) {
        self.send(&Message::Agreement(Box::new(message)));
    }

    /// Asks, and waits until every honest node has answered: what was sent on this channel before
    /// has been read by then.
    async fn ask_all(&mut self, question: &Message, is_answer: impl Fn(&Message) -> bool) {
        self.send(question);
        let mut silent = self.peers.clone();
        while !silent.is_empty() {
            match self.next("an answer").await {
                NetworkEvent::Message { peer, bytes, .. } => {
                    let message = Message::decode(&bytes).expect("honest nodes send what decodes");
                    if is_answer(&message) {
                        silent.retain(|key| *key != peer);
                    }
                }
                NetworkEvent::Disconnected { peer, reason } => panic!("{peer} left: {reason}"),
                _ => {}
            }
        }
    }
}

async fn found(submissions: usize) -> Network {
    let mut network = Network::found(HONEST + 1, submissions);
    for index in 0..HONEST {
        network.start(index).await.expect("it starts");
    }
    network.submit_and_wait(0, 0).await;
    network
}

/// The heads of the honest nodes at the lowest of their heights.
async fn is_one_chain(network: &Network) {
    let heights = (0..HONEST).map(|index| network.handle(index).ledger.executed_height());
    let height = heights.max().expect("some");
    for index in 0..HONEST {
        network.reach(index, height).await;
    }
    let mut decisions = (0..HONEST).map(|index| {
        let ledger = &network.handle(index).ledger;
        ledger.decision(height).expect("readable").expect("decided").block
    });
    let first = decisions.next().expect("some");
    assert!(decisions.all(|block| block == first));
}

#[test]
fn a_stranger_is_refused_at_the_handshake_and_the_zone_goes_on() {
    runtime().block_on(async {
        let mut network = found(3).await;
        let mut stranger = Intruder::with_key(&network, [0xEE; 32]).await;
        let heard = async {
            loop {
                match stranger.events.recv().await.expect("the wire lives") {
                    NetworkEvent::Connected { peer, .. } => break peer,
                    NetworkEvent::Message { peer, .. } => break peer,
                    _ => {}
                }
            }
        };
        let heard = tokio::time::timeout(Duration::from_secs(4), heard).await;
        assert!(heard.is_err(), "{heard:?} spoke with a stranger");
        assert!(stranger.handle.connected().is_empty());
        assert!(stranger.handle.stats().values().all(|peer| peer.messages_received == 0));
        let receipts = network.submit_and_wait(1, 1).await;
        assert!(receipts.iter().all(Receipt::is_accepted));
        is_one_chain(&network).await;
        network.stop_all().await;
    });
}

/// The intruder with the keys of a validator, and what it forges.
struct Thief {
    intruder: Intruder,
    own: SecretKey,
    keys: Vec<PublicKey>,
}

impl Thief {
    /// The intruder's signature of something else.
    fn garbage(&self) -> Signature {
        self.own.sign(&Hash([7; 32]))
    }

    /// A signature, said to be each validator's.
    fn of_all(&self, signature: Signature) -> Vec<IndexedSignature> {
        let all = 0..u16::try_from(self.keys.len()).expect("few validators");
        all.map(|validator| IndexedSignature { validator, signature }).collect()
    }

    /// Nonsense of every length that a channel carries.
    fn send_nonsense(&self) {
        for channel in Channel::ALL {
            for length in [1, 2, 100, 70_000] {
                self.intruder.send_bytes(channel, &vec![0xFF; length]);
                self.intruder.send_bytes(channel, &vec![0; length]);
            }
        }
    }

    /// A batch in another's name; with a submission that nobody signed; with a changed document;
    /// with a number of documents that is not its own; of a set that is none.
    fn forged_batches(&self, signed: &VerifiedSubmission, set: Hash) -> [Batch; 5] {
        let genesis = self.intruder.genesis;
        let batch = |number, validators| {
            Batch::sign(&genesis, &self.own, number, validators, vec![signed.clone()])
        };
        let mut in_a_name = batch(1, set);
        in_a_name.header.author = self.keys[0];
        let mut unsigned = batch(2, set);
        unsigned.submissions[0].signature = self.garbage();
        let mut changed = batch(3, set);
        changed.submissions[0].documents[0].push(0);
        let mut miscounted = batch(4, set);
        miscounted.header.document_count += 1;
        miscounted.signature = self.own.sign(&miscounted.header.digest(&genesis));
        [in_a_name, unsigned, changed, miscounted, batch(5, Hash([9; 32]))]
    }

    /// As if a quorum held the batch already.
    fn certified(&self, batch: &Batch) -> CertifiedBatch {
        let acknowledgement = batch.header.acknowledgement(&self.intruder.genesis);
        let acknowledgements = self.of_all(self.own.sign(&acknowledgement));
        CertifiedBatch { header: batch.header.clone(), acknowledgements }
    }

    fn send_batches(&self, batches: &[Batch]) {
        for batch in batches {
            self.intruder.send(&Message::Batch(Arc::new(batch.clone())));
            self.intruder.send(&Message::Certified(self.certified(batch)));
            let digest = batch.header.digest(&self.intruder.genesis);
            self.intruder.send(&Message::Acknowledge { digest, signature: self.garbage() });
        }
    }

    /// Votes and certificates in others' names.
    fn send_votes(&self, height: u64, round: u32) {
        let genesis = self.intruder.genesis;
        let block = Hash([8; 32]);
        let vote = |kind| Vote { height, round, kind, block: Some(block) };
        let signature = |kind| self.own.sign(&vote(kind).digest(&genesis));
        for kind in [VoteKind::Prevote, VoteKind::Precommit] {
            for validator in self.keys[..HONEST].iter().copied() {
                let signed = SignedVote { vote: vote(kind), validator, signature: signature(kind) };
                self.intruder.say(agreement::Message::Vote(signed));
            }
        }
        let signatures = self.of_all(signature(VoteKind::Prevote));
        let polka = PolkaCertificate { height, round, block, signatures };
        self.intruder.say(agreement::Message::Polka(polka));
        let kind = VoteKind::Precommit;
        let votes = self.of_all(signature(kind)).into_iter().map(|one| RoundVote {
            validator: one.validator,
            kind,
            block: Some(block),
            signature: one.signature,
        });
        let kind = RoundCertificateKind::Skip;
        let certificate = RoundCertificate { height, round, kind, votes: votes.collect() };
        self.intruder.say(agreement::Message::Round(certificate));
    }

    /// A block behind `parent` that names batches of its own, as everybody's choice in several
    /// rounds and as a decision.
    fn send_block(&self, parent: &Block, batches: &[Batch]) {
        let genesis = self.intruder.genesis;
        let batches: Vec<_> = batches.iter().map(|batch| self.certified(batch)).collect();
        let mut header = parent.header.clone();
        header.height += 1;
        header.parent = parent.header.hash();
        header.batches = batches_root(&genesis, &batches);
        let (height, hash) = (header.height, header.hash());
        let block = Block { header, batches };
        for round in 0..4 {
            for proposer in self.keys.iter().copied() {
                let proposal = Proposal { height, round, block: hash, valid_round: None };
                let signature = self.own.sign(&proposal.digest(&genesis));
                let block = block.clone();
                self.intruder.say(agreement::Message::Proposal {
                    proposal,
                    proposer,
                    signature,
                    block,
                });
            }
        }
        let vote = Vote { height, round: 0, kind: VoteKind::Precommit, block: Some(hash) };
        let signatures = self.of_all(self.own.sign(&vote.digest(&genesis)));
        let certificate = Certificate { height, round: 0, block: hash, signatures };
        self.intruder.send(&Message::Decisions(vec![Decision { block, certificate }]));
    }

    /// Questions that ask for everything.
    fn ask_too_much(&self) {
        self.intruder.send(&Message::FetchBatches(vec![Hash([1; 32]); 10_000]));
        self.intruder.send(&Message::FetchDecisions { from: u64::MAX });
        self.intruder.send(&Message::FetchDecisions { from: 0 });
    }

    /// Waits until each honest node has read everything. `own` is a batch without fault.
    async fn wait(&mut self, own: Batch) {
        let intruder = &mut self.intruder;
        intruder.ask_all(&Message::AskSeen, |answer| matches!(answer, Message::Seen { .. })).await;
        let is_decisions = |answer: &Message| matches!(answer, Message::Decisions(_));
        intruder.ask_all(&Message::FetchDecisions { from: 1 }, is_decisions).await;
        let digest = own.header.digest(&intruder.genesis);
        let is_acknowledged = |answer: &Message| match answer {
            Message::Acknowledge { digest: found, .. } => *found == digest,
            _ => false,
        };
        intruder.ask_all(&Message::Batch(Arc::new(own)), is_acknowledged).await;
    }
}

#[test]
fn a_hostile_validator_forges_nothing_and_stops_nobody() {
    runtime().block_on(async {
        let mut network = found(8).await;
        let world = network.world();
        // The node's key and the validator's key were stolen.
        let mut seed = [2; 32];
        seed[0] = u8::try_from(HOSTILE).expect("few validators");
        let mut intruder = Intruder::with_key(&network, seed).await;
        intruder.connected().await;
        let (own, keys) = (world.secrets[HOSTILE].clone(), world.keys.clone());
        let mut thief = Thief { intruder, own, keys };
        let signed = world.submissions[7].clone();
        let set = world.genesis.validator_set().hash();

        let batches = thief.forged_batches(&signed, set);
        thief.send_nonsense();
        thief.send_batches(&batches);
        let decided = network.handle(0).ledger.decided_height();
        // For long ago, for now, and far ahead.
        for height in [1, decided + 1, decided + 2, decided + 3, u64::MAX] {
            for round in [0, 1, 9, u32::MAX] {
                thief.send_votes(height, round);
            }
        }
        let last = network.handle(0).ledger.decision(decided).expect("readable");
        thief.send_block(&last.expect("decided").block, &batches);
        thief.ask_too_much();
        let faultless =
            Batch::sign(&thief.intruder.genesis, &thief.own, 6, set, vec![signed.clone()]);
        thief.wait(faultless).await;

        // Nobody has executed any of it, and trade goes on without the fourth validator.
        for number in 1..6 {
            let receipts = network.submit_and_wait(number % HONEST, number).await;
            assert!(receipts.iter().all(Receipt::is_accepted), "{receipts:?}");
        }
        is_one_chain(&network).await;
        for index in 0..HONEST {
            let ledger = &network.handle(index).ledger;
            assert!(ledger.receipts_of(&signed.id()).expect("readable").is_none());
            for height in 1..=ledger.decided_height() {
                let block = ledger.decision(height).expect("readable").expect("decided").block;
                let is_honest =
                    |batch: &CertifiedBatch| thief.keys[..HONEST].contains(&batch.header.author);
                assert!(block.batches.iter().all(is_honest));
            }
        }
        network.stop_all().await;
    });
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime")
}
