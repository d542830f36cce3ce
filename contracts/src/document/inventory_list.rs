//! Inventory list, message 621: what is declared.

use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::decimal::Decimal;
use kanhe_types::pseudonym::Pseudonym;
use kanhe_types::time::CustomsDate;
use serde::{Deserialize, Serialize};

/// An import list. One list declares one order and one waybill.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct InventoryList {
    /// The order that is declared.
    pub order_no: String,
    /// The platform's customs code.
    pub ebp_code: OrganisationCode,
    /// The platform's registered name.
    pub ebp_name: String,
    /// The merchant's customs code.
    pub ebc_code: OrganisationCode,
    /// The merchant's registered name.
    pub ebc_name: String,
    /// The waybill's number.
    pub logistics_no: String,
    /// The carrier's customs code.
    pub logistics_code: OrganisationCode,
    /// The carrier's registered name.
    pub logistics_name: String,
    /// The enterprise's own number for the list.
    pub cop_no: Option<String>,
    /// Number given by the electronic port.
    pub pre_no: Option<String>,
    /// Who guarantees the tax.
    pub assure_code: OrganisationCode,
    /// Bonded account book; bonded modes only.
    pub ems_no: Option<String>,
    /// Number given by customs.
    pub invt_no: Option<String>,
    /// `I` import, `E` export.
    pub ie_flag: String,
    /// The day of declaration.
    pub decl_time: CustomsDate,
    /// Customs district of the declaration, four digits.
    pub customs_code: String,
    /// Customs district of entry, four digits.
    pub port_code: String,
    /// The day of entry, where known.
    pub ie_date: Option<CustomsDate>,
    /// `1` identity card, `2` other.
    pub buyer_id_type: String,
    /// The number of the orderer's identity document.
    pub buyer_id_number: Pseudonym,
    /// The orderer's name.
    pub buyer_name: Pseudonym,
    /// The orderer's telephone.
    pub buyer_telephone: Pseudonym,
    /// The consignee's address.
    pub consignee_address: Pseudonym,
    /// The declarant's customs code.
    pub agent_code: OrganisationCode,
    /// The declarant's registered name.
    pub agent_name: String,
    /// The bonded warehouse's code; bonded modes only.
    pub area_code: Option<OrganisationCode>,
    /// The bonded warehouse's name; bonded modes only.
    pub area_name: Option<String>,
    /// `9610` direct purchase, `1210` or `1239` bonded.
    pub trade_mode: String,
    /// Mode of transport.
    pub traf_mode: String,
    /// Vessel, flight or vehicle; direct purchase only.
    pub traf_no: Option<String>,
    /// Voyage or flight number; direct purchase only.
    pub voyage_no: Option<String>,
    /// Bill of lading or air waybill; direct purchase only.
    pub bill_no: Option<String>,
    /// Supervised site.
    pub loct_no: Option<String>,
    /// Licence.
    pub license_no: Option<String>,
    /// Country of departure; `142` for bonded modes.
    pub country: String,
    /// Freight, in `currency`.
    pub freight: Decimal,
    /// Insurance, in `currency`.
    pub insured_fee: Decimal,
    /// Currency code of three digits; `142` is CNY.
    pub currency: String,
    /// Kind of packing.
    pub wrap_type: Option<String>,
    /// Parcels; 1 on import.
    pub pack_no: u32,
    /// Gross weight in kilograms.
    pub gross_weight: Decimal,
    /// Net weight in kilograms.
    pub net_weight: Decimal,
    /// The goods, 1 to 99 lines.
    pub lines: Vec<InventoryLine>,
}

/// One line of goods of a list.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct InventoryLine {
    /// The line's number, from 1; the order's line of the same number.
    pub gnum: u32,
    /// Number in the bonded account book; bonded modes only.
    pub item_record_no: Option<String>,
    /// The merchant's article number (SKU).
    pub item_no: Option<String>,
    /// The name under which it is sold.
    pub item_name: Option<String>,
    /// Commodity code of ten digits (HS).
    pub gcode: String,
    /// The goods' name, as in the order.
    pub gname: String,
    /// Specification.
    pub gmodel: String,
    /// Bar code.
    pub bar_code: Option<String>,
    /// Country of origin, three digits.
    pub country: String,
    /// Trading country.
    pub trade_country: Option<String>,
    /// Currency code of three digits.
    pub currency: String,
    /// Quantity in `unit`.
    pub qty: Decimal,
    /// Unit of measure.
    pub unit: String,
    /// Statutory quantity in `unit1`.
    pub qty1: Decimal,
    /// Statutory unit.
    pub unit1: String,
    /// Second quantity in `unit2`.
    pub qty2: Option<Decimal>,
    /// Second unit.
    pub unit2: Option<String>,
    /// Price of one `unit`.
    pub price: Decimal,
    /// Price of the line.
    pub total_price: Decimal,
}
