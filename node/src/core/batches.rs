//! Dissemination: a validator gathers its clients' submissions into batches, pushes them to all,
//! and a quorum's acknowledgements certify that the batch is checked and on disk. Only digests of
//! certified batches are agreed on.

use super::limits::{
    BATCH_DELAY_MS, CERTIFIED_MAX, FETCH_BATCHES_MAX, OWN_BATCHES_OPEN_MAX,
    PEER_BATCHES_CHECKING_MAX, RESEND_MS,
};
use super::mempool::AdmissionError;
use super::message::Message;
use super::timers::Timer;
use super::view::View;
use super::{Action, Core, Report, Request, Token};
use kanhe_ledger::store::Store;
use kanhe_types::certificate::{CertifiedBatch, IndexedSignature};
use kanhe_types::hash::Hash;
use kanhe_types::keys::{PublicKey, Signature};
use kanhe_types::limits::{BLOCK_BATCHES_MAX, BLOCK_DOCUMENTS_MAX};
use kanhe_types::signer::{SignError, Statement};
use kanhe_types::submission::{Batch, BatchHeader, VerifiedSubmission, draw_salt};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

/// A batch of our own on its way to certification.
pub(super) struct OwnBatch {
    header: BatchHeader,
    submissions: Vec<Hash>,
    /// Acknowledgements by validator index, ours among them once the batch is on our disk.
    acknowledgements: BTreeMap<u16, Signature>,
    is_certified: bool,
    /// When it, or its certificate, was last sent to all.
    sent_ms: u64,
}

/// A batch that is being checked and stored.
struct Checking {
    author: PublicKey,
    /// Who gets our acknowledgement when it is stored; none for a fetched batch.
    acknowledge: bool,
}

/// Batches that are not executed yet.
#[derive(Default)]
pub(super) struct Batches {
    next_number: u64,
    /// Submissions of a batch that nobody has signed yet.
    unsigned: Vec<VerifiedSubmission>,
    own: BTreeMap<Hash, OwnBatch>,
    checking: BTreeMap<Hash, Checking>,
    certified: BTreeMap<Hash, CertifiedBatch>,
    /// Certified batches in the order in which they came, for a fair choice.
    line: VecDeque<Hash>,
}

impl Batches {
    /// What the ledger holds of our own batches that were not ordered.
    pub(super) fn recover<S: Store>(ledger: &View<S>, own: PublicKey) -> Self {
        let mut batches = Self {
            next_number: ledger.batch_number_max(&own).saturating_add(1),
            ..Self::default()
        };
        for digest in ledger.unordered_batches(&own) {
            if let Some(batch) = ledger.batch(&digest) {
                let own = OwnBatch {
                    header: batch.header.clone(),
                    submissions: Vec::new(),
                    acknowledgements: BTreeMap::new(),
                    is_certified: false,
                    sent_ms: 0,
                };
                batches.own.insert(digest, own);
            }
        }
        batches
    }

    /// Numbers the next batch so at least.
    pub(super) fn skip_to(&mut self, number: u64) {
        self.next_number = self.next_number.max(number);
    }

    /// Leaves so many numbers out.
    pub(super) fn skip(&mut self, count: u64) {
        self.next_number = self.next_number.saturating_add(count);
    }

    /// Certified batches that are not ordered yet.
    pub(super) fn certified_count(&self) -> usize {
        self.certified.len()
    }

    /// Documents of certified batches that are not ordered yet.
    pub(super) fn certified_documents(&self) -> u64 {
        let counts = self.certified.values().map(|own| u64::from(own.header.document_count));
        counts.fold(0, u64::saturating_add)
    }

    /// The batches of the next block, oldest first, within a block's bounds: at least one, and no
    /// more documents than wanted.
    pub(super) fn choose(&self, documents_wanted: u64) -> Vec<CertifiedBatch> {
        let mut chosen = Vec::new();
        let mut documents = 0u64;
        for certified in self.line.iter().filter_map(|digest| self.certified.get(digest)) {
            documents = documents.saturating_add(u64::from(certified.header.document_count));
            let documents_max =
                if chosen.is_empty() { BLOCK_DOCUMENTS_MAX } else { documents_wanted };
            if BLOCK_BATCHES_MAX <= chosen.len() || documents_max < documents {
                break;
            }
            chosen.push(certified.clone());
        }
        chosen
    }

    /// Certified batches whose bodies are not here, a request's worth of them.
    pub(super) fn certified_without_body<S: Store>(&self, ledger: &View<S>) -> Vec<Hash> {
        let missing = self.line.iter().filter(|digest| !ledger.has_batch(digest));
        missing.take(FETCH_BATCHES_MAX).copied().collect()
    }
}

