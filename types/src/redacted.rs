//! A block as its reader sees it who may not see all of it.
//!
//! It holds the header and its certificate, what the reader's own organisation said at this
//! height, and the receipts that the header certifies for it. Of everything else there are
//! hashes: the paths from what is shown to the header's roots. [`RedactedBlock::verify`] checks
//! all that is shown against the block's own header; that the header follows the chain is
//! somebody else's to check.
//!
//! What is not shown cannot be missed by looking at the block alone. Receipts of submissions that
//! were shown can, and whoever follows the chain looks for them.

use crate::block::{Header, batch_leaf};
use crate::certificate::Certificate;
use crate::code::OrganisationCode;
use crate::codec::{self, Decode, DecodeError, Encode};
use crate::hash::{Domain, Hash};
use crate::limits::{EXECUTION_LAG, REDACTED_BYTES_MAX};
use crate::merkle::{self, InclusionProof, Salt};
use crate::receipt::{CaseKey, Receipt};
use crate::submission::{
    BatchHead, Submission, SubmissionError, VerifiedSubmission, submission_leaf,
};
use crate::validator::ValidatorSet;

/// A block, or a part of one, as one organisation sees it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "crate::codec::bincode")]
pub struct RedactedBlock {
    /// What the block commits to.
    pub header: Header,
    /// Who decided it.
    pub certificate: Certificate,
    /// The batches that hold submissions of the reader's organisation, with these alone.
    pub batches: Vec<RedactedBatch>,
    /// The receipts of its documents at the height whose effects the header states.
    pub receipts: Vec<ShownReceipt>,
    /// What the reader may ask for, because that height changed it. A hint: nothing proves it.
    pub changes: Vec<ShownChange>,
    /// The validators of the next height, where the header hands over to others than its own.
    pub next: Option<ValidatorSet>,
    /// Whether another part of the block follows, with the same header.
    pub more: bool,
}

/// A batch of which only some submissions are shown.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "crate::codec::bincode")]
pub struct RedactedBatch {
    /// What stands for the batch.
    pub head: BatchHead,
    /// Its place in the block.
    pub inclusion: InclusionProof,
    /// The submissions that are shown.
    pub submissions: Vec<RedactedSubmission>,
}

/// A submission with its place in its batch.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "crate::codec::bincode")]
pub struct RedactedSubmission {
    /// Its place in the batch.
    pub inclusion: InclusionProof,
    /// The submission in full.
    pub submission: Submission,
}

/// A receipt with what leads to its height's root.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "crate::codec::bincode")]
pub struct ShownReceipt {
    /// The receipt.
    pub receipt: Receipt,
    /// The salt of its leaf.
    pub salt: Salt,
    /// Its place among the receipts of its height.
    pub inclusion: InclusionProof,
}

/// What a height changed that a reader may see.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[bincode(crate = "crate::codec::bincode")]
pub enum ShownChange {
    /// A trade case.
    Case(CaseKey),
    /// The reader's own organisation.
    Organisation,
    /// An export case.
    Export(CaseKey),
}

/// Why what a redacted block shows is not what its header commits to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RedactedError {
    /// A batch is not the block's.
    #[error("a batch is not under the header's batches root")]
    Batch,
    /// A submission is not its batch's.
    #[error("submission {submission} is not under its batch's root")]
    Inclusion {
        /// Which submission.
        submission: Hash,
    },
    /// A submission is not valid.
    #[error("a submission is not valid")]
    Submission(#[source] SubmissionError),
    /// A submission is another's, which nobody may show.
    #[error("a submission is {found}'s, expected {expected}'s")]
    OtherOrganisation {
        /// The reader's organisation.
        expected: OrganisationCode,
        /// Whose it is.
        found: OrganisationCode,
    },
    /// The header states the effects of another height than it should.
    #[error("the header states the effects of height {found}, expected {expected}")]
    EffectsHeight {
        /// The height whose effects belong into the header.
        expected: u64,
        /// The height that it states.
        found: u64,
    },
    /// A receipt is not the height's.
    #[error("the receipt of document {document} is not under the header's receipts root")]
    Receipt {
        /// The receipt's document.
        document: Hash,
    },
}

