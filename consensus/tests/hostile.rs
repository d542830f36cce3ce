//! What one validator does with single messages, however hostile.

#![allow(
    clippy::unwrap_used,
    unreachable_pub,
    dead_code,
    reason = "tests may panic; the harness is shared by several test files"
)]

mod harness;

use harness::{GENESIS, block as block_of, network, timeouts};
use kanhe_consensus::message::{
    PolkaCertificate, RoundCertificate, RoundCertificateKind, RoundVote, SignedVote,
};
use kanhe_consensus::{
    Config, Consensus, Input, LogEntry, Message, Output, Timer, TimerKind, Verdict,
};
use kanhe_types::block::Block;
use kanhe_types::certificate::{IndexedSignature, Proposal, Vote, VoteKind};
use kanhe_types::hash::Hash;
use kanhe_types::keys::{PublicKey, SecretKey};
use kanhe_types::validator::ValidatorSet;
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const HEIGHT: u64 = 3;

/// Validator 3 of four at height 3, whose proposers are 0, 1, 2, 3.
struct Bench {
    secrets: Vec<SecretKey>,
    set: ValidatorSet,
    consensus: Consensus,
    log: Vec<LogEntry>,
}

impl Bench {
    fn new() -> Self {
        let mut bench = Self::fresh();
        bench.start(HEIGHT, Vec::new());
        bench
    }

    fn fresh() -> Self {
        let (secrets, set) = network(4);
        let signer = Arc::new(secrets[3].clone());
        let config = Config { genesis: GENESIS, signer, timeouts: timeouts() };
        Self { secrets, set, consensus: Consensus::new(config), log: Vec::new() }
    }

    fn start(&mut self, height: u64, replay: Vec<LogEntry>) -> Vec<Output> {
        let proposers = self.secrets.iter().map(SecretKey::public_key).collect();
        let validators = self.set.clone();
        self.handle(Input::StartHeight { height, validators, proposers, replay })
    }

    fn handle(&mut self, input: Input) -> Vec<Output> {
        let outputs = self.consensus.handle(input);
        let entries = outputs.iter().filter_map(|output| match output {
            Output::Append(entry) => Some(entry.clone()),
            _ => None,
        });
        self.log.extend(entries);
        outputs
    }

    fn say(&mut self, message: Message) -> Vec<Output> {
        let bytes = message.encode();
        assert_eq!(Message::decode(&bytes).as_ref(), Ok(&message));
        self.handle(Input::Message(message))
    }

    fn key(&self, index: usize) -> PublicKey {
        self.secrets[index].public_key()
    }

    fn block(&self, height: u64, salt: u64) -> Block {
        block_of(&self.set, height, self.key(0), salt)
    }

    fn propose(&self, index: usize, round: u32, block: Block) -> Message {
        let hash = block.header.hash();
        let height = block.header.height;
        let proposal = Proposal { height, round, block: hash, valid_round: None };
        self.sign(index, proposal, block)
    }

    fn sign(&self, index: usize, proposal: Proposal, block: Block) -> Message {
        let signature = self.secrets[index].sign(&proposal.digest(&GENESIS));
        Message::Proposal { proposal, proposer: self.key(index), signature, block }
    }

    fn vote(&self, index: usize, round: u32, kind: VoteKind, block: Option<Hash>) -> SignedVote {
        let vote = Vote { height: HEIGHT, round, kind, block };
        let signature = self.secrets[index].sign(&vote.digest(&GENESIS));
        SignedVote { vote, validator: self.key(index), signature }
    }

    fn polka(&self, signers: &[u16], block: Hash) -> PolkaCertificate {
        let signatures = signers.iter().map(|validator| IndexedSignature {
            validator: *validator,
            signature: self
                .vote(usize::from(*validator).min(3), 0, VoteKind::Prevote, Some(block))
                .signature,
        });
        PolkaCertificate { height: HEIGHT, round: 0, block, signatures: signatures.collect() }
    }

