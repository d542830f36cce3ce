//! Overseas aid (海外维权援助): help for an organisation with a case abroad.

use super::{CaseRef, Evidence};
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::hash::Hash;
use serde::{Deserialize, Serialize};

/// What is done about a case of overseas aid.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum OverseasAidAct {
    /// An organisation asks for help.
    Ask(AidRequest),
    /// It shows more.
    Evidence(Vec<Evidence>),
    /// An agency takes the case.
    Accept,
    /// An agency does not.
    Refuse {
        /// Why.
        reason: String,
    },
    /// The agency advises.
    Advise {
        /// The SHA-256 of the advice.
        advice: Hash,
    },
    /// The organisation, or the agency that took it, closes the case.
    Close {
        /// The SHA-256 of what came of it, where something did.
        outcome: Option<Hash>,
    },
}

/// What help is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AidRequest {
    /// What it is about.
    pub subject: AidSubject,
    /// The country in which the case is, by customs' code.
    pub country: String,
    /// The organisation's trade from which it comes, where it comes from one.
    #[serde(default)]
    pub case: Option<CaseRef>,
    /// The SHA-256 of what the organisation says of it.
    pub summary: Hash,
    /// What shows it.
    #[serde(default)]
    pub evidence: Vec<Evidence>,
}

/// What a case abroad is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum AidSubject {
    /// A right in a brand, design, work or invention.
    Rights,
    /// Money that is not paid, or frozen.
    Payment,
    /// A shop that a platform closed or fined.
    Platform,
    /// A measure against imports.
    TradeRemedy,
    /// Goods that customs abroad holds.
    Customs,
    /// Something else.
    Other,
}
