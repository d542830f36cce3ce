//! What agencies and senders say of originals: asked for, shown, judged, erased. Not customs
//! messages.

use kanhe_types::codec::{Decode, Encode};
use kanhe_types::hash::Hash;
use kanhe_types::receipt::CaseKey;
use serde::{Deserialize, Serialize};

/// An agency asks to see the original of a document.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(deny_unknown_fields)]
pub struct SpotCheck {
    /// The case that the document belongs to.
    pub case: CaseKey,
    /// The document: one of the case's, current or replaced.
    pub document: Hash,
    /// The X25519 key that the original is sealed for.
    #[serde(with = "hex_key")]
    pub reply_key: [u8; 32],
    /// How long the sender has, in seconds of block time.
    pub seconds: u32,
    /// Why; without personal values, because the parties read it.
    pub reason: String,
}

/// The sender of a document answers a spot check.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(deny_unknown_fields)]
pub struct SpotCheckAnswer {
    /// The spot check: the identity of its document.
    pub check: Hash,
    /// The answer.
    pub answer: OriginalAnswer,
}

/// What a sender answers.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum OriginalAnswer {
    /// The original was sent to the agency's node, sealed; the digest of the sealed letter.
    Shown(Hash),
    /// There is none, and why.
    Missing(String),
}

/// The agency that asked says what the original shows.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(deny_unknown_fields)]
pub struct SpotCheckResult {
    /// The spot check: the identity of its document.
    pub check: Hash,
    /// What it shows.
    pub result: OriginalResult,
}

/// What an original shows.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum OriginalResult {
    /// It is the one that was committed to, and says what the document says.
    Agrees,
    /// It is another, or says something else. Personal values stand as pseudonyms.
    Differs {
        /// What was compared.
        field: String,
        /// What the ledger has.
        ledger: String,
        /// What the original has.
        original: String,
    },
}

/// The sender of a document says that its original is destroyed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(deny_unknown_fields)]
pub struct Erasure {
    /// The case that the document belongs to.
    pub case: CaseKey,
    /// The document.
    pub document: Hash,
    /// Why.
    pub reason: String,
}

/// A key as 64 hex digits.
pub(crate) mod hex_key {
    use kanhe_types::hash::Hash;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(key: &[u8; 32], to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&Hash(*key))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<[u8; 32], D::Error> {
        Hash::deserialize(from).map(|hash| hash.0)
    }
}