    fn skip(&self, signers: &[u16], round: u32) -> RoundCertificate {
        let votes = signers.iter().map(|validator| RoundVote {
            validator: *validator,
            kind: VoteKind::Prevote,
            block: None,
            signature: self
                .vote(usize::from(*validator).min(3), round, VoteKind::Prevote, None)
                .signature,
        });
        let kind = RoundCertificateKind::Skip;
        RoundCertificate { height: HEIGHT, round, kind, votes: votes.collect() }
    }

    /// The message must leave no trace: no output, nobody heard, no round moved.
    fn check_ignored(&mut self, message: Message) {
        let before = (self.consensus.round(), self.consensus.step(), self.consensus.heard(HEIGHT));
        assert_eq!(self.say(message.clone()), [], "{message:?}");
        let after = (self.consensus.round(), self.consensus.step(), self.consensus.heard(HEIGHT));
        assert_eq!(before, after, "{message:?}");
    }
}

fn votes_cast(outputs: &[Output]) -> Vec<Vote> {
    let votes = outputs.iter().filter_map(|output| match output {
        Output::Broadcast(Message::Vote(signed)) => Some(signed.vote.clone()),
        _ => None,
    });
    votes.collect()
}

#[test]
fn votes_of_strangers_forgers_and_far_rounds_have_no_effect() {
    let mut bench = Bench::new();
    let stranger = SecretKey::from_seed([99; 32]);
    let mut vote = bench.vote(0, 0, VoteKind::Prevote, None);
    vote.validator = stranger.public_key();
    vote.signature = stranger.sign(&vote.vote.digest(&GENESIS));
    bench.check_ignored(Message::Vote(vote));

    let mut forged = bench.vote(0, 0, VoteKind::Prevote, None);
    forged.validator = bench.key(1);
    bench.check_ignored(Message::Vote(forged));

    for round in [11, 1_000, u32::MAX] {
        bench.check_ignored(Message::Vote(bench.vote(0, round, VoteKind::Prevote, None)));
    }
    let near = bench.vote(0, 10, VoteKind::Prevote, None);
    assert_ne!(bench.say(Message::Vote(near)), []);
    assert_eq!(bench.consensus.heard(HEIGHT), BTreeSet::from([bench.key(0)]));
}

#[test]
fn a_vote_for_another_chain_has_no_effect() {
    let mut bench = Bench::new();
    let mut vote = bench.vote(0, 0, VoteKind::Prevote, None);
    vote.signature = bench.secrets[0].sign(&vote.vote.digest(&Hash([5; 32])));
    bench.check_ignored(Message::Vote(vote));
}

#[test]
fn proposals_that_do_not_fit_have_no_effect() {
    let mut bench = Bench::new();
    let block = bench.block(HEIGHT, 1);
    let hash = block.header.hash();
    let proposal = Proposal { height: HEIGHT, round: 0, block: hash, valid_round: None };

    bench.check_ignored(bench.propose(1, 0, block.clone()));
    bench.check_ignored(bench.propose(0, 1, block.clone()));
    bench.check_ignored(bench.propose(0, u32::MAX, block.clone()));
    bench.check_ignored(bench.sign(0, proposal.clone(), bench.block(HEIGHT, 2)));
    let own_round = Proposal { valid_round: Some(0), ..proposal.clone() };
    bench.check_ignored(bench.sign(0, own_round, block.clone()));

    let mut other_batches = block.clone();
    other_batches.batches.clear();
    bench.check_ignored(bench.sign(0, proposal.clone(), other_batches));

    let mut other_chain = block.clone();
    other_chain.header.genesis = Hash([5; 32]);
    bench.check_ignored(bench.propose(0, 0, other_chain));

    let other_height = Proposal { block: bench.block(4, 1).header.hash(), ..proposal };
    bench.check_ignored(bench.sign(0, other_height, bench.block(4, 1)));

    let Message::Proposal { proposal, proposer, block, .. } = bench.propose(0, 0, block) else {
        unreachable!()
    };
    let signature = bench.secrets[1].sign(&proposal.digest(&GENESIS));
    bench.check_ignored(Message::Proposal { proposal, proposer, signature, block });
}

