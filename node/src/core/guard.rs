//! Not signing what an earlier life of this validator may have signed.
//!
//! A home can be older than what its validator signed last: it was restored from a backup. Nothing
//! in it shows that. So a validator that starts asks the others what they have seen of it, and
//! signs nothing, votes, proposals and batches alike, before a quorum, itself counted, has
//! answered. That costs no progress: without a quorum nothing is decided. What was signed and
//! stands not in the log is left alone: the validator follows until that height is decided.
//!
//! # Correctness
//! - A home that is known to be restored, because it has no log
//!   ([`crate::wal::mark_restored`]), signs at no height up to two above the last that anybody who
//!   answers has decided. Whatever its earlier life decided last, a quorum had decided the height
//!   before, and one of them is among those who answer; it signed one height further at most.
//! - A home whose log was restored with it signs nothing that contradicts a statement which
//!   anybody who answers has seen. What none of them has seen it may sign again.

use super::message::{Message, Statement};
use super::{Action, Core, Report};
use kanhe_consensus::LogEntry;
use kanhe_ledger::store::Store;
use kanhe_types::hash::Hash;
use kanhe_types::keys::{PublicKey, Signature};
use kanhe_types::submission::BatchHeader;
use std::collections::{BTreeMap, BTreeSet};

/// Heights above the last decided one at which an earlier life may have signed.
const RESTORED_HEIGHTS: u64 = 2;
/// Batch numbers above the last that anybody has seen which an earlier life may have used.
const RESTORED_BATCHES: u64 = 1_000;

/// What is known of our own signatures, and of the others'.
#[derive(Default)]
pub(super) struct Guard {
    /// The home is known to be restored.
    is_restored: bool,
    is_open: bool,
    /// The validators that have answered, and what each has decided.
    answers: BTreeMap<PublicKey, u64>,
    /// Digests of our statements of the height in progress: those of the log, and later ones.
    said: BTreeSet<Hash>,
    /// The last statement of each validator that it made to us itself.
    seen: BTreeMap<PublicKey, Statement>,
}

impl Guard {
    /// A guard that knows what a log holds.
    pub(super) fn new(
        genesis: &Hash,
        own: PublicKey,
        is_restored: bool,
        replay: &[LogEntry],
    ) -> Self {
        let mut guard = Self { is_restored, ..Self::default() };
        for statement in replay.iter().filter_map(Statement::of_entry) {
            if statement.signer() == own {
                guard.said.insert(statement.digest(genesis));
            } else {
                guard.see(statement.signer(), statement);
            }
        }
        guard
    }

    /// Whether we may sign.
    pub(super) fn is_open(&self) -> bool {
        self.is_open
    }

    /// Notes what a validator says itself.
    pub(super) fn see(&mut self, from: PublicKey, statement: Statement) {
        if statement.signer() != from {
            return;
        }
        let is_later = self.seen.get(&from).is_none_or(|last| last.place() < statement.place());
        if is_later {
            self.seen.insert(from, statement);
        }
    }
}

impl<S: Store> Core<S> {
    /// Asks validators that have not answered what they have seen of us.
    pub(super) fn ask_seen(&mut self) {
        if self.guard.is_open {
            return;
        }
        let answers = &self.guard.answers;
        let silent: Vec<PublicKey> =
            self.connected.iter().filter(|peer| !answers.contains_key(peer)).copied().collect();
        silent.into_iter().for_each(|peer| self.send(peer, Message::AskSeen));
    }

    /// Tells a validator what we have seen of it that no certificate shows yet.
    pub(super) fn on_ask_seen(&mut self, from: PublicKey) {
        let decided = self.ledger.decided_height();
        let statement = self.guard.seen.get(&from).filter(|seen| decided < seen.height()).cloned();
        let number = self.ledger.batch_number_max(&from);
        let digest = self.ledger.batch_by_number(&from, number);
        let batch = digest.and_then(|digest| self.ledger.batch(&digest));
        let batch = batch.map(|batch| Box::new((batch.header.clone(), batch.signature)));
        self.send(from, Message::Seen { decided, statement: statement.map(Box::new), batch });
    }

    pub(super) fn on_seen(
        &mut self,
        from: PublicKey,
        decided: u64,
        statement: Option<Box<Statement>>,
        batch: Option<Box<(BatchHeader, Signature)>>,
    ) {
        if let Some(statement) = statement {
            self.look_at_own(&statement);
        }
        if let Some((header, signature)) = batch.map(|batch| *batch) {
            let digest = header.digest(&self.genesis);
            if header.author == self.own && self.own.verify(&digest, &signature).is_ok() {
                self.batches.skip_to(header.number.saturating_add(1));
            }
        }
        if !self.guard.is_open {
            self.guard.answers.insert(from, decided);
            self.open_guard();
        }
    }

    /// A statement that bears our signature: if we do not know it, an earlier life made it.
    fn look_at_own(&mut self, statement: &Statement) {
        let height = statement.height();
        let is_ours = statement.signer() == self.own && statement.is_signed(&self.genesis);
        let is_decided = height <= self.ledger.decided_height();
        if !is_ours || is_decided || self.guard.said.contains(&statement.digest(&self.genesis)) {
            return;
        }
        self.sign_nothing_up_to(height);
    }

    fn sign_nothing_up_to(&mut self, height: u64) {
        if self.not_signing.is_none_or(|last| last < height) {
            self.not_signing = Some(height);
            self.report(Report::NotSigning { height });
        }
    }

    /// Signs from now on, if a quorum has answered.
    pub(super) fn open_guard(&mut self) {
        let answered = |key: &PublicKey| *key == self.own || self.guard.answers.contains_key(key);
        let validators = self.validators.validators();
        let count = validators.iter().filter(|validator| answered(&validator.key)).count();
        if self.guard.is_open || !self.is_validator() || count < self.validators.quorum() {
            return;
        }
        self.guard.is_open = true;
        if !self.guard.is_restored {
            return;
        }
        let own = self.ledger.decided_height();
        let decided = self.guard.answers.values().copied().fold(own, u64::max);
        // A validator that is alone has nobody who remembers, or could be contradicted to.
        if 1 < self.validators.count() {
            self.sign_nothing_up_to(decided.saturating_add(RESTORED_HEIGHTS));
        }
        self.batches.skip(RESTORED_BATCHES);
        self.trust_log();
    }

    /// Says that a restored home is past what its earlier life may have signed, when it is.
    pub(super) fn trust_log(&mut self) {
        let is_past = self.guard.is_open && self.not_signing.is_none();
        if self.guard.is_restored && is_past {
            self.guard.is_restored = false;
            self.actions.push(Action::TrustLog);
        }
    }

    /// Notes a statement of ours that goes into the log.
    pub(super) fn note_own(&mut self, entry: &LogEntry) {
        let statement = Statement::of_entry(entry);
        if let Some(statement) = statement.filter(|statement| statement.signer() == self.own) {
            self.guard.said.insert(statement.digest(&self.genesis));
        }
    }

    /// What was said at decided heights matters no more.
    pub(super) fn forget_said(&mut self, decided: u64) {
        self.guard.said.clear();
        self.guard.seen.retain(|_, seen| decided < seen.height());
    }
}
