//! Catching up: decisions with their certificates from peers, then the batches they order.

use super::limits::{
    DECIDED_AHEAD_MAX, DECISIONS_BYTES_TARGET, DECISIONS_MAX, FETCH_AHEAD_MAX, FETCH_BATCHES_MAX,
    FETCH_HEIGHTS_AHEAD, FETCH_MS, RESEND_MS, STATUS_MS,
};
use super::message::Message;
use super::timers::Timer;
use super::{Core, Report};
use kanhe_ledger::store::Store;
use kanhe_types::block::{Decision, batches_root};
use kanhe_types::codec;
use kanhe_types::hash::Hash;
use kanhe_types::keys::PublicKey;
use kanhe_types::validator::ValidatorSet;

impl<S: Store> Core<S> {
    /// Says how far we are, and asks for what we lack.
    pub(super) fn tell_status(&mut self) {
        self.broadcast_status();
        self.ask_seen();
        self.fetch_decisions();
        self.timers.set(Timer::Status, self.now.elapsed_ms.saturating_add(STATUS_MS));
    }

    pub(super) fn on_status(&mut self, from: PublicKey, decided: u64) {
        self.peer_heights.insert(from, decided);
        self.fetch_decisions();
    }

    /// Asks a peer that is ahead for the next decisions, once in a while.
    pub(super) fn fetch_decisions(&mut self) {
        let decided = self.ledger.decided_height();
        let ahead_max = self.ledger.executed_height().saturating_add(DECIDED_AHEAD_MAX);
        // Whose certificates count next may follow from what is still to be executed.
        if ahead_max <= decided || self.ledger.next_validators().is_none() {
            return;
        }
        let now = self.now.elapsed_ms;
        if self.asked_decisions_ms.is_some_and(|asked| now < asked.saturating_add(FETCH_MS)) {
            return;
        }
        let members = self
            .peer_heights
            .iter()
            .filter(|(peer, height)| decided < **height && self.connected.contains(*peer))
            .map(|(peer, _)| *peer);
        // How far a source is, it does not say.
        let ahead: Vec<PublicKey> = members.chain(self.sources.iter().copied()).collect();
        let Some(peer) = self.turn(&ahead) else { return };
        self.asked_decisions_ms = Some(now);
        self.send(peer, Message::FetchDecisions { from: decided.saturating_add(1) });
    }

    /// One of `peers`, another at each call.
    fn turn(&mut self, peers: &[PublicKey]) -> Option<PublicKey> {
        self.fetch_turn = self.fetch_turn.wrapping_add(1);
        let index = self.fetch_turn.checked_rem(peers.len())?;
        peers.get(index).copied()
    }

    pub(super) fn on_fetch_decisions(&mut self, from: PublicKey, height: u64) {
        let mut decisions = Vec::new();
        let mut bytes = 0usize;
        let mut next = height.max(1);
        while decisions.len() < DECISIONS_MAX && bytes < DECISIONS_BYTES_TARGET {
            let Some(decision) = self.ledger.decision(next) else { break };
            bytes = bytes.saturating_add(codec::encode(&decision).len());
            decisions.push(decision);
            next = next.saturating_add(1);
        }
        if !decisions.is_empty() {
            self.send(from, Message::Decisions(decisions));
        }
    }

    pub(super) fn on_decisions(&mut self, from: PublicKey, decisions: Vec<Decision>) {
        self.asked_decisions_ms = None;
        let before = self.ledger.decided_height();
        for decision in decisions.into_iter().take(DECISIONS_MAX) {
            let next = self.ledger.decided_height().saturating_add(1);
            if decision.block.header.height != next {
                continue;
            }
            let Some(validators) = self.ledger.next_validators() else { break };
            if let Err(reason) = self.check_decision(&decision, &validators) {
                self.ignore(from, format!("decision at height {next}: {reason}"));
                break;
            }
            self.decide(decision);
        }
        let height = self.ledger.decided_height();
        if before < height {
            self.report(Report::Synced { from, height });
            self.fetch_decisions();
        }
    }

    /// Whether a quorum decided this. What it decided, our own execution checks again.
    fn check_decision(&self, decision: &Decision, validators: &ValidatorSet) -> Result<(), String> {
        let header = &decision.block.header;
        let (parent, _) = self.ledger.tip();
        let certificate = &decision.certificate;
        if certificate.height != header.height || certificate.block != header.hash() {
            return Err("the certificate is of another block".into());
        }
        if header.parent != parent {
            return Err(format!(
                "its parent is {}, ours {}; compare the genesis of the two nodes",
                header.parent.short(),
                parent.short()
            ));
        }
        if header.batches != batches_root(&self.genesis, &decision.block.batches) {
            return Err("its batches are not those that its header commits to".into());
        }
        if header.validators != validators.hash() {
            return Err("it names other validators than the height before".into());
        }
        certificate.verify(&self.genesis, validators).map_err(|error| error.to_string())
    }

    /// Housekeeping after a decision.
    pub(super) fn after_decision(&mut self, decision: &Decision) {
        let height = decision.block.header.height;
        self.working = None;
        self.early.retain(|message| height < message.height());
        self.waiting_checks.clear();
        self.timers.cancel_agreement();
        self.heartbeat_due = false;
        self.timers.cancel(&Timer::Heartbeat);
        if self.not_signing.is_some_and(|last| last <= height) {
            self.not_signing = None;
        }
        if !decision.block.batches.is_empty() {
            self.last_with_batches = height;
        }
        self.forget_said(height);
        self.trust_log();
        self.forget_ordered(&decision.block.batches);
        self.refresh_members();
        self.broadcast_status();
    }

    /// Asks for batches that we lack: their acknowledgers have them.
    pub(super) fn fetch_batches(&mut self, digests: &[Hash]) {
        let now = self.now.elapsed_ms;
        let wanted: Vec<Hash> = digests
            .iter()
            .filter(|digest| {
                let asked = self.asked_batches_ms.get(*digest);
                asked.is_none_or(|asked| asked.saturating_add(FETCH_MS) <= now)
            })
            .take(FETCH_BATCHES_MAX)
            .copied()
            .collect();
        if wanted.is_empty() {
            return;
        }
        let peers: Vec<PublicKey> = self.connected.iter().chain(&self.sources).copied().collect();
        let Some(peer) = self.turn(&peers) else { return };
        for digest in &wanted {
            self.asked_batches_ms.insert(*digest, now);
        }
        self.send(peer, Message::FetchBatches(wanted));
    }

    /// The bodies that decided heights from `first` on lack: while earlier ones execute, these come
    /// in.
    pub(super) fn missing_from(&self, first: u64) -> Vec<Hash> {
        let mut missing = Vec::new();
        let end = self.ledger.decided_height().min(first.saturating_add(FETCH_HEIGHTS_AHEAD));
        for height in first..=end {
            missing.extend(self.ledger.missing_batches(height));
            if FETCH_AHEAD_MAX <= missing.len() {
                break;
            }
        }
        missing
    }

    /// Asks again for batches that the next height or the next block needs.
    pub(super) fn fetch_missing(&mut self) {
        self.timers.set(Timer::Resend, self.now.elapsed_ms.saturating_add(RESEND_MS));
        let mut missing = self.missing_from(self.ledger.executed_height().saturating_add(1));
        missing.extend(self.batches.certified_without_body(&self.ledger));
        let kept: std::collections::BTreeSet<Hash> = missing.iter().copied().collect();
        self.asked_batches_ms.retain(|digest, _| kept.contains(digest));
        self.fetch_batches(&missing);
    }
}
