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
    /// How many of the active agencies must approve a proposal.
    pub governance_quorum: Quorum,
}

/// A share of the agencies: at least `agencies` of every `of`. More than half, so that no two
/// quorums are strangers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(deny_unknown_fields)]
pub struct Quorum {
    /// So many,
    pub agencies: u16,
    /// of so many.
    pub of: u16,
}

impl Quorum {
    /// How many of `active` agencies form a quorum: rounded up, and never none.
    pub fn needed(self, active: usize) -> usize {
        let (agencies, of) = (usize::from(self.agencies), usize::from(self.of.max(1)));
        active.saturating_mul(agencies).div_ceil(of).max(1)
    }

    fn is_majority(self) -> bool {
        self.agencies <= self.of && u32::from(self.of) < u32::from(self.agencies).saturating_mul(2)
    }
}

/// Days that a case may be allowed to collect its documents.
const COLLECT_DAYS_MAX: u32 = 3_660;

/// A field of a policy that cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PolicyFault {
    /// Which field.
    pub field: &'static str,
    /// What it must be.
    pub expected: &'static str,
}

impl Policy {
    /// Checks that every parameter is one that the rules can work with.
    ///
    /// # Errors
    /// Names the first field that is not.
    pub fn check(&self) -> Result<(), PolicyFault> {
        let tolerances = [
            ("amount_tolerance", self.amount_tolerance),
            ("line_total_tolerance", self.line_total_tolerance),
            ("weight_tolerance_kg", self.weight_tolerance_kg),
            ("freight_tolerance", self.freight_tolerance),
        ];
        for (field, tolerance) in tolerances {
            if tolerance.is_negative() || Decimal::from_units(tolerance.units()).is_none() {
                return Err(PolicyFault { field, expected: "0 or more, at most 19 digits" });
            }
        }
        if !(1..=COLLECT_DAYS_MAX).contains(&self.collect_days) {
            return Err(PolicyFault { field: "collect_days", expected: "1 to 3660" });
        }
        if !self.governance_quorum.is_majority() {
            let expected = "more than half of the agencies, and not more than all";
            return Err(PolicyFault { field: "governance_quorum", expected });
        }
        Ok(())
    }

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
            governance_quorum: Quorum { agencies: 2, of: 3 },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quorum_is_rounded_up_and_never_none() {
        let two_thirds = Quorum { agencies: 2, of: 3 };
        let needed: Vec<usize> = (0..8).map(|active| two_thirds.needed(active)).collect();
        assert_eq!(needed, [1, 1, 2, 2, 3, 4, 4, 5]);
        assert_eq!(Quorum { agencies: 1, of: 1 }.needed(4), 4);
    }

    #[test]
    fn a_policy_that_rules_cannot_work_with_is_named_by_its_field() {
        let fault = |change: fn(&mut Policy)| {
            let mut policy = Policy::default();
            change(&mut policy);
            policy.check().err().map(|fault| fault.field)
        };
        let quorum = |agencies, of| Quorum { agencies, of };
        assert_eq!(fault(|_| {}), None);
        assert_eq!(fault(|own| own.collect_days = 0), Some("collect_days"));
        let negative = fault(|own| own.freight_tolerance = Decimal::from_units(-1).unwrap());
        assert_eq!(negative, Some("freight_tolerance"));
        for (quorum, is_fault) in [
            (quorum(1, 2), true),
            (quorum(2, 3), false),
            (quorum(4, 3), true),
            (quorum(0, 0), true),
            (quorum(1, 1), false),
        ] {
            let policy = Policy { governance_quorum: quorum, ..Policy::default() };
            assert_eq!(policy.check().is_err(), is_fault, "{quorum:?}");
        }
    }
}