#[test]
fn certificates_that_prove_nothing_have_no_effect() {
    let mut bench = Bench::new();
    let hash = Hash([7; 32]);
    for signers in [&[][..], &[0, 1], &[0, 1, 1], &[1, 0, 2], &[0, 1, 4], &[0, 1, u16::MAX]] {
        bench.check_ignored(Message::Polka(bench.polka(signers, hash)));
    }
    let mut moved = bench.polka(&[0, 1, 2], hash);
    moved.block = Hash([8; 32]);
    bench.check_ignored(Message::Polka(moved));

    for signers in [&[][..], &[0], &[0, 0], &[1, 0], &[0, 4]] {
        bench.check_ignored(Message::Round(bench.skip(signers, 5)));
    }
    bench.check_ignored(Message::Round(bench.skip(&[0, 1], u32::MAX)));
    let mut precommits = bench.skip(&[0, 1, 2], 5);
    precommits.kind = RoundCertificateKind::Precommit;
    bench.check_ignored(Message::Round(precommits));
    let mut moved = bench.skip(&[0, 1], 5);
    moved.round = 6;
    bench.check_ignored(Message::Round(moved));
}

#[test]
fn a_round_certificate_moves_to_a_round_far_ahead() {
    let mut bench = Bench::new();
    let outputs = bench.say(Message::Round(bench.skip(&[0, 1], 500)));
    assert_eq!(bench.consensus.round(), 500);
    assert!(outputs.iter().any(|output| matches!(output, Output::Schedule { timer, .. }
        if timer.kind == TimerKind::Propose && timer.round == 500)));
}

#[test]
fn messages_of_other_heights_have_no_effect_now() {
    let mut bench = Bench::new();
    for height in [0, 1, 2, 6, u64::MAX] {
        let vote = Vote { height, round: 0, kind: VoteKind::Prevote, block: None };
        let signature = bench.secrets[0].sign(&vote.digest(&GENESIS));
        bench.check_ignored(Message::Vote(SignedVote { vote, validator: bench.key(0), signature }));
    }
}

#[test]
fn a_proposal_that_comes_early_is_checked_when_its_height_starts() {
    let mut bench = Bench::new();
    let next = bench.block(HEIGHT + 1, 1);
    bench.check_ignored(bench.propose(0, 0, next.clone()));
    let outputs = bench.start(HEIGHT + 1, Vec::new());
    assert!(outputs.contains(&Output::Check { block: next }));
}

#[test]
fn nothing_happens_before_the_first_height() {
    let mut bench = Bench::fresh();
    let vote = bench.vote(0, 0, VoteKind::Prevote, None);
    assert_eq!(bench.say(Message::Vote(vote)), []);
    assert_eq!((bench.consensus.height(), bench.consensus.step()), (0, "unstarted"));
}

#[test]
fn a_late_vote_of_the_height_before_still_counts_as_heard() {
    let mut bench = Bench::new();
    bench.start(HEIGHT + 1, Vec::new());
    let vote = bench.vote(2, 0, VoteKind::Precommit, None);
    let mut forged = bench.vote(1, 0, VoteKind::Precommit, None);
    forged.validator = bench.key(0);
    assert_eq!(bench.say(Message::Vote(forged)), []);
    assert_eq!(bench.say(Message::Vote(vote)), []);
    assert_eq!(bench.consensus.heard(HEIGHT), BTreeSet::from([bench.key(2)]));
    assert_eq!(bench.consensus.heard(HEIGHT + 1), BTreeSet::new());
}

#[test]
fn a_vote_is_durable_before_it_leaves() {
    let mut bench = Bench::new();
    let block = bench.block(HEIGHT, 1);
    let outputs = bench.say(bench.propose(0, 0, block.clone()));
    assert!(votes_cast(&outputs).is_empty(), "an unchecked block gets no vote");
    let hash = block.header.hash();
    let outputs = bench.handle(Input::Checked { block: hash, verdict: Verdict::Valid });
    assert_eq!(votes_cast(&outputs).len(), 1);
    let place = |wanted: fn(&Output) -> bool| outputs.iter().position(wanted).unwrap();
    let appended = place(|o| matches!(o, Output::Append(LogEntry::Vote(_))));
    let synced = place(|o| *o == Output::Sync);
    let sent = place(|o| matches!(o, Output::Broadcast(_)));
    assert!(appended < synced && synced < sent);
}

