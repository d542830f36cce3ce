//! Rates of tax by commodity codes.

use super::fault::{PolicyFault, PolicyFaults};
use crate::limits::TAX_RATES_MAX;
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::decimal::Decimal;
use serde::{Deserialize, Serialize};

/// The legal rates of goods from one code of the tariff to another; a single code is both.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(deny_unknown_fields)]
pub struct TaxRate {
    /// The first code, eight digits,
    pub first: String,
    /// and the last.
    pub last: String,
    /// The rate of value added tax, as a share of one.
    pub value_added: Decimal,
    /// The rate of consumption tax, as a share of one; below one.
    #[serde(default)]
    pub consumption: Decimal,
}

/// Digits of the tariff in a commodity code.
const TARIFF_DIGITS: usize = 8;

/// The rates of the goods with this code of ten digits.
pub(super) fn find<'a>(rates: &'a [TaxRate], gcode: &str) -> Option<&'a TaxRate> {
    let code = gcode.get(..TARIFF_DIGITS)?;
    let behind = rates.partition_point(|rate| rate.first.as_str() <= code);
    let rate = behind.checked_sub(1).and_then(|index| rates.get(index))?;
    (code <= rate.last.as_str()).then_some(rate)
}

/// Checks the share of the legal tax that is due.
pub(super) fn check_share(share: Decimal, faults: &mut PolicyFaults) {
    faults.require(!share.is_negative() && share <= one(), || {
        PolicyFault::at("tax_share", "0 to 1").but_found(share)
    });
}

/// Checks the rates of a policy.
pub(super) fn check(rates: &[TaxRate], faults: &mut PolicyFaults) {
    faults.at_most(rates.len(), TAX_RATES_MAX, "ranges");
    faults.each(rates, check_rate);
    let overlaps = |pair: &[TaxRate]| matches!(pair, [a, b] if b.first <= a.last);
    if let Some(index) = rates.windows(2).position(overlaps) {
        let path = format!("[{}]", index.saturating_add(1));
        faults.add(PolicyFault::at(path, "ranges that ascend without overlap"));
    }
}

fn check_rate(rate: &TaxRate, faults: &mut PolicyFaults) {
    for (name, code) in [("first", &rate.first), ("last", &rate.last)] {
        let is_digits = code.bytes().all(|byte| byte.is_ascii_digit());
        faults.require(code.len() == TARIFF_DIGITS && is_digits, || {
            PolicyFault::at(name, "a code of eight digits").but_found(code)
        });
    }
    faults.require(rate.first <= rate.last, || {
        PolicyFault::at("", "a range from the lower code to the higher")
    });
    let value_added = rate.value_added;
    faults.require(!value_added.is_negative() && value_added <= one(), || {
        PolicyFault::at("value_added", "a share from 0 to 1").but_found(value_added)
    });
    let consumption = rate.consumption;
    faults.require(!consumption.is_negative() && consumption < one(), || {
        PolicyFault::at("consumption", "a share from 0, below 1").but_found(consumption)
    });
}

fn one() -> Decimal {
    Decimal::from_integer(1).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::decimal;

    fn rate(first: &str, last: &str) -> TaxRate {
        let (value_added, consumption) = (decimal("0.13"), Decimal::ZERO);
        TaxRate { first: first.into(), last: last.into(), value_added, consumption }
    }

    #[test]
    fn goods_have_the_rate_of_the_range_around_their_code() {
        let rates = [rate("33040000", "33049999"), rate("33061010", "33061010")];
        let found = |gcode| find(&rates, gcode).map(|rate| rate.first.as_str());
        assert_eq!(found("3304990039"), Some("33040000"));
        assert_eq!(found("3306101000"), Some("33061010"));
        for gcode in ["3303999999", "3305000000", "3306101100", "", "3304", "九九九九九九"] {
            assert_eq!(found(gcode), None, "{gcode}");
        }
    }

    fn faults(check: impl FnOnce(&mut PolicyFaults)) -> Vec<String> {
        let mut faults = PolicyFaults::default();
        check(&mut faults);
        faults.into_vec().into_iter().map(|fault| fault.path).collect()
    }

    #[test]
    fn rates_that_rules_cannot_work_with_are_named() {
        assert!(faults(|own| check(&[rate("33040000", "33049999")], own)).is_empty());
        assert!(faults(|own| check_share(decimal("1"), own)).is_empty());
        assert_eq!(faults(|own| check_share(decimal("1.1"), own)), ["tax_share"]);
        let whole = TaxRate { consumption: decimal("1"), ..rate("33040000", "33040000") };
        for (rates, expected) in [
            (vec![rate("3304", "33050000")], "[0].first"),
            (vec![rate("33049999", "33040000")], "[0]"),
            (vec![rate("33040000", "33049999"), rate("33049999", "33050000")], "[1]"),
            (vec![whole], "[0].consumption"),
        ] {
            assert_eq!(faults(|own| check(&rates, own)), [expected]);
        }
    }
}
