//! What happened while a block executed, for indexes and subscribers.

use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::hash::Hash;
use kanhe_types::receipt::CaseKey;
use serde::{Deserialize, Serialize};

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum Event {
    /// A document became part of the ledger.
    DocumentAccepted {
        /// The document's identity.
        document: Hash,
        /// Who sent it.
        organisation: OrganisationCode,
        /// The case it belongs to, where it belongs to one.
        case: Option<CaseKey>,
    },
    /// A trade case was opened or changed.
    CaseChanged {
        /// Which case.
        case: CaseKey,
        /// The organisations that are party to it and may see it, ascending.
        parties: Vec<OrganisationCode>,
        /// Its state now.
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
