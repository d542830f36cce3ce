//! Netting statements (轧差结算): what was kept back of an exporter's receipts, and what reached it.

use crate::statistics::Month;
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::decimal::Decimal;
use kanhe_types::hash::Hash;
use serde::{Deserialize, Serialize};

/// What is done about a netting statement.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum NettingStatementAct {
    /// Whoever settled with the exporter states what it kept back, and what it paid out.
    State(NettingFacts),
    /// The exporter confirms it.
    Confirm,
    /// The exporter says that it is not so.
    Contest {
        /// The SHA-256 of what shows it.
        evidence: Hash,
    },
    /// Whoever stated it takes it back.
    Withdraw,
    /// The forex authority does not accept it.
    Reject {
        /// The SHA-256 of its decision.
        decision: Hash,
    },
}

/// What was settled with an exporter for the exports of a month.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NettingFacts {
    /// The exporter.
    pub merchant: OrganisationCode,
    /// The month, in China, of the exports' lists.
    pub month: Month,
    /// Their mode of trade.
    pub mode: String,
    /// The currency.
    pub currency: String,
    /// What reached the exporter; 0 where everything was kept back.
    pub credited: Decimal,
    /// What was kept back, each kind once, ascending.
    pub deductions: Vec<Deduction>,
    /// The SHA-256 of the statement itself.
    pub report: Hash,
}

/// What was kept back for one thing.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Deduction {
    /// For what.
    pub kind: DeductionKind,
    /// How much.
    pub amount: Decimal,
}

/// For what something is kept back.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Serialize, Deserialize,
)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum DeductionKind {
    /// The platform's share.
    Commission,
    /// The payment firm's or bank's fee.
    PaymentFee,
    /// Storage abroad.
    Storage,
    /// Transport and delivery.
    Logistics,
    /// Taxes and duties abroad.
    Tax,
    /// Advertising.
    Advertising,
    /// Anything else.
    Other,
}
