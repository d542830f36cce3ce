//! Redacted blocks in: each header checked against the chain, what it shows against it.

use super::{HeldDocument, KeptHeader, Lie, ObserverError, ObserverLedger};
use crate::evidence::Wanted;
use crate::ledger::LedgerError;
use crate::schema;
use crate::store::{Column, Durability, Store, WriteBatch};
use kanhe_types::block::Header;
use kanhe_types::certificate::Certificate;
use kanhe_types::codec;
use kanhe_types::handover::{Handover, TrustedSets};
use kanhe_types::hash::Hash;
use kanhe_types::redacted::{RedactedBlock, ShownChange, ShownReceipt, VerifiedRedacted};
use kanhe_types::submission::{Submission, VerifiedSubmission, document_id};
use kanhe_types::validator::ValidatorSet;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What is taken in of one answer, before it is written.
struct Taking<'a, S: Store> {
    ledger: &'a ObserverLedger<S>,
    tip: Option<Arc<KeptHeader>>,
    sets: TrustedSets,
    changes: WriteBatch,
    /// Submissions of this answer, which are not in the store yet.
    submissions: BTreeMap<Hash, Submission>,
    /// The submissions that its heights ordered.
    ordered: BTreeMap<u64, BTreeSet<Hash>>,
    /// Receipts of this answer.
    receipts: BTreeMap<Hash, Vec<ShownReceipt>>,
    /// The height of the block whose parts are being taken, while there are more.
    open: Option<u64>,
}

impl<S: Store> ObserverLedger<S> {
    /// Takes in blocks that follow the last one, and writes what is complete. Returns the heights
    /// that were taken in.
    ///
    /// # Errors
    /// When the store fails, or something does not hold: then nothing is written, for whoever said
    /// it may have lied before.
    pub fn take_blocks(&self, parts: Vec<RedactedBlock>) -> Result<u64, ObserverError> {
        let before = self.height();
        let mut taking = Taking {
            ledger: self,
            tip: self.tip(),
            sets: self.sets.read().expect("no thread panics with the sets").clone(),
            changes: WriteBatch::default(),
            submissions: BTreeMap::new(),
            ordered: BTreeMap::new(),
            receipts: BTreeMap::new(),
            open: None,
        };
        for part in parts {
            taking.part(part)?;
        }
        if let Some(height) = taking.open {
            return Err(Lie::Form(format!("height {height} lacks a part")).into());
        }
        let sets = taking.sets.clone();
        let (tip, changes) = taking.end()?;
        let height = tip.as_ref().map_or(0, |tip| tip.header.height);
        if height == before {
            return Ok(0);
        }
        self.store.write(changes, Durability::Synced)?;
        *self.sets.write().expect("no thread panics with the sets") = sets;
        *self.write_tip() = tip;
        Ok(height - before)
    }
}

