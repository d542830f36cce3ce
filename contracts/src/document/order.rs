//! Import order, message 311: the information flow. Amounts are in the order's currency.

use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::decimal::Decimal;
use kanhe_types::pseudonym::Pseudonym;
use serde::{Deserialize, Serialize};

/// An import order. The business key is (`ebp_code`, `order_no`).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Order {
    /// The platform's order number, at most 60 characters.
    pub order_no: String,
    /// The platform's customs code.
    pub ebp_code: OrganisationCode,
    /// The platform's registered name.
    pub ebp_name: String,
    /// The merchant's customs code.
    pub ebc_code: OrganisationCode,
    /// The merchant's registered name.
    pub ebc_name: String,
    /// The price of the goods, with non-cash deductions included.
    pub goods_value: Decimal,
    /// Freight and other charges outside the price.
    pub freight: Decimal,
    /// What was paid with points, vouchers and the like.
    pub discount: Decimal,
    /// Tax that the enterprise withheld in advance.
    pub tax_total: Decimal,
    /// What was paid: goods + freight + tax − discount (the schema's spelling).
    pub actural_paid: Decimal,
    /// Currency code of three digits; `142` is CNY.
    pub currency: String,
    /// The orderer's registration at the platform.
    pub buyer_reg_no: Pseudonym,
    /// The orderer's name.
    pub buyer_name: Pseudonym,
    /// The orderer's telephone.
    pub buyer_telephone: Pseudonym,
    /// `1` identity card, `2` other.
    pub buyer_id_type: String,
    /// The number of the orderer's identity document.
    pub buyer_id_number: Pseudonym,
    /// The payment firm's customs code.
    pub pay_code: Option<OrganisationCode>,
    /// The payment firm's registered name.
    pub pay_name: Option<String>,
    /// The payment firm's transaction number.
    pub pay_transaction_id: Option<String>,
    /// Batch numbers of the goods.
    pub batch_numbers: Option<String>,
    /// The consignee's name.
    pub consignee: Pseudonym,
    /// The consignee's telephone.
    pub consignee_telephone: Pseudonym,
    /// The consignee's address.
    pub consignee_address: Pseudonym,
    /// Administrative division of the address, six digits.
    pub consignee_district: Option<String>,
    /// The goods, 1 to 99 lines.
    pub lines: Vec<OrderLine>,
}

/// One line of goods of an order.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OrderLine {
    /// The line's number, from 1.
    pub gnum: u32,
    /// The merchant's article number (SKU).
    pub item_no: Option<String>,
    /// The name under which it is sold.
    pub item_name: String,
    /// Specification: brand, model, composition, content.
    pub gmodel: String,
    /// Bar code.
    pub bar_code: Option<String>,
    /// Unit of measure, customs code of three digits.
    pub unit: String,
    /// Quantity in `unit`.
    pub qty: Decimal,
    /// Price of one `unit`.
    pub price: Decimal,
    /// Price of the line: `qty` × `price`.
    pub total_price: Decimal,
    /// Currency code of three digits.
    pub currency: String,
    /// Country code of three digits.
    pub country: String,
}
