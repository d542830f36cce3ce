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
use kanhe_types::block::{Block, Decision};
use kanhe_types::certificate::{
    Certificate, CertifiedBatch, IndexedSignature, Proposal, Vote, VoteKind,
};
use kanhe_types::hash::{Domain, Hash};
use kanhe_types::keys::SecretKey;
use kanhe_types::limits::MESSAGES_VERSION;
use kanhe_types::receipt::Receipt;
use kanhe_types::submission::Batch;
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

#[test]
fn a_hostile_validator_forges_nothing_and_stops_nobody() {
    runtime().block_on(async {
        let mut network = found(8).await;
        // The node's key and the validator's key were stolen.
        let mut seed = [2; 32];
        seed[0] = 3;
        let mut intruder = Intruder::with_key(&network, seed).await;
        intruder.connected().await;
        let forged = network.world().submissions[7].clone();
        let (genesis, world) = (intruder.genesis, network.world());
        let (own, keys) = (world.secrets[HOSTILE].clone(), world.keys.clone());
        let set = world.genesis.validator_set();
        let garbage = own.sign(&Hash([7; 32]));
        let by_all = |signature| {
            let all = 0..u16::try_from(keys.len()).expect("few validators");
            all.map(|validator| IndexedSignature { validator, signature }).collect::<Vec<_>>()
        };

        // Nonsense of every length that a channel carries.
        for channel in Channel::ALL {
            for length in [1, 2, 100, 70_000] {
                intruder.send_bytes(channel, &vec![0xFF; length]);
                intruder.send_bytes(channel, &vec![0; length]);
            }
        }

        // A batch in another's name; of a set that is none; with a submission that nobody signed;
        // with a number of documents that is not its own.
        let batch = |number, validators| {
            Batch::sign(&genesis, &own, number, validators, vec![forged.clone()])
        };
        let honest_batch = batch(1, set.hash());
        let mut in_a_name = honest_batch.clone();
        in_a_name.header.author = keys[0];
        let mut unsigned = batch(2, set.hash());
        unsigned.submissions[0].signature = garbage;
        let mut changed = batch(3, set.hash());
        changed.submissions[0].documents[0].push(0);
        let mut miscounted = batch(4, set.hash());
        miscounted.header.document_count += 1;
        miscounted.signature = own.sign(&miscounted.header.digest(&genesis));
        let of_no_set = batch(5, Hash([9; 32]));
        let forgeries = [in_a_name, unsigned, changed, miscounted, of_no_set];
        for batch in &forgeries {
            intruder.send(&Message::Batch(Arc::new(batch.clone())));
            // As if a quorum held it already.
            let acknowledgements = by_all(own.sign(&batch.header.acknowledgement(&genesis)));
            let header = batch.header.clone();
            intruder.send(&Message::Certified(CertifiedBatch { header, acknowledgements }));
            let digest = batch.header.digest(&genesis);
            intruder.send(&Message::Acknowledge { digest, signature: garbage });
        }

        // Votes, choices and certificates in others' names, for now, for long ago and far ahead.
        let height = network.handle(0).ledger.decided_height() + 1;
        let block = Hash([8; 32]);
        for height in [1, height, height + 1, height + 2, u64::MAX] {
            for round in [0, 1, 9, u32::MAX] {
                for kind in [VoteKind::Prevote, VoteKind::Precommit] {
                    for validator in &keys[..HONEST] {
                        let vote = Vote { height, round, kind, block: Some(block) };
                        let signature = own.sign(&vote.digest(&genesis));
                        let validator = *validator;
                        let vote = SignedVote { vote, validator, signature };
                        intruder.say(agreement::Message::Vote(vote));
                    }
                }
                let vote = |kind| Vote { height, round, kind, block: Some(block) };
                let signatures = by_all(own.sign(&vote(VoteKind::Prevote).digest(&genesis)));
                let polka = PolkaCertificate { height, round, block, signatures };
                intruder.say(agreement::Message::Polka(polka));
                let votes = by_all(own.sign(&vote(VoteKind::Precommit).digest(&genesis)));
                let votes = votes.into_iter().map(|one| RoundVote {
                    validator: one.validator,
                    kind: VoteKind::Precommit,
                    block: Some(block),
                    signature: one.signature,
                });
                let round = RoundCertificate {
                    height,
                    round,
                    kind: RoundCertificateKind::Skip,
                    votes: votes.collect(),
                };
                intruder.say(agreement::Message::Round(round));
            }
        }

        // A block of its own that names the forgeries, as a choice and as a decision.
        let parent = network.handle(0).ledger.decision(height - 1).expect("readable");
        let parent = parent.expect("decided").block;
        let batches: Vec<CertifiedBatch> = forgeries
            .iter()
            .map(|batch| CertifiedBatch {
                header: batch.header.clone(),
                acknowledgements: by_all(own.sign(&batch.header.acknowledgement(&genesis))),
            })
            .collect();
        let mut header = parent.header.clone();
        header.height = height;
        header.parent = parent.header.hash();
        header.batches = kanhe_types::block::batches_root(&genesis, &batches);
        let choice = Block { header: header.clone(), batches };
        let block = header.hash();
        for (round, proposer) in (0..4u32).flat_map(|round| keys.iter().map(move |key| (round, key))) {
            let proposal = Proposal { height, round, block, valid_round: None };
            let signature = own.sign(&proposal.digest(&genesis));
            let (proposer, block) = (*proposer, choice.clone());
            intruder.say(agreement::Message::Proposal { proposal, proposer, signature, block });
        }
        let vote = Vote { height, round: 0, kind: VoteKind::Precommit, block: Some(block) };
        let signatures = by_all(own.sign(&vote.digest(&genesis)));
        let certificate = Certificate { height, round: 0, block, signatures };
        intruder.send(&Message::Decisions(vec![Decision { block: choice, certificate }]));

        // Questions that ask for everything.
        intruder.send(&Message::FetchBatches(vec![Hash([1; 32]); 10_000]));
        intruder.send(&Message::FetchDecisions { from: u64::MAX });
        intruder.send(&Message::FetchDecisions { from: 0 });

        // All of it has been read by each honest node,
        intruder.ask_all(&Message::AskSeen, |answer| matches!(answer, Message::Seen { .. })).await;
        let is_decisions = |answer: &Message| matches!(answer, Message::Decisions(_));
        intruder.ask_all(&Message::FetchDecisions { from: 1 }, is_decisions).await;
        let digest = honest_batch.header.digest(&genesis);
        let is_acknowledged = |answer: &Message| {
            matches!(answer, Message::Acknowledge { digest: found, .. } if *found == digest)
        };
        intruder.ask_all(&Message::Batch(Arc::new(honest_batch.clone())), is_acknowledged).await;

        // nobody has executed any of it, and trade goes on without the fourth validator.
        for number in 1..6 {
            let receipts = network.submit_and_wait(number % HONEST, number).await;
            assert!(receipts.iter().all(Receipt::is_accepted), "{receipts:?}");
        }
        is_one_chain(&network).await;
        for index in 0..HONEST {
            let ledger = &network.handle(index).ledger;
            assert!(ledger.receipts_of(&forged.id()).expect("readable").is_none());
            let last = ledger.decided_height();
            for height in 1..=last {
                let block = ledger.decision(height).expect("readable").expect("decided").block;
                assert!(block.batches.iter().all(|batch| keys[..HONEST].contains(&batch.header.author)));
            }
        }
        network.stop_all().await;
    });
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime")
}
