//! What can be shown to somebody who holds only the genesis hash.
//!
//! A proof is a chain of links, each of which is checked against the one before: the genesis
//! document names the validators, handovers those who followed, their certificate a header, the
//! header the roots, a root the leaf. [`ProofError`] says which link breaks. The proof assumes that
//! the validators' keys did not leak later, former ones' included.

use crate::evidence::DocumentEvidence;
use crate::ledger::{Ledger, LedgerError};
use crate::schema;
use crate::store::{Column, Store};
use kanhe_contracts::state::is_in_tree;
use kanhe_types::block::Header;
use kanhe_types::certificate::Certificate;
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{self, Decode, DecodeError, Encode};
use kanhe_types::handover::{Handover, TrustError, TrustedSets};
use kanhe_types::hash::{Domain, Hash};
use kanhe_types::keys::{PublicKey, Signature};
use kanhe_types::limits::EXECUTION_LAG;
use kanhe_types::merkle::{InclusionProof, Salt};
use kanhe_types::receipt::{Outcome, Receipt};
use kanhe_types::state_proof::{self, StateProof, StateProofError};
use kanhe_types::submission::{Submission, SubmissionHeader};
use kanhe_types::validator::ValidatorSet;
use serde::{Serialize, Serializer};

/// Bytes of one encoded proof: a genesis document of the largest size, a document and the rest.
pub const PROOF_BYTES_MAX: usize = 12 * 1024 * 1024;

/// What leads from the genesis hash to a header: the founding document, a handover for each
/// change of the validators, and a certificate.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct CertifiedHeader {
    /// The genesis document's canonical bytes, in hex.
    #[serde(serialize_with = "as_hex")]
    pub genesis: Vec<u8>,
    /// From the founding validators to those of the header, in order.
    pub handovers: Vec<Handover>,
    /// The header.
    pub header: Header,
    /// The quorum that decided it.
    pub certificate: Certificate,
}

/// A submission without its documents: what its organisation signed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct SignedHeader {
    /// Who speaks.
    pub organisation: OrganisationCode,
    /// The key that signs.
    pub key: PublicKey,
    /// The last height at which it could be executed.
    pub expires: u64,
    /// How many documents it has.
    pub count: u8,
    /// The root of its documents.
    pub documents: Hash,
    /// The signature.
    pub signature: Signature,
}

/// Shows that a document was accepted: by whom it was signed, at which height, with which receipt.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct DocumentProof {
    /// The document's canonical bytes, in hex.
    #[serde(serialize_with = "as_hex")]
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
    /// The header that states the effects of the receipt's height.
    pub certified: CertifiedHeader,
}

/// Shows what the state holds for a key, or that it holds nothing, after a height.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct StateValueProof {
    /// The key, in hex.
    #[serde(serialize_with = "as_hex")]
    pub key: Vec<u8>,
    /// The value, or none where the key is absent.
    pub value: Option<SaltedValue>,
    /// The path to the state root; where the key is absent one for each generation.
    pub proofs: Vec<StateProof>,
    /// The header that states the root.
    pub certified: CertifiedHeader,
}

/// A state value with the salt that it is committed with.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct SaltedValue {
    /// The generation of the key.
    pub generation: u16,
    /// The salt.
    pub salt: Salt,
    /// The value, in hex.
    #[serde(serialize_with = "as_hex")]
    pub value: Vec<u8>,
}