impl<S: Store> Core<S> {
    pub(super) fn on_submitted(&mut self, token: Token, submissions: Vec<VerifiedSubmission>) {
        let decided = self.ledger.decided_height();
        let is_validator = self.is_validator();
        let mut request = Request { answers: Vec::new(), open: BTreeSet::new() };
        for submission in submissions {
            let id = submission.id();
            if self.ledger.is_executed(&id) {
                request.answers.push(Ok(id));
                continue;
            }
            if !is_validator {
                request.answers.push(Err(AdmissionError::NotValidator));
                continue;
            }
            let was_in_flight = self.mempool.contains(&id);
            let answer = self.mempool.admit(submission, decided);
            if answer.is_ok() && !was_in_flight {
                request.open.insert(id);
            }
            request.answers.push(answer.map(|()| id));
        }
        if request.open.is_empty() {
            self.actions.push(Action::Answer { token, answers: request.answers });
            return;
        }
        self.requests.insert(token, request);
        self.timers.set_if_unset(Timer::Batch, self.now.elapsed_ms.saturating_add(BATCH_DELAY_MS));
    }

    /// Closes batches while enough waits and few are open.
    pub(super) fn fill_batches(&mut self) {
        while self.mempool.is_batch_full()
            && self.batches.unsigned.is_empty()
            && self.own_open() < OWN_BATCHES_OPEN_MAX
        {
            self.close_batch();
        }
        if !self.mempool.is_empty() || !self.batches.unsigned.is_empty() {
            let deadline = self.now.elapsed_ms.saturating_add(BATCH_DELAY_MS);
            self.timers.set_if_unset(Timer::Batch, deadline);
        }
    }

    fn own_open(&self) -> usize {
        self.batches.own.values().filter(|own| !own.is_certified).count()
    }

    pub(super) fn close_batch(&mut self) {
        let Some(validators) = self.own_batch_set().filter(|_| self.guard.is_open()) else {
            return;
        };
        if OWN_BATCHES_OPEN_MAX <= self.own_open() {
            return;
        }
        let mut submissions = std::mem::take(&mut self.batches.unsigned);
        if submissions.is_empty() {
            submissions = self.mempool.take_batch();
        }
        if submissions.is_empty() {
            return;
        }
        let ids: Vec<Hash> = submissions.iter().map(VerifiedSubmission::id).collect();
        let number = self.batches.next_number;
        let signed =
            draw_salt(&self.genesis, &*self.signer, number, &submissions).and_then(|salt| {
                let header = BatchHeader::of(self.own, number, validators, salt, &submissions);
                let statement = Statement::Batch(header.clone());
                Ok((header, self.signer.sign_statement(&self.genesis, &statement)?))
            });
        let (header, signature) = match signed {
            Ok(signed) => signed,
            Err(error) => {
                // A number that was signed before, for submissions that are lost, is not used again.
                let is_used = matches!(error, SignError::Refused(_));
                self.batches.next_number = number.saturating_add(u64::from(is_used));
                self.batches.unsigned = submissions;
                return;
            }
        };
        self.batches.next_number = number.saturating_add(1);
        let batch = Arc::new(Batch::signed(header, signature, submissions));
        let digest = batch.header.digest(&self.genesis);
        let own = OwnBatch {
            header: batch.header.clone(),
            submissions: ids,
            acknowledgements: BTreeMap::new(),
            is_certified: false,
            sent_ms: self.now.elapsed_ms,
        };
        self.batches.own.insert(digest, own);
        self.batches.checking.insert(digest, Checking { author: self.own, acknowledge: false });
        self.actions.push(Action::Hold(batch));
    }

    /// A peer's batch: check it, store it, then acknowledge it.
    pub(super) fn on_batch(&mut self, from: PublicKey, batch: Arc<Batch>) {
        let digest = batch.header.digest(&self.genesis);
        let author = batch.header.author;
        let was_asked = self.asked_batches_ms.contains_key(&digest);
        let set = self.batch_set(&batch.header.validators);
        let counts = set.is_some_and(|set| set.index_of(&author).is_some());
        // What was ordered long ago belongs to sets that count no more.
        if !counts && !was_asked {
            return self.ignore(from, "batch of another validator set");
        }
        if self.ledger.has_batch(&digest) {
            self.asked_batches_ms.remove(&digest);
            if from == author {
                self.acknowledge(author, &batch.header);
            }
            return;
        }
        if self.batches.checking.contains_key(&digest) {
            return;
        }
        // A batch comes from its author, or because we asked for it.
        if from != author && !was_asked {
            return self.ignore(from, "batch that was not asked for");
        }
        let other = self.ledger.batch_by_number(&author, batch.header.number);
        if other.is_some_and(|other| other != digest) {
            let number = batch.header.number;
            self.report(Report::BatchEvidence { author, number });
            // One of the two may be certified all the same; that one is fetched when ordered.
            if !was_asked {
                return;
            }
        }
        let open = self.batches.checking.values().filter(|c| c.author == author).count();
        if PEER_BATCHES_CHECKING_MAX <= open {
            return; // The author pushes it again.
        }
        let acknowledge = counts && other.is_none();
        self.batches.checking.insert(digest, Checking { author, acknowledge });
        self.actions.push(Action::Hold(batch));
    }

