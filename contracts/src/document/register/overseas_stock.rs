//! Stock of overseas warehouses (海外仓库存), to which goods go under mode 9810.

use super::CaseRef;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::decimal::Decimal;
use kanhe_types::hash::Hash;
use kanhe_types::time::CustomsDate;
use serde::{Deserialize, Serialize};

/// What is done about the stock of a warehouse.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum OverseasStockAct {
    /// The merchant opens it, for a year or a part of one.
    Open(StockFacts),
    /// Goods of an export went there.
    Ship(StockMove),
    /// Goods were sold.
    Sell(StockSale),
    /// Buyers brought goods back to the warehouse.
    TakeBack(StockSale),
    /// Goods went back to China, under a return of their export.
    SendBack(StockMove),
    /// Goods were scrapped.
    Scrap {
        /// Which.
        lines: Vec<StockLine>,
        /// The SHA-256 of what shows it.
        evidence: Hash,
    },
    /// Goods were counted.
    Count {
        /// How many of which are there.
        lines: Vec<StockLine>,
        /// The SHA-256 of the report, which says why they differ.
        report: Hash,
    },
    /// The period is over.
    Close,
}

/// Which warehouse, and when.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StockFacts {
    /// The warehouse's number.
    pub warehouse_no: String,
    /// Its name.
    pub warehouse_name: String,
    /// Its country, three digits.
    pub country: String,
    /// The year of what is sold.
    pub year: u16,
    /// The number of the merchant's entry whose stock it goes on with.
    #[serde(default)]
    pub continues: Option<String>,
}

/// Goods of an export that go to the warehouse, or back.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StockMove {
    /// The export.
    pub case: CaseRef,
    /// Its goods, ascending by line.
    pub lines: Vec<MovedLine>,
}

/// Goods of one line of an export's list.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MovedLine {
    /// The number of the list's line.
    pub gnum: u32,
    /// The merchant's article number.
    pub item_no: String,
    /// The list's unit.
    pub unit: String,
    /// Quantity.
    pub qty: Decimal,
}

/// What was sold, or brought back, on one day in one currency.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StockSale {
    /// The last day of the sales.
    pub date: CustomsDate,
    /// Currency code.
    pub currency: String,
    /// Goods, ascending by article number.
    pub lines: Vec<SoldLine>,
    /// The SHA-256 of the orders, which the merchant keeps.
    pub orders: Hash,
}

/// Goods of one article that were sold or brought back.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SoldLine {
    /// The merchant's article number.
    pub item_no: String,
    /// Quantity.
    pub qty: Decimal,
    /// What was paid for it, or paid back.
    pub amount: Decimal,
}

/// Goods of one article.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StockLine {
    /// The merchant's article number.
    pub item_no: String,
    /// Quantity.
    pub qty: Decimal,
}
