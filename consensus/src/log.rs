//! What must be durable before a vote leaves.
//!
//! The host keeps the log of one height. After a restart it hands the surviving entries back and
//! the agreement relives them, arrives at the same votes, and finds its own among the entries; it
//! signs nothing that contradicts them. A lost unsynced tail is harmless, because nothing that
//! depends on it has left. The log of a height is worthless once a later one starts.

use crate::message::{PolkaCertificate, SignedVote};
use crate::output::TimerKind;
use kanhe_types::block::Block;
use kanhe_types::certificate::Proposal;
use kanhe_types::codec::{self, Decode, DecodeError, Encode};
use kanhe_types::hash::Hash;
use kanhe_types::keys::{PublicKey, Signature};
use kanhe_types::limits::BLOCK_BYTES_MAX;

/// Bytes of one encoded entry: the largest carries a block.
pub const LOG_ENTRY_BYTES_MAX: usize = BLOCK_BYTES_MAX + 4 * 1024;

/// One step that a restart must relive.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[expect(clippy::large_enum_variant, reason = "an entry lives until it is written")]
pub enum LogEntry {
    /// A vote, ours or a peer's.
    Vote(SignedVote),
    /// A proposal, ours or a peer's, without its block.
    Proposal {
        /// The proposer's choice.
        proposal: Proposal,
        /// Who proposes.
        proposer: PublicKey,
        /// The proposer's signature.
        signature: Signature,
    },
    /// A block that we built, or found valid.
    Block {
        /// How it came.
        source: Source,
        /// The block.
        block: Block,
    },
    /// A block that we found invalid.
    Refused {
        /// How it came.
        source: Source,
        /// Its header's hash.
        block: Hash,
    },
    /// A timer that ran out.
    Timeout {
        /// The height.
        height: u64,
        /// The round.
        round: u32,
        /// Which of the three that end a step: 0 proposal, 1 prevote, 2 precommit.
        step: u8,
    },
    /// A quorum of prevotes that came in one piece.
    Polka(PolkaCertificate),
}

/// The proposal that first brought a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct Source {
    /// The height.
    pub height: u64,
    /// The round.
    pub round: u32,
    /// The proposal's valid round.
    pub valid_round: Option<u32>,
    /// Who proposed.
    pub proposer: PublicKey,
}

impl LogEntry {
    /// The canonical bytes.
    pub fn encode(&self) -> Vec<u8> {
        codec::encode(self)
    }

    /// Reads an entry from its canonical bytes.
    ///
    /// # Errors
    /// When the bytes are too long or not canonical.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        codec::decode(bytes, LOG_ENTRY_BYTES_MAX)
    }

    /// The height that the entry belongs to.
    pub fn height(&self) -> u64 {
        match self {
            Self::Vote(signed) => signed.vote.height,
            Self::Proposal { proposal, .. } => proposal.height,
            Self::Block { source, .. } | Self::Refused { source, .. } => source.height,
            Self::Timeout { height, .. } => *height,
            Self::Polka(certificate) => certificate.height,
        }
    }
}

/// The step's number in the log; repetitions are not logged.
pub(crate) fn step_number(kind: TimerKind) -> Option<u8> {
    match kind {
        TimerKind::Propose => Some(0),
        TimerKind::Prevote => Some(1),
        TimerKind::Precommit => Some(2),
        TimerKind::Rebroadcast => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use expect_test::{Expect, expect};
    use kanhe_types::hash::Domain;

    fn check(entry: &LogEntry, number: u8, expected: Expect) {
        let bytes = entry.encode();
        assert_eq!(bytes.first(), Some(&number));
        assert_eq!(LogEntry::decode(&bytes).as_ref(), Ok(entry));
        assert_eq!(entry.height(), sample::HEIGHT);
        expected.assert_eq(&Hash::of(Domain::LogRecord, &[&bytes]).to_string());
    }

    #[test]
    fn encodings_stay_what_they_are() {
        let (proposal, proposer, signature) = sample::proposal(0);
        let source = Source { height: sample::HEIGHT, round: 0, valid_round: Some(3), proposer };
        let block = sample::block(0, 0);
        check(
            &LogEntry::Vote(sample::vote(0)),
            0,
            expect!["4b43e1c6e1e690a592c430a0ee090f71540582c750b114d4ccafbdf52e9051c6"],
        );
        check(
            &LogEntry::Proposal { proposal, proposer, signature },
            1,
            expect!["41b05bdecd972a28286ee562aecfe735127eaf265e19cbed36351341e971b88e"],
        );
        let hash = block.header.hash();
        check(
            &LogEntry::Block { source, block },
            2,
            expect!["bdb04ec8a33c1de6202dd2086a726c477304893f76c1b4773012784708527d0c"],
        );
        check(
            &LogEntry::Refused { source, block: hash },
            3,
            expect!["7d536ec307d4a8e3f1352a17323e6cf41de4c056ed458452ba9aaada1713ab10"],
        );
        let timeout = LogEntry::Timeout { height: sample::HEIGHT, round: 7, step: 2 };
        check(
            &timeout,
            4,
            expect!["6c39cd6375cd6715327419942f2d892739483d58496b939cfe06662fe1013754"],
        );
        check(
            &LogEntry::Polka(sample::polka()),
            5,
            expect!["d438cb3fb2e3365c0193da2e249d59032194af6b577b220ebf754e3acd90cbff"],
        );
    }
}
