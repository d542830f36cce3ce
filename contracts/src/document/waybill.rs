//! Waybill, message 511: the goods flow.

use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::decimal::Decimal;
use kanhe_types::pseudonym::Pseudonym;
use serde::{Deserialize, Serialize};

/// A waybill. The business key is (`logistics_code`, `logistics_no`).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Waybill {
    /// The carrier's customs code.
    pub logistics_code: OrganisationCode,
    /// The carrier's registered name.
    pub logistics_name: String,
    /// The parcel's waybill number, at most 60 characters; not used again within six months.
    pub logistics_no: String,
    /// Bill of lading, air waybill or road manifest of a direct import.
    pub bill_no: Option<String>,
    /// The order whose goods it carries.
    pub order_no: String,
    /// Freight, in `currency`.
    pub freight: Option<Decimal>,
    /// Insurance, in `currency`.
    pub insured_fee: Option<Decimal>,
    /// Currency code of three digits; `142` is CNY.
    pub currency: String,
    /// Gross weight in kilograms.
    pub weight: Decimal,
    /// Parcels; 1 on import.
    pub pack_no: u32,
    /// The consignee's name.
    pub consignee: Pseudonym,
    /// The consignee's address.
    pub consignee_address: Pseudonym,
    /// The consignee's telephone.
    pub consignee_telephone: Pseudonym,
}