/// Which link of a proof breaks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The genesis document is another one.
    #[error("expected the genesis document with hash {expected}, found one with {found}")]
    Genesis {
        /// The genesis hash of the caller.
        expected: Hash,
        /// The hash of the document in the proof.
        found: Hash,
    },
    /// The genesis document cannot be read.
    #[error("the genesis document is not valid: {0}")]
    GenesisDocument(String),
    /// The validators were not handed over to as the proof says.
    #[error("the handover at height {height} does not hold")]
    Handover {
        /// Its height.
        height: u64,
        /// What does not hold.
        source: TrustError,
    },
    /// The header is not one that the validators of its height decided.
    #[error(transparent)]
    Header(TrustError),
    /// The header states the effects of another height.
    #[error("the header states the effects of height {found}, the receipt is of height {expected}")]
    EffectsHeight {
        /// The receipt's height.
        expected: u64,
        /// The height whose effects the header states.
        found: u64,
    },
    /// The receipt is not among those of its height.
    #[error("the receipt is not under the receipts root of its height")]
    Receipt,
    /// The receipt does not say that the document was accepted.
    #[error("the receipt does not accept the document")]
    NotAccepted,
    /// The receipt is of another document, submission or place.
    #[error("the receipt is of another {field}")]
    OtherReceipt {
        /// What differs.
        field: &'static str,
    },
    /// The organisation's signature does not match.
    #[error("the submission's signature does not match its key and content")]
    Signature,
    /// The document is not among those that were signed.
    #[error("the document is not under the documents root that was signed")]
    Document,
    /// The state's tree has no such keys, so that nothing can be shown of one.
    #[error("records of features are not in the state's tree")]
    BesideTheTree,
    /// The path does not show what it is said to show.
    #[error("the state proof does not hold")]
    State(#[source] StateProofError),
}

/// No proof can be made.
#[derive(Debug, thiserror::Error)]
pub enum ProveError {
    /// No such document was accepted.
    #[error("no accepted document has the identity {document}")]
    UnknownDocument {
        /// Its identity.
        document: Hash,
    },
    /// The header that certifies it is still to come; ask again.
    #[error(
        "height {executed} is proved once height {needed} is decided, decided is height {decided}"
    )]
    NotYetProved {
        /// The height whose effects would be proved.
        executed: u64,
        /// The height whose header states them.
        needed: u64,
        /// The last decided height.
        decided: u64,
    },
    /// The ledger cannot answer.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl From<crate::store::StoreError> for ProveError {
    fn from(error: crate::store::StoreError) -> Self {
        Self::Ledger(error.into())
    }
}

fn as_hex<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&hex::encode(bytes))
}

impl SignedHeader {
    pub(crate) fn new(submission: &Submission) -> Self {
        let SubmissionHeader { organisation, key, expires, count, documents } =
            submission.header.clone();
        Self { organisation, key, expires, count, documents, signature: submission.signature }
    }

    /// The submission's identity.
    pub fn id(&self, genesis: &Hash) -> Hash {
        let header = SubmissionHeader {
            organisation: self.organisation.clone(),
            key: self.key,
            expires: self.expires,
            count: self.count,
            documents: self.documents,
        };
        header.id(genesis)
    }
}

impl CertifiedHeader {
    /// Checks everything from the genesis hash to the header. `validators_of` reads the
    /// founding validators from the genesis document, whose hash has been checked.
    ///
    /// # Errors
    /// Says which link breaks.
    pub fn verify(
        &self,
        genesis_hash: &Hash,
        validators_of: impl FnOnce(&[u8]) -> Result<ValidatorSet, String>,
    ) -> Result<(), ProofError> {
        let found = Hash::of(Domain::Genesis, &[&self.genesis]);
        if found != *genesis_hash {
            return Err(ProofError::Genesis { expected: *genesis_hash, found });
        }
        let validators = validators_of(&self.genesis).map_err(ProofError::GenesisDocument)?;
        let mut sets = TrustedSets::new(*genesis_hash, validators);
        for handover in &self.handovers {
            let height = handover.header.height;
            let followed = sets.hand_over(handover);
            followed.map_err(|source| ProofError::Handover { height, source })?;
        }
        sets.verify(&self.header, &self.certificate).map_err(ProofError::Header)
    }
}

