//! What agencies say of risk: that something is suspicious, and what they do about alerts. Not
//! customs messages.

use crate::risk::{AlertAct, Suspect};
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::hash::Hash;
use serde::{Deserialize, Serialize};

/// An agency says that a trade or an organisation is suspicious.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(deny_unknown_fields)]
pub struct RiskSignal {
    /// Whom or what it is about.
    pub suspect: Suspect,
    /// Where the agency has it from.
    pub source: SignalSource,
    /// How much it adds to the score, 1 to 100.
    pub weight: u8,
    /// Whether it holds the trade until the alert that it raises is disposed of.
    #[serde(default)]
    pub hold: bool,
    /// Why; without personal values.
    pub reason: String,
    /// The SHA-256 of what shows it, where there is something.
    #[serde(default)]
    pub evidence: Option<Hash>,
}

/// Where an agency has a signal from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum SignalSource {
    /// Its own plans of supervision.
    Supervision,
    /// Another agency.
    Agency,
    /// An enterprise that reported itself or another.
    Enterprise,
    /// A holder of rights.
    RightsHolder,
    /// The public.
    Public,
    /// Abroad.
    International,
}

impl SignalSource {
    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Supervision => "supervision",
            Self::Agency => "agency",
            Self::Enterprise => "enterprise",
            Self::RightsHolder => "rights_holder",
            Self::Public => "public",
            Self::International => "international",
        }
    }
}

/// An agency does something about an alert.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(deny_unknown_fields)]
pub struct RiskAct {
    /// The alert's number.
    pub alert: u64,
    /// What is done.
    pub act: AlertAct,
}
