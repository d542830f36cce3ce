//! What happened while a block executed, for indexes and subscribers.

use crate::governance::ProposalStatus;
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
    /// A proposal was made, voted on, decided, carried out, or has failed. Before the cases, in
    /// the order in which it happened.
    ProposalChanged {
        /// Its number.
        number: u64,
        /// The identity of its document.
        document: Hash,
        /// Where it stands then.
        status: ProposalStatus,
    },
    /// An organisation was admitted or changed. Before the cases, in the order in which it
    /// happened.
    OrganisationChanged {
        /// Which.
        organisation: OrganisationCode,
        /// How often it was changed, with this time.
        revision: u32,
    },
    /// An export case was opened or changed, as [`Self::CaseChanged`] says of imports; after those.
    ExportCaseChanged {
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
    /// Documents are still missing, and the time for them is over.
    Overdue,
    /// The parcel is at the supervised site.
    Arrived,
    /// The parcel left the country.
    Departed,
    /// It left, and all that follows was done.
    Closed,
    /// The list was cancelled.
    Cancelled,
    /// Goods came back and were counted; of an import also that they were shipped back unreleased.
    Returned,
    /// Customs inspects or detains the goods.
    Held,
    /// Customs has released the goods.
    Released,
    /// The parcel was signed for after release.
    Delivered,
    /// Goods are to come back.
    Returning,
    /// Customs sent the list back; its declarant may declare again.
    Refused,
}

impl CaseState {
    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Collecting => "collecting",
            Self::Matched => "matched",
            Self::Mismatched => "mismatched",
            Self::Overdue => "overdue",
            Self::Arrived => "arrived",
            Self::Departed => "departed",
            Self::Closed => "closed",
            Self::Cancelled => "cancelled",
            Self::Returned => "returned",
            Self::Held => "held",
            Self::Released => "released",
            Self::Delivered => "delivered",
            Self::Returning => "returning",
            Self::Refused => "refused",
        }
    }
}
