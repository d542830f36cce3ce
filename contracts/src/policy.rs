//! Policy: the parameters of the rules. Genesis states the first version.

use kanhe_types::codec::{self, Decode, Encode};
use kanhe_types::decimal::Decimal;
use kanhe_types::hash::{Domain, Hash};
use serde::{Deserialize, Serialize};

/// The parameters in force. Tolerances are absolute and inclusive.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// The version, from 1.
    pub version: u32,
    /// M03: payment against order, in CNY. The schema says they are equal, so 0.
    pub amount_tolerance: Decimal,
    /// M04: a line's total against quantity × price, in CNY for each unit of quantity.
    pub line_total_tolerance: Decimal,
    /// M09: the list's gross weight against the waybill's, in kilograms.
    pub weight_tolerance_kg: Decimal,
    /// M10: the list's freight against the waybill's, in CNY.
    pub freight_tolerance: Decimal,
    /// How long a case may collect its documents before it counts as overdue, in days.
    pub collect_days: u32,
}

impl Policy {
    /// The policy's identity.
    pub fn hash(&self) -> Hash {
        Hash::of(Domain::Policy, &[&codec::encode(self)])
    }
}

impl Default for Policy {
    fn default() -> Self {
        let decimal = |units| Decimal::from_units(units).expect("constants have few digits");
        Self {
            version: 1,
            amount_tolerance: Decimal::ZERO,
            line_total_tolerance: decimal(1_000),
            weight_tolerance_kg: decimal(10_000),
            freight_tolerance: Decimal::ZERO,
            collect_days: 7,
        }
    }
}
