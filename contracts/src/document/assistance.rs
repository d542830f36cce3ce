//! What agencies say to each other of what they see, and what they have looked at. Not customs
//! messages.

use super::DocumentKind;
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::hash::Hash;
use kanhe_types::keys::PublicKey;
use kanhe_types::receipt::CaseKey;
use kanhe_types::time::Millis;
use serde::{Deserialize, Serialize};

/// An agency asks another to let it see documents that are the other's business.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(deny_unknown_fields)]
pub struct AssistanceRequest {
    /// Whose business it is.
    pub agency: OrganisationCode,
    /// Of which trades.
    pub subject: Subject,
    /// Which kinds of documents, ascending without repeats.
    pub kinds: Vec<DocumentKind>,
    /// What for.
    pub purpose: String,
    /// By which law.
    pub basis: String,
}

/// Of which trades documents are asked for.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// Of one.
    Case(CaseKey),
    /// Of those of an organisation that were opened in a period.
    Organisation {
        /// Whose.
        code: OrganisationCode,
        /// The first instant of the period,
        from: Millis,
        /// and the first after it.
        end: Millis,
    },
}

/// The agency that was asked answers, once.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(deny_unknown_fields)]
pub struct AssistanceAnswer {
    /// The request: the identity of its document.
    pub request: Hash,
    /// Until when it may see; `None` refuses.
    pub until: Option<Millis>,
    /// Why.
    pub reason: String,
}

/// An agency has looked at a trade's goods or papers. All agencies recognise it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(deny_unknown_fields)]
pub struct Inspection {
    /// The case's platform.
    pub platform: OrganisationCode,
    /// The case's order number.
    pub order_no: String,
    /// What came out.
    pub result: InspectionResult,
    /// What was inspected, and how.
    pub inspected: String,
    /// The digest of what shows it: protocol, pictures, measurements. They stay with the agency.
    pub evidence: Option<Hash>,
}

/// What came out of an inspection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum InspectionResult {
    /// Nothing to object to.
    Passed,
    /// Something to object to.
    Failed,
}

/// What agencies read at one node of others' trades, said by that node.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(deny_unknown_fields)]
pub struct ReadReport {
    /// What was read, summed up.
    pub reads: Vec<ReadEntry>,
}

/// What one key of an agency read of one organisation's trades, for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(deny_unknown_fields)]
pub struct ReadEntry {
    /// The agency that read.
    pub reader: OrganisationCode,
    /// The key that signed its requests.
    pub key: PublicKey,
    /// Whose trades they were.
    pub owner: OrganisationCode,
    /// For what reason it was shown.
    pub ground: Ground,
    /// How many times something of the owner's was shown.
    pub count: u32,
    /// When the first time,
    pub first: Millis,
    /// and the last.
    pub last: Millis,
    /// The state's height at the last.
    pub height: u64,
    /// Cases of which something was shown; the first few.
    pub cases: Vec<CaseKey>,
}

/// For what reason an agency was shown something.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum Ground {
    /// Where trades stand and what the rules say of them, which every agency sees.
    Standing,
    /// It is its own business.
    Business,
    /// Another agency let it: the identity of the request.
    Assistance(Hash),
    /// The owner, or another party, let it.
    Grant,
    /// A trade's batch in full, to check the chain.
    Audit,
}
