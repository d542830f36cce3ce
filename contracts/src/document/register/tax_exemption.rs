//! Tax-exempt exports without invoices (无票免税): what the zone's platform has to register of each
//! line of goods.

use super::CaseRef;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::decimal::Decimal;
use kanhe_types::hash::Hash;
use kanhe_types::time::CustomsDate;
use serde::{Deserialize, Serialize};

/// What is done about a registration.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum TaxExemptionAct {
    /// An exporter of the zone registers lines of an export that left.
    Register(ExemptionFacts),
    /// The tax authority confirms them.
    Confirm,
    /// The tax authority refuses them.
    Refuse {
        /// Why.
        reason: ExemptionRefusal,
        /// The SHA-256 of the decision.
        decision: Hash,
    },
    /// The exporter takes the registration back, as long as nothing is decided.
    Withdraw,
}

/// What is registered. All of it is what the export's list says.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExemptionFacts {
    /// The export.
    pub case: CaseRef,
    /// The day of export: the list's `ieDate`.
    pub export_date: CustomsDate,
    /// The currency of prices and amounts.
    pub currency: String,
    /// The lines, ascending; not all of the list's, where others have invoices.
    pub lines: Vec<ExemptLine>,
}

/// One line of goods.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExemptLine {
    /// The number of the list's line.
    pub gnum: u32,
    /// The goods' name: the one under which they are sold, where the list states one.
    pub gname: String,
    /// Unit of measure.
    pub unit: String,
    /// Quantity in `unit`.
    pub qty: Decimal,
    /// Price of one `unit`.
    pub price: Decimal,
    /// Amount of the line.
    pub total_price: Decimal,
}

/// Why the tax authority refuses a registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(rename_all = "snake_case")]
pub enum ExemptionRefusal {
    /// The enterprise does not qualify.
    Enterprise,
    /// The goods are excluded from exemption.
    Goods,
    /// The goods were not declared through the zone's customs.
    Declaration,
    /// There is a valid invoice: the goods take the way of refund.
    Invoiced,
    /// What was exported is not what was declared.
    Facts,
    /// Something else, which the decision states.
    Other,
}
