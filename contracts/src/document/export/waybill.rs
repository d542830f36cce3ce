//! Export waybill, message 505.

use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::decimal::Decimal;
use kanhe_types::pseudonym::Pseudonym;
use serde::{Deserialize, Serialize};

/// An export waybill. The business key is (`logistics_code`, `logistics_no`), for six months. It
/// names no order: the list joins order and waybill.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExportWaybill {
    /// The carrier's customs code.
    pub logistics_code: OrganisationCode,
    /// The carrier's registered name.
    pub logistics_name: String,
    /// The waybill's number, at most 32 characters; not used again within six months.
    pub logistics_no: String,
    /// Freight, in `currency`.
    pub freight: Decimal,
    /// Insurance, in `currency`.
    pub insured_fee: Decimal,
    /// Currency code of three digits.
    pub currency: String,
    /// Gross weight in kilograms.
    pub gross_weight: Decimal,
    /// Parcels under this waybill.
    pub pack_no: u32,
    /// The consignor's customs code.
    pub ebc_code: Option<OrganisationCode>,
    /// The consignor's registered name.
    pub ebc_name: Option<String>,
    /// The consignor's telephone.
    pub ebc_telephone: Option<Pseudonym>,
}
