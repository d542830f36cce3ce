//! What stands beside export cases: receipts, parcels, list numbers, and documents that name many.

use super::facts::{ExportWaybillFacts, NoticeFacts};
use crate::case::{DocumentMeta, Entry};
use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::hash::Hash;
use kanhe_types::receipt::CaseKey;
use kanhe_types::time::Millis;
use serde::{Deserialize, Serialize};

/// A receipt of funds by its number, or its sender's identifier where it has none: to which case it
/// belongs.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct ReceiptRecord {
    /// The version held.
    pub document: Hash,
    /// The case that has it.
    pub case: CaseKey,
    /// The last version and its history, after that withdrew the receipt; before, they stand in
    /// the case.
    pub withdrawn: Option<DocumentMeta>,
}

/// A case whose list names a parcel.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct Claim {
    /// The case.
    pub case: CaseKey,
    /// The list's merchant.
    pub ebc_code: OrganisationCode,
}

/// What a document that names many parcels or lists says of one of them.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct Notice {
    /// Which document; its history stands in its [`NoticeRecord`].
    pub meta: DocumentMeta,
    /// What it says.
    pub facts: NoticeFacts,
}

/// A carrier's number for a parcel, in one use: its waybill, the cases whose lists name it, and
/// what happened to it. The record exists from the first document that names it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct ParcelRecord {
    /// Which use of the number it is, from 0.
    pub number_use: u32,
    /// The block time of its first document.
    pub since: Millis,
    /// The waybill, once it came.
    pub entry: Option<Entry<ExportWaybillFacts>>,
    /// The cases whose lists name it, in the order of their lists.
    pub claims: Vec<Claim>,
    /// What documents of many parcels say of it.
    pub notices: Vec<Notice>,
}

impl ParcelRecord {
    /// The case to which the parcel belongs: the first whose list names it and whose merchant is
    /// the consignor, where the waybill states one.
    pub fn claimed_by(&self) -> Option<&CaseKey> {
        let facts = self.entry.as_ref().and_then(|entry| entry.facts.as_ref());
        let consignor = facts.and_then(|facts| facts.ebc_code.as_ref());
        let fits = |claim: &&Claim| consignor.is_none_or(|code| *code == claim.ebc_code);
        self.claims.iter().find(fits).map(|claim| &claim.case)
    }
}

/// A list's number, given by customs: the cases whose lists state it, and what documents that name
/// lists say of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct ListNumberRecord {
    /// The cases whose lists state it, in the order of their lists.
    pub claims: Vec<CaseKey>,
    /// What documents say of it.
    pub notices: Vec<Notice>,
}

/// A document that names parcels or lists, under its own number.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
pub struct NoticeRecord {
    /// The version held, and its history.
    pub meta: DocumentMeta,
    /// The parcels that it names: carrier, number, and which use of it.
    pub parcels: Vec<(OrganisationCode, String, u32)>,
    /// The lists that it names.
    pub lists: Vec<String>,
    /// The last version withdrew it.
    pub is_withdrawn: bool,
}
