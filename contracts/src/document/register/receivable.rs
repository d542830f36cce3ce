//! Receivables (应收账款): what buyers of exports still owe, and to which banks it is pledged.

use super::CaseRef;
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::decimal::Decimal;
use kanhe_types::time::Millis;
use serde::{Deserialize, Serialize};

/// What is done about a receivable.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum ReceivableAct {
    /// An exporter registers what is owed for exports that left. How much, the ledger says.
    Register(ReceivableFacts),
    /// The owner pledges a part of it, or all that is available, to a bank.
    Pledge(PledgeFacts),
    /// The bank takes the pledge.
    Confirm {
        /// The owner's number for the pledge.
        reference: String,
    },
    /// The bank does not take it.
    Refuse {
        /// The owner's number for the pledge.
        reference: String,
    },
    /// The bank lets go of a part, or of all: so much was repaid.
    Release {
        /// The owner's number for the pledge.
        reference: String,
        /// How much of it.
        amount: Decimal,
    },
    /// The owner takes a pledge back that the bank has not answered.
    Withdraw {
        /// The owner's number for the pledge.
        reference: String,
    },
    /// The owner ends it, once nothing is pledged; its exports may be registered again.
    Close,
}

/// What a receivable is made of.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReceivableFacts {
    /// The currency of the lists.
    pub currency: String,
    /// The exports, ascending.
    pub cases: Vec<CaseRef>,
}

/// What is pledged.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PledgeFacts {
    /// The owner's number for it, within the receivable.
    pub reference: String,
    /// The bank.
    pub bank: OrganisationCode,
    /// How much.
    pub amount: Decimal,
    /// The block time before which the bank has to take it.
    pub until: Millis,
}
