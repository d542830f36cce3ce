//! Disputes (纠纷): what the parties and the agencies say.

use super::{CaseRef, Evidence};
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::decimal::Decimal;
use kanhe_types::hash::Hash;
use serde::{Deserialize, Serialize};

/// What is done about a dispute.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum DisputeAct {
    /// A party of a trade claims something of another party.
    Open(DisputeClaim),
    /// The respondent says what it thinks of the claim.
    Answer(Answer),
    /// Either party adds evidence.
    Evidence(Vec<Evidence>),
    /// An agency decides: the claim, or the appeal.
    Decide {
        /// What comes of the claim.
        outcome: Outcome,
        /// How much of it is due, where money is claimed.
        amount: Option<Decimal>,
        /// The SHA-256 of the decision.
        decision: Hash,
    },
    /// Either party has the decision looked at by another agency.
    Appeal(Vec<Evidence>),
    /// The claimant ends it: the parties agreed, or the claim is dropped.
    Close {
        /// The SHA-256 of what the parties agreed on; none where the claim is dropped.
        settlement: Option<Hash>,
    },
}

/// What is claimed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DisputeClaim {
    /// The trade.
    pub case: CaseRef,
    /// Of whom.
    pub respondent: OrganisationCode,
    /// What it is about.
    pub ground: DisputeGround,
    /// How much is claimed, where it is money.
    #[serde(default)]
    pub amount: Option<Decimal>,
    /// In which currency.
    #[serde(default)]
    pub currency: Option<String>,
    /// What shows it.
    #[serde(default)]
    pub evidence: Vec<Evidence>,
}

/// What a dispute is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum DisputeGround {
    /// The goods are not what was sold.
    Goods,
    /// Something was not paid, or not paid back.
    Payment,
    /// Something was not delivered, late, or broken.
    Delivery,
    /// A return was not taken.
    Return,
    /// A document says what is not so.
    Document,
    /// Somebody's right in a brand, design or work.
    Rights,
}

/// What a respondent says.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Answer {
    /// Whether it admits the claim.
    pub position: Position,
    /// What shows it.
    #[serde(default)]
    pub evidence: Vec<Evidence>,
}

/// How a respondent stands to a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum Position {
    /// It admits all.
    Admitted,
    /// It admits a part.
    PartlyAdmitted,
    /// It denies.
    Denied,
}

/// What a decision makes of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It holds.
    Upheld,
    /// A part of it holds.
    PartlyUpheld,
    /// It does not hold.
    Dismissed,
}