#[test]
fn statements_under_our_key_that_we_did_not_make_are_not_taken_in() {
    let mut bench = Bench::new();
    bench.check_ignored(Message::Vote(bench.vote(3, 0, VoteKind::Prevote, None)));
    bench.check_ignored(bench.propose(3, 3, bench.block(HEIGHT, 1)));
    bench.check_ignored(Message::Round(bench.skip(&[0, 3], 5)));
    bench.check_ignored(Message::Polka(bench.polka(&[0, 1, 3], Hash([7; 32]))));
    // The same certificate without us moves the round.
    assert_ne!(bench.say(Message::Round(bench.skip(&[0, 1], 5))), []);
}

#[test]
fn verdicts_nobody_asked_for_have_no_effect() {
    let mut bench = Bench::new();
    let unknown = Input::Checked { block: Hash([7; 32]), verdict: Verdict::Valid };
    assert_eq!(bench.handle(unknown), []);
    let block = bench.block(HEIGHT, 1);
    let uninvited = Input::Proposed { height: HEIGHT, round: 0, block };
    assert_eq!(bench.handle(uninvited), []);
}

#[test]
fn an_invalid_block_gets_a_vote_for_none_and_a_spoilt_copy_gets_no_vote() {
    let mut bench = Bench::new();
    let block = bench.block(HEIGHT, 1);
    let hash = block.header.hash();
    let proposal = bench.propose(0, 0, block.clone());
    bench.say(proposal.clone());
    let spoilt = Input::Checked { block: hash, verdict: Verdict::Unproven };
    assert_eq!(bench.handle(spoilt), []);
    let again = bench.say(proposal);
    assert!(again.contains(&Output::Check { block }));
    let outputs = bench.handle(Input::Checked { block: hash, verdict: Verdict::Invalid });
    assert_eq!(votes_cast(&outputs).first().map(|vote| vote.block), Some(None));
}

#[test]
fn a_replayed_log_gives_the_same_vote_and_is_not_written_again() {
    let mut bench = Bench::new();
    let block = bench.block(HEIGHT, 1);
    let hash = block.header.hash();
    bench.say(bench.propose(0, 0, block));
    let first = bench.handle(Input::Checked { block: hash, verdict: Verdict::Valid });
    let log = bench.log.clone();

    let mut again = Bench::fresh();
    let outputs = again.start(HEIGHT, log.clone());
    assert_eq!(votes_cast(&outputs), votes_cast(&first));
    assert_eq!(again.log, []);
    assert_eq!(again.consensus.step(), "prevote");

    // The vote itself was lost with the unsynced tail: it is derived again, and logged.
    let (last, kept) = log.split_last().unwrap();
    let mut shorter = Bench::fresh();
    let outputs = shorter.start(HEIGHT, kept.to_vec());
    assert_eq!(votes_cast(&outputs), votes_cast(&first));
    assert_eq!(shorter.log, std::slice::from_ref(last));
}

#[test]
fn a_log_of_another_height_is_not_replayed() {
    let mut bench = Bench::new();
    let block = bench.block(HEIGHT, 1);
    let hash = block.header.hash();
    bench.say(bench.propose(0, 0, block));
    bench.handle(Input::Checked { block: hash, verdict: Verdict::Valid });
    let log = bench.log.clone();
    let mut again = Bench::fresh();
    assert!(votes_cast(&again.start(HEIGHT + 1, log)).is_empty());
}

#[test]
fn contradicting_votes_become_evidence_once() {
    let mut bench = Bench::new();
    bench.say(Message::Vote(bench.vote(0, 0, VoteKind::Prevote, None)));
    let other = Message::Vote(bench.vote(0, 0, VoteKind::Prevote, Some(Hash([7; 32]))));
    let outputs = bench.say(other.clone());
    let evidence = outputs.iter().find_map(|output| match output {
        Output::Evidence(evidence) => Some(evidence),
        _ => None,
    });
    let evidence = evidence.unwrap();
    assert_eq!((evidence.verify(&GENESIS), evidence.height()), (Ok(()), HEIGHT));
    assert_eq!(evidence.validator(), bench.key(0));
    bench.check_ignored(other);
}

