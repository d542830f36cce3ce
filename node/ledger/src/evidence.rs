//! What shows a document or a state value to somebody who follows the headers himself.
//!
//! The same links as a [proof](crate::proof) has, without the header at their beginning: a
//! reader who has verified every header needs none sent again. State values are shown as they
//! stand after the last executed height, which a header states two heights later: whoever asks
//! keeps them until it comes.

use crate::ledger::{Ledger, LedgerError};
use crate::proof::{CertifiedHeader, DocumentProof, ProofError, SaltedValue, SignedHeader};
use crate::query::FoundDocument;
use crate::salts;
use crate::schema::{self, CHUNK, ExecutedRecord, SubmissionPlace};
use crate::store::{Column, Store};
use kanhe_contracts::state_key::{
    case_key_bytes, export_case_key_bytes, organisation_key_bytes, policy_key_bytes,
};
use kanhe_types::block::Executed;
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{self, Decode, Encode};
use kanhe_types::hash::{Domain, Hash};
use kanhe_types::hidden::{self, Hidden};
use kanhe_types::merkle::{self, InclusionProof, Salt};
use kanhe_types::receipt::{CaseKey, Receipt};
use kanhe_types::redacted::ShownReceipt;
use kanhe_types::state_proof::{self, StateProof, StateProofError};
use kanhe_types::submission::{document_id, document_leaves};

/// A document with what leads from a header's receipts root to it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct DocumentEvidence {
    /// The document's canonical bytes.
    pub document: Vec<u8>,
    /// The salt of its leaf.
    pub salt: Salt,
    /// Its place in the submission.
    pub inclusion: InclusionProof,
    /// The submission.
    pub submission: SignedHeader,
    /// The receipt.
    pub receipt: Receipt,
    /// The salt of the receipt's leaf.
    pub receipt_salt: Salt,
    /// The receipt's place among those of its height.
    pub receipt_inclusion: InclusionProof,
}

/// A state value with its path to the state root.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct ValueEvidence {
    /// The value with its salt.
    pub value: SaltedValue,
    /// The path.
    pub proof: StateProof,
}

/// Something that a reader asks to be shown.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub enum Wanted {
    /// A trade case.
    Case(CaseKey),
    /// The reader's own organisation.
    Organisation,
    /// A version of the policy, with the height from which it holds.
    Policy(u32),
    /// An accepted document.
    Document(Hash),
    /// An export case.
    Export(CaseKey),
}

/// What is shown of it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub enum Shown {
    /// There is no such thing, or not for the one who asks.
    Nothing,
    /// The answer is long enough already: ask again.
    Later,
    /// A value of the state after [`EvidenceAnswer::height`].
    Value(ValueEvidence),
    /// A document.
    Document(Box<DocumentEvidence>),
}

/// The answer to a list of [`Wanted`], in its order.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct EvidenceAnswer {
    /// The last executed height, at least.
    pub height: u64,
    /// What is shown.
    pub shown: Vec<Shown>,
}

impl Wanted {
    /// The state key of what is wanted, where it is a value of the state.
    pub fn state_key(&self, reader: &OrganisationCode) -> Option<Vec<u8>> {
        match self {
            Self::Case(case) => Some(case_key_bytes(case)),
            Self::Organisation => Some(organisation_key_bytes(reader)),
            Self::Policy(version) => Some(policy_key_bytes(*version)),
            Self::Document(_) => None,
            Self::Export(case) => Some(export_case_key_bytes(case)),
        }
    }
}

impl DocumentEvidence {
    /// Checks every link from a height's effects, which a header states, to the document. What the
    /// receipt says is not looked at.
    ///
    /// # Errors
    /// Says which link breaks.
    pub fn verify(&self, genesis: &Hash, executed: &Executed) -> Result<(), ProofError> {
        self.verify_receipt(executed)?;
        self.verify_document(genesis)
    }

    pub(crate) fn verify_receipt(&self, executed: &Executed) -> Result<(), ProofError> {
        if executed.height != self.receipt.height {
            let (expected, found) = (self.receipt.height, executed.height);
            return Err(ProofError::EffectsHeight { expected, found });
        }
        let leaf = merkle::leaf(&self.receipt_salt, &codec::encode(&self.receipt));
        self.receipt_inclusion
            .verify(Domain::ReceiptsRoot, &leaf, &executed.receipts)
            .map_err(|_| ProofError::Receipt)
    }

    pub(crate) fn verify_document(&self, genesis: &Hash) -> Result<(), ProofError> {
        let submission = &self.submission;
        let id = submission.id(genesis);
        if self.receipt.submission != id {
            return Err(ProofError::OtherReceipt { field: "submission" });
        }
        if self.receipt.document != document_id(genesis, &submission.organisation, &self.document) {
            return Err(ProofError::OtherReceipt { field: "document" });
        }
        if u64::from(self.receipt.index) != self.inclusion.index {
            return Err(ProofError::OtherReceipt { field: "place in the submission" });
        }
        submission.key.verify(&id, &submission.signature).map_err(|_| ProofError::Signature)?;
        let leaf = merkle::leaf(&self.salt, &self.document);
        self.inclusion
            .verify(Domain::DocumentsRoot, &leaf, &submission.documents)
            .map_err(|_| ProofError::Document)
    }

