//! Status of a waybill, message 513: the parcel was signed for.

use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::time::CustomsTime;
use serde::{Deserialize, Serialize};

/// A carrier says that a parcel was handed over. The business key is (`logistics_code`,
/// `logistics_no`).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WaybillStatus {
    /// The carrier's customs code.
    pub logistics_code: OrganisationCode,
    /// The carrier's registered name.
    pub logistics_name: String,
    /// The parcel's waybill number.
    pub logistics_no: String,
    /// `S`: signed for. There is no other.
    pub logistics_status: String,
    /// When it was signed for.
    pub logistics_time: CustomsTime,
}
