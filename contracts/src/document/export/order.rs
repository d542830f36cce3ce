//! Export order, message 303. Amounts are in the order's currency.

use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::decimal::Decimal;
use serde::{Deserialize, Serialize};

/// An export order. The business key is (`ebp_code`, `order_no`). It names no buyer.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExportOrder {
    /// `E` retail, `B` between enterprises, `W` booking of an overseas warehouse.
    pub order_type: String,
    /// The platform's order number, at most 60 characters.
    pub order_no: String,
    /// The platform's customs code.
    pub ebp_code: OrganisationCode,
    /// The platform's registered name.
    pub ebp_name: String,
    /// The merchant's customs code: the consignor of the list.
    pub ebc_code: OrganisationCode,
    /// The merchant's registered name.
    pub ebc_name: String,
    /// The price of the goods free on board, with non-cash deductions included.
    pub goods_value: Decimal,
    /// Freight and other charges outside the price.
    pub freight: Decimal,
    /// Currency code of three digits.
    pub currency: String,
    /// The goods, 1 to 100 lines.
    pub lines: Vec<ExportOrderLine>,
}

/// One line of goods of an export order.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExportOrderLine {
    /// The line's number, from 1; the list's line of the same number declares it.
    pub gnum: u32,
    /// The merchant's article number (SKU).
    pub item_no: String,
    /// The name under which it is sold.
    pub item_name: String,
    /// Bar code.
    pub bar_code: Option<String>,
    /// Unit of measure, customs code of three digits.
    pub unit: String,
    /// Currency code of three digits.
    pub currency: String,
    /// Quantity in `unit`.
    pub qty: Decimal,
    /// Price of one `unit`.
    pub price: Decimal,
    /// Price of the line: `qty` × `price`.
    pub total_price: Decimal,
}
