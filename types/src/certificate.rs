//! Votes, proposals, and the quorums that certify blocks and batches.

use crate::codec::{self, Decode, Encode};
use crate::hash::{Domain, Hash};
use crate::keys::{PublicKey, Signature, Signed};
use crate::submission::BatchHeader;
use crate::validator::ValidatorSet;
use serde::{Deserialize, Serialize};

/// Which of a round's two votes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[bincode(crate = "crate::codec::bincode")]
pub enum VoteKind {
    /// The first vote of a round.
    Prevote,
    /// The second vote of a round.
    Precommit,
}

/// One validator's vote of one round; `None` votes for no block.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[bincode(crate = "crate::codec::bincode")]
pub struct Vote {
    /// The height that is decided.
    pub height: u64,
    /// The round, from 0.
    pub round: u32,
    /// Which vote.
    pub kind: VoteKind,
    /// The header's hash, or none.
    pub block: Option<Hash>,
}

/// A proposer's choice for one round.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[bincode(crate = "crate::codec::bincode")]
pub struct Proposal {
    /// The height that is decided.
    pub height: u64,
    /// The round, from 0.
    pub round: u32,
    /// The header's hash.
    pub block: Hash,
    /// The round in which a quorum prevoted for the block already (Tendermint's validRound).
    pub valid_round: Option<u32>,
}

impl Vote {
    /// What the validator signs.
    pub fn digest(&self, genesis: &Hash) -> Hash {
        Hash::of(Domain::Vote, &[genesis.as_bytes(), &codec::encode(self)])
    }
}

impl Proposal {
    /// What the proposer signs.
    pub fn digest(&self, genesis: &Hash) -> Hash {
        Hash::of(Domain::Proposal, &[genesis.as_bytes(), &codec::encode(self)])
    }
}

/// A signature by the validator at an index of a set.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "crate::codec::bincode")]
pub struct IndexedSignature {
    /// The validator's index in its set.
    pub validator: u16,
    /// Its signature.
    pub signature: Signature,
}

/// Precommits of a quorum: the block is final.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "crate::codec::bincode")]
pub struct Certificate {
    /// The height that is decided.
    pub height: u64,
    /// The round in which it was.
    pub round: u32,
    /// The header's hash.
    pub block: Hash,
    /// The precommits' signatures, by index, without repeats.
    pub signatures: Vec<IndexedSignature>,
}

/// A batch that a quorum holds on disk.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "crate::codec::bincode")]
pub struct CertifiedBatch {
    /// What stands for the batch.
    pub header: BatchHeader,
    /// The acknowledgements, by index, without repeats.
    pub acknowledgements: Vec<IndexedSignature>,
}

/// Why signatures do not form a quorum's certificate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// Too few signatures.
    #[error("expected signatures of {quorum} validators, found {found}")]
    TooFew {
        /// How many form a quorum.
        quorum: usize,
        /// How many there are.
        found: usize,
    },
    /// The indexes are not ascending, or one is beyond the set.
    #[error("the signatures' validators are not in ascending order within the set")]
    Order,
    /// A signature is not valid.
    #[error("the signature of validator {validator} does not match")]
    Signature {
        /// The validator's index.
        validator: u16,
    },
    /// The batch was made for another validator set, or its author is not in the set.
    #[error("the batch belongs to another validator set")]
    OtherSet,
}

/// Checks that `signatures` over `digest` are by a quorum of `validators`.
///
/// # Errors
/// Names the first that does not hold.
pub fn verify_quorum(
    digest: &Hash,
    signatures: &[IndexedSignature],
    validators: &ValidatorSet,
) -> Result<(), CertificateError> {
    let (quorum, found) = (validators.quorum(), signatures.len());
    if found < quorum || validators.count() < found {
        return Err(CertificateError::TooFew { quorum, found });
    }
    let ascending = signatures.windows(2).all(|pair| match pair {
        [one, two] => one.validator < two.validator,
        _ => true,
    });
    if !ascending {
        return Err(CertificateError::Order);
    }
    let signed: Option<Vec<Signed>> = signatures
        .iter()
        .map(|s| validators.get(s.validator).map(|v| (v.key, *digest, s.signature)))
        .collect();
    let valid = crate::keys::verify_all(&signed.ok_or(CertificateError::Order)?);
    match signatures.iter().zip(valid).find(|(_, valid)| !valid) {
        Some((s, _)) => Err(CertificateError::Signature { validator: s.validator }),
        None => Ok(()),
    }
}