impl DocumentProof {
    /// Reads a proof from its canonical bytes.
    ///
    /// # Errors
    /// When the bytes are too long or not canonical.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        codec::decode(bytes, PROOF_BYTES_MAX)
    }

    /// Checks every link from the genesis hash to the document. `validators_of` reads the
    /// founding validators from the genesis document, whose hash has been checked.
    ///
    /// # Errors
    /// Says which link breaks.
    pub fn verify(
        &self,
        genesis_hash: &Hash,
        validators_of: impl FnOnce(&[u8]) -> Result<ValidatorSet, String>,
    ) -> Result<(), ProofError> {
        self.certified.verify(genesis_hash, validators_of)?;
        let evidence = self.evidence();
        evidence.verify_receipt(&self.certified.header.executed)?;
        match self.receipt.outcome {
            Outcome::Accepted { .. } => evidence.verify_document(genesis_hash),
            Outcome::Repeated { .. } | Outcome::Rejected(_) => Err(ProofError::NotAccepted),
        }
    }

    /// The same without what certifies it.
    fn evidence(&self) -> DocumentEvidence {
        DocumentEvidence {
            document: self.document.clone(),
            salt: self.salt,
            inclusion: self.inclusion.clone(),
            submission: self.submission.clone(),
            receipt: self.receipt.clone(),
            receipt_salt: self.receipt_salt,
            receipt_inclusion: self.receipt_inclusion.clone(),
        }
    }
}

impl StateValueProof {
    /// Reads a proof from its canonical bytes.
    ///
    /// # Errors
    /// When the bytes are too long or not canonical.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        codec::decode(bytes, PROOF_BYTES_MAX)
    }

    /// The height after which the state was so.
    pub fn height(&self) -> u64 {
        self.certified.header.executed.height
    }

    /// Checks every link from the genesis hash to the value, or to its absence. `validators_of`
    /// reads the founding validators from the genesis document, whose hash has been checked.
    ///
    /// # Errors
    /// Says which link breaks.
    pub fn verify(
        &self,
        genesis_hash: &Hash,
        validators_of: impl FnOnce(&[u8]) -> Result<ValidatorSet, String>,
    ) -> Result<(), ProofError> {
        self.certified.verify(genesis_hash, validators_of)?;
        if !is_in_tree(&self.key) {
            return Err(ProofError::BesideTheTree);
        }
        let root = &self.certified.header.executed.state;
        let verdict = match (&self.value, self.proofs.as_slice()) {
            (None, proofs) => {
                state_proof::verify_absent_everywhere(proofs, genesis_hash, root, &self.key)
            }
            (Some(value), [proof]) => {
                let place = state_proof::place_of(genesis_hash, value.generation, &self.key);
                proof.verify_present(root, &place, &value.salt, &value.value)
            }
            (Some(_), _) => Err(StateProofError::Value),
        };
        verdict.map_err(ProofError::State)
    }
}

impl<S: Store> Ledger<S> {
    /// The proof that a document was accepted. `genesis` is the genesis document's canonical
    /// bytes.
    ///
    /// # Errors
    /// When there is no such document, or its height is not certified yet.
    pub fn prove_document(
        &self,
        document: &Hash,
        genesis: Vec<u8>,
    ) -> Result<DocumentProof, ProveError> {
        let evidence = self.document_evidence(document)?;
        let evidence = evidence.ok_or(ProveError::UnknownDocument { document: *document })?;
        let certified = self.certify(evidence.receipt.height, genesis)?;
        Ok(evidence.certified(certified))
    }

