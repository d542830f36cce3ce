//! Deposits for tax (税款保证金): what merchants whose grade demands it leave with customs.

use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::decimal::Decimal;
use kanhe_types::hash::Hash;
use serde::{Deserialize, Serialize};

/// What is done about a deposit.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum TaxDepositAct {
    /// Customs received money of a merchant.
    Receive(DepositFacts),
    /// Customs received more.
    Add {
        /// How much more, in CNY.
        amount: Decimal,
        /// The SHA-256 of customs' receipt.
        receipt: Hash,
    },
    /// Customs paid some of it back, which secures no trade.
    PayBack {
        /// How much of it, in CNY.
        amount: Decimal,
        /// The SHA-256 of what shows that it was paid.
        payment: Hash,
    },
    /// Customs takes some of it for tax that was not paid.
    Call {
        /// How much of it, in CNY.
        amount: Decimal,
        /// The SHA-256 of customs' decision.
        decision: Hash,
    },
}

/// What was received first.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DepositFacts {
    /// The merchant.
    pub merchant: OrganisationCode,
    /// How much, in CNY.
    pub amount: Decimal,
    /// The SHA-256 of customs' receipt.
    pub receipt: Hash,
}

impl TaxDepositAct {
    /// How much it is about.
    pub fn amount(&self) -> Decimal {
        match self {
            Self::Receive(DepositFacts { amount, .. })
            | Self::Add { amount, .. }
            | Self::PayBack { amount, .. }
            | Self::Call { amount, .. } => *amount,
        }
    }
}
