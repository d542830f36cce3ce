//! What answers an organisation's questions: a validator's ledger, or an observer's.

use crate::cases::{CaseFilter, CasePage};
use crate::ledger::{Ledger, LedgerError};
use crate::proof::{DocumentProof, ProveError};
use crate::query::AcceptedDocument;
use crate::store::Store;
use kanhe_contracts::policy::Policy;
use kanhe_types::code::OrganisationCode;
use kanhe_types::hash::Hash;
use kanhe_types::receipt::{CaseKey, Receipt};
use std::sync::Arc;

/// What is asked of either. An observer answers for what its organisation may see.
pub trait Replica: Send + Sync {
    /// Whether all that it holds is one organisation's to see, which nobody else asks.
    fn is_observer(&self) -> bool;

    /// The last height of which receipts are answered.
    fn executed_height(&self) -> u64;

    /// The value of a state key.
    ///
    /// # Errors
    /// When the store fails or is damaged.
    fn state_value(&self, key: &[u8]) -> Result<Option<Vec<u8>>, LedgerError>;

    /// Whether a submission was executed.
    ///
    /// # Errors
    /// When the store fails or is damaged.
    fn has_submission(&self, submission: &Hash) -> Result<bool, LedgerError>;

    /// For each submission its receipts, where it was executed.
    ///
    /// # Errors
    /// When the store fails or is damaged.
    fn receipts_of_all(
        &self,
        submissions: &[Hash],
    ) -> Result<Vec<Option<Vec<Receipt>>>, LedgerError>;

    /// Who sent an executed submission.
    ///
    /// # Errors
    /// When the store fails or is damaged.
    fn submission_owner(&self, submission: &Hash) -> Result<Option<OrganisationCode>, LedgerError>;

    /// An accepted document.
    ///
    /// # Errors
    /// When the store fails or is damaged.
    fn document(&self, document: &Hash) -> Result<Option<AcceptedDocument>, LedgerError>;

    /// The proof that a document was accepted. `genesis` is the genesis document's canonical bytes.
    ///
    /// # Errors
    /// When there is no such document, or its height is not certified yet.
    fn prove_document(
        &self,
        document: &Hash,
        genesis: Vec<u8>,
    ) -> Result<DocumentProof, ProveError>;

    /// At most `limit` cases that pass `filter`, after the case `after`.
    ///
    /// # Errors
    /// When the store fails or is damaged.
    fn cases(
        &self,
        filter: &CaseFilter,
        after: Option<&CaseKey>,
        limit: usize,
    ) -> Result<CasePage, LedgerError>;

    /// The policy in force at a height.
    fn policy_at(&self, height: u64) -> Arc<Policy>;
}

impl<S: Store> Replica for Ledger<S> {
    fn is_observer(&self) -> bool {
        false
    }

    fn executed_height(&self) -> u64 {
        Self::executed_height(self)
    }

    fn state_value(&self, key: &[u8]) -> Result<Option<Vec<u8>>, LedgerError> {
        Self::state_value(self, key)
    }

    fn has_submission(&self, submission: &Hash) -> Result<bool, LedgerError> {
        Self::has_submission(self, submission)
    }

    fn receipts_of_all(
        &self,
        submissions: &[Hash],
    ) -> Result<Vec<Option<Vec<Receipt>>>, LedgerError> {
        Self::receipts_of_all(self, submissions)
    }

    fn submission_owner(&self, submission: &Hash) -> Result<Option<OrganisationCode>, LedgerError> {
        Self::submission_owner(self, submission)
    }

    fn document(&self, document: &Hash) -> Result<Option<AcceptedDocument>, LedgerError> {
        Self::document(self, document)
    }

    fn prove_document(
        &self,
        document: &Hash,
        genesis: Vec<u8>,
    ) -> Result<DocumentProof, ProveError> {
        Self::prove_document(self, document, genesis)
    }

    fn cases(
        &self,
        filter: &CaseFilter,
        after: Option<&CaseKey>,
        limit: usize,
    ) -> Result<CasePage, LedgerError> {
        Self::cases(self, filter, after, limit)
    }

    fn policy_at(&self, height: u64) -> Arc<Policy> {
        Self::policy_at(self, height)
    }
}
