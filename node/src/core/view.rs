//! The ledger as the core reads it.
//!
//! A read that fails is this machine's trouble, not an answer: the view notes it, answers with
//! nothing, and the core ends the step with [`super::Action::Fail`] instead of acting on it.

use kanhe_contracts::policy::Policy;
use kanhe_ledger::check::BlockError;
use kanhe_ledger::store::Store;
use kanhe_ledger::{Ledger, LedgerError, UnknownProtocol};
use kanhe_types::block::{Block, Decision, Executed, Header};
use kanhe_types::hash::Hash;
use kanhe_types::keys::PublicKey;
use kanhe_types::submission::Batch;
use kanhe_types::time::Millis;
use kanhe_types::validator::{Validator, ValidatorSet};
use std::cell::RefCell;
use std::sync::Arc;

/// The ledger, and the first failure to read it.
pub(super) struct View<S: Store> {
    ledger: Arc<Ledger<S>>,
    genesis_time: Millis,
    failure: RefCell<Option<String>>,
}

impl<S: Store> View<S> {
    pub(super) fn new(ledger: Arc<Ledger<S>>, genesis_time: Millis) -> Self {
        Self { ledger, genesis_time, failure: RefCell::new(None) }
    }

    /// The failure since the last call, if there was one.
    pub(super) fn take_failure(&self) -> Option<String> {
        self.failure.borrow_mut().take()
    }

    /// The answer of a read, or nothing, with the failure noted.
    fn or_default<T: Default>(&self, result: Result<T, LedgerError>) -> T {
        result.unwrap_or_else(|error| {
            self.failure.borrow_mut().get_or_insert_with(|| chain(&error));
            T::default()
        })
    }

    pub(super) fn decided_height(&self) -> u64 {
        self.ledger.decided_height()
    }

    pub(super) fn executed_height(&self) -> u64 {
        self.ledger.executed_height()
    }

    pub(super) fn executed(&self, height: u64) -> Option<Executed> {
        self.or_default(self.ledger.executed(height))
    }

    pub(super) fn validators_at(&self, height: u64) -> Arc<ValidatorSet> {
        self.ledger.validators_at(height)
    }

    /// The validators of the next height; none while the last decided header hands over to a set
    /// that is not known here yet.
    pub(super) fn next_validators(&self) -> Option<Arc<ValidatorSet>> {
        self.or_default(self.ledger.next_validators())
    }

    /// The validators whose nodes take part at `height`, will, or did a short while before.
    pub(super) fn members(&self, height: u64) -> Vec<Validator> {
        self.ledger.schedule().members(height)
    }

    /// Whether other validators decide from `height` on, or from a later one.
    pub(super) fn is_set_to_come(&self, height: u64) -> bool {
        let schedule = self.ledger.schedule();
        schedule.coming_validators(height.saturating_sub(1)).next().is_some()
    }

    /// The sets whose batches `height` may order, each with its hash: the one in force first.
    pub(super) fn batch_sets(&self, height: u64) -> Vec<(Hash, Arc<ValidatorSet>)> {
        let schedule = self.ledger.schedule();
        let recent = schedule.recent_validators(height);
        recent.into_iter().map(|one| (one.hash, Arc::clone(&one.set))).collect()
    }

    pub(super) fn policy_at(&self, height: u64) -> Arc<Policy> {
        self.ledger.policy_at(height)
    }

    pub(super) fn protocol_at(&self, height: u64) -> u16 {
        self.ledger.protocol_at(height)
    }

    pub(super) fn check_protocol(&self, height: u64) -> Result<(), UnknownProtocol> {
        self.ledger.check_protocol(height)
    }

    /// The hash and time of the last decided block, or of the genesis.
    pub(super) fn tip(&self) -> (Hash, Millis) {
        match self.header(self.decided_height()) {
            Some(header) => (header.hash(), header.time),
            None => (self.ledger.genesis(), self.genesis_time),
        }
    }

    pub(super) fn header(&self, height: u64) -> Option<Header> {
        self.or_default(self.ledger.header(height))
    }

    pub(super) fn decision(&self, height: u64) -> Option<Decision> {
        self.or_default(self.ledger.decision(height))
    }

    /// The last height that is executed together with the next one.
    pub(super) fn group_end(&self) -> u64 {
        self.or_default(self.ledger.group_end())
    }

    /// The documents that a decided height orders.
    pub(super) fn documents_at(&self, height: u64) -> u64 {
        let Some(decision) = self.decision(height) else { return 0 };
        let counts = decision.block.batches.iter().map(|own| own.header.document_count);
        counts.map(u64::from).sum()
    }

    pub(super) fn batch(&self, digest: &Hash) -> Option<Arc<Batch>> {
        self.or_default(self.ledger.batch(digest))
    }

    pub(super) fn has_batch(&self, digest: &Hash) -> bool {
        self.or_default(self.ledger.has_batch(digest))
    }

    pub(super) fn is_ordered(&self, digest: &Hash) -> bool {
        self.or_default(self.ledger.ordered_at(digest)).is_some()
    }

    pub(super) fn batch_number_max(&self, author: &PublicKey) -> u64 {
        self.or_default(self.ledger.batch_number_max(author))
    }

    /// A stored batch of this author and number.
    pub(super) fn batch_by_number(&self, author: &PublicKey, number: u64) -> Option<Hash> {
        self.or_default(self.ledger.batch_by_number(author, number))
    }

    /// The stored batches of `author` that no block orders yet.
    pub(super) fn unordered_batches(&self, author: &PublicKey) -> Vec<Hash> {
        self.or_default(self.ledger.unordered_batches(author))
    }

    pub(super) fn missing_batches(&self, height: u64) -> Vec<Hash> {
        self.or_default(self.ledger.missing_batches(height))
    }

    /// Whether a submission has receipts.
    pub(super) fn is_executed(&self, submission: &Hash) -> bool {
        self.or_default(self.ledger.has_submission(submission))
    }

    pub(super) fn check_block(&self, block: &Block) -> Result<(), BlockError> {
        let result = self.ledger.check_block(block);
        if let Err(BlockError::Ledger(error)) = &result {
            self.failure.borrow_mut().get_or_insert_with(|| chain(error));
        }
        result
    }

    pub(super) fn store_decision(&self, decision: &Decision) -> Result<(), String> {
        self.ledger.store_decision(decision).map_err(|error| chain(&error))
    }
}

/// An error with its causes, in one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