impl<S: Store> Taking<'_, S> {
    fn part(&mut self, part: RedactedBlock) -> Result<(), ObserverError> {
        let height = part.header.height;
        match (self.open, &self.tip) {
            (Some(open), Some(tip)) if open == height => {
                let (expected, found) = (tip.header.hash(), part.header.hash());
                if expected != found {
                    return Err(Lie::Link { height, field: "header", expected, found }.into());
                }
            }
            _ => {
                if let Some(open) = self.open {
                    return Err(Lie::Form(format!("height {open} lacks a part")).into());
                }
                self.check_header(&part.header, &part.certificate)?;
            }
        }
        let shown = part
            .verify(&self.ledger.genesis, &self.ledger.organisation)
            .map_err(|source| Lie::Shown { height, source })?;
        self.take(shown)
    }

    /// Checks that a header follows, and that a quorum decided it.
    fn check_header(&self, header: &Header, certificate: &Certificate) -> Result<(), Lie> {
        let ledger = self.ledger;
        let tip = self.tip.as_ref().map(|tip| &tip.header);
        let (parent, time, last) = match tip {
            Some(tip) => (tip.hash(), tip.time, tip.height),
            None => (ledger.genesis, ledger.genesis_time, 0),
        };
        let (height, expected) = (header.height, last.saturating_add(1));
        if height != expected {
            return Err(Lie::Height { expected, found: height });
        }
        if parent != header.parent {
            let (field, expected, found) = ("parent", parent, header.parent);
            return Err(Lie::Link { height, field, expected, found });
        }
        if header.time <= time {
            return Err(Lie::Time { height, parent: time, found: header.time });
        }
        self.sets.verify(header, certificate).map_err(|source| Lie::Trust { height, source })
    }

    /// Follows the header to the validators of the next height, where they are others.
    fn hand_over(&mut self, kept: &KeptHeader, next: Option<ValidatorSet>) -> Result<(), Lie> {
        let height = kept.header.height;
        if kept.header.next_validators == kept.header.validators {
            return Ok(());
        }
        let missing = || Lie::Form(format!("height {height} hands over to validators not shown"));
        let (header, certificate) = (kept.header.clone(), kept.certificate.clone());
        let handover = Handover { header, certificate, next: next.ok_or_else(missing)? };
        self.sets.hand_over(&handover).map_err(|source| Lie::Trust { height, source })?;
        let key = schema::height_key(height);
        self.changes.put(Column::Handovers, key, codec::encode(&handover));
        Ok(())
    }

    /// Takes in a part of a block that follows and verifies.
    fn take(&mut self, shown: VerifiedRedacted) -> Result<(), ObserverError> {
        let (height, effects) = (shown.header.height, shown.header.executed.height);
        let is_first = self.open.is_none();
        self.open = shown.more.then_some(height);
        if is_first {
            let kept = KeptHeader { header: shown.header, certificate: shown.certificate };
            self.changes.put(Column::Headers, schema::height_key(height), codec::encode(&kept));
            self.want_policy(&kept.header);
            self.hand_over(&kept, shown.next)?;
            self.tip = Some(Arc::new(kept));
        }
        for submission in shown.submissions {
            self.submission(height, submission);
        }
        for receipt in shown.receipts {
            self.receipt(effects, receipt)?;
        }
        for change in shown.changes {
            let wanted = match change {
                ShownChange::Case(case) => Wanted::Case(case),
                ShownChange::Organisation => Wanted::Organisation,
                ShownChange::Export(case) => Wanted::Export(case),
            };
            self.want(&wanted, effects);
        }
        if self.open.is_none() && 0 < effects {
            self.check_complete(effects)?;
        }
        Ok(())
    }

    fn want(&mut self, wanted: &Wanted, height: u64) {
        self.changes.put(Column::Wanted, codec::encode(wanted), schema::height_key(height));
    }

    /// A header that names a policy which is not known makes it wanted. Versions follow each other.
    fn want_policy(&mut self, header: &Header) {
        let policies = self.ledger.policies.read().expect("no thread panics with the policies");
        if policies.contains_key(&header.policy) {
            return;
        }
        let last = policies.values().map(|policy| policy.version).max().unwrap_or(0);
        drop(policies);
        self.want(&Wanted::Policy(last.saturating_add(1)), header.executed.height);
    }

    fn submission(&mut self, height: u64, submission: VerifiedSubmission) {
        let id = submission.id();
        self.ordered.entry(height).or_default().insert(id);
        let submission = submission.into_submission();
        self.changes.put(Column::OwnSubmissions, id.0.to_vec(), codec::encode(&submission));
        self.submissions.insert(id, submission);
    }

    /// A receipt, which must be of a document that we sent.
    fn receipt(&mut self, height: u64, shown: ShownReceipt) -> Result<(), ObserverError> {
        let (id, index) = (shown.receipt.submission, shown.receipt.index);
        let other = || Lie::OtherReceipt { height, submission: id };
        let sent = match self.submissions.get(&id) {
            Some(submission) => Some(submission.clone()),
            None => self.ledger.own_submission(&id)?,
        };
        let sent = sent.ok_or_else(other)?;
        let bytes = sent.documents.get(usize::from(index)).ok_or_else(other)?;
        let ledger = self.ledger;
        if shown.receipt.document != document_id(&ledger.genesis, &ledger.organisation, bytes) {
            return Err(other().into());
        }
        let receipts = self.receipts.entry(id).or_default();
        if receipts.len() != usize::from(index) {
            return Err(other().into());
        }
        receipts.push(shown);
        self.submissions.entry(id).or_insert(sent);
        Ok(())
    }

    /// Whether there is a receipt for every document that a height executed.
    fn check_complete(&self, height: u64) -> Result<(), ObserverError> {
        let ordered = match self.ordered.get(&height) {
            Some(ordered) => ordered.clone(),
            None => self.ledger.ordered_at(height)?,
        };
        for submission in ordered {
            let answered = self.receipts.contains_key(&submission)
                || self.ledger.shown_receipts(&submission)?.is_some();
            if !answered {
                return Err(Lie::Withheld { height, submission }.into());
            }
        }
        // Nor are some of one submission's missing.
        for (id, receipts) in &self.receipts {
            let sent = self.submissions.get(id).map_or(0, |own| own.documents.len());
            if receipts.len() != sent {
                return Err(Lie::Withheld { height, submission: *id }.into());
            }
        }
        Ok(())
    }

    /// The new tip and everything that is written.
    fn end(mut self) -> Result<(Option<Arc<KeptHeader>>, WriteBatch), LedgerError> {
        for (height, ids) in &self.ordered {
            let ids: Vec<Hash> = ids.iter().copied().collect();
            self.changes.put(Column::OwnOrdered, schema::height_key(*height), codec::encode(&ids));
        }
        for (id, receipts) in &self.receipts {
            self.changes.put(Column::OwnReceipts, id.0.to_vec(), codec::encode(receipts));
            let accepted = receipts.iter().map(|shown| &shown.receipt).filter(|receipt| {
                matches!(receipt.outcome, kanhe_types::receipt::Outcome::Accepted { .. })
            });
            for receipt in accepted {
                let held = HeldDocument::Own { submission: *id, index: receipt.index };
                let key = receipt.document.0.to_vec();
                self.changes.put(Column::Held, key, codec::encode(&held));
            }
        }
        Ok((self.tip, self.changes))
    }
}

impl<S: Store> ObserverLedger<S> {
    /// A submission of ours that a height ordered.
    pub(super) fn own_submission(&self, id: &Hash) -> Result<Option<Submission>, LedgerError> {
        self.load(Column::OwnSubmissions, &id.0)
    }

    /// The receipts of a submission of ours, with their paths.
    pub(super) fn shown_receipts(
        &self,
        id: &Hash,
    ) -> Result<Option<Vec<ShownReceipt>>, LedgerError> {
        self.load(Column::OwnReceipts, &id.0)
    }

    /// The submissions of ours that a height ordered.
    fn ordered_at(&self, height: u64) -> Result<BTreeSet<Hash>, LedgerError> {
        let ids: Option<Vec<Hash>> = self.load(Column::OwnOrdered, &schema::height_key(height))?;
        Ok(ids.unwrap_or_default().into_iter().collect())
    }
}
