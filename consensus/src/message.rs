//! What validators send each other. Everything is hostile until its signatures are checked.

use kanhe_types::block::Block;
use kanhe_types::certificate::{IndexedSignature, Proposal, Vote, VoteKind};
use kanhe_types::codec::{self, Decode, DecodeError, Encode};
use kanhe_types::hash::Hash;
use kanhe_types::keys::{PublicKey, Signature};
use kanhe_types::limits::{BLOCK_BYTES_MAX, MESSAGE_BYTES_MAX, VALIDATORS_MAX};

/// Bytes of one encoded message: the largest carries a block.
pub const CONSENSUS_MESSAGE_BYTES_MAX: usize = BLOCK_BYTES_MAX + 4 * 1024;

/// Rounds ahead of ours from which votes and proposals are taken. Whoever is further ahead shows
/// a round certificate.
pub const ROUNDS_AHEAD_MAX: u32 = 10;

/// The highest round that anything may name; at a second per round it is never reached.
pub const ROUND_MAX: u32 = 1 << 30;

// A consensus message fits one message between peers.
const _: () = assert!(CONSENSUS_MESSAGE_BYTES_MAX < MESSAGE_BYTES_MAX);
// A round certificate of every validator fits a consensus message.
const _: () = assert!(VALIDATORS_MAX * 128 + 64 < CONSENSUS_MESSAGE_BYTES_MAX);

/// What validators send each other.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[expect(clippy::large_enum_variant, reason = "a message lives until it is handled")]
pub enum Message {
    /// A proposer's choice, with the block itself.
    Proposal {
        /// The choice.
        proposal: Proposal,
        /// Who proposes.
        proposer: PublicKey,
        /// The proposer's signature over the choice.
        signature: Signature,
        /// The block whose header hash the choice names.
        block: Block,
    },
    /// A vote.
    Vote(SignedVote),
    /// Shows that a quorum prevoted for a block.
    Polka(PolkaCertificate),
    /// Shows that the others have moved to a later round.
    Round(RoundCertificate),
}

/// A vote and who cast it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct SignedVote {
    /// The vote.
    pub vote: Vote,
    /// Who votes.
    pub validator: PublicKey,
    /// The validator's signature over the vote.
    pub signature: Signature,
}

/// Prevotes of a quorum for one block in one round.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct PolkaCertificate {
    /// The height.
    pub height: u64,
    /// The round.
    pub round: u32,
    /// The header's hash.
    pub block: Hash,
    /// The prevotes' signatures, by index, without repeats.
    pub signatures: Vec<IndexedSignature>,
}

/// Why a round may be entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub enum RoundCertificateKind {
    /// More than a third vote in the round already: at least one honest validator is there.
    Skip,
    /// A quorum precommitted in the round, for whatever: the next one follows.
    Precommit,
}

/// Votes that justify a later round.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct RoundCertificate {
    /// The height.
    pub height: u64,
    /// The round of the votes.
    pub round: u32,
    /// Why they justify a round.
    pub kind: RoundCertificateKind,
    /// The votes, by index, without repeats.
    pub votes: Vec<RoundVote>,
}

/// One validator's vote in a [`RoundCertificate`].
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct RoundVote {
    /// The validator's index in the height's set.
    pub validator: u16,
    /// Which vote.
    pub kind: VoteKind,
    /// The header's hash, or none.
    pub block: Option<Hash>,
    /// The validator's signature over the vote.
    pub signature: Signature,
}

impl Message {
    /// The canonical bytes.
    pub fn encode(&self) -> Vec<u8> {
        codec::encode(self)
    }

    /// Reads a message from its canonical bytes.
    ///
    /// # Errors
    /// When the bytes are too long or not canonical.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        codec::decode(bytes, CONSENSUS_MESSAGE_BYTES_MAX)
    }

    /// The height that the message is about.
    pub fn height(&self) -> u64 {
        match self {
            Self::Proposal { proposal, .. } => proposal.height,
            Self::Vote(signed) => signed.vote.height,
            Self::Polka(certificate) => certificate.height,
            Self::Round(certificate) => certificate.height,
        }
    }

    /// The round that the message is about.
    pub fn round(&self) -> u32 {
        match self {
            Self::Proposal { proposal, .. } => proposal.round,
            Self::Vote(signed) => signed.vote.round,
            Self::Polka(certificate) => certificate.round,
            Self::Round(certificate) => certificate.round,
        }
    }
}

impl SignedVote {
    /// Whether the signature is the validator's over the vote.
    pub fn is_signed(&self, genesis: &Hash) -> bool {
        self.validator.verify(&self.vote.digest(genesis), &self.signature).is_ok()
    }
}

/// Whether indexes ascend without repeats.
pub(crate) fn is_ascending(indexes: impl Iterator<Item = u16>) -> bool {
    let mut least = 0u32;
    for index in indexes {
        if u32::from(index) < least {
            return false;
        }
        least = u32::from(index).saturating_add(1);
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use expect_test::{Expect, expect};
    use kanhe_types::codec::encode;
    use kanhe_types::hash::Domain;

    fn check(message: &Message, expected: Expect) {
        let bytes = message.encode();
        assert_eq!(Message::decode(&bytes).as_ref(), Ok(message));
        expected.assert_eq(&Hash::of(Domain::LogRecord, &[&bytes]).to_string());
    }

    #[test]
    fn encodings_stay_what_they_are() {
        check(
            &sample::proposal_message(),
            expect!["abcd4031d26ae572c09cb9509339366b9e57f7c2444e7228d6886bd9aef25548"],
        );
        check(
            &Message::Vote(sample::vote(0)),
            expect!["10871f7c14875b08b430e1971bbecc8e5b66d81d7c61b2e1c10d37491a0f65ae"],
        );
        check(
            &Message::Polka(sample::polka()),
            expect!["92eafd3c4157ce598a6763c991d6816fa750506593ceffc4f6295d9ce9a42f2e"],
        );
        check(
            &Message::Round(sample::round_certificate()),
            expect!["f656813b06554eed2614a0d8d4ed9f853259d95e7a4e31b598d0bd817d438521"],
        );
    }

    #[test]
    fn variants_keep_their_numbers() {
        let first = |message: &Message| encode(message).first().copied();
        assert_eq!(first(&sample::proposal_message()), Some(0));
        assert_eq!(first(&Message::Vote(sample::vote(0))), Some(1));
        assert_eq!(first(&Message::Polka(sample::polka())), Some(2));
        assert_eq!(first(&Message::Round(sample::round_certificate())), Some(3));
    }

    #[test]
    fn a_message_with_a_byte_more_is_refused() {
        let mut bytes = Message::Vote(sample::vote(0)).encode();
        bytes.push(0);
        assert!(Message::decode(&bytes).is_err());
    }

    #[test]
    fn repeated_and_descending_indexes_are_not_ascending() {
        assert!(is_ascending([].into_iter()));
        assert!(is_ascending([0, 1, 5].into_iter()));
        assert!(!is_ascending([0, 0].into_iter()));
        assert!(!is_ascending([1, 0].into_iter()));
    }
}
