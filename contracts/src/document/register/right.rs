//! Rights (权利备案): brands and other rights, and complaints of their holders.

use super::{CaseRef, Evidence, Outcome};
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::hash::Hash;
use kanhe_types::time::CustomsDate;
use serde::{Deserialize, Serialize};

/// What is done about a right.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum RightAct {
    /// Its holder, or customs for a stranger, has it recorded.
    Record(RightFacts),
    /// An agency confirms that it is held.
    Confirm,
    /// An agency does not.
    Refuse {
        /// Why.
        reason: String,
    },
    /// Its term is longer than was recorded.
    Renew {
        /// The last day.
        until: CustomsDate,
        /// The SHA-256 of what shows it.
        evidence: Hash,
    },
    /// It ends.
    End,
    /// It is infringed.
    Complain(Complaint),
    /// A complaint is taken back.
    WithdrawComplaint {
        /// The owner's number for the complaint.
        reference: String,
    },
    /// Customs decides on a complaint.
    Decide {
        /// The owner's number for the complaint.
        reference: String,
        /// What comes of it.
        outcome: Outcome,
        /// The SHA-256 of the decision.
        decision: Hash,
    },
}

/// A right.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RightFacts {
    /// What kind of right.
    pub kind: RightKind,
    /// What it is called.
    pub title: String,
    /// The number under which an office registered it.
    pub registration_no: String,
    /// Who holds it.
    pub holder: RightHolder,
    /// The words by which goods are recognised, ascending.
    #[serde(default)]
    pub words: Vec<String>,
    /// The beginnings of the commodity codes for which it holds, ascending; none for all goods.
    #[serde(default)]
    pub codes: Vec<String>,
    /// The first day of its term,
    pub from: CustomsDate,
    /// and the last.
    pub until: CustomsDate,
    /// What shows it.
    #[serde(default)]
    pub evidence: Vec<Evidence>,
}

/// What kind of right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum RightKind {
    /// A trademark or brand (商标).
    Trademark,
    /// A copyright (著作权).
    Copyright,
    /// A patent for an invention or a utility model (专利).
    Patent,
    /// A design (外观设计).
    Design,
    /// A geographical indication (地理标志).
    GeographicalIndication,
}

/// Who holds a right.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum RightHolder {
    /// Who has it recorded.
    Owner,
    /// A stranger, for whom customs has it recorded.
    Represented {
        /// The SHA-256 of the stranger's name.
        name: Hash,
    },
}

/// A holder's complaint that its right is infringed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Complaint {
    /// The owner's number for it.
    pub reference: String,
    /// Whom or what it is about.
    pub subject: ComplaintSubject,
    /// Whether customs is asked to hold the goods.
    #[serde(default)]
    pub hold: bool,
    /// What shows it.
    #[serde(default)]
    pub evidence: Vec<Evidence>,
}

/// What a complaint is about.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum ComplaintSubject {
    /// Trades, ascending. Whether there are such trades nobody is told.
    Trades(Vec<CaseRef>),
    /// What a merchant sells under a word.
    Merchant {
        /// The merchant.
        merchant: OrganisationCode,
        /// A word in the names of the goods.
        word: String,
    },
}