/// A redacted block whose content was checked against its header; only checking makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedRedacted {
    /// The header. Whether it follows the chain has not been looked at.
    pub header: Header,
    /// Its certificate, not looked at either.
    pub certificate: Certificate,
    /// The reader's submissions, in the order in which they were shown.
    pub submissions: Vec<VerifiedSubmission>,
    /// The reader's receipts.
    pub receipts: Vec<ShownReceipt>,
    /// What may be asked for; not proved.
    pub changes: Vec<ShownChange>,
    /// The validators to whom the header hands over; not looked at.
    pub next: Option<ValidatorSet>,
    /// Whether another part follows.
    pub more: bool,
}

impl ShownReceipt {
    /// Whether the receipt stands under the receipts root of a header.
    pub fn is_under(&self, root: &Hash) -> bool {
        let leaf = merkle::leaf(&self.salt, &codec::encode(&self.receipt));
        self.inclusion.verify(Domain::ReceiptsRoot, &leaf, root).is_ok()
    }
}

impl RedactedBlock {
    /// Reads a redacted block from its canonical bytes.
    ///
    /// # Errors
    /// When the bytes are too long or not canonical.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        codec::decode(bytes, REDACTED_BYTES_MAX)
    }

    /// Checks that the header commits to all that is shown, and that it is `reader`'s.
    ///
    /// # Errors
    /// Names the first that does not hold.
    pub fn verify(
        self,
        genesis: &Hash,
        reader: &OrganisationCode,
    ) -> Result<VerifiedRedacted, RedactedError> {
        let expected = self.header.height.saturating_sub(EXECUTION_LAG);
        let executed = &self.header.executed;
        if executed.height != expected {
            let found = executed.height;
            return Err(RedactedError::EffectsHeight { expected, found });
        }
        for shown in &self.receipts {
            let is_of_height = shown.receipt.height == executed.height;
            if !is_of_height || !shown.is_under(&executed.receipts) {
                return Err(RedactedError::Receipt { document: shown.receipt.document });
            }
        }
        let mut shown = Vec::new();
        for batch in self.batches {
            let leaf = batch_leaf(&batch.head.digest(genesis));
            batch
                .inclusion
                .verify(Domain::BatchesRoot, &leaf, &self.header.batches)
                .map_err(|_| RedactedError::Batch)?;
            for RedactedSubmission { inclusion, submission } in batch.submissions {
                let id = submission.header.id(genesis);
                inclusion
                    .verify(Domain::SubmissionsRoot, &submission_leaf(&id), &batch.head.submissions)
                    .map_err(|_| RedactedError::Inclusion { submission: id })?;
                let found = &submission.header.organisation;
                if found != reader {
                    let (expected, found) = (reader.clone(), found.clone());
                    return Err(RedactedError::OtherOrganisation { expected, found });
                }
                shown.push(submission);
            }
        }
        let submissions: Result<_, _> =
            Submission::verify_all(shown, genesis).into_iter().collect();
        Ok(VerifiedRedacted {
            header: self.header,
            certificate: self.certificate,
            submissions: submissions.map_err(RedactedError::Submission)?,
            receipts: self.receipts,
            changes: self.changes,
            next: self.next,
            more: self.more,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::block::{Block, Executed, batches_root};
    use crate::certificate::CertifiedBatch;
    use crate::hidden::{self, Hidden};
    use crate::keys::SecretKey;
    use crate::receipt::Outcome;
    use crate::submission::Batch;
    use crate::time::Millis;
    use proptest::prelude::*;

    const GENESIS: Hash = Hash([8; 32]);
    const SECRET: Hash = Hash([9; 32]);

    fn code(number: u8) -> OrganisationCode {
        format!("ORG{number}").parse().unwrap()
    }

    fn submission(organisation: u8, content: &[u8], salt: u8) -> VerifiedSubmission {
        let key = SecretKey::from_seed([organisation + 1; 32]);
        let documents = vec![content.to_vec()];
        let salt = Salt::derive(b"salts", salt.into());
        Submission::sign(&GENESIS, code(organisation), &key, 9, salt, documents)
            .unwrap()
            .verify(&GENESIS)
            .unwrap()
    }

    /// A block of batches that hold one document for each number: whose it is. Document `n` of the
    /// whole block says `secret n`.
    struct World {
        block: Block,
        bodies: Vec<Batch>,
        receipts: Vec<Receipt>,
    }

    impl World {
        fn new(batches: &[Vec<u8>]) -> Self {
            let author = SecretKey::from_seed([99; 32]);
            let mut number = 0u8;
            let bodies: Vec<Batch> = (1u64..)
                .zip(batches)
                .map(|(own, organisations)| {
                    let verified = organisations.iter().map(|organisation| {
                        number += 1;
                        submission(*organisation, format!("secret {number}").as_bytes(), number)
                    });
                    Batch::sign(&GENESIS, &author, own, Hash::default(), verified.collect())
                })
                .collect();
            let certified: Vec<CertifiedBatch> = bodies
                .iter()
                .map(|body| CertifiedBatch {
                    header: body.header.clone(),
                    acknowledgements: vec![],
                })
                .collect();
            // The receipts are those of the height before the last, of the same documents.
            let all = bodies.iter().flat_map(|body| &body.submissions);
            let receipts: Vec<Receipt> = all
                .map(|own| Receipt {
                    document: Hash::of(Domain::Document, &[&own.documents[0]]),
                    submission: own.header.id(&GENESIS),
                    index: 0,
                    height: 5,
                    outcome: Outcome::Accepted { case: None },
                })
                .collect();
            let root = Hidden::new(hidden::RECEIPTS, &SECRET.0).tree(leaves(&receipts)).root();
            let header = Header {
                protocol: 1,
                genesis: GENESIS,
                height: 7,
                time: Millis(1),
                parent: Hash::default(),
                proposer: author.public_key(),
                validators: Hash::default(),
                policy: Hash::default(),
                batches: batches_root(&GENESIS, &certified),
                executed: Executed {
                    height: 5,
                    receipts: root,
                    events: Hash::default(),
                    state: Hash::default(),
                },
                absent: vec![],
                next_validators: Hash::default(),
            };
            Self { block: Block { header, batches: certified }, bodies, receipts }
        }

        /// What `reader` sees.
        fn redact(&self, reader: u8) -> RedactedBlock {
            let code = code(reader);
            let mut batches = Vec::new();
            for (index, body) in self.bodies.iter().enumerate() {
                let own: Vec<usize> = (0..body.submissions.len())
                    .filter(|i| body.submissions[*i].header.organisation == code)
                    .collect();
                if own.is_empty() {
                    continue;
                }
                let proofs = body.prove_submissions(&GENESIS, &own);
                let submissions = own.iter().zip(proofs).map(|(i, inclusion)| RedactedSubmission {
                    inclusion,
                    submission: body.submissions[*i].clone(),
                });
                batches.push(RedactedBatch {
                    head: body.header.head(),
                    inclusion: self.block.prove_batches(&[index]).remove(0),
                    submissions: submissions.collect(),
                });
            }
            let tree = Hidden::new(hidden::RECEIPTS, &SECRET.0).tree(leaves(&self.receipts));
            let own: Vec<Hash> = batches
                .iter()
                .flat_map(|batch| &batch.submissions)
                .map(|own| own.submission.header.id(&GENESIS))
                .collect();
            let receipts = self.receipts.iter().enumerate();
            let receipts = receipts.filter(|(_, receipt)| own.contains(&receipt.submission));
            let receipts = receipts.map(|(position, receipt)| ShownReceipt {
                receipt: receipt.clone(),
                salt: Salt::derive(&SECRET.0, position as u64),
                inclusion: tree.prove(position).unwrap(),
            });
            RedactedBlock {
                header: self.block.header.clone(),
                certificate: Certificate {
                    height: 7,
                    round: 0,
                    block: self.block.header.hash(),
                    signatures: vec![],
                },
                batches,
                receipts: receipts.collect(),
                changes: vec![],
                next: None,
                more: false,
            }
        }
    }

    fn leaves(receipts: &[Receipt]) -> Vec<Hash> {
        (0u64..).zip(receipts).map(|(i, receipt)| receipt.leaf(&SECRET, i)).collect()
    }

    fn holds(bytes: &[u8], needle: &[u8]) -> bool {
        bytes.windows(needle.len()).any(|window| window == needle)
    }

    proptest! {
        #[test]
        fn what_is_shown_verifies_and_holds_nothing_of_others(
            batches in prop::collection::vec(prop::collection::vec(0u8..3, 1..6), 1..8),
        ) {
            let world = World::new(&batches);
            for reader in 0u8..3 {
                let redacted = world.redact(reader);
                let bytes = codec::encode(&redacted);
                let again = RedactedBlock::decode(&bytes).unwrap();
                let shown = again.verify(&GENESIS, &code(reader)).unwrap();
                let own = batches.iter().flatten().filter(|whose| **whose == reader).count();
                prop_assert_eq!(shown.submissions.len(), own);
                prop_assert_eq!(shown.receipts.len(), own);
                let all = world.bodies.iter().flat_map(|body| &body.submissions);
                for other in all.filter(|one| one.header.organisation != code(reader)) {
                    let (header, id) = (&other.header, other.header.id(&GENESIS));
                    prop_assert!(!holds(&bytes, &other.salt.0), "a salt");
                    prop_assert!(!holds(&bytes, &id.0), "an identity");
                    prop_assert!(!holds(&bytes, &header.documents.0), "a documents root");
                    prop_assert!(!holds(&bytes, header.organisation.as_str().as_bytes()), "a code");
                    let document = Hash::of(Domain::Document, &[&other.documents[0]]);
                    prop_assert!(!holds(&bytes, &document.0), "a document's identity");
                }
                for body in &world.bodies {
                    prop_assert!(!holds(&bytes, &body.header.salt.0), "a batch's salt");
                    prop_assert!(!holds(&bytes, &codec::encode(&body.signature)), "a signature");
                }
            }
        }

        #[test]
        fn any_changed_byte_is_refused_but_for_what_is_no_claim(
            position in any::<prop::sample::Index>(),
            bit in 0u8..8,
        ) {
            let world = World::new(&[vec![0, 1], vec![1, 0, 0]]);
            let good = world.redact(0);
            let mut bytes = codec::encode(&good);
            let position = position.index(bytes.len());
            bytes[position] ^= 1 << bit;
            let Ok(changed) = RedactedBlock::decode(&bytes) else { return Ok(()) };
            let is_refused = changed.clone().verify(&GENESIS, &code(0)).is_err();
            // Whoever follows the chain checks header and certificate, and nobody believes hints.
            let bare = |block: &RedactedBlock| {
                (block.batches.clone(), block.receipts.clone())
            };
            let is_bare_same = bare(&changed) == bare(&good);
            prop_assert!(is_refused || is_bare_same);
            if is_bare_same && changed.header.hash() == good.header.hash() {
                let other = RedactedBlock {
                    certificate: good.certificate.clone(),
                    changes: vec![],
                    next: None,
                    more: false,
                    ..changed
                };
                prop_assert_eq!(other, good);
            }
        }
    }

    #[test]
    fn how_many_others_there_are_changes_no_length() {
        let few = World::new(&[vec![0]]).redact(0);
        let many = World::new(&[vec![0, 1, 1, 1, 2, 2], vec![1; 20], vec![2; 9]]).redact(0);
        // Three places are written in one byte or in three, as the secrets have it.
        let [few, many] = [few, many].map(|redacted| codec::encode(&redacted).len());
        assert!(few.abs_diff(many) <= 3 * 4, "{few} {many}");
    }

    #[test]
    fn what_is_anothers_is_refused_even_where_it_verifies() {
        let world = World::new(&[vec![0, 1]]);
        let error = world.redact(1).verify(&GENESIS, &code(0)).unwrap_err();
        assert!(matches!(error, RedactedError::OtherOrganisation { .. }), "{error}");
    }

    #[test]
    fn a_receipt_of_another_height_is_refused() {
        let mut redacted = World::new(&[vec![0]]).redact(0);
        redacted.receipts[0].receipt.height = 4;
        let error = redacted.verify(&GENESIS, &code(0)).unwrap_err();
        assert!(matches!(error, RedactedError::Receipt { .. }), "{error}");
    }
}
