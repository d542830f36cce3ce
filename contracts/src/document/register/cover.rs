//! Insurance covers (保险): what an insurer covers of a trade, and what the insured claims.

use super::{CaseRef, Evidence};
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::decimal::Decimal;
use kanhe_types::hash::Hash;
use kanhe_types::time::Millis;
use serde::{Deserialize, Serialize};

/// What is done about a cover.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum CoverAct {
    /// An insurer covers a party of a trade.
    Cover(CoverFacts),
    /// The insured claims for a loss.
    Claim(LossClaim),
    /// The insurer says what it accepts.
    Settle {
        /// The insured's number for the claim.
        reference: String,
        /// How much; none where it refuses.
        accepted: Option<Decimal>,
        /// The SHA-256 of the decision.
        decision: Hash,
    },
    /// The insurer has paid what it accepted.
    Paid {
        /// The insured's number for the claim.
        reference: String,
        /// The SHA-256 of what shows it.
        payment: Hash,
    },
    /// The insurer ends it: before it begins, or when nothing can be claimed any more.
    End,
}

/// What is covered.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CoverFacts {
    /// Who is covered.
    pub insured: OrganisationCode,
    /// In which trade.
    pub case: CaseRef,
    /// Against what.
    pub risk: Risk,
    /// The number of the policy.
    pub policy_no: String,
    /// The most that is paid.
    pub amount: Decimal,
    /// In which currency.
    pub currency: String,
    /// When the term begins in which losses are covered,
    pub from: Millis,
    /// when it ends,
    pub until: Millis,
    /// and until when they can be claimed for.
    pub claim_until: Millis,
}

/// Against what a cover is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Serialize, Deserialize,
)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Risk {
    /// Goods are lost or damaged on their way.
    Transport = 1,
    /// Goods are not what was sold.
    Quality = 2,
    /// Goods come back.
    Return = 3,
    /// Somebody does not pay.
    Credit = 4,
}

/// What is claimed for a loss.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LossClaim {
    /// The insured's number for it, within the cover.
    pub reference: String,
    /// How much.
    pub amount: Decimal,
    /// When it happened.
    pub lost: Millis,
    /// What shows it.
    #[serde(default)]
    pub evidence: Vec<Evidence>,
}
