//! What an organisation says: one signed submission of 1 to 100 documents.
//!
//! The signature covers the header only, and the header the root of the documents' salted leaves.
//! So a submission whose documents are withheld, all or some, still verifies.

use crate::code::OrganisationCode;
use crate::codec::{self, Decode, DecodeError, Encode};
use crate::hash::{Domain, Hash, Hasher};
use crate::hidden::{self, Hidden};
use crate::keys::{PublicKey, SecretKey, Signature, Signed};
use crate::limits::{
    BATCH_BYTES_MAX, BATCH_SUBMISSIONS_MAX, DOCUMENT_BYTES_MAX, SUBMISSION_BYTES_MAX,
    SUBMISSION_DOCUMENTS_MAX,
};
use crate::merkle::{self, InclusionProof, Salt};
use crate::signer::{SignError, Signer, Statement};

/// Bytes that everything but the documents takes at most in a submission's encoding.
const HEAD_WEIGHT: usize = 256;
/// Bytes that a document's length takes at most in front of it.
const LENGTH_WEIGHT: usize = 5;

/// What the signature covers, with the genesis hash.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "crate::codec::bincode")]
pub struct SubmissionHeader {
    /// Who speaks.
    pub organisation: OrganisationCode,
    /// The organisation's operator key that signs.
    pub key: PublicKey,
    /// The last height at which the submission may be executed.
    pub expires: u64,
    /// How many documents follow, 1 to 100.
    pub count: u8,
    /// The root of the documents' salted leaves.
    pub documents: Hash,
}

/// A signed submission as it travels and is stored. Its signature has not been checked.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "crate::codec::bincode")]
pub struct Submission {
    /// What is signed.
    pub header: SubmissionHeader,
    /// The signature over the header's digest.
    pub signature: Signature,
    /// The secret from which the leaves' salts are derived.
    pub salt: Salt,
    /// The documents' canonical bytes; the contracts decode them.
    pub documents: Vec<Vec<u8>>,
}

/// Why a submission is not admitted. Its documents have not been looked at.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SubmissionError {
    /// It carries no document or too many.
    #[error("expected 1 to 100 documents, found {found}; split the message")]
    DocumentCount {
        /// How many it carries.
        found: usize,
    },
    /// One document is too large.
    #[error("document {index} has {found} bytes, expected at most {DOCUMENT_BYTES_MAX}")]
    DocumentTooLong {
        /// Which one, from 0.
        index: usize,
        /// Its length in bytes.
        found: usize,
    },
    /// The header's count or root is not that of the documents.
    #[error("the documents are not those that the header commits to; sign them again")]
    Root,
    /// The signature does not match.
    #[error("signature does not match its key, this chain's genesis and the header")]
    Signature,
}

/// A submission whose shape and signature have been checked; only checking makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedSubmission {
    id: Hash,
    submission: Submission,
}

impl SubmissionHeader {
    /// The submission's identity: the digest that is signed.
    pub fn id(&self, genesis: &Hash) -> Hash {
        Hash::of(Domain::Submission, &[genesis.as_bytes(), &codec::encode(self)])
    }
}

/// A document's identity: the same content from the same organisation is the same document.
pub fn document_id(genesis: &Hash, organisation: &OrganisationCode, bytes: &[u8]) -> Hash {
    Hash::of(Domain::Document, &[genesis.as_bytes(), organisation.as_str().as_bytes(), bytes])
}

/// The salted leaves of `documents` under a submission's secret.
pub fn document_leaves(salt: &Salt, documents: &[Vec<u8>]) -> Vec<Hash> {
    let salts = (0u64..).map(|index| Salt::derive(&salt.0, index));
    salts.zip(documents).map(|(salt, bytes)| merkle::leaf(&salt, bytes)).collect()
}

impl Submission {
    /// Signs `documents` as `organisation`.
    ///
    /// # Errors
    /// When there are none, too many, or one is too large.
    pub fn sign(
        genesis: &Hash,
        organisation: OrganisationCode,
        secret: &SecretKey,
        expires: u64,
        salt: Salt,
        documents: Vec<Vec<u8>>,
    ) -> Result<Self, SubmissionError> {
        let signed = Self::sign_with(genesis, organisation, secret, expires, salt, documents)?;
        Ok(signed.expect("a key in memory signs everything"))
    }

