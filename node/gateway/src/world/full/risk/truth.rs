//! What a risk world knows of each of its trades.

use super::pattern::{LookAlike, RiskPattern};
use kanhe_contracts::policy::Direction;
use kanhe_types::hash::{Hash, sha256_of};
use kanhe_types::time::CustomsTime;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is planted in a risk world.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RiskTruth {
    /// The seed.
    pub seed: u64,
    /// The set of parameters.
    pub parameters: String,
    /// When the world begins,
    pub start: CustomsTime,
    /// and the last moment of which a document speaks.
    pub end: CustomsTime,
    /// How many trades have each pattern.
    pub planted: BTreeMap<RiskPattern, usize>,
    /// How many trades look like an offence and are none.
    pub look_alikes: BTreeMap<LookAlike, usize>,
    /// The organisations that offend, by code and pattern.
    pub organisations: Vec<OrganisationRisk>,
    /// The trades, in the order of their beginning.
    pub trades: Vec<TradeRisk>,
}

impl RiskTruth {
    /// SHA-256 of the truth as JSON without spaces: the same truth, the same digest.
    pub fn digest(&self) -> Hash {
        // Types with text keys only are always written.
        sha256_of(&serde_json::to_vec(self).unwrap_or_default())
    }
}

/// One trade.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TradeRisk {
    /// Which way its goods go.
    pub direction: Direction,
    /// With the order's number the key of its case: the platform,
    pub platform: String,
    /// and the number.
    pub order_no: String,
    /// The offence, if it is one.
    pub pattern: Option<RiskPattern>,
    /// What looks like an offence and is none, if anything does.
    pub look_alike: Option<LookAlike>,
    /// The trades that belong together share a number.
    pub ring: Option<u32>,
    /// What would be recovered, in cents of CNY: evaded tax or misdeclared value. 0 without an
    /// offence.
    pub value: u64,
}

/// An organisation that offends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrganisationRisk {
    /// Its customs code.
    pub code: String,
    /// What it does.
    pub pattern: RiskPattern,
    /// How many trades have this pattern because of it; none where the offence is not a trade's.
    pub trades: usize,
    /// What would be recovered, in cents of CNY; of one whose offence is not a trade's, what it
    /// received.
    pub value: u64,
}
