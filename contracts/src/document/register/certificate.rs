//! Certificates of goods (货物证书): origin, quality, health, quarantine.

use super::CaseRef;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::hash::Hash;
use kanhe_types::time::CustomsDate;
use serde::{Deserialize, Serialize};

/// What is done about a certificate.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum CertificateAct {
    /// A party of a trade attaches it to lines of goods.
    Attach(CertificateFacts),
    /// An agency says whether it is genuine.
    Verify {
        /// Whether it is.
        genuine: bool,
        /// The SHA-256 of what shows it.
        evidence: Option<Hash>,
    },
    /// Its owner takes it back.
    Withdraw,
}

/// What a certificate says.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CertificateFacts {
    /// The trade.
    pub case: CaseRef,
    /// The numbers of the list's lines, ascending.
    pub gnums: Vec<u32>,
    /// What it certifies.
    pub kind: CertificateKind,
    /// Its issuer's number.
    pub certificate_no: String,
    /// Who issued it.
    pub issuer: String,
    /// When it was issued.
    pub issued: CustomsDate,
    /// The last day on which it is valid, where there is one.
    #[serde(default)]
    pub valid_until: Option<CustomsDate>,
    /// The SHA-256 of it.
    pub digest: Hash,
}

/// What a certificate certifies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum CertificateKind {
    /// Where the goods come from.
    Origin,
    /// Their quality.
    Quality,
    /// That they are fit to eat.
    Health,
    /// That they carry no pest.
    Quarantine,
    /// That they meet a standard.
    Conformity,
}
