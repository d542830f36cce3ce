//! Tax of an import list: the electronic bill, message 816, and where it stands, message 818.
//!
//! Both come from customs and have neither `appType` nor `appTime`: their `returnTime` is the
//! document's `appTime`.

use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::decimal::Decimal;
use serde::{Deserialize, Serialize};

/// Customs states the tax on a list. The business key is `tax_no`.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TaxBill {
    /// The number that customs gave the list.
    pub invt_no: String,
    /// The bill's number.
    pub tax_no: String,
    /// Customs duty.
    pub customs_tax: Decimal,
    /// Value added tax.
    pub value_added_tax: Decimal,
    /// Consumption tax.
    pub consumption_tax: Decimal,
    /// `1` made, `2` summed up, `3` void.
    pub status: String,
    /// Number of the payment order.
    pub ent_duty_no: Option<String>,
    /// Who guarantees the tax.
    pub assure_code: Option<OrganisationCode>,
    /// The merchant's customs code.
    pub ebc_code: Option<OrganisationCode>,
    /// The carrier's customs code.
    pub logistics_code: Option<OrganisationCode>,
    /// The declarant's customs code.
    pub agent_code: Option<OrganisationCode>,
    /// Customs district of the declaration, four digits.
    pub customs_code: Option<String>,
    /// The tax of each line, 1 to 99.
    pub lines: Vec<TaxLine>,
}

/// The tax of one line of a list.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TaxLine {
    /// The line's number, from 1.
    pub gnum: u32,
    /// Commodity code of ten digits (HS).
    pub gcode: String,
    /// The value that is taxed.
    pub tax_price: Decimal,
    /// Customs duty.
    pub customs_tax: Decimal,
    /// Value added tax.
    pub value_added_tax: Decimal,
    /// Consumption tax.
    pub consumption_tax: Decimal,
}

/// Customs says where a tax bill stands. The business key is (`tax_no`, `status`).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TaxBillStatus {
    /// The number that customs gave the list.
    pub invt_no: String,
    /// The bill's number.
    pub tax_no: String,
    /// `1` made, `2` summed up, `3` void.
    pub status: String,
    /// Number of the payment order.
    pub ent_duty_no: Option<String>,
    /// Who guarantees the tax.
    pub assure_code: Option<OrganisationCode>,
}