    /// Lets a signer sign `documents` as `organisation`.
    ///
    /// # Errors
    /// When there are no documents, too many, or one is too large; inside, when it is not signed.
    pub fn sign_with(
        genesis: &Hash,
        organisation: OrganisationCode,
        signer: &dyn Signer,
        expires: u64,
        salt: Salt,
        documents: Vec<Vec<u8>>,
    ) -> Result<Result<Self, SignError>, SubmissionError> {
        check_documents(&documents)?;
        let header = SubmissionHeader {
            organisation,
            key: signer.public_key(),
            expires,
            count: u8::try_from(documents.len())
                .map_err(|_| SubmissionError::DocumentCount { found: documents.len() })?,
            documents: merkle::root(Domain::DocumentsRoot, &document_leaves(&salt, &documents)),
        };
        let signature = signer.sign_statement(genesis, &Statement::Submission(header.clone()));
        Ok(signature.map(|signature| Self { header, signature, salt, documents }))
    }

    /// Reads a submission from its canonical bytes.
    ///
    /// # Errors
    /// When the bytes are too long or not canonical.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        codec::decode(bytes, SUBMISSION_BYTES_MAX)
    }

    /// Checks everything but the signature: counts, sizes, and that the header commits to the
    /// documents.
    ///
    /// # Errors
    /// Names the first that does not hold.
    pub fn check_shape(&self) -> Result<(), SubmissionError> {
        check_documents(&self.documents)?;
        let found = self.documents.len();
        let leaves = document_leaves(&self.salt, &self.documents);
        let root = merkle::root(Domain::DocumentsRoot, &leaves);
        if usize::from(self.header.count) != found || self.header.documents != root {
            return Err(SubmissionError::Root);
        }
        Ok(())
    }

    /// About the bytes of the encoded submission, without encoding it; never fewer.
    pub fn weight(&self) -> usize {
        self.documents.iter().fold(HEAD_WEIGHT, |sum, bytes| {
            sum.saturating_add(bytes.len()).saturating_add(LENGTH_WEIGHT)
        })
    }

    /// The signature to be checked.
    pub fn signed(&self, genesis: &Hash) -> Signed {
        (self.header.key, self.header.id(genesis), self.signature)
    }

    /// Checks shape and signature.
    ///
    /// # Errors
    /// Names the first that does not hold.
    pub fn verify(self, genesis: &Hash) -> Result<VerifiedSubmission, SubmissionError> {
        self.check_shape()?;
        let (key, id, signature) = self.signed(genesis);
        key.verify(&id, &signature).map_err(|_| SubmissionError::Signature)?;
        Ok(VerifiedSubmission { id, submission: self })
    }

    /// Checks many submissions with one batched check; each gets its own answer.
    pub fn verify_all(
        submissions: Vec<Self>,
        genesis: &Hash,
    ) -> Vec<Result<VerifiedSubmission, SubmissionError>> {
        let signed: Vec<Signed> = submissions.iter().map(|one| one.signed(genesis)).collect();
        let valid = crate::keys::verify_all(&signed);
        let checked = submissions.into_iter().zip(signed).zip(valid);
        checked
            .map(|((submission, (_, id, _)), is_valid)| {
                submission.check_shape()?;
                if !is_valid {
                    return Err(SubmissionError::Signature);
                }
                Ok(VerifiedSubmission { id, submission })
            })
            .collect()
    }
}

fn check_documents(documents: &[Vec<u8>]) -> Result<(), SubmissionError> {
    let found = documents.len();
    if !(1..=SUBMISSION_DOCUMENTS_MAX).contains(&found) {
        return Err(SubmissionError::DocumentCount { found });
    }
    for (index, bytes) in documents.iter().enumerate() {
        if DOCUMENT_BYTES_MAX < bytes.len() {
            return Err(SubmissionError::DocumentTooLong { index, found: bytes.len() });
        }
    }
    Ok(())
}

impl VerifiedSubmission {
    /// The submission's identity.
    pub fn id(&self) -> Hash {
        self.id
    }

    /// What was checked.
    pub fn submission(&self) -> &Submission {
        &self.submission
    }

