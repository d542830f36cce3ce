//! Goods that come back after export: the application, message 213, and the tally of what arrived,
//! message 215.

use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::decimal::Decimal;
use serde::{Deserialize, Serialize};

/// A merchant applies for the return of exported goods. The business key is (`ebc_code`,
/// `co_el_no`).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExportReturn {
    /// Customs district, four digits.
    pub customs_code: String,
    /// Supervised site.
    pub loct_no: Option<String>,
    /// The platform's customs code.
    pub ebp_code: OrganisationCode,
    /// The platform's registered name.
    pub ebp_name: String,
    /// The merchant's customs code.
    pub ebc_code: OrganisationCode,
    /// The merchant's registered name.
    pub ebc_name: String,
    /// The waybill of the way back, or of the way out.
    pub logistics_no: String,
    /// Its carrier's customs code.
    pub logistics_code: OrganisationCode,
    /// Its carrier's registered name.
    pub logistics_name: String,
    /// The enterprise's own number for the return.
    pub co_el_no: String,
    /// Number given by the electronic port.
    pub pre_no: Option<String>,
    /// The number of the export list.
    pub invt_no: String,
    /// Trade mode of the export.
    pub trade_mode: Option<String>,
    /// The declarant's customs code.
    pub agent_code: OrganisationCode,
    /// The declarant's registered name.
    pub agent_name: String,
    /// Bill of lading or air waybill.
    pub bill_no: String,
    /// `I`: the goods come in.
    pub ie_flag: String,
    /// Mode of transport.
    pub traf_mode: String,
    /// Vessel, aircraft or vehicle.
    pub traf_name: String,
    /// Customs district of the export, four digits.
    pub port_code: String,
    /// The country from which they come, three digits; not China.
    pub country: String,
    /// Voyage or flight number.
    pub voyage_no: String,
    /// The goods that come back, 1 to 100 lines.
    pub lines: Vec<ReturnLine>,
}

/// One line of goods that come back.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReturnLine {
    /// The number of the list's line.
    pub gnum: u32,
    /// Commodity code (HS), as in the list.
    pub gcode: String,
    /// The goods' name, as in the list.
    pub gname: String,
    /// Specification, as in the list.
    pub gmodel: String,
    /// Quantity in `unit`; at most the list's.
    pub qty: Decimal,
    /// Statutory quantity in `unit1`.
    pub qty1: Decimal,
    /// Unit of measure, as in the list.
    pub unit: String,
    /// Statutory unit, as in the list.
    pub unit1: String,
    /// Second quantity in `unit2`.
    pub qty2: Option<Decimal>,
    /// Second unit.
    pub unit2: Option<String>,
}

/// What the supervised site counted of a return. The business key is (`operator_code`,
/// `co_el_no`).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReturnTally {
    /// Customs district, four digits.
    pub customs_code: String,
    /// The customs code of the supervised site's operator.
    pub operator_code: OrganisationCode,
    /// The operator's registered name.
    pub operator_name: String,
    /// The carrier's customs code.
    pub logistics_code: OrganisationCode,
    /// The carrier's registered name.
    pub logistics_name: String,
    /// The waybill of the way back, or of the way out.
    pub logistics_no: String,
    /// The number of the export list.
    pub invt_no: Option<String>,
    /// The enterprise's own number for the tally.
    pub co_el_no: String,
    /// Number given by the electronic port.
    pub pre_no: Option<String>,
    /// Bill of lading or air waybill.
    pub bill_no: String,
    /// `I`: the goods come in.
    pub ie_flag: String,
    /// Mode of transport.
    pub traf_mode: String,
    /// Vessel, aircraft or vehicle.
    pub traf_name: String,
    /// Voyage or flight number.
    pub voyage_no: String,
}
