//! Receipt of goods at a supervised site, message 711.

use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::decimal::Decimal;
use serde::{Deserialize, Serialize};

/// The operator of a supervised site says what was unloaded there. The business key is
/// (`operator_code`, `cop_no`), or the sender's `guid` where no number is stated.
///
/// The message names parcels. What a bonded warehouse takes in is goods, under its account book:
/// the message has no fields for them, so that they stand beside its own ([`Self::ems_no`],
/// [`Self::goods`]) and are absent from a receipt of parcels.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WarehouseReceipt {
    /// Customs district, four digits.
    pub customs_code: String,
    /// The enterprise's own number for the receipt.
    pub cop_no: Option<String>,
    /// Number given by the electronic port.
    pub pre_no: Option<String>,
    /// Number given by customs.
    pub rkd_no: Option<String>,
    /// The customs code of the site's operator.
    pub operator_code: OrganisationCode,
    /// The operator's registered name.
    pub operator_name: String,
    /// `I` import.
    pub ie_flag: String,
    /// Mode of transport.
    pub traf_mode: String,
    /// Vessel, flight or vehicle.
    pub traf_no: String,
    /// Voyage or flight number.
    pub voyage_no: String,
    /// Bill of lading, air waybill or road manifest.
    pub bill_no: String,
    /// The carrier's customs code.
    pub logistics_code: OrganisationCode,
    /// The carrier's registered name.
    pub logistics_name: String,
    /// Where in the site the goods lie.
    pub unload_location: Option<String>,
    /// The bonded account book that takes the goods in.
    #[serde(default)]
    pub ems_no: Option<String>,
    /// The parcels, at most 500.
    #[serde(default)]
    pub lines: Vec<ReceivedParcel>,
    /// The goods that the account book takes in, at most 99 lines.
    #[serde(default)]
    pub goods: Vec<ReceivedGoods>,
}

/// One parcel of a receipt.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReceivedParcel {
    /// The line's number, from 1.
    pub gnum: u32,
    /// The parcel's waybill number.
    pub logistics_no: String,
}

/// Goods of one number in the account book.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReceivedGoods {
    /// Number in the bonded account book.
    pub item_record_no: String,
    /// Quantity in `unit`.
    pub qty: Decimal,
    /// Unit of measure.
    pub unit: String,
}