    /// The proof for somebody who holds no header.
    pub fn certified(self, certified: CertifiedHeader) -> DocumentProof {
        DocumentProof {
            document: self.document,
            salt: self.salt,
            inclusion: self.inclusion,
            submission: self.submission,
            receipt: self.receipt,
            receipt_salt: self.receipt_salt,
            receipt_inclusion: self.receipt_inclusion,
            certified,
        }
    }
}

impl ValueEvidence {
    /// Checks that the state under `root` holds the value for `key`.
    ///
    /// # Errors
    /// When the path leads elsewhere.
    pub fn verify(&self, genesis: &Hash, root: &Hash, key: &[u8]) -> Result<(), StateProofError> {
        let place = state_proof::place_of(genesis, self.value.generation, key);
        self.proof.verify_present(root, &place, &self.value.salt, &self.value.value)
    }
}

impl<S: Store> Ledger<S> {
    /// What shows an accepted document; none where there is no such document.
    ///
    /// # Errors
    /// When the store fails or is damaged.
    pub fn document_evidence(
        &self,
        document: &Hash,
    ) -> Result<Option<DocumentEvidence>, LedgerError> {
        let Some(found) = self.find_document(document)? else { return Ok(None) };
        let FoundDocument { place, submission, receipt } = found;
        let damaged =
            || schema::corrupt(Column::Documents, &document.0, "the place is beyond what is there");
        let index = usize::from(receipt.index);
        let leaves = document_leaves(&submission.salt, &submission.documents);
        let inclusion = InclusionProof::new(&leaves, index).ok_or_else(damaged)?;
        let shown = self.shown_receipts(place.height, place.position, 1)?;
        let shown = shown.into_iter().next().ok_or_else(damaged)?;
        Ok(Some(DocumentEvidence {
            document: submission.documents.get(index).cloned().ok_or_else(damaged)?,
            salt: Salt::derive(&submission.salt.0, u64::from(receipt.index)),
            inclusion,
            submission: SignedHeader::new(&submission),
            receipt,
            receipt_salt: shown.salt,
            receipt_inclusion: shown.inclusion,
        }))
    }

    /// The receipts of a submission, if `height` is the one that executed it, with their paths.
    ///
    /// # Errors
    /// When the store fails or is damaged.
    pub fn shown_receipts_of(
        &self,
        submission: &Hash,
        height: u64,
    ) -> Result<Vec<ShownReceipt>, LedgerError> {
        let place = self.load::<SubmissionPlace>(Column::Submissions, &submission.0)?;
        match place.filter(|place| place.height == height) {
            Some(place) => self.shown_receipts(height, place.position, place.count),
            None => Ok(Vec::new()),
        }
    }

    /// So many receipts of a height from a position on, with their paths to its root.
    fn shown_receipts(
        &self,
        height: u64,
        first: u64,
        count: u64,
    ) -> Result<Vec<ShownReceipt>, LedgerError> {
        let key = schema::chunk_tops_key(height);
        let missing =
            || schema::corrupt(Column::Receipts, &key, "what leads to the root is missing");
        let record: ExecutedRecord = self.record(height)?.ok_or_else(missing)?;
        let hidden = Hidden::new(hidden::RECEIPTS, &record.secret.0);
        let tops: Vec<Hash> = self.load(Column::Receipts, &key)?.ok_or_else(missing)?;
        let above = hidden.tree_of_tops(tops);
        let mut shown = Vec::new();
        let (mut position, end) = (first, first.saturating_add(count));
        while position < end {
            let start = position - position % CHUNK as u64;
            let chunk = self.receipt_chunk(height, position)?;
            let leaves = (start..).zip(&chunk);
            let leaves: Vec<Hash> =
                leaves.map(|(at, receipt)| receipt.leaf(&record.secret, at)).collect();
            let tree = hidden.chunk(start / CHUNK as u64, leaves);
            let next = end.min(start + CHUNK as u64);
            for (at, receipt) in (start..next).zip(chunk).skip_while(|(at, _)| *at < position) {
                let inclusion = hidden.prove_from_chunk(&tree, &above, at).ok_or_else(missing)?;
                shown.push(ShownReceipt {
                    receipt,
                    salt: salts::receipt_salt(&record.secret, at),
                    inclusion,
                });
            }
            position = next;
        }
        Ok(shown)
    }

    /// What the state holds for keys after the last executed height, with paths to its root, and
    /// that height. A key without a value has none.
    ///
    /// # Errors
    /// When the store fails or is damaged.
    ///
    /// # Panics
    /// If a thread has panicked with the state tree.
    pub fn value_evidence(
        &self,
        keys: &[Vec<u8>],
    ) -> Result<(u64, Vec<Option<ValueEvidence>>), LedgerError> {
        // Held so that values, paths and height are of one state.
        let current = self.tree.read().expect("no thread has panicked with the tree");
        let prove = |key: &Vec<u8>| {
            let stored = self.store.get(Column::State, key)?;
            let Some(found) = schema::StateValue::read_any(key, stored.as_deref())? else {
                return Ok(None);
            };
            let place = state_proof::place_of(&self.genesis, found.generation, key);
            let proof = current.tree.prove(&self.store, &place)?;
            let value = SaltedValue {
                generation: found.generation,
                salt: found.salt,
                value: found.value.to_vec(),
            };
            Ok(Some(ValueEvidence { value, proof }))
        };
        let found: Result<Vec<_>, LedgerError> = keys.iter().map(prove).collect();
        Ok((current.height, found?))
    }
}
