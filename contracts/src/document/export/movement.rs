//! What happens to parcels on their way out: arrival at the supervised site, message 507, and
//! departure from the country, message 509.

use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::time::CustomsTime;
use serde::{Deserialize, Serialize};

/// Parcels arrived at the supervised site. The business key is (`operator_code`, `cop_no`,
/// `msg_seq_no`).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Arrival {
    /// Customs district of the declaration, four digits.
    pub customs_code: String,
    /// The enterprise's own number for the message.
    pub cop_no: String,
    /// Number given by the electronic port.
    pub pre_no: Option<String>,
    /// The customs code of the supervised site's operator.
    pub operator_code: OrganisationCode,
    /// The operator's registered name.
    pub operator_name: String,
    /// Supervised site.
    pub loct_no: Option<String>,
    /// `E` export.
    pub ie_flag: String,
    /// Mode of transport.
    pub traf_mode: String,
    /// Bill of lading, air waybill or road manifest.
    pub bill_no: Option<String>,
    /// The vehicle that brought the parcels to the site.
    pub domestic_traf_no: String,
    /// The carrier's customs code.
    pub logistics_code: OrganisationCode,
    /// The carrier's registered name.
    pub logistics_name: String,
    /// Into how many parts the message was split; 1 where it was not.
    pub msg_count: u32,
    /// Which part it is, from 1.
    pub msg_seq_no: u32,
    /// The parcels, 1 to 500.
    pub lines: Vec<MovementLine>,
}

/// Parcels left the country. The business key is (`logistics_code`, `cop_no`, `msg_seq_no`).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Departure {
    /// Customs district, four digits.
    pub customs_code: String,
    /// The enterprise's own number for the message.
    pub cop_no: String,
    /// Number given by the electronic port.
    pub pre_no: Option<String>,
    /// The carrier's customs code.
    pub logistics_code: OrganisationCode,
    /// The carrier's registered name.
    pub logistics_name: String,
    /// Mode of transport.
    pub traf_mode: String,
    /// Vessel, aircraft or vehicle.
    pub traf_name: Option<String>,
    /// Voyage or flight number.
    pub voyage_no: Option<String>,
    /// Bill of lading or air waybill.
    pub bill_no: Option<String>,
    /// When they left.
    pub leave_time: CustomsTime,
    /// Into how many parts the message was split; 1 where it was not.
    pub msg_count: u32,
    /// Which part it is, from 1.
    pub msg_seq_no: u32,
    /// The parcels, 1 to 500.
    pub lines: Vec<MovementLine>,
}

/// One parcel that moved.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MovementLine {
    /// The line's number, from 1.
    pub gnum: u32,
    /// The waybill's number.
    pub logistics_no: String,
    /// The number of the bag or pallet that it is in.
    pub total_package_no: Option<String>,
}