    /// What was checked, by value.
    pub fn into_submission(self) -> Submission {
        self.submission
    }
}

/// The signed head of a batch. Its digest is what acknowledgements and blocks name.
///
/// Its salt keeps whoever is shown a submission of it from learning the rest: whose clients they
/// are, the author's running number, how many others there are.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[bincode(crate = "crate::codec::bincode")]
pub struct BatchHeader {
    /// The validator whose clients' submissions it holds.
    pub author: PublicKey,
    /// The author's running number; two digests for one number are evidence.
    pub number: u64,
    /// The hash of the validator set that may acknowledge it.
    pub validators: Hash,
    /// The root of the submissions' identities.
    pub submissions: Hash,
    /// How many submissions.
    pub submission_count: u32,
    /// How many documents in all.
    pub document_count: u32,
    /// The author's secret, drawn so that nobody who lacks the author's key can.
    pub salt: Salt,
}

/// What stands for a batch towards whoever may not see the rest of its header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "crate::codec::bincode")]
pub struct BatchHead {
    /// The digest of all of the header but its submissions.
    pub rest: Hash,
    /// The root of the submissions' identities.
    pub submissions: Hash,
}

/// Submissions that one validator puts forward together.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "crate::codec::bincode")]
pub struct Batch {
    /// What stands for it.
    pub header: BatchHeader,
    /// The author's signature over the header's digest.
    pub signature: Signature,
    /// The submissions in the order in which they execute.
    pub submissions: Vec<Submission>,
}

/// Why a batch is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BatchError {
    /// Its header does not describe its submissions.
    #[error("the batch's header does not describe its submissions")]
    Header,
    /// Its author did not sign it.
    #[error("the batch is not signed by its author")]
    Signature,
    /// One of its submissions is not valid.
    #[error("submission {index} of the batch is not valid: {source}")]
    Submission {
        /// Which one, from 0.
        index: usize,
        /// What is wrong with it.
        source: SubmissionError,
    },
}

impl BatchHead {
    /// The batch's identity.
    pub fn digest(&self, genesis: &Hash) -> Hash {
        let parts: [&[u8]; 3] = [&genesis.0, &self.rest.0, &self.submissions.0];
        Hash::of(Domain::Batch, &parts)
    }
}

impl BatchHeader {
    /// What stands for a batch of submissions that the author has verified.
    pub fn of(
        author: PublicKey,
        number: u64,
        validators: Hash,
        salt: Salt,
        submissions: &[VerifiedSubmission],
    ) -> Self {
        let ids: Vec<Hash> = submissions.iter().map(VerifiedSubmission::id).collect();
        Self {
            author,
            number,
            validators,
            submissions: submissions_root(&salt, &ids),
            submission_count: u32::try_from(submissions.len()).unwrap_or(u32::MAX),
            document_count: count_documents(submissions.iter().map(|own| &own.submission)),
            salt,
        }
    }

    /// What stands for the batch towards whoever may not see this header.
    pub fn head(&self) -> BatchHead {
        let Self { author, number, validators, submissions, .. } = self;
        let counts = (self.submission_count, self.document_count, self.salt);
        let rest = codec::encode(&(author, number, validators, counts));
        BatchHead { rest: Hash::of(Domain::BatchRest, &[&rest]), submissions: *submissions }
    }

    /// The batch's identity.
    pub fn digest(&self, genesis: &Hash) -> Hash {
        self.head().digest(genesis)
    }

    /// What a validator signs when it has checked the batch and synced it to disk.
    pub fn acknowledgement(&self, genesis: &Hash) -> Hash {
        Hash::of(Domain::Acknowledgement, &[genesis.as_bytes(), self.digest(genesis).as_bytes()])
    }
}

/// The leaf of a submission in its batch's tree. An identity is no guess's: it covers the salted
/// documents.
pub fn submission_leaf(id: &Hash) -> Hash {
    merkle::leaf(&Salt::default(), &id.0)
}

fn submissions_root(salt: &Salt, ids: &[Hash]) -> Hash {
    let leaves = ids.iter().map(submission_leaf).collect();
    Hidden::new(hidden::SUBMISSIONS, &salt.0).tree(leaves).root()
}

