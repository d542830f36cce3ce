//! What joins many lists: the master and house bill (清单总分单), message 607, and the summary
//! application (汇总申请单), message 701.

use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::decimal::Decimal;
use kanhe_types::time::CustomsTime;
use serde::{Deserialize, Serialize};

/// Which parcels travel under one bill. The business key is (`agent_code`, `cop_no`,
/// `msg_seq_no`).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConsolidationBill {
    /// Customs district of the declaration, four digits.
    pub customs_code: String,
    /// The enterprise's own number for the bill.
    pub cop_no: String,
    /// Number given by the electronic port.
    pub pre_no: Option<String>,
    /// The declarant's customs code.
    pub agent_code: OrganisationCode,
    /// The declarant's registered name.
    pub agent_name: String,
    /// Supervised site.
    pub loct_no: Option<String>,
    /// Mode of transport.
    pub traf_mode: String,
    /// Vessel, aircraft or vehicle.
    pub traf_name: String,
    /// Voyage or flight number.
    pub voyage_no: String,
    /// Bill of lading or air waybill.
    pub bill_no: String,
    /// The vehicle that brings the parcels to the site.
    pub domestic_traf_no: Option<String>,
    /// Gross weight in kilograms.
    pub gross_weight: Decimal,
    /// The carrier's customs code.
    pub logistics_code: OrganisationCode,
    /// The carrier's registered name.
    pub logistics_name: String,
    /// Into how many parts the message was split; 1 where it was not.
    pub msg_count: u32,
    /// Which part it is, from 1.
    pub msg_seq_no: u32,
    /// The parcels, 1 to 500.
    pub lines: Vec<BillLine>,
}

/// One parcel of a bill.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BillLine {
    /// The line's number, from 1.
    pub gnum: u32,
    /// The number of the bag or pallet that it is in.
    pub total_package_no: Option<String>,
    /// The waybill's number.
    pub logistics_no: String,
    /// The list's number, given by customs.
    pub invt_no: Option<String>,
}

/// The declarant asks customs to sum lists up in one declaration. The business key is
/// (`agent_code`, `cop_no`, `msg_seq_no`).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SummaryApplication {
    /// Customs district of the declaration, four digits.
    pub customs_code: String,
    /// The enterprise's own number for the application.
    pub cop_no: String,
    /// Number given by the electronic port.
    pub pre_no: Option<String>,
    /// The application's number, given by customs.
    pub sum_no: Option<String>,
    /// The applicant's customs code: the lists' declarant.
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
    /// The beginning of the period whose lists are summed up. Customs then ignores `lines`; the
    /// ledger does not: what is summed up is named.
    pub start_time: Option<CustomsTime>,
    /// The end of the period.
    pub end_time: Option<CustomsTime>,
    /// Supervised site.
    pub loct_no: Option<String>,
    /// `1` by consignor, `2` by consignor and producer.
    pub summary_flag: String,
    /// `1` by the goods' own names.
    pub item_name_flag: String,
    /// Into how many parts the message was split; 1 where it was not.
    pub msg_count: u32,
    /// Which part it is, from 1.
    pub msg_seq_no: u32,
    /// The lists, 1 to 500.
    pub lines: Vec<SummaryLine>,
}

/// One list that is summed up.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SummaryLine {
    /// The list's number, given by customs.
    pub invt_no: String,
}
