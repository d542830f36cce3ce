//! Rates of tax by commodity codes.

use super::PolicyFault;
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

/// Checks the rates of a policy, and the share that is due.
pub(super) fn check(rates: &[TaxRate], share: Decimal) -> Result<(), PolicyFault> {
    let one = Decimal::from_integer(1).unwrap_or_default();
    if share.is_negative() || one < share {
        return Err(PolicyFault { field: "tax_share", expected: "0 to 1" });
    }
    let fault = |expected| Err(PolicyFault { field: "tax_rates", expected });
    let is_code = |code: &String| {
        code.len() == TARIFF_DIGITS && code.bytes().all(|byte| byte.is_ascii_digit())
    };
    if !rates.iter().all(|rate| is_code(&rate.first) && is_code(&rate.last)) {
        return fault("codes of eight digits");
    }
    if !rates.iter().all(|rate| rate.first <= rate.last) {
        return fault("ranges from the lower to the higher code");
    }
    let ascends = rates.windows(2).all(|pair| matches!(pair, [a, b] if a.last < b.first));
    if !ascends || TAX_RATES_MAX < rates.len() {
        return fault("at most 2000 ranges, ascending without overlap");
    }
    let is_rate = |rate: &TaxRate| {
        let (value_added, consumption) = (rate.value_added, rate.consumption);
        !value_added.is_negative()
            && value_added <= one
            && !consumption.is_negative()
            && consumption < one
    };
    if !rates.iter().all(is_rate) {
        return fault("rates from 0 to 1, of consumption tax below 1");
    }
    Ok(())
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

    #[test]
    fn rates_that_rules_cannot_work_with_are_refused() {
        let one = decimal("1");
        assert_eq!(check(&[rate("33040000", "33049999")], one), Ok(()));
        let share = check(&[], decimal("1.1")).map_err(|fault| fault.field);
        assert_eq!(share, Err("tax_share"));
        let whole = TaxRate { consumption: one, ..rate("33040000", "33040000") };
        for rates in [
            vec![rate("3304", "3305")],
            vec![rate("33049999", "33040000")],
            vec![rate("33040000", "33049999"), rate("33049999", "33050000")],
            vec![whole],
        ] {
            assert_eq!(check(&rates, one).map_err(|fault| fault.field), Err("tax_rates"));
        }
    }
}
