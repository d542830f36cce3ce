//! Outside observers: what must never happen, and what must have happened in the end.
//!
//! - *Agreement*: no two machines, and no two lives of one, hold different blocks at a height; a
//!   block once decided is never lost. Effects of a height are equal everywhere.
//! - *No contradiction*: no validator ever sends two different votes or proposals for one place,
//!   or two batches under one number.
//! - *No loss*: whatever a validator said it has on disk is executed in the end.
//! - *No double execution*: a submission has its receipts once.

use super::machine::Machine;
use super::membership::{self, Oracle};
use super::world::World;
use kanhe_consensus::Message as Agreement;
use kanhe_node::core::Report;
use kanhe_node::core::message::Message;
use kanhe_types::block::Executed;
use kanhe_types::certificate::VoteKind;
use kanhe_types::hash::Hash;
use kanhe_types::keys::PublicKey;
use kanhe_types::limits::EXECUTION_LAG;
use std::collections::{BTreeMap, BTreeSet};

/// The observers' notes.
pub struct Checkers {
    genesis: Hash,
    oracle: Oracle,
    /// Handovers that were decided since they were asked for.
    handovers: Vec<u64>,
    blocks: BTreeMap<u64, Hash>,
    effects: BTreeMap<u64, Executed>,
    /// The last decided height seen of each machine, over all its lives.
    decided: Vec<u64>,
    /// The last executed height seen of each machine in its current life.
    executed: Vec<u64>,
    votes: BTreeMap<(PublicKey, u64, u32, VoteKind), Option<Hash>>,
    proposals: BTreeMap<(PublicKey, u64, u32), Hash>,
    batches: BTreeMap<(PublicKey, u64), Hash>,
    admitted: BTreeSet<Hash>,
    /// How many crashes happened.
    pub crashes: usize,
    /// How often several heights were executed together.
    pub groups: usize,
}

/// The machines that are validators now; none while all are down.
fn validators(machines: &[Machine]) -> Option<Vec<&Machine>> {
    let (_, set) = membership::current(machines)?;
    let is_validator = |machine: &&Machine| set.index_of(&machine.key()).is_some();
    Some(machines.iter().filter(is_validator).collect())
}

impl Checkers {
    pub(super) fn new(world: &World) -> Self {
        Self {
            genesis: world.genesis.hash(),
            oracle: Oracle::new(world.genesis.hash(), &world.genesis.validator_set()),
            handovers: Vec::new(),
            blocks: BTreeMap::new(),
            effects: BTreeMap::new(),
            decided: vec![0; world.keys.len()],
            executed: vec![0; world.keys.len()],
            votes: BTreeMap::new(),
            proposals: BTreeMap::new(),
            batches: BTreeMap::new(),
            admitted: BTreeSet::new(),
            crashes: 0,
            groups: 0,
        }
    }

    /// A machine was put back to an earlier copy of its disk.
    pub(super) fn on_restored(&mut self, index: usize) {
        self.decided[index] = 0;
    }

    /// A machine is up again: nothing that was decided may be gone.
    pub(super) fn on_boot(&mut self, index: usize, machine: &Machine) {
        let ledger = machine.ledger().expect("it was just started");
        let (before, now) = (self.decided[index], ledger.decided_height());
        assert!(before <= now, "machine {index} had decided height {before}, holds {now}");
        // A crash loses effects that were not flushed.
        self.executed[index] = ledger.executed_height();
    }

    /// After every step: what was decided since is the same everywhere.
    pub(super) fn on_step(&mut self, index: usize, machine: &Machine) {
        let ledger = machine.ledger().expect("only machines that are up take steps");
        let decided = ledger.decided_height();
        for height in self.decided[index] + 1..=decided {
            let decision = ledger.decision(height).expect("readable").expect("decided");
            let hash = decision.block.header.hash();
            self.oracle.on_decision(&decision, ledger);
            assert_eq!(decision.certificate.block, hash, "height {height}");
            let first = *self.blocks.entry(height).or_insert(hash);
            assert_eq!(first, hash, "machine {index} decided another block at height {height}");
            if decision.block.header.hands_over() {
                self.handovers.push(height);
            }
        }
        self.decided[index] = decided;
    }

    /// The heights at which some machine saw a set hand over to the next, since the last call.
    pub(super) fn take_handovers(&mut self) -> Vec<u64> {
        std::mem::take(&mut self.handovers)
    }

