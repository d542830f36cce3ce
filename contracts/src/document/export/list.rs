//! Export list, message 603, and its cancellation, message 605.

use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::decimal::Decimal;
use kanhe_types::time::CustomsDate;
use serde::{Deserialize, Serialize};

/// An export list. One list declares one order and one waybill.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExportList {
    /// Customs district of the declaration, four digits.
    pub customs_code: String,
    /// The platform's customs code.
    pub ebp_code: OrganisationCode,
    /// The platform's registered name.
    pub ebp_name: String,
    /// The order that is declared.
    pub order_no: String,
    /// The carrier's customs code.
    pub logistics_code: OrganisationCode,
    /// The carrier's registered name.
    pub logistics_name: String,
    /// The waybill's number, at most 32 characters.
    pub logistics_no: String,
    /// The enterprise's own number for the list.
    pub cop_no: String,
    /// Number given by the electronic port.
    pub pre_no: Option<String>,
    /// Number given by customs. Cancellation, summary and return name the list by it.
    pub invt_no: Option<String>,
    /// `I` import, `E` export.
    pub ie_flag: String,
    /// Customs district of exit, four digits.
    pub port_code: String,
    /// The day of export.
    pub ie_date: CustomsDate,
    /// `A` simplified, `B` with summary.
    pub statistics_flag: String,
    /// The declarant's customs code.
    pub agent_code: OrganisationCode,
    /// The declarant's registered name.
    pub agent_name: String,
    /// The consignor's customs code: the order's merchant.
    pub ebc_code: OrganisationCode,
    /// The consignor's registered name.
    pub ebc_name: String,
    /// The customs code of who produced or sold the goods.
    pub owner_code: OrganisationCode,
    /// The name of who produced or sold the goods.
    pub owner_name: String,
    /// The code of the enterprise inside the special zone; bonded modes only.
    pub iac_code: Option<OrganisationCode>,
    /// Its name; bonded modes only.
    pub iac_name: Option<String>,
    /// Bonded account book; bonded modes only.
    pub ems_no: Option<String>,
    /// `9610`, `1210`, `1239`, `9710` or `9810`, as the policy's modes say.
    pub trade_mode: String,
    /// Mode of transport.
    pub traf_mode: String,
    /// Vessel, aircraft or vehicle.
    pub traf_name: Option<String>,
    /// Voyage or flight number.
    pub voyage_no: Option<String>,
    /// Bill of lading or air waybill.
    pub bill_no: Option<String>,
    /// The number of the bag or pallet that it is in.
    pub total_package_no: Option<String>,
    /// Supervised site.
    pub loct_no: Option<String>,
    /// Licence.
    pub license_no: Option<String>,
    /// Country of destination, three digits.
    pub country: String,
    /// Port of destination.
    #[serde(rename = "POD")]
    pub pod: String,
    /// Freight, in `f_currency`.
    pub freight: Decimal,
    /// Currency code of the freight.
    pub f_currency: String,
    /// `1` rate, `2` unit price, `3` total.
    pub f_flag: String,
    /// Insurance, in `i_currency`.
    pub insured_fee: Decimal,
    /// Currency code of the insurance.
    pub i_currency: String,
    /// `1` rate, `2` unit price, `3` total.
    pub i_flag: String,
    /// Kind of packing.
    pub wrap_type: String,
    /// Parcels.
    pub pack_no: u32,
    /// Gross weight in kilograms.
    pub gross_weight: Decimal,
    /// Net weight in kilograms.
    pub net_weight: Decimal,
    /// The goods, 1 to 100 lines.
    pub lines: Vec<ExportLine>,
}

/// One line of goods of an export list.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExportLine {
    /// The line's number, from 1; the order's line of the same number.
    pub gnum: u32,
    /// The merchant's article number (SKU).
    pub item_no: String,
    /// Number in the bonded account book; bonded modes only.
    pub item_record_no: Option<String>,
    /// The name under which it is sold.
    pub item_name: Option<String>,
    /// Commodity code (HS): ten digits, or from four in a simplified list.
    pub gcode: String,
    /// The goods' name.
    pub gname: String,
    /// Specification.
    pub gmodel: String,
    /// Bar code.
    pub bar_code: String,
    /// Country of final destination, three digits.
    pub country: String,
    /// Currency code of three digits.
    pub currency: String,
    /// Quantity in `unit`.
    pub qty: Decimal,
    /// Statutory quantity in `unit1`.
    pub qty1: Decimal,
    /// Second quantity in `unit2`.
    pub qty2: Option<Decimal>,
    /// Unit of measure.
    pub unit: String,
    /// Statutory unit.
    pub unit1: String,
    /// Second unit.
    pub unit2: Option<String>,
    /// Price of one `unit`.
    pub price: Decimal,
    /// Price of the line.
    pub total_price: Decimal,
}

/// The declarant cancels a list. The business key is (`agent_code`, `cop_no`).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExportListCancellation {
    /// Customs district of the declaration, four digits.
    pub customs_code: String,
    /// The enterprise's own number for the list.
    pub cop_no: String,
    /// Number given by the electronic port.
    pub pre_no: Option<String>,
    /// The list's number, given by customs.
    pub invt_no: String,
    /// The declarant's customs code.
    pub agent_code: OrganisationCode,
    /// The declarant's registered name.
    pub agent_name: String,
    /// The consignor's customs code.
    pub ebc_code: OrganisationCode,
    /// The consignor's registered name.
    pub ebc_name: String,
}