    /// The proof of what the state holds for `key` at the last certified root. `genesis` is the
    /// genesis document's canonical bytes.
    ///
    /// # Errors
    /// While blocks that change the state run ahead of the header that certifies it.
    pub fn prove_state(&self, key: &[u8], genesis: Vec<u8>) -> Result<StateValueProof, ProveError> {
        // Held so that value, path and height are of one state.
        let current = self.tree.read().expect("no thread has panicked with the tree");
        let decided = self.decided_height();
        let not_yet = || {
            let (executed, needed) = (current.height, current.height + EXECUTION_LAG);
            ProveError::NotYetProved { executed, needed, decided }
        };
        // Heights without effects keep the root, so that an older height may certify this state.
        let certified_height = decided.checked_sub(EXECUTION_LAG).ok_or_else(not_yet)?;
        let certified_root = self.executed(certified_height)?.map(|executed| executed.state);
        if certified_root != Some(current.tree.root()) {
            return Err(not_yet());
        }
        let stored = self.store.get(Column::State, key)?;
        let value = schema::StateValue::read_any(key, stored.as_deref())?;
        let last = self.record(current.height)?.map_or(0, |record| record.generation);
        let generations = value.map_or(0..=last, |value| value.generation..=value.generation);
        let prove = |generation| {
            let place = state_proof::place_of(&self.genesis, generation, key);
            current.tree.prove(&self.store, &place)
        };
        let proofs: Result<Vec<StateProof>, LedgerError> = generations.map(prove).collect();
        let value = value.map(|value| SaltedValue {
            generation: value.generation,
            salt: value.salt,
            value: value.value.to_vec(),
        });
        let certified = self.certify(certified_height, genesis)?;
        Ok(StateValueProof { key: key.to_vec(), value, proofs: proofs?, certified })
    }

    /// The header that states the effects of `height`.
    fn certify(&self, height: u64, genesis: Vec<u8>) -> Result<CertifiedHeader, ProveError> {
        let needed = height + EXECUTION_LAG;
        let decision = self.decision(needed)?.ok_or_else(|| ProveError::NotYetProved {
            executed: height,
            needed,
            decided: self.decided_height(),
        })?;
        let (header, certificate) = (decision.block.header, decision.certificate);
        let handovers = self.handovers(header.height)?;
        Ok(CertifiedHeader { genesis, handovers, header, certificate })
    }