    pub(super) fn on_held(&mut self, header: BatchHeader) {
        let digest = header.digest(&self.genesis);
        let checking = self.batches.checking.remove(&digest);
        self.asked_batches_ms.remove(&digest);
        if header.author != self.own {
            if checking.is_some_and(|checking| checking.acknowledge) {
                self.acknowledge(header.author, &header);
            }
            return;
        }
        self.answer_requests(&digest);
        if let Some(batch) = self.ledger.batch(&digest) {
            self.broadcast(Message::Batch(batch));
        }
        self.acknowledge_own(digest);
    }

    pub(super) fn on_refused(&mut self, digest: Hash, reason: String) {
        if let Some(checking) = self.batches.checking.remove(&digest) {
            assert!(checking.author != self.own, "our own batch {digest} was refused: {reason}");
            self.ignore(checking.author, format!("batch {}: {reason}", digest.short()));
        }
    }

    /// Answers the requests whose last submission is on disk with this batch.
    fn answer_requests(&mut self, digest: &Hash) {
        let Some(own) = self.batches.own.get(digest) else { return };
        let held: BTreeSet<Hash> = own.submissions.iter().copied().collect();
        let mut done = Vec::new();
        for (token, request) in &mut self.requests {
            request.open.retain(|id| !held.contains(id));
            if request.open.is_empty() {
                done.push(*token);
            }
        }
        for token in done {
            if let Some(request) = self.requests.remove(&token) {
                self.actions.push(Action::Answer { token, answers: request.answers });
            }
        }
    }

    fn acknowledge(&mut self, author: PublicKey, header: &BatchHeader) {
        let set = self.batch_set(&header.validators);
        if set.is_none_or(|set| set.index_of(&self.own).is_none()) {
            return; // We are none of those whose acknowledgement counts.
        }
        let digest = header.digest(&self.genesis);
        // Without a signature the author pushes the batch again.
        if let Some(signature) = self.acknowledgement(digest) {
            self.send(author, Message::Acknowledge { digest, signature });
        }
    }

    fn acknowledge_own(&mut self, digest: Hash) {
        if let Some(signature) = self.acknowledgement(digest) {
            self.count_acknowledgement(self.own, digest, signature);
        }
    }

    fn acknowledgement(&self, digest: Hash) -> Option<Signature> {
        let statement = Statement::Acknowledgement(digest);
        self.signer.sign_statement(&self.genesis, &statement).ok()
    }

    pub(super) fn on_acknowledge(&mut self, from: PublicKey, digest: Hash, signature: Signature) {
        let Some(own) = self.batches.own.get(&digest) else { return };
        if own.is_certified {
            return;
        }
        let acknowledgement = own.header.acknowledgement(&self.genesis);
        if from.verify(&acknowledgement, &signature).is_err() {
            return self.ignore(from, "acknowledgement with a signature that does not match");
        }
        self.count_acknowledgement(from, digest, signature);
    }

    fn count_acknowledgement(&mut self, from: PublicKey, digest: Hash, signature: Signature) {
        let Some(own) = self.batches.own.get(&digest) else { return };
        let Some(set) = self.batch_set(&own.header.validators) else { return };
        let Some(index) = set.index_of(&from) else { return };
        let quorum = set.quorum();
        let Some(own) = self.batches.own.get_mut(&digest) else { return };
        own.acknowledgements.insert(index, signature);
        if own.acknowledgements.len() < quorum || own.is_certified {
            return;
        }
        own.is_certified = true;
        own.sent_ms = self.now.elapsed_ms;
        let acknowledgements = own
            .acknowledgements
            .iter()
            .take(quorum)
            .map(|(validator, signature)| IndexedSignature {
                validator: *validator,
                signature: *signature,
            })
            .collect();
        let certified = CertifiedBatch { header: own.header.clone(), acknowledgements };
        self.broadcast(Message::Certified(certified.clone()));
        self.add_certified(digest, certified);
    }