impl Certificate {
    /// Checks that a quorum of `validators` precommitted the block.
    ///
    /// # Errors
    /// Names the first that does not hold.
    pub fn verify(
        &self,
        genesis: &Hash,
        validators: &ValidatorSet,
    ) -> Result<(), CertificateError> {
        let vote = Vote {
            height: self.height,
            round: self.round,
            kind: VoteKind::Precommit,
            block: Some(self.block),
        };
        verify_quorum(&vote.digest(genesis), &self.signatures, validators)
    }

    /// The keys that signed, in the set's order.
    pub fn signers<'a>(
        &'a self,
        validators: &'a ValidatorSet,
    ) -> impl Iterator<Item = PublicKey> + 'a {
        self.signatures.iter().filter_map(|s| validators.get(s.validator).map(|v| v.key))
    }
}

impl CertifiedBatch {
    /// Checks that a quorum of `validators` holds the batch.
    ///
    /// # Errors
    /// Names the first that does not hold.
    pub fn verify(
        &self,
        genesis: &Hash,
        validators: &ValidatorSet,
    ) -> Result<(), CertificateError> {
        let known = validators.index_of(&self.header.author).is_some();
        if !known || self.header.validators != validators.hash() {
            return Err(CertificateError::OtherSet);
        }
        verify_quorum(&self.header.acknowledgement(genesis), &self.acknowledgements, validators)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::SecretKey;
    use crate::validator::Validator;

    const GENESIS: Hash = Hash([4; 32]);

    fn network() -> (Vec<SecretKey>, ValidatorSet) {
        let mut secrets: Vec<SecretKey> = (1..5u8).map(|i| SecretKey::from_seed([i; 32])).collect();
        secrets.sort_by_key(SecretKey::public_key);
        let validators = secrets.iter().enumerate().map(|(i, secret)| Validator {
            organisation: format!("V{i}").parse().unwrap(),
            key: secret.public_key(),
            node: PublicKey::Ed25519([100 + i as u8; 32]),
        });
        let set = ValidatorSet::new(validators.collect()).unwrap();
        (secrets, set)
    }

    fn certificate(signers: &[u16]) -> Certificate {
        let (secrets, _) = network();
        let block = Hash([7; 32]);
        let vote = Vote { height: 3, round: 1, kind: VoteKind::Precommit, block: Some(block) };
        let signatures = signers
            .iter()
            .map(|i| IndexedSignature {
                validator: *i,
                signature: secrets[usize::from(*i).min(3)].sign(&vote.digest(&GENESIS)),
            })
            .collect();
        Certificate { height: 3, round: 1, block, signatures }
    }

    #[test]
    fn three_of_four_certify_and_two_do_not() {
        let (_, set) = network();
        assert_eq!(certificate(&[0, 1, 3]).verify(&GENESIS, &set), Ok(()));
        let few = CertificateError::TooFew { quorum: 3, found: 2 };
        assert_eq!(certificate(&[0, 1]).verify(&GENESIS, &set), Err(few));
    }

    #[test]
    fn one_validator_counts_once() {
        let (_, set) = network();
        assert_eq!(certificate(&[0, 1, 1]).verify(&GENESIS, &set), Err(CertificateError::Order));
        assert_eq!(certificate(&[0, 1, 4]).verify(&GENESIS, &set), Err(CertificateError::Order));
    }

    #[test]
    fn precommits_of_another_round_do_not_certify() {
        let (_, set) = network();
        let moved = Certificate { round: 2, ..certificate(&[0, 1, 2]) };
        let error = CertificateError::Signature { validator: 0 };
        assert_eq!(moved.verify(&GENESIS, &set), Err(error));
    }
}