    /// The handovers from the founding validators to those of `height`, which is decided.
    ///
    /// # Errors
    /// When the store fails or is damaged.
    pub fn handovers(&self, height: u64) -> Result<Vec<Handover>, LedgerError> {
        let mut handovers = Vec::new();
        for scheduled in self.schedule().validator_sets().iter().skip(1) {
            if height < scheduled.from {
                break;
            }
            let last = scheduled.from.saturating_sub(1);
            let missing = || {
                let key = schema::height_key(last);
                schema::corrupt(Column::Decisions, &key, "a decided height is missing")
            };
            let decision = self.decision(last)?.ok_or_else(missing)?;
            let (header, certificate) = (decision.block.header, decision.certificate);
            let next = ValidatorSet::clone(&scheduled.set);
            handovers.push(Handover { header, certificate, next });
        }
        Ok(handovers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::salts;
    use crate::store::MemoryStore;
    use crate::testing::{GENESIS_BYTES, Network, beside_key, genesis_hash};
    use kanhe_types::hidden::{self, Hidden};
    use proptest::prelude::*;

    fn ledger(network: &Network) -> Ledger<MemoryStore> {
        let ledger = network.open(MemoryStore::default());
        network.grow(&ledger, &[&["put a 1", "put b 2", "put x 9"], &["nonsense", "put a 1"]]);
        network.grow(&ledger, &[]);
        network.grow(&ledger, &[]);
        ledger
    }

    fn document_proof(network: &Network) -> DocumentProof {
        let ledger = ledger(network);
        let document = ledger.receipts_at(1).unwrap()[1].document;
        ledger.prove_document(&document, GENESIS_BYTES.to_vec()).unwrap()
    }

    fn state_value_proof(network: &Network, key: &str) -> StateValueProof {
        ledger(network).prove_state(key.as_bytes(), GENESIS_BYTES.to_vec()).unwrap()
    }

    fn verify_document(network: &Network, proof: &DocumentProof) -> Result<(), ProofError> {
        proof.verify(&genesis_hash(), |bytes| network.validators_of(bytes))
    }

    fn verify_state(network: &Network, proof: &StateValueProof) -> Result<(), ProofError> {
        proof.verify(&genesis_hash(), |bytes| network.validators_of(bytes))
    }

    #[test]
    fn an_accepted_document_is_proved_and_its_proof_travels() {
        let network = Network::new();
        let proof = document_proof(&network);
        assert_eq!(proof.document, b"put b 2");
        assert_eq!(verify_document(&network, &proof), Ok(()));
        assert_eq!(DocumentProof::decode(&codec::encode(&proof)), Ok(proof));
    }

    #[test]
    fn what_is_unknown_rejected_or_not_certified_is_not_proved() {
        let network = Network::new();
        let ledger = network.open(MemoryStore::default());
        network.grow(&ledger, &[&["put a 1", "nonsense"]]);
        let receipts = ledger.receipts_at(1).unwrap();
        let prove = |index: usize| {
            let document = &receipts[index].document;
            ledger.prove_document(document, GENESIS_BYTES.to_vec()).unwrap_err()
        };
        assert!(matches!(prove(0), ProveError::NotYetProved { executed: 1, needed: 3, .. }));
        assert!(matches!(prove(1), ProveError::UnknownDocument { .. }));
        let state = ledger.prove_state(b"put/a", GENESIS_BYTES.to_vec()).unwrap_err();
        assert!(matches!(state, ProveError::NotYetProved { executed: 1, needed: 3, decided: 1 }));
    }

    #[test]
    fn nothing_is_shown_of_a_key_that_the_tree_does_not_have() {
        let network = Network::new();
        let mut proof = state_value_proof(&network, "put/absent");
        assert_eq!(verify_state(&network, &proof), Ok(()));
        proof.key = beside_key("absent");
        assert_eq!(verify_state(&network, &proof), Err(ProofError::BesideTheTree));
    }

    #[test]
    fn each_link_of_a_document_proof_is_checked() {
        let network = Network::new();
        let check = |change: &dyn Fn(&mut DocumentProof), expected: &str| {
            let mut proof = document_proof(&network);
            change(&mut proof);
            let error = verify_document(&network, &proof).unwrap_err();
            assert!(error.to_string().contains(expected), "{error}");
        };
        let other = Hash([1; 32]);
        check(&|proof| proof.document.push(0), "another document");
        check(&|proof| proof.salt.0[0] ^= 1, "documents root that was signed");
        check(&|proof| proof.inclusion.index = 0, "another place");
        check(&|proof| proof.inclusion.count = 4, "documents root that was signed");
        check(&|proof| proof.inclusion.siblings[0] = other, "documents root that was signed");
        check(&|proof| proof.submission.organisation = "X".parse().unwrap(), "another submission");
        check(&|proof| proof.submission.expires += 1, "another submission");
        check(&|proof| proof.submission.count += 1, "another submission");
        check(&|proof| proof.submission.documents = other, "another submission");
        let key = PublicKey::Ed25519([1; 32]);
        check(&|proof| proof.submission.key = key, "another submission");
        let signature = Signature::Ed25519([1; 64]);
        check(&|proof| proof.submission.signature = signature, "signature does not match");
        check(&|proof| proof.receipt.index = 0, "receipts root");
        check(&|proof| proof.receipt.document = other, "receipts root");
        check(&|proof| proof.receipt.submission = other, "receipts root");
        check(&|proof| proof.receipt.height = 2, "effects of height 1");
        check(&|proof| proof.receipt.outcome = Outcome::Repeated { first_height: 1 }, "root");
        check(&|proof| proof.receipt_salt.0[0] ^= 1, "receipts root");
        check(&|proof| proof.receipt_inclusion.index += 1, "receipts root");
        check(&|proof| proof.receipt_inclusion.siblings.push(other), "receipts root");
        check(&|proof| proof.certified.genesis.push(0), "expected the genesis document");
        check(&|proof| proof.certified.header.executed.receipts = other, "another block");
        check(&|proof| proof.certified.header.genesis = other, "another genesis");
        check(&|proof| proof.certified.header.validators = other, "another validator set");
        check(&|proof| proof.certified.certificate.block = other, "another block");
        check(&|proof| proof.certified.certificate.height = 1, "another block");
        check(&|proof| proof.certified.certificate.round = 1, "certificate does not hold");
        let drop_one = |proof: &mut DocumentProof| {
            proof.certified.certificate.signatures.pop();
        };
        check(&drop_one, "certificate does not hold");
    }

    #[test]
    fn a_rejection_in_a_true_tree_does_not_pass_for_acceptance() {
        let network = Network::new();
        let ledger = ledger(&network);
        let receipts = ledger.receipts_at(1).unwrap();
        let mut proof = document_proof(&network);
        let record = ledger.record(1).unwrap().unwrap();
        let leaves: Vec<Hash> = (0..)
            .zip(&receipts)
            .map(|(position, one)| one.leaf(&record.secret, position))
            .collect();
        proof.receipt = receipts[3].clone();
        proof.receipt_salt = salts::receipt_salt(&record.secret, 3);
        let tree = Hidden::new(hidden::RECEIPTS, &record.secret.0).tree(leaves);
        proof.receipt_inclusion = tree.prove(3).unwrap();
        assert_eq!(verify_document(&network, &proof), Err(ProofError::NotAccepted));
        // Nor does the acceptance of one document pass for another's.
        proof.receipt = receipts[0].clone();
        proof.receipt_salt = salts::receipt_salt(&record.secret, 0);
        proof.receipt_inclusion = tree.prove(0).unwrap();
        let field = "document";
        assert_eq!(verify_document(&network, &proof), Err(ProofError::OtherReceipt { field }));
    }

    #[test]
    fn validators_that_the_genesis_does_not_name_prove_nothing() {
        let network = Network::new();
        let proof = document_proof(&network);
        let verdict = proof.verify(&Hash([2; 32]), |bytes| network.validators_of(bytes));
        assert!(matches!(verdict, Err(ProofError::Genesis { .. })));
        let verdict = proof.verify(&genesis_hash(), |_| Err("not a genesis".into()));
        assert!(matches!(verdict, Err(ProofError::GenesisDocument(_))));
    }

    #[test]
    fn present_and_absent_keys_are_proved() {
        let network = Network::new();
        let present = state_value_proof(&network, "put/a");
        assert_eq!(present.value.as_ref().unwrap().value, b"1");
        assert_eq!(present.height(), 1);
        assert_eq!(verify_state(&network, &present), Ok(()));
        let absent = state_value_proof(&network, "put/absent");
        assert_eq!(absent.value, None);
        assert_eq!(verify_state(&network, &absent), Ok(()));
        assert_eq!(StateValueProof::decode(&codec::encode(&absent)), Ok(absent));
    }

    #[test]
    fn keys_of_every_generation_are_proved_and_absent_ones_in_all() {
        let network = Network::new();
        let mut ledger = network.open(MemoryStore::default());
        ledger.generation_keys = 3;
        for text in ["put a 1", "put b 2", "put c 3", "put a 4", "remove b", "put b 5"] {
            network.grow(&ledger, &[&[text]]);
        }
        network.grow(&ledger, &[]);
        network.grow(&ledger, &[]);
        let prove = |key: &str| {
            let proof = ledger.prove_state(key.as_bytes(), GENESIS_BYTES.to_vec()).unwrap();
            assert_eq!(verify_state(&network, &proof), Ok(()), "{key}");
            proof
        };
        let generation = |key| prove(key).value.unwrap().generation;
        // What is changed stays where it was, what comes back is new.
        let [a, b, c] = ["put/a", "put/b", "put/c"].map(generation);
        assert!(a < c && c < b, "{a} {b} {c}");
        let mut absent = prove("put/absent");
        assert!(usize::from(b) < absent.proofs.len());
        absent.proofs.truncate(usize::from(b));
        let verdict = verify_state(&network, &absent);
        assert_eq!(verdict, Err(ProofError::State(StateProofError::Generations)));
    }

    #[test]
    fn a_changed_state_proof_is_refused() {
        let network = Network::new();
        let check = |key: &str, change: &dyn Fn(&mut StateValueProof)| {
            let mut proof = state_value_proof(&network, key);
            change(&mut proof);
            assert!(verify_state(&network, &proof).is_err());
        };
        check("put/a", &|proof| proof.value = None);
        check("put/a", &|proof| proof.key = b"put/b".to_vec());
        check("put/a", &|proof| proof.value.as_mut().unwrap().value.push(0));
        check("put/a", &|proof| proof.value.as_mut().unwrap().salt.0[0] ^= 1);
        check("put/a", &|proof| proof.value.as_mut().unwrap().generation = 1);
        check("put/a", &|proof| proof.proofs[0].siblings.push(Hash([1; 32])));
        check("put/a", &|proof| proof.proofs[0].terminal = state_proof::Terminal::Empty);
        check("put/a", &|proof| proof.proofs.clear());
        check("put/a", &|proof| proof.proofs.push(proof.proofs[0].clone()));
        check("put/absent", &|proof| proof.proofs.clear());
        check("put/a", &|proof| proof.certified.header.executed.state = Hash([1; 32]));
        let (salt, value) = (Salt::default(), b"1".to_vec());
        let forged = SaltedValue { generation: 0, salt, value };
        check("put/absent", &|proof| proof.value = Some(forged.clone()));
    }

    /// A proof of a document that was accepted after the validators had changed.
    fn proof_after_a_handover(network: &Network) -> DocumentProof {
        let ledger = ledger(network);
        network.grow(&ledger, &[&["put late 1"]]);
        network.grow(&ledger, &[]);
        network.grow(&ledger, &[]);
        let document = ledger.receipts_at(4).unwrap()[0].document;
        ledger.prove_document(&document, GENESIS_BYTES.to_vec()).unwrap()
    }

    #[test]
    fn a_proof_follows_the_validators_from_the_genesis_on() {
        let network = Network::handing_over(5);
        let proof = proof_after_a_handover(&network);
        assert_eq!(proof.certified.header.height, 6);
        let handovers = proof.certified.handovers.iter();
        assert_eq!(handovers.map(|one| one.header.height).collect::<Vec<_>>(), [4]);
        assert_eq!(verify_document(&network, &proof), Ok(()));
        assert_eq!(DocumentProof::decode(&codec::encode(&proof)).as_ref(), Ok(&proof));
        // What was proved before the change is proved without it.
        assert_eq!(document_proof(&network).certified.handovers, []);
        let check = |change: &dyn Fn(&mut CertifiedHeader), expected: &str| {
            let mut proof = proof.clone();
            change(&mut proof.certified);
            let error = verify_document(&network, &proof).unwrap_err();
            assert!(error.to_string().contains(expected), "{error}");
        };
        check(&|certified| certified.handovers.clear(), "another validator set");
        let cut = |certified: &mut CertifiedHeader| {
            certified.handovers[0].certificate.signatures.pop();
        };
        check(&cut, "handover at height 4");
        let next = network.genesis.validators.clone();
        check(&|certified| certified.handovers[0].next = next.clone(), "handover at height 4");
        let twice = |certified: &mut CertifiedHeader| {
            certified.handovers.push(certified.handovers[0].clone());
        };
        check(&twice, "handover at height 4");
    }

    proptest! {
        #[test]
        fn a_proof_with_any_byte_changed_is_refused(
            at in any::<prop::sample::Index>(),
            bit in 0u8..8,
        ) {
            let network = Network::new();
            let mut bytes = codec::encode(&document_proof(&network));
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
            if let Ok(proof) = DocumentProof::decode(&bytes) {
                prop_assert!(verify_document(&network, &proof).is_err(), "byte {at}, bit {bit}");
            }
        }
    }
}
