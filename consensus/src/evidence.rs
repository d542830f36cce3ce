//! Proof that a validator said two things.

use crate::message::SignedVote;
use kanhe_types::certificate::Proposal;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::hash::Hash;
use kanhe_types::keys::{PublicKey, Signature};

/// Two signed statements of one validator of which an honest one signs at most one.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub enum Evidence {
    /// Two votes of one kind in one round.
    Votes {
        /// The one seen first.
        first: SignedVote,
        /// The one that contradicts it.
        second: SignedVote,
    },
    /// Two proposals in one round.
    Proposals {
        /// Who proposed.
        proposer: PublicKey,
        /// The one seen first, and its signature.
        first: (Proposal, Signature),
        /// The one that contradicts it, and its signature.
        second: (Proposal, Signature),
    },
}

/// Why evidence proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EvidenceError {
    /// The statements do not contradict each other.
    #[error("expected two different statements of one validator for one round")]
    NoContradiction,
    /// A signature is not the validator's.
    #[error("expected two signatures of the accused validator")]
    Signature,
}

impl Evidence {
    /// Who is accused.
    pub fn validator(&self) -> PublicKey {
        match self {
            Self::Votes { first, .. } => first.validator,
            Self::Proposals { proposer, .. } => *proposer,
        }
    }

    /// The height at which it happened.
    pub fn height(&self) -> u64 {
        match self {
            Self::Votes { first, .. } => first.vote.height,
            Self::Proposals { first, .. } => first.0.height,
        }
    }

    /// Checks that the validator signed both statements and may not have.
    ///
    /// # Errors
    /// When the statements agree, belong to different rounds or validators, or are not signed.
    pub fn verify(&self, genesis: &Hash) -> Result<(), EvidenceError> {
        let (contradicts, signed) = match self {
            Self::Votes { first, second } => {
                let place = |one: &SignedVote| {
                    (one.validator, one.vote.height, one.vote.round, one.vote.kind)
                };
                let differ = first.vote.block != second.vote.block;
                let signed = first.is_signed(genesis) && second.is_signed(genesis);
                (place(first) == place(second) && differ, signed)
            }
            Self::Proposals { proposer, first, second } => {
                let place = |one: &Proposal| (one.height, one.round);
                let signed = [first, second].iter().all(|(proposal, signature)| {
                    proposer.verify(&proposal.digest(genesis), signature).is_ok()
                });
                (place(&first.0) == place(&second.0) && first.0 != second.0, signed)
            }
        };
        if !contradicts {
            return Err(EvidenceError::NoContradiction);
        }
        if !signed {
            return Err(EvidenceError::Signature);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{self, GENESIS};

    #[test]
    fn two_votes_of_one_round_convict() {
        let first = sample::vote(0);
        let mut second = sample::vote(0);
        second.vote.block = None;
        let unsigned = Evidence::Votes { first: first.clone(), second: second.clone() };
        assert_eq!(unsigned.verify(&GENESIS), Err(EvidenceError::Signature));
        second.signature = sample::secret(0).sign(&second.vote.digest(&GENESIS));
        let evidence = Evidence::Votes { first: first.clone(), second };
        assert_eq!(evidence.verify(&GENESIS), Ok(()));
        let same = Evidence::Votes { first: first.clone(), second: first };
        assert_eq!(same.verify(&GENESIS), Err(EvidenceError::NoContradiction));
    }

    #[test]
    fn votes_of_two_validators_do_not_convict() {
        let mut second = sample::vote(1);
        second.vote.block = None;
        second.signature = sample::secret(1).sign(&second.vote.digest(&GENESIS));
        let evidence = Evidence::Votes { first: sample::vote(0), second };
        assert_eq!(evidence.verify(&GENESIS), Err(EvidenceError::NoContradiction));
    }

    #[test]
    fn two_proposals_of_one_round_convict() {
        let (first, proposer, one) = sample::proposal(0);
        let second = Proposal { block: Hash([9; 32]), ..first.clone() };
        let two = sample::secret(0).sign(&second.digest(&GENESIS));
        let evidence = Evidence::Proposals { proposer, first: (first, one), second: (second, two) };
        assert_eq!(evidence.verify(&GENESIS), Ok(()));
    }
}
