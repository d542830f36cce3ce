//! The negative list (负面清单): what agencies, and the organisations they list, say.

use super::Evidence;
use crate::policy::PublicField;
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::hash::Hash;
use kanhe_types::time::Millis;
use serde::{Deserialize, Serialize};

/// What is done about an entry of the negative list.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum NegativeListAct {
    /// An agency tells an organisation that it is to be listed.
    Notify(ListNotice),
    /// The organisation objects.
    Object(Vec<Evidence>),
    /// The agency answers the objection.
    Answer(ObjectionAnswer),
    /// The agency lists the organisation.
    Enter,
    /// The organisation reports that it put right what it was listed for.
    Rectify {
        /// The SHA-256 of its report.
        report: Hash,
        /// What shows it.
        evidence: Vec<Evidence>,
    },
    /// The agency repairs the organisation's credit: the listing ends before its term.
    Repair {
        /// The SHA-256 of the decision.
        decision: Hash,
        /// From when on.
        from: Millis,
    },
    /// The agency does not, for the time being.
    Refuse {
        /// The SHA-256 of the decision.
        decision: Hash,
        /// Why.
        reason: String,
    },
    /// The agency takes the notice or the listing back: it should not have been.
    Withdraw {
        /// Why.
        reason: String,
    },
}

/// What an organisation is to be listed for.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListNotice {
    /// The organisation.
    pub organisation: OrganisationCode,
    /// The category, of those that the policy states.
    pub category: String,
    /// The provision of law on which it rests.
    pub basis: String,
    /// The SHA-256 of the decision.
    pub decision: Hash,
    /// The first instant of the listing; it begins when it is entered if that is later.
    pub from: Millis,
    /// The first instant after it.
    pub until: Millis,
    /// What of it is made public, ascending; of it only what the policy's whitelist has, too.
    pub public: Vec<PublicField>,
}

/// What an agency says to an objection.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ObjectionAnswer {
    /// What comes of it.
    pub outcome: ObjectionOutcome,
    /// Why.
    pub reason: String,
}

/// What comes of an objection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum ObjectionOutcome {
    /// It holds: what is objected to falls.
    Upheld,
    /// It does not hold.
    Dismissed,
}