/// Draws a batch's salt: from what its author alone can sign, so that whoever holds all of a
/// batch's submissions does not know it either.
///
/// # Errors
/// When whoever holds the author's key does not sign.
pub fn draw_salt(
    genesis: &Hash,
    author: &dyn Signer,
    number: u64,
    submissions: &[VerifiedSubmission],
) -> Result<Salt, SignError> {
    let mut ids = Hasher::new(Domain::BatchSalt);
    for submission in submissions {
        ids.part(&submission.id().0);
    }
    let statement = Statement::BatchSalt { number, submissions: ids.finish() };
    let signature = author.sign_statement(genesis, &statement)?;
    Ok(Salt::derive(&codec::encode(&signature), 0))
}

impl Batch {
    /// Gathers and signs submissions that the author has verified.
    pub fn sign(
        genesis: &Hash,
        secret: &SecretKey,
        number: u64,
        validators: Hash,
        submissions: Vec<VerifiedSubmission>,
    ) -> Self {
        let salt = draw_salt(genesis, secret, number, &submissions)
            .expect("a key in memory signs what it is asked to");
        let header = BatchHeader::of(secret.public_key(), number, validators, salt, &submissions);
        let signature = secret.sign(&header.digest(genesis));
        Self::signed(header, signature, submissions)
    }

    /// The batch of a header, its signature, and the submissions that the header was made of.
    pub fn signed(
        header: BatchHeader,
        signature: Signature,
        submissions: Vec<VerifiedSubmission>,
    ) -> Self {
        let submissions =
            submissions.into_iter().map(VerifiedSubmission::into_submission).collect();
        Self { header, signature, submissions }
    }

    /// Reads a batch from its canonical bytes.
    ///
    /// # Errors
    /// When the bytes are too long or not canonical.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        codec::decode(bytes, BATCH_BYTES_MAX)
    }

    /// Checks the header, the author's signature, and every submission, with one batched check.
    ///
    /// # Errors
    /// Names the first that does not hold.
    pub fn verify(&self, genesis: &Hash) -> Result<(), BatchError> {
        self.check_header(genesis)?;
        for (index, submission) in self.submissions.iter().enumerate() {
            submission.check_shape().map_err(|source| BatchError::Submission { index, source })?;
        }
        let mut signed: Vec<Signed> = self.submissions.iter().map(|s| s.signed(genesis)).collect();
        signed.push((self.header.author, self.header.digest(genesis), self.signature));
        let valid = crate::keys::verify_all(&signed);
        match valid.iter().position(|valid| !valid) {
            None => Ok(()),
            Some(index) if index == self.submissions.len() => Err(BatchError::Signature),
            Some(index) => {
                Err(BatchError::Submission { index, source: SubmissionError::Signature })
            }
        }
    }

    /// Checks that the header describes the submissions; signatures are not looked at.
    ///
    /// # Errors
    /// When it does not.
    pub fn check_header(&self, genesis: &Hash) -> Result<(), BatchError> {
        let ids: Vec<Hash> = self.submissions.iter().map(|s| s.header.id(genesis)).collect();
        let fits = (1..=BATCH_SUBMISSIONS_MAX).contains(&ids.len())
            && self.header.submission_count as usize == ids.len()
            && self.header.document_count == count_documents(self.submissions.iter())
            && self.header.submissions == submissions_root(&self.header.salt, &ids);
        if fits { Ok(()) } else { Err(BatchError::Header) }
    }
}

impl Batch {
    /// Shows of each of these submissions, by index, that it is one of the batch's.
    ///
    /// # Panics
    /// If there is no such submission.
    pub fn prove_submissions(&self, genesis: &Hash, indexes: &[usize]) -> Vec<InclusionProof> {
        let ids = self.submissions.iter().map(|submission| submission.header.id(genesis));
        let leaves = ids.map(|id| submission_leaf(&id)).collect();
        let tree = Hidden::new(hidden::SUBMISSIONS, &self.header.salt.0).tree(leaves);
        let prove = |index: &usize| tree.prove(*index).expect("the batch has this submission");
        indexes.iter().map(prove).collect()
    }
}

