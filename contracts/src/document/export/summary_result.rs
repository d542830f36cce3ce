//! The result of a summary (汇总结果单), message 792.

use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::decimal::Decimal;
use serde::{Deserialize, Serialize};

/// Customs says which declaration it made of the lists that an application names, and where that
/// declaration stands. The business key is (`decl_seq_no`, `msg_seq_no`); said again with a later
/// `appTime` it replaces what was said before. Its `opDate` is the document's `appTime`.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SummaryResult {
    /// Customs district of the declaration, four digits.
    pub customs_code: String,
    /// The application's number, given by customs. One application may become several
    /// declarations.
    pub sum_no: String,
    /// Customs' number for what becomes one declaration.
    pub decl_seq_no: String,
    /// The electronic port's number of the stored declaration.
    pub dec_tmp_no: Option<String>,
    /// The declaration's pre-entry number.
    pub dec_pre_no: Option<String>,
    /// The declaration's own number, once it has one.
    pub entry_id: Option<String>,
    /// Where the declaration stands: customs' code of at most three characters.
    pub dec_state: String,
    /// The applicant's customs code.
    pub agent_code: OrganisationCode,
    /// The applicant's registered name.
    pub agent_name: String,
    /// The consignor's customs code.
    pub ebc_code: OrganisationCode,
    /// The consignor's registered name.
    pub ebc_name: String,
    /// The customs code of who makes the declaration.
    pub decl_agent_code: OrganisationCode,
    /// The registered name of who makes the declaration.
    pub decl_agent_name: String,
    /// Gross weight in kilograms of what the declaration sums up.
    pub gross_weight: Decimal,
    /// Net weight in kilograms.
    pub net_weight: Decimal,
    /// Into how many parts the message was split; 1 where it was not.
    pub msg_count: u32,
    /// Which part it is, from 1.
    pub msg_seq_no: u32,
    /// The goods of lists that it sums up, 1 to 500 lines.
    pub lines: Vec<SummedLine>,
}

/// One line of a list, and where it stands in the declaration.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SummedLine {
    /// The list's number, given by customs.
    pub invt_no: String,
    /// The number of its waybill.
    pub logistics_no: String,
    /// The number of the result's line that it went into, where stated: customs' own samples leave
    /// it out.
    pub gseqno: Option<u32>,
    /// The number of the list's line.
    pub gnum: u32,
    /// Commodity code, ten digits.
    pub gcode: String,
}
