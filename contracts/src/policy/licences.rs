//! Which licences who acts in a trade must hold.

use super::fault::{PolicyFault, PolicyFaults};
use crate::registry::{LicenceKind, Role};
use crate::role;
use kanhe_types::codec::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// A licence that whoever acts in a role must hold.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, Serialize, Deserialize,
)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(deny_unknown_fields)]
pub struct LicenceDemand {
    /// Who acts.
    pub role: Role,
    /// What is demanded of it.
    pub licence: LicenceKind,
}

/// The roles that M16 asks about.
const ROLES: [Role; 5] =
    [Role::Platform, Role::Merchant, Role::Payment, Role::Carrier, Role::Declarant];

/// Checks the demands of a policy.
pub(super) fn check(demands: &[LicenceDemand], faults: &mut PolicyFaults) {
    faults.ascend(demands, "demands ascending by role and licence without repeats", |own| *own);
    faults.each(demands, |demand, own| {
        own.require(ROLES.contains(&demand.role), || {
            let expected = "platform, merchant, payment, carrier or declarant";
            PolicyFault::at("role", expected).but_found(role::name(demand.role))
        });
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn demands_ascend_and_are_of_those_who_act_in_a_trade() {
        let demand = |role, licence| LicenceDemand { role, licence };
        let payment = demand(Role::Payment, LicenceKind::PaymentInternet);
        let express = demand(Role::Carrier, LicenceKind::Express);
        let is_taken = |demands: &[LicenceDemand]| {
            let mut faults = PolicyFaults::default();
            check(demands, &mut faults);
            faults.into_vec().is_empty()
        };
        assert!(is_taken(&[]) && is_taken(&[payment, express]));
        assert!(!is_taken(&[express, payment]) && !is_taken(&[express, express]));
        assert!(!is_taken(&[demand(Role::Bank, LicenceKind::PaymentInternet)]));
    }
}