fn count_documents<'a>(submissions: impl Iterator<Item = &'a Submission>) -> u32 {
    let count: usize = submissions.map(|submission| submission.documents.len()).sum();
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GENESIS: Hash = Hash([3; 32]);

    fn submission(documents: Vec<Vec<u8>>) -> Result<Submission, SubmissionError> {
        let secret = SecretKey::from_seed([1; 32]);
        let code = "4300000001".parse().unwrap();
        Submission::sign(&GENESIS, code, &secret, 9, Salt([5; 16]), documents)
    }

    #[test]
    fn the_weight_of_a_submission_is_never_below_its_bytes_and_not_far_above() {
        let secret = SecretKey::from_seed([1; 32]);
        let code: OrganisationCode = "A".repeat(18).parse().unwrap();
        for (count, size) in [(1, 0), (1, DOCUMENT_BYTES_MAX), (100, 1), (100, 300)] {
            let documents = vec![vec![7; size]; count];
            let signed = Submission::sign(
                &Hash::default(),
                code.clone(),
                &secret,
                u64::MAX,
                Salt::default(),
                documents,
            );
            let submission = signed.unwrap();
            let bytes = codec::encode(&submission).len();
            let weight = submission.weight();
            assert!(bytes <= weight && weight <= bytes + 256 + 5 * count, "{bytes} {weight}");
        }
    }

    #[test]
    fn a_hundred_documents_fit_and_one_more_does_not() {
        assert!(submission(vec![vec![1]; 100]).unwrap().verify(&GENESIS).is_ok());
        let found = SubmissionError::DocumentCount { found: 101 };
        assert_eq!(submission(vec![vec![1]; 101]).unwrap_err(), found);
        assert!(submission(vec![]).is_err());
    }

    #[test]
    fn the_largest_document_fits_and_one_byte_more_does_not() {
        assert!(submission(vec![vec![0; DOCUMENT_BYTES_MAX]]).is_ok());
        assert!(submission(vec![vec![0; DOCUMENT_BYTES_MAX + 1]]).is_err());
    }

    #[test]
    fn a_changed_document_or_another_genesis_is_refused() {
        let good = submission(vec![vec![1], vec![2]]).unwrap();
        let mut changed = good.clone();
        changed.documents[1] = vec![3];
        assert_eq!(changed.verify(&GENESIS).unwrap_err(), SubmissionError::Root);
        assert_eq!(good.verify(&Hash::default()).unwrap_err(), SubmissionError::Signature);
    }

    #[test]
    fn of_many_submissions_each_gets_its_own_answer() {
        let good = submission(vec![vec![1]]).unwrap();
        let mut forged = submission(vec![vec![2]]).unwrap();
        forged.signature = good.signature;
        let mut changed = good.clone();
        changed.documents[0] = vec![3];
        let answers = Submission::verify_all(vec![good.clone(), forged, changed], &GENESIS);
        let expected = [
            Ok(good.verify(&GENESIS).unwrap()),
            Err(SubmissionError::Signature),
            Err(SubmissionError::Root),
        ];
        assert_eq!(answers, expected);
    }

    fn batch() -> Batch {
        let submissions = [vec![vec![1]], vec![vec![2], vec![3]]]
            .map(|documents| submission(documents).unwrap().verify(&GENESIS).unwrap());
        let secret = SecretKey::from_seed([2; 32]);
        Batch::sign(&GENESIS, &secret, 7, Hash::default(), submissions.to_vec())
    }

    #[test]
    fn a_batch_verifies_and_counts_its_documents() {
        assert_eq!(batch().verify(&GENESIS), Ok(()));
        assert_eq!(batch().header.document_count, 3);
    }

    #[test]
    fn a_batch_with_a_forged_submission_names_it() {
        let mut batch = batch();
        batch.submissions[1].signature = batch.submissions[0].signature;
        let error = batch.verify(&GENESIS).unwrap_err();
        let source = SubmissionError::Signature;
        assert_eq!(error, BatchError::Submission { index: 1, source });
    }

    #[test]
    fn a_batch_with_a_submission_left_out_is_refused() {
        let mut batch = batch();
        batch.submissions.pop();
        assert_eq!(batch.verify(&GENESIS), Err(BatchError::Header));
    }
}
