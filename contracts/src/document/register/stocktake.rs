//! Stocktakes (库存盘点): goods of a bonded account book are counted.

use kanhe_types::code::OrganisationCode;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::decimal::Decimal;
use kanhe_types::hash::Hash;
use kanhe_types::time::CustomsTime;
use serde::{Deserialize, Serialize};

/// What is done about a stocktake.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum StocktakeAct {
    /// The warehouse, or customs, says what it counted.
    Count(BookCount),
}

/// What is there of an account book's goods.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BookCount {
    /// The warehouse.
    pub area_code: OrganisationCode,
    /// Its account book.
    pub ems_no: String,
    /// When they were counted.
    pub counted: CustomsTime,
    /// The goods, 1 to 99 lines; what is not named was not counted.
    pub lines: Vec<CountedGoods>,
    /// The SHA-256 of the report, which says why they differ.
    pub report: Hash,
}

/// Goods of one number in the account book.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CountedGoods {
    /// Number in the account book.
    pub item_record_no: String,
    /// Unit of measure.
    pub unit: String,
    /// How much is there that no list takes out.
    pub qty: Decimal,
}
