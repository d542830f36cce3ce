//! What an observer answers to its owner.

use super::{HeldDocument, ObserverLedger};
use crate::cases::{self, CaseFilter, CasePage};
use crate::evidence::DocumentEvidence;
use crate::ledger::LedgerError;
use crate::proof::{CertifiedHeader, DocumentProof, ProveError, SignedHeader};
use crate::query::AcceptedDocument;
use crate::replica::Replica;
use crate::schema;
use crate::store::{Column, Store};
use kanhe_contracts::policy::Policy;
use kanhe_types::code::OrganisationCode;
use kanhe_types::hash::Hash;
use kanhe_types::limits::EXECUTION_LAG;
use kanhe_types::merkle::{InclusionProof, Salt};
use kanhe_types::receipt::{CaseKey, Receipt};
use kanhe_types::submission::document_leaves;
use std::sync::Arc;

impl<S: Store> ObserverLedger<S> {
    /// A held document with its paths to the receipts root of its height.
    fn evidence_of(&self, document: &Hash) -> Result<Option<DocumentEvidence>, LedgerError> {
        let missing = || schema::corrupt(Column::Held, &document.0, "what it leads to is missing");
        let held: Option<HeldDocument> = self.load(Column::Held, &document.0)?;
        let (id, index) = match held {
            None => return Ok(None),
            Some(HeldDocument::Others(evidence)) => return Ok(Some(*evidence)),
            Some(HeldDocument::Own { submission, index }) => (submission, usize::from(index)),
        };
        let submission = self.own_submission(&id)?.ok_or_else(missing)?;
        let receipts = self.shown_receipts(&id)?.ok_or_else(missing)?;
        let shown = receipts.into_iter().nth(index).ok_or_else(missing)?;
        let leaves = document_leaves(&submission.salt, &submission.documents);
        Ok(Some(DocumentEvidence {
            document: submission.documents.get(index).cloned().ok_or_else(missing)?,
            salt: Salt::derive(&submission.salt.0, index as u64),
            inclusion: InclusionProof::new(&leaves, index).ok_or_else(missing)?,
            submission: SignedHeader::new(&submission),
            receipt: shown.receipt,
            receipt_salt: shown.salt,
            receipt_inclusion: shown.inclusion,
        }))
    }

    /// The header that states the effects of a height, for somebody who holds the genesis hash.
    fn certify(&self, height: u64, genesis: Vec<u8>) -> Result<CertifiedHeader, ProveError> {
        let needed = height.saturating_add(EXECUTION_LAG);
        let kept = self.header(needed)?.ok_or_else(|| ProveError::NotYetProved {
            executed: height,
            needed,
            decided: self.height(),
        })?;
        let handovers = self.handovers(needed)?;
        let (header, certificate) = (kept.header, kept.certificate);
        Ok(CertifiedHeader { genesis, handovers, header, certificate })
    }
}

impl<S: Store> Replica for ObserverLedger<S> {
    fn is_observer(&self) -> bool {
        true
    }

    fn executed_height(&self) -> u64 {
        self.effects_height()
    }

    fn state_value(&self, key: &[u8]) -> Result<Option<Vec<u8>>, LedgerError> {
        self.state(key)
    }

    fn has_submission(&self, submission: &Hash) -> Result<bool, LedgerError> {
        Ok(self.store.has(Column::OwnReceipts, &submission.0)?)
    }

    fn receipts_of_all(
        &self,
        submissions: &[Hash],
    ) -> Result<Vec<Option<Vec<Receipt>>>, LedgerError> {
        let receipts = |id| {
            let shown = self.shown_receipts(id)?;
            Ok(shown.map(|shown| shown.into_iter().map(|one| one.receipt).collect()))
        };
        submissions.iter().map(receipts).collect()
    }

    fn submission_owner(&self, submission: &Hash) -> Result<Option<OrganisationCode>, LedgerError> {
        let is_own = self.store.has(Column::OwnSubmissions, &submission.0)?;
        Ok(is_own.then(|| self.organisation.clone()))
    }

    fn document(&self, document: &Hash) -> Result<Option<AcceptedDocument>, LedgerError> {
        let found = self.evidence_of(document)?;
        Ok(found.map(|evidence| AcceptedDocument {
            organisation: evidence.submission.organisation,
            bytes: evidence.document,
            receipt: evidence.receipt,
        }))
    }

    fn prove_document(
        &self,
        document: &Hash,
        genesis: Vec<u8>,
    ) -> Result<DocumentProof, ProveError> {
        let evidence = self.evidence_of(document)?;
        let evidence = evidence.ok_or(ProveError::UnknownDocument { document: *document })?;
        let certified = self.certify(evidence.receipt.height, genesis)?;
        Ok(evidence.certified(certified))
    }

    fn cases(
        &self,
        filter: &CaseFilter,
        after: Option<&CaseKey>,
        limit: usize,
    ) -> Result<CasePage, LedgerError> {
        // Whatever it holds is its organisation's to see: a case that was granted, too.
        let filter = CaseFilter { organisation: Some(self.organisation.clone()), ..filter.clone() };
        cases::page(&self.store, &filter, after, limit)
    }

    fn policy_at(&self, height: u64) -> Arc<Policy> {
        let named = self.header(height).ok().flatten().map(|kept| kept.header.policy);
        let policies = self.policies.read().expect("no thread panics with the policies");
        let known = named.and_then(|hash| policies.get(&hash).cloned());
        // A height that is still to come has the policy of the last one that is known.
        let last = || policies.values().max_by_key(|policy| policy.version).cloned();
        known.or_else(last).unwrap_or_else(|| Arc::clone(&self.founding_policy))
    }
}