    /// How often the validators changed.
    pub(super) fn sets(&self) -> usize {
        self.oracle.trusted.sets().count()
    }

    pub(super) fn on_executed(&mut self, index: usize, machine: &Machine) {
        let ledger = machine.ledger().expect("it has just executed");
        let (before, last) = (self.executed[index], ledger.executed_height());
        for height in before + 1..=last {
            let executed = ledger.executed(height).expect("readable").expect("executed");
            let first = *self.effects.entry(height).or_insert(executed);
            assert_eq!(first, executed, "machine {index} has other effects at height {height}");
        }
        self.groups += usize::from(before + 1 < last);
        self.executed[index] = last;
    }

    /// Every message that leaves a machine, lost or not.
    pub(super) fn on_sent(&mut self, _from: usize, bytes: &[u8]) {
        match Message::decode(bytes).expect("what a core says is canonical") {
            Message::Agreement(message) => self.on_agreement_sent(&message),
            Message::Batch(batch) => {
                let digest = batch.header.digest(&self.genesis);
                let place = (batch.header.author, batch.header.number);
                let first = *self.batches.entry(place).or_insert(digest);
                assert_eq!(first, digest, "two batches under one number: {place:?}");
            }
            _ => {}
        }
    }

    fn on_agreement_sent(&mut self, message: &Agreement) {
        match message {
            Agreement::Vote(signed) => {
                let vote = &signed.vote;
                let place = (signed.validator, vote.height, vote.round, vote.kind);
                let first = *self.votes.entry(place).or_insert(vote.block);
                assert_eq!(first, vote.block, "two votes for one place: {place:?}");
            }
            Agreement::Proposal { proposal, proposer, .. } => {
                let place = (*proposer, proposal.height, proposal.round);
                let first = *self.proposals.entry(place).or_insert(proposal.block);
                assert_eq!(first, proposal.block, "two proposals for one place: {place:?}");
            }
            Agreement::Polka(_) | Agreement::Round(_) => {}
        }
    }

    pub(super) fn on_admitted(&mut self, submission: Hash) {
        self.admitted.insert(submission);
    }

    /// Whether somebody has it on disk for a client.
    pub(super) fn is_admitted(&self, submission: &Hash) -> bool {
        self.admitted.contains(submission)
    }

    /// Honest validators never have reason to report each other.
    pub(super) fn on_report(&mut self, index: usize, report: &Report) {
        let is_evidence = matches!(report, Report::Evidence(_) | Report::BatchEvidence { .. });
        assert!(!is_evidence, "machine {index} reports {report:?}");
    }

    pub(super) fn is_executed_everywhere(&self, id: &Hash, machines: &[Machine]) -> bool {
        let Some(validators) = validators(machines) else { return false };
        validators.into_iter().all(|machine| {
            let ledger = machine.ledger();
            ledger.is_some_and(|ledger| ledger.has_submission(id).expect("readable"))
        })
    }

    /// Whether every height with effects is committed to by a later header.
    pub(super) fn is_proved_everywhere(&self, machines: &[Machine]) -> bool {
        let Some(validators) = validators(machines) else { return false };
        validators.into_iter().all(|machine| {
            machine.ledger().is_some_and(|ledger| {
                let executed = ledger.executed_height();
                let heights = executed.saturating_sub(EXECUTION_LAG) + 1..=executed;
                heights.into_iter().all(|height| {
                    let decision = ledger.decision(height).expect("readable");
                    decision.is_none_or(|decision| decision.block.batches.is_empty())
                })
            })
        })
    }

    /// At the end: nothing admitted is missing, nothing was executed twice.
    pub(super) fn finish(&self, machines: &[Machine]) {
        for machine in validators(machines).expect("everything is healed") {
            let ledger = machine.ledger().expect("everything is healed");
            let mut executed: BTreeMap<Hash, BTreeSet<u8>> = BTreeMap::new();
            for height in 1..=ledger.executed_height() {
                for receipt in ledger.receipts_at(height).expect("readable") {
                    let is_new =
                        executed.entry(receipt.submission).or_default().insert(receipt.index);
                    assert!(is_new, "submission {} was executed twice", receipt.submission);
                }
            }
            for id in &self.admitted {
                assert!(executed.contains_key(id), "submission {id} was admitted and is lost");
            }
        }
    }
}
