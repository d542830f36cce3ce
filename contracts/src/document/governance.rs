//! What agencies propose and decide, and what organisations say of their own keys. Not customs
//! messages.

use crate::governance::{Change, KeyChange};
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::hash::Hash;
use serde::{Deserialize, Serialize};

/// An agency proposes changes of the zone, all of them or none.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(deny_unknown_fields)]
pub struct GovernanceProposal {
    /// What would change, in order.
    pub changes: Vec<Change>,
    /// Why, for the other agencies and for whoever asks later.
    pub reason: String,
    /// The last height at which votes count.
    pub expires: u64,
    /// When an approved proposal becomes active.
    pub activation: Activation,
}

/// When an approved proposal becomes active.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum Activation {
    /// At this height, which lies after the expiry.
    AtHeight(u64),
    /// So many heights after the vote that approved it.
    AfterApproval(u64),
}

impl Activation {
    /// The height at which a proposal becomes active that is approved at `approved`.
    pub fn height(self, approved: u64) -> u64 {
        match self {
            Self::AtHeight(at) => at,
            Self::AfterApproval(heights) => approved.saturating_add(heights),
        }
    }
}

/// An agency's vote on a proposal.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(deny_unknown_fields)]
pub struct GovernanceVote {
    /// The proposal: the identity of its document, so that a vote is for one content.
    pub proposal: Hash,
    /// Which way.
    pub choice: Choice,
    /// Why.
    pub reason: String,
}

/// Which way a vote goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// For the proposal.
    Approve,
    /// Against it.
    Reject,
}

/// The proposer takes an open proposal back.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(deny_unknown_fields)]
pub struct GovernanceWithdrawal {
    /// The proposal: the identity of its document.
    pub proposal: Hash,
    /// Why.
    pub reason: String,
}

/// An organisation changes its own keys, all of these changes or none.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(deny_unknown_fields)]
pub struct OwnKeys {
    /// What changes, in order.
    pub keys: Vec<KeyChange>,
    /// Why.
    pub reason: String,
}
