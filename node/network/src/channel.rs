//! The three kinds of traffic between two peers.

use crate::limits;
use libp2p::StreamProtocol;
use std::fmt;

/// A kind of traffic with a stream and a queue of its own, so that a large batch never delays a
/// vote. Messages on one channel arrive in order; between channels there is no order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Channel {
    /// Small and urgent: proposals, votes, acknowledgements.
    Agreement,
    /// Large and soon: batches.
    Bulk,
    /// Large and patient: blocks and state for a peer that is behind.
    Sync,
}

impl Channel {
    /// All channels, in the order of their index.
    pub const ALL: [Channel; 3] = [Channel::Agreement, Channel::Bulk, Channel::Sync];

    /// Size of the largest message in bytes.
    pub const fn message_bytes_max(self) -> usize {
        match self {
            Channel::Agreement => limits::AGREEMENT_MESSAGE_BYTES_MAX,
            Channel::Bulk => limits::BULK_MESSAGE_BYTES_MAX,
            Channel::Sync => limits::SYNC_MESSAGE_BYTES_MAX,
        }
    }

    pub(crate) const fn queue_messages_max(self) -> usize {
        match self {
            Channel::Agreement => limits::AGREEMENT_QUEUE_MESSAGES_MAX,
            Channel::Bulk => limits::BULK_QUEUE_MESSAGES_MAX,
            Channel::Sync => limits::SYNC_QUEUE_MESSAGES_MAX,
        }
    }

    pub(crate) const fn queue_bytes_max(self) -> usize {
        match self {
            Channel::Agreement => limits::AGREEMENT_QUEUE_BYTES_MAX,
            Channel::Bulk => limits::BULK_QUEUE_BYTES_MAX,
            Channel::Sync => limits::SYNC_QUEUE_BYTES_MAX,
        }
    }

    /// Position in [`Channel::ALL`] and in arrays with one entry per channel.
    pub(crate) const fn index(self) -> usize {
        match self {
            Channel::Agreement => 0,
            Channel::Bulk => 1,
            Channel::Sync => 2,
        }
    }

    /// The name by which both sides agree what a stream is for.
    pub(crate) const fn protocol(self) -> StreamProtocol {
        match self {
            Channel::Agreement => StreamProtocol::new("/kanhe/1/agreement"),
            Channel::Bulk => StreamProtocol::new("/kanhe/1/bulk"),
            Channel::Sync => StreamProtocol::new("/kanhe/1/sync"),
        }
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Channel::Agreement => "agreement",
            Channel::Bulk => "bulk",
            Channel::Sync => "sync",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_stands_at_its_index() {
        for (index, channel) in Channel::ALL.into_iter().enumerate() {
            assert_eq!(channel.index(), index);
        }
    }
}
