//! Special funds (专项资金): what an agency subsidises, and what enterprises claim of it.

use crate::policy::Direction;
use crate::statistics::Month;
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::decimal::Decimal;
use kanhe_types::hash::Hash;
use serde::{Deserialize, Serialize};

/// What is done about a fund.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum FundAct {
    /// An agency opens it.
    Open(FundFacts),
    /// The agency takes no further claims.
    Close,
}

/// What a fund subsidises. Amounts are in CNY.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FundFacts {
    /// What it is called.
    pub name: String,
    /// The first month that is subsidised,
    pub from: Month,
    /// and the last.
    pub to: Month,
    /// Which trade, ascending.
    pub trades: Vec<FundTrade>,
    /// What it pays for.
    pub basis: SubsidyBasis,
    /// The most that one enterprise gets.
    pub enterprise_max: Decimal,
    /// The most that all get.
    pub budget: Decimal,
}

/// A direction and a mode of trade.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FundTrade {
    /// Which way the goods go.
    pub direction: Direction,
    /// The mode, four digits.
    pub mode: String,
}

/// What a fund pays for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum SubsidyBasis {
    /// For the value in CNY.
    Value {
        /// So much of a thousand.
        per_mille: Decimal,
    },
    /// For each list.
    Lists {
        /// So much.
        each: Decimal,
    },
}

/// What is done about a claim.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum SubsidyClaimAct {
    /// An enterprise claims for a month that is over. How much, the ledger says.
    Claim {
        /// Of which fund.
        fund: FundRef,
        /// For which month.
        month: Month,
    },
    /// The agency approves it.
    Approve {
        /// How much of it.
        amount: Decimal,
        /// The SHA-256 of the decision.
        decision: Hash,
    },
    /// The agency refuses it.
    Refuse {
        /// The SHA-256 of the decision.
        decision: Hash,
    },
    /// The agency has paid what it approved.
    Paid {
        /// The SHA-256 of what shows it.
        payment: Hash,
    },
}

/// Which fund.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FundRef {
    /// The agency that opened it.
    pub owner: OrganisationCode,
    /// The agency's number for it.
    pub number: String,
}