/// One random step of a world in which all the others collude and even our key has leaked.
fn random_input(bench: &Bench, rng: &mut SmallRng, timers: &[Timer]) -> Input {
    let (round, index) = (rng.random_range(0..4), rng.random_range(0..4usize));
    let kind = if rng.random() { VoteKind::Prevote } else { VoteKind::Precommit };
    let salt = if rng.random_bool(0.7) { 0 } else { rng.random_range(1..3) };
    let block = bench.block(HEIGHT, salt);
    let hash = block.header.hash();
    let signers: Vec<u16> = (0..4).filter(|_| rng.random_bool(0.7)).collect();
    match rng.random_range(0..20) {
        0..8 => {
            let block = rng.random_bool(0.7).then_some(hash);
            Input::Message(Message::Vote(bench.vote(index, round, kind, block)))
        }
        8..12 => {
            let valid_round = rng.random_bool(0.4).then(|| rng.random_range(0..4));
            let proposal = Proposal { height: HEIGHT, round, block: hash, valid_round };
            let proposer = usize::try_from(round).unwrap() % 4;
            Input::Message(bench.sign(proposer, proposal, block))
        }
        12 => Input::Message(Message::Polka(bench.polka(&signers, hash))),
        13 => Input::Message(Message::Round(bench.skip(&signers, round))),
        14 => {
            let block = block_of(&bench.set, HEIGHT, bench.key(3), 9);
            Input::Proposed { height: HEIGHT, round: 3, block }
        }
        15..18 => {
            use Verdict::{Invalid, Unproven, Valid};
            let verdicts = [Valid, Valid, Valid, Invalid, Unproven];
            Input::Checked { block: hash, verdict: verdicts[rng.random_range(0..5)] }
        }
        _ => match timers {
            [] => Input::Checked { block: hash, verdict: Verdict::Valid },
            timers => Input::TimerElapsed(timers[rng.random_range(0..timers.len())]),
        },
    }
}

#[test]
fn whatever_everybody_says_nothing_panics_and_nothing_is_contradicted() {
    let (mut decisions, mut convictions) = (0, 0);
    for seed in 0..150 {
        let mut rng = SmallRng::seed_from_u64(seed);
        let mut bench = Bench::new();
        let mut timers = Vec::new();
        let mut said: BTreeMap<(u32, VoteKind), Option<Hash>> = BTreeMap::new();
        for _ in 0..80 {
            let input = random_input(&bench, &mut rng, &timers);
            let outputs = bench.handle(input);
            for vote in votes_cast(&outputs) {
                let first = *said.entry((vote.round, vote.kind)).or_insert(vote.block);
                assert_eq!(first, vote.block, "seed {seed}: contradicts itself at {vote:?}");
            }
            for output in outputs {
                match output {
                    Output::Schedule { timer, .. } => timers.push(timer),
                    Output::Decided { .. } => decisions += 1,
                    Output::Evidence(evidence) => {
                        assert_eq!(evidence.verify(&GENESIS), Ok(()), "seed {seed}");
                        convictions += 1;
                    }
                    _ => {}
                }
            }
        }
        // The log of such a height replays as well.
        let log = std::mem::take(&mut bench.log);
        let mut again = Bench::fresh();
        for vote in votes_cast(&again.start(HEIGHT, log)) {
            let first = said.get(&(vote.round, vote.kind)).copied().unwrap_or(vote.block);
            assert_eq!(first, vote.block, "seed {seed}: replay contradicts at {vote:?}");
        }
        assert_eq!(again.consensus.round(), bench.consensus.round(), "seed {seed}");
        assert_eq!(again.consensus.step(), bench.consensus.step(), "seed {seed}");
    }
    assert!(10 <= decisions && 300 <= convictions, "{decisions} and {convictions}");
}

#[test]
fn the_agreement_may_move_between_threads() {
    fn check<T: Send>() {}
    check::<Consensus>();
}
