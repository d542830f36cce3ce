//! What validators say to each other.

use kanhe_consensus as consensus;
use kanhe_consensus::message::SignedVote;
use kanhe_types::block::Decision;
use kanhe_types::certificate::{CertifiedBatch, Proposal, VoteKind};
use kanhe_types::codec::{self, Decode, DecodeError, Encode};
use kanhe_types::hash::Hash;
use kanhe_types::keys::{PublicKey, Signature};
use kanhe_types::limits::MESSAGE_BYTES_MAX;
use kanhe_types::submission::{Batch, BatchHeader};
use std::sync::Arc;

/// One message between two validators. The channel shows who sent it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub enum Message {
    /// A message of the agreement.
    Agreement(Box<consensus::Message>),
    /// A batch: pushed by its author, or the answer to [`Message::FetchBatches`].
    Batch(Arc<Batch>),
    /// The sender has checked the batch and synced it to disk.
    Acknowledge {
        /// The batch's digest.
        digest: Hash,
        /// The sender's signature over the acknowledgement.
        signature: Signature,
    },
    /// A quorum holds the batch; it may be ordered.
    Certified(CertifiedBatch),
    /// Asks for batches by digest.
    FetchBatches(Vec<Hash>),
    /// How far the sender is.
    Status {
        /// The last decided height.
        decided: u64,
    },
    /// Asks for decisions from a height on.
    FetchDecisions {
        /// The first height wanted.
        from: u64,
    },
    /// Decisions at consecutive heights.
    Decisions(Vec<Decision>),
    /// Asks what the receiver has seen of the sender's own signatures.
    AskSeen,
    /// The answer: what the sender has seen of the receiver's signatures.
    Seen {
        /// The last height that the sender has decided.
        decided: u64,
        /// The receiver's last statement at a later height.
        statement: Option<Box<Statement>>,
        /// The receiver's batch with the highest number, as its author signed it.
        batch: Option<Box<(BatchHeader, Signature)>>,
    },
}

/// What a validator signs in the agreement, and who.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub enum Statement {
    /// A vote.
    Vote(SignedVote),
    /// A choice, without its block.
    Proposal {
        /// The choice.
        proposal: Proposal,
        /// Who proposes.
        proposer: PublicKey,
        /// The proposer's signature over the choice.
        signature: Signature,
    },
}

impl Statement {
    /// The statement in a message of the agreement, where it carries one.
    pub fn of_message(message: &consensus::Message) -> Option<Self> {
        match message {
            consensus::Message::Vote(signed) => Some(Self::Vote(signed.clone())),
            consensus::Message::Proposal { proposal, proposer, signature, .. } => {
                let (proposal, proposer, signature) = (proposal.clone(), *proposer, *signature);
                Some(Self::Proposal { proposal, proposer, signature })
            }
            consensus::Message::Polka(_) | consensus::Message::Round(_) => None,
        }
    }

    /// The statement in an entry of a log, where it holds one.
    pub fn of_entry(entry: &consensus::LogEntry) -> Option<Self> {
        match entry {
            consensus::LogEntry::Vote(signed) => Some(Self::Vote(signed.clone())),
            consensus::LogEntry::Proposal { proposal, proposer, signature } => {
                let (proposal, proposer, signature) = (proposal.clone(), *proposer, *signature);
                Some(Self::Proposal { proposal, proposer, signature })
            }
            consensus::LogEntry::Block { .. }
            | consensus::LogEntry::Refused { .. }
            | consensus::LogEntry::Timeout { .. }
            | consensus::LogEntry::Polka(_) => None,
        }
    }

    /// Who says it.
    pub fn signer(&self) -> PublicKey {
        match self {
            Self::Vote(signed) => signed.validator,
            Self::Proposal { proposer, .. } => *proposer,
        }
    }

    /// The height that it is about.
    pub fn height(&self) -> u64 {
        self.place().0
    }

    /// Height, round and step: whoever says nothing twice says one thing at each place, in order.
    pub fn place(&self) -> (u64, u32, u8) {
        match self {
            Self::Proposal { proposal, .. } => (proposal.height, proposal.round, 0),
            Self::Vote(SignedVote { vote, .. }) => match vote.kind {
                VoteKind::Prevote => (vote.height, vote.round, 1),
                VoteKind::Precommit => (vote.height, vote.round, 2),
            },
        }
    }

    /// What is signed.
    pub fn digest(&self, genesis: &Hash) -> Hash {
        match self {
            Self::Vote(signed) => signed.vote.digest(genesis),
            Self::Proposal { proposal, .. } => proposal.digest(genesis),
        }
    }

    /// Whether the signature is the signer's.
    pub fn is_signed(&self, genesis: &Hash) -> bool {
        let signature = match self {
            Self::Vote(signed) => &signed.signature,
            Self::Proposal { signature, .. } => signature,
        };
        self.signer().verify(&self.digest(genesis), signature).is_ok()
    }
}

/// Which stream a message travels on, so that a large one never delays a vote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// Small and urgent: votes, proposals, acknowledgements.
    Agreement,
    /// Batches on their way to be acknowledged.
    Bulk,
    /// Catching up.
    Sync,
}

impl Message {
    /// Reads a message from its canonical bytes.
    ///
    /// # Errors
    /// When the bytes are too long or not canonical.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        codec::decode(bytes, MESSAGE_BYTES_MAX)
    }

    /// The canonical bytes.
    pub fn encode(&self) -> Vec<u8> {
        codec::encode(self)
    }

    /// The stream it travels on.
    pub fn lane(&self) -> Lane {
        match self {
            Self::Agreement(_)
            | Self::Acknowledge { .. }
            | Self::Certified(_)
            | Self::Status { .. }
            | Self::AskSeen
            | Self::Seen { .. } => Lane::Agreement,
            Self::Batch(_) => Lane::Bulk,
            Self::FetchBatches(_) | Self::FetchDecisions { .. } | Self::Decisions(_) => Lane::Sync,
        }
    }
}