    pub(super) fn on_certified(&mut self, from: PublicKey, certified: CertifiedBatch) {
        let digest = certified.header.digest(&self.genesis);
        if self.batches.certified.contains_key(&digest) || self.ledger.is_ordered(&digest) {
            return;
        }
        let Some(set) = self.batch_set(&certified.header.validators) else {
            return self.ignore(from, "batch certificate of another validator set");
        };
        match certified.verify(&self.genesis, &set) {
            Ok(()) => self.add_certified(digest, certified),
            Err(error) => self.ignore(from, format!("batch certificate: {error}")),
        }
    }

    fn add_certified(&mut self, digest: Hash, certified: CertifiedBatch) {
        if CERTIFIED_MAX <= self.batches.certified.len() {
            return; // Its author says it again.
        }
        if self.batches.certified.insert(digest, certified).is_none() {
            self.batches.line.push_back(digest);
        }
        if !self.ledger.has_batch(&digest) {
            self.fetch_batches(&[digest]);
        }
    }

    /// Forgets what a decided block orders.
    pub(super) fn forget_ordered(&mut self, ordered: &[CertifiedBatch]) {
        for certified in ordered {
            let digest = certified.header.digest(&self.genesis);
            self.batches.certified.remove(&digest);
            self.batches.own.remove(&digest).into_iter().for_each(|own| {
                // The pool's room is given back when the batch is ordered: it executes next.
                own.submissions.iter().for_each(|id| self.mempool.release(id));
            });
        }
        let certified = &self.batches.certified;
        self.batches.line.retain(|digest| certified.contains_key(digest));
    }

    /// Forgets batches of sets that are not ordered any more. What clients gave us in our own is
    /// batched again, unless it was executed in the meantime.
    pub(super) fn forget_former_batches(&mut self) {
        let Self { batches, members, .. } = self;
        batches.certified.retain(|_, one| members.counts(&one.header.validators));
        let certified = &batches.certified;
        batches.line.retain(|digest| certified.contains_key(digest));
        let is_former = |(digest, own): &(&Hash, &OwnBatch)| {
            !members.counts(&own.header.validators) && !batches.checking.contains_key(*digest)
        };
        let former: Vec<Hash> =
            batches.own.iter().filter(is_former).map(|(digest, _)| *digest).collect();
        let is_validator = self.own_batch_set().is_some();
        for digest in former {
            self.batches.own.remove(&digest);
            let Some(batch) = self.ledger.batch(&digest) else { continue };
            for submission in batch.submissions.iter().cloned() {
                let Ok(submission) = submission.verify(&self.genesis) else { continue };
                let id = submission.id();
                if is_validator && !self.ledger.is_executed(&id) {
                    self.mempool.take_back(submission);
                } else {
                    self.mempool.release(&id);
                }
            }
        }
    }

    /// Pushes again what has not been acknowledged, and certificates that are not ordered.
    pub(super) fn resend(&mut self) {
        let now = self.now.elapsed_ms;
        let due: Vec<Hash> = self
            .batches
            .own
            .iter()
            .filter(|(digest, own)| {
                own.sent_ms.saturating_add(RESEND_MS) <= now && self.ledger.has_batch(digest)
            })
            .map(|(digest, _)| *digest)
            .take(OWN_BATCHES_OPEN_MAX)
            .collect();
        for digest in due {
            self.resend_one(digest);
        }
        self.fetch_missing();
    }

    fn resend_one(&mut self, digest: Hash) {
        let Some(own) = self.batches.own.get_mut(&digest) else { return };
        own.sent_ms = self.now.elapsed_ms;
        let validators = own.header.validators;
        if let Some(certified) = self.batches.certified.get(&digest).cloned() {
            return self.broadcast(Message::Certified(certified));
        }
        let Some(set) = self.batch_set(&validators) else { return };
        let Some(own) = self.batches.own.get(&digest) else { return };
        let is_silent = |peer: &&PublicKey| {
            let index = set.index_of(peer);
            index.is_some_and(|index| !own.acknowledgements.contains_key(&index))
        };
        let silent: Vec<PublicKey> = self.connected.iter().filter(is_silent).copied().collect();
        if let Some(batch) = self.ledger.batch(&digest) {
            let message = Arc::new(Message::Batch(batch));
            for to in silent {
                self.actions.push(Action::Send { to, message: Arc::clone(&message) });
            }
        }
        // After a restart our own acknowledgement of a batch on our disk is missing.
        self.acknowledge_own(digest);
    }

    pub(super) fn on_fetch_batches(&mut self, from: PublicKey, digests: &[Hash]) {
        for digest in digests.iter().take(FETCH_BATCHES_MAX) {
            if let Some(batch) = self.ledger.batch(digest) {
                self.send(from, Message::Batch(batch));
            }
        }
    }
}
