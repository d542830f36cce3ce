//! What takes an import list back: the cancellation before release, message 623, and the return of
//! goods after it, message 625. The reason is free text and stays in the original.

use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::decimal::Decimal;
use kanhe_types::pseudonym::Pseudonym;
use serde::{Deserialize, Serialize};

/// Who declared a list applies for its cancellation. The business key is (`ebp_code`, `order_no`)
/// of the list, and the sender.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListCancellation {
    /// Customs district of the declaration, four digits.
    pub customs_code: String,
    /// The order whose list is cancelled.
    pub order_no: String,
    /// The platform's customs code.
    pub ebp_code: OrganisationCode,
    /// The platform's registered name.
    pub ebp_name: String,
    /// The merchant's customs code.
    pub ebc_code: OrganisationCode,
    /// The merchant's registered name.
    pub ebc_name: String,
    /// The waybill's number, as in the list.
    pub logistics_no: String,
    /// The carrier's customs code, as in the list.
    pub logistics_code: OrganisationCode,
    /// The carrier's registered name.
    pub logistics_name: String,
    /// The enterprise's own number for the cancellation.
    pub cop_no: Option<String>,
    /// Number given by the electronic port.
    pub pre_no: Option<String>,
    /// The number that customs gave the list.
    pub invt_no: String,
    /// `1` identity card, `2` other.
    pub buyer_id_type: String,
    /// The number of the orderer's identity document.
    pub buyer_id_number: Pseudonym,
    /// The orderer's name.
    pub buyer_name: Pseudonym,
    /// The orderer's telephone.
    pub buyer_telephone: Pseudonym,
    /// The declarant's customs code.
    pub agent_code: OrganisationCode,
    /// The declarant's registered name.
    pub agent_name: String,
}

/// Who declared a list applies for the return of its goods. The business key is (`ebp_code`,
/// `order_no`) of the list, the sender, and `cop_no` where one is stated.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListReturn {
    /// Customs district of the declaration, four digits.
    pub customs_code: String,
    /// The order whose goods come back.
    pub order_no: String,
    /// The platform's customs code.
    pub ebp_code: OrganisationCode,
    /// The platform's registered name.
    pub ebp_name: String,
    /// The merchant's customs code.
    pub ebc_code: OrganisationCode,
    /// The merchant's registered name.
    pub ebc_name: String,
    /// The waybill's number, as in the list.
    pub logistics_no: String,
    /// The carrier's customs code, as in the list.
    pub logistics_code: OrganisationCode,
    /// The carrier's registered name.
    pub logistics_name: String,
    /// The enterprise's own number for the return.
    pub cop_no: Option<String>,
    /// Number given by the electronic port.
    pub pre_no: Option<String>,
    /// The number that customs gave the list.
    pub invt_no: String,
    /// `1` identity card, `2` other.
    pub buyer_id_type: String,
    /// The number of the orderer's identity document.
    pub buyer_id_number: Pseudonym,
    /// The orderer's name.
    pub buyer_name: Pseudonym,
    /// The orderer's telephone.
    pub buyer_telephone: Pseudonym,
    /// The declarant's customs code.
    pub agent_code: OrganisationCode,
    /// The declarant's registered name.
    pub agent_name: String,
    /// The goods that come back, 1 to 99 lines.
    pub lines: Vec<ListReturnLine>,
}

/// One line of goods that come back.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListReturnLine {
    /// The number of the list's line.
    pub gnum: u32,
    /// Commodity code of ten digits (HS), as in the list.
    pub gcode: String,
    /// The goods' name, as in the list.
    pub gname: String,
    /// Quantity in `unit`; at most the list's.
    pub qty: Decimal,
    /// Unit of measure, as in the list.
    pub unit: String,
}
