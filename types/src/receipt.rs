//! What the ledger answers for one document.

use crate::codec::{Decode, Encode};
use crate::hash::Hash;
use crate::merkle::{self, Salt};
use serde::{Deserialize, Serialize};

/// The answer to one document of one submission. Final: it is never retracted.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "crate::codec::bincode")]
pub struct Receipt {
    /// The document's identity.
    pub document: Hash,
    /// The submission that carried it.
    pub submission: Hash,
    /// Its place in that submission, from 0.
    pub index: u8,
    /// The height at which it was executed.
    pub height: u64,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of a document.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "crate::codec::bincode")]
#[serde(rename_all = "snake_case", tag = "status")]
pub enum Outcome {
    /// The document is part of the ledger.
    Accepted {
        /// The trade case it belongs to, where it belongs to one: platform code and order number.
        case: Option<CaseKey>,
    },
    /// The same document was accepted before; its first receipt stands.
    Repeated {
        /// The height of the first receipt.
        first_height: u64,
    },
    /// The rules refuse it.
    Rejected(Refusal),
}

/// Why the rules refuse a document. It never holds personal data, only pseudonyms.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "crate::codec::bincode")]
pub struct Refusal {
    /// The rejection's permanent number (docs/spec/rejections.md).
    pub code: u16,
    /// The official negative code of customs where there is one.
    pub official: Option<i32>,
    /// The field or thing that is wrong.
    pub field: String,
    /// What was expected.
    pub expected: String,
    /// What was found.
    pub found: String,
}

/// What identifies a trade case: one order of one platform.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode, Serialize, Deserialize,
)]
#[bincode(crate = "crate::codec::bincode")]
pub struct CaseKey {
    /// The platform's code.
    pub platform: crate::code::OrganisationCode,
    /// The platform's order number.
    pub order_no: String,
}

impl Receipt {
    /// Whether the document is part of the ledger.
    pub fn is_accepted(&self) -> bool {
        !matches!(self.outcome, Outcome::Rejected(_))
    }

    /// The receipt's leaf in its height's tree, under the height's secret; `position` counts the
    /// height's receipts from 0.
    pub fn leaf(&self, secret: &Hash, position: u64) -> Hash {
        merkle::leaf(&Salt::derive(&secret.0, position), &crate::codec::encode(self))
    }
}
