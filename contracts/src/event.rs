//! What happened while a block executed, for indexes and subscribers.

use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::receipt::CaseKey;
use serde::{Deserialize, Serialize};

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum Event {
    /// A trade case was opened or changed in this block; once for each case and block, after the
    /// receipts, in the order of the cases' state keys. Documents have receipts instead.
    CaseChanged {
        /// Which case.
        case: CaseKey,
        /// The organisations that are party to it and may see it, ascending.
        parties: Vec<OrganisationCode>,
        /// Its state after the block.
        state: CaseState,
    },
}

/// Where a trade case stands.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Serialize, Deserialize,
)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum CaseState {
    /// Documents are still missing.
    Collecting,
    /// All documents are there and agree.
    Matched,
    /// All documents are there and a rule found a difference.
    Mismatched,
}
