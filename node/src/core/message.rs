//! What validators say to each other.

use kanhe_consensus as consensus;
use kanhe_types::block::Decision;
use kanhe_types::certificate::CertifiedBatch;
use kanhe_types::codec::{self, Decode, DecodeError, Encode};
use kanhe_types::hash::Hash;
use kanhe_types::keys::Signature;
use kanhe_types::limits::MESSAGE_BYTES_MAX;
use kanhe_types::submission::Batch;
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
            | Self::Status { .. } => Lane::Agreement,
            Self::Batch(_) => Lane::Bulk,
            Self::FetchBatches(_) | Self::FetchDecisions { .. } | Self::Decisions(_) => Lane::Sync,
        }
    }
}
