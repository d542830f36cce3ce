//! Who takes part: the validators of the next height, those whose batches still count, and whose
//! nodes we talk to. All of it follows from the chain, and changes with it.

use super::message::Message;
use super::{Action, Core};
use kanhe_ledger::store::Store;
use kanhe_types::hash::Hash;
use kanhe_types::keys::PublicKey;
use kanhe_types::validator::{Validator, ValidatorSet};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Whose messages count for what.
#[derive(Default)]
pub(super) struct Members {
    /// The validators whose nodes are admitted.
    admitted: Vec<Validator>,
    /// The same, by the keys that sign.
    keys: BTreeSet<PublicKey>,
    /// The sets whose batches the next height may order, by hash: the one in force first.
    batch_sets: Vec<(Hash, Arc<ValidatorSet>)>,
}

impl Members {
    /// Whether the next height may order batches that the set with this hash certified.
    pub(super) fn counts(&self, set: &Hash) -> bool {
        self.batch_sets.iter().any(|(own, _)| own == set)
    }
}

impl<S: Store> Core<S> {
    /// Looks again who takes part, after a decision or an execution.
    pub(super) fn refresh_members(&mut self) {
        let next = self.ledger.decided_height().saturating_add(1);
        if let Some(validators) = self.ledger.next_validators() {
            self.validators = validators;
        }
        self.open_guard();
        let batch_sets = self.ledger.batch_sets(next);
        if batch_sets != self.members.batch_sets {
            self.members.batch_sets = batch_sets;
            self.forget_former_batches();
        }
        let admitted = self.ledger.members(next);
        if admitted != self.members.admitted {
            self.members.keys = admitted.iter().map(|validator| validator.key).collect();
            self.members.admitted.clone_from(&admitted);
            let keys = &self.members.keys;
            self.connected.retain(|peer| keys.contains(peer));
            let connected = &self.connected;
            self.peer_heights.retain(|peer, _| connected.contains(peer));
            self.actions.push(Action::Admit(admitted));
        }
    }

    /// Whether we are a validator of the next height.
    pub(super) fn is_validator(&self) -> bool {
        self.validators.index_of(&self.own).is_some()
    }

    /// Whether a key is that of a validator whose node is admitted.
    pub(super) fn is_member(&self, key: &PublicKey) -> bool {
        self.members.keys.contains(key)
    }

    /// The set behind a hash, if batches that it certified may still be ordered.
    pub(super) fn batch_set(&self, hash: &Hash) -> Option<Arc<ValidatorSet>> {
        let sets = &self.members.batch_sets;
        sets.iter().find(|(own, _)| own == hash).map(|(_, set)| Arc::clone(set))
    }

    /// The set under which we batch: the one in force, or while we belong to a former one only,
    /// that one, for what clients gave us before. None for a node that is no validator.
    pub(super) fn own_batch_set(&self) -> Option<Hash> {
        let sets = &self.members.batch_sets;
        sets.iter().find(|(_, set)| set.index_of(&self.own).is_some()).map(|(hash, _)| *hash)
    }

    pub(super) fn on_connected(&mut self, peer: PublicKey) {
        if peer == self.own {
            return;
        }
        if !self.is_member(&peer) {
            // Its operator trusts it to have the chain; the chain does not know it, so far as we
            // have executed. It may tell us what we lack, and gets nothing.
            self.sources.insert(peer);
            self.fetch_decisions();
            return;
        }
        self.connected.insert(peer);
        let decided = self.ledger.decided_height();
        self.send(peer, Message::Status { decided });
        self.ask_seen();
    }

    pub(super) fn on_disconnected(&mut self, peer: PublicKey) {
        self.connected.remove(&peer);
        self.sources.remove(&peer);
        self.peer_heights.remove(&peer);
    }

    pub(super) fn on_message(&mut self, from: PublicKey, message: Message) {
        let is_member = self.is_member(&from);
        // Everything of these is checked against what the chain says.
        let is_answer =
            matches!(message, Message::Batch(_) | Message::Status { .. } | Message::Decisions(_));
        let is_asked = is_answer && self.sources.contains(&from);
        if !is_member && !is_asked {
            return;
        }
        match message {
            Message::Agreement(message) => self.on_agreement(from, *message),
            Message::Batch(batch) => self.on_batch(from, batch),
            Message::Acknowledge { digest, signature } => {
                self.on_acknowledge(from, digest, signature);
            }
            Message::Certified(certified) => self.on_certified(from, certified),
            Message::FetchBatches(digests) => self.on_fetch_batches(from, &digests),
            Message::Status { decided } => self.on_status(from, decided),
            Message::FetchDecisions { from: height } => self.on_fetch_decisions(from, height),
            Message::Decisions(decisions) => self.on_decisions(from, decisions),
            Message::AskSeen => self.on_ask_seen(from),
            Message::Seen { decided, statement, batch } => {
                self.on_seen(from, decided, statement, batch);
            }
        }
    }

    pub(super) fn send(&mut self, to: PublicKey, message: Message) {
        self.actions.push(Action::Send { to, message: Arc::new(message) });
    }

    /// Says something to every validator of the next height.
    pub(super) fn broadcast(&mut self, message: Message) {
        let message = Arc::new(message);
        for to in &self.connected {
            if self.validators.index_of(to).is_some() {
                self.actions.push(Action::Send { to: *to, message: Arc::clone(&message) });
            }
        }
    }

    /// Says how far we are, to those who follow as well.
    pub(super) fn broadcast_status(&mut self) {
        let message = Arc::new(Message::Status { decided: self.ledger.decided_height() });
        for to in &self.connected {
            self.actions.push(Action::Send { to: *to, message: Arc::clone(&message) });
        }
    }
}
