//! The rates at which statistics turn values into CNY and USD.

use super::fault::{PolicyFault, PolicyFaults};
use kanhe_types::codec::{Decode, Encode};
use kanhe_types::decimal::Decimal;
use serde::{Deserialize, Serialize};

/// What a currency is worth.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[bincode(crate = "kanhe_types::codec::bincode")]
#[serde(deny_unknown_fields)]
pub struct ExchangeRate {
    /// Currency code of three digits.
    pub currency: String,
    /// CNY for 100 units of it, as the central parities are quoted.
    pub cny_per_100: Decimal,
}

/// The code of CNY, whose rate is 100 by definition.
pub const CNY: &str = "142";
/// The code of USD.
pub const USD: &str = "502";
/// CNY for 100 CNY, in hundred-thousandths.
const CNY_PER_100: i128 = 100 * 100_000;
/// Rates of a policy.
const RATES_MAX: usize = 256;
/// CNY for 100 units of the dearest currency, in hundred-thousandths.
const RATE_UNITS_MAX: i128 = 1_000_000 * 100_000;

/// The rate of a currency in hundred-thousandths of CNY for 100 units, if the table has it.
pub(super) fn rate_of(rates: &[ExchangeRate], currency: &str) -> Option<i128> {
    if currency == CNY {
        return Some(CNY_PER_100);
    }
    let rate = rates.iter().find(|rate| rate.currency == currency)?;
    Some(rate.cny_per_100.units())
}

/// Checks the rates of a policy.
pub(super) fn check(rates: &[ExchangeRate], faults: &mut PolicyFaults) {
    faults.at_most(rates.len(), RATES_MAX, "currencies");
    faults.ascend(rates, "currencies ascending without repeats", |own| own.currency.as_str());
    faults.each(rates, |rate, own| {
        let ExchangeRate { currency, cny_per_100 } = rate;
        let is_code = currency.len() == 3 && currency.bytes().all(|byte| byte.is_ascii_digit());
        own.require(is_code && currency != CNY, || {
            let expected = "a currency of three digits that is not CNY, whose rate is 100";
            PolicyFault::at("currency", expected).but_found(currency)
        });
        own.require((1..=RATE_UNITS_MAX).contains(&cny_per_100.units()), || {
            let expected = "CNY for 100 units, above 0 and at most 1000000";
            PolicyFault::at("cny_per_100", expected).but_found(cny_per_100)
        });
    });
    faults.require(rates.is_empty() || rates.iter().any(|rate| rate.currency == USD), || {
        PolicyFault::at("", "a rate of USD (502), by which the others are turned into USD")
    });
}

/// The rates of a policy that states none: central parities of the middle of 2025 to three digits,
/// for the currencies of the default table. A zone states those that customs publishes for the
/// month.
pub(super) fn defaults() -> Vec<ExchangeRate> {
    // Currency, and hundredths of CNY for 100 units.
    let rates: [(&str, i128); 17] = [
        ("110", 9_120),
        ("116", 496),
        ("121", 8_850),
        ("129", 1_270),
        ("132", 56_200),
        ("133", 53),
        ("136", 2_200),
        ("300", 84_000),
        ("302", 11_300),
        ("303", 98_300),
        ("326", 7_080),
        ("330", 7_530),
        ("331", 89_700),
        ("501", 52_400),
        ("502", 71_600),
        ("601", 46_800),
        ("609", 43_500),
    ];
    let rate = |(currency, hundredths): (&str, i128)| ExchangeRate {
        currency: currency.to_owned(),
        cny_per_100: Decimal::from_units(hundredths.saturating_mul(1_000))
            .expect("constants have few digits"),
    };
    rates.into_iter().map(rate).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_sound(rates: &[ExchangeRate]) -> bool {
        let mut faults = PolicyFaults::default();
        check(rates, &mut faults);
        faults.into_vec().is_empty()
    }

    #[test]
    fn rates_that_statistics_cannot_work_with_are_refused() {
        assert!(is_sound(&defaults()));
        assert!(is_sound(&[]), "nothing but CNY is valued");
        let refused = |change: fn(&mut Vec<ExchangeRate>)| {
            let mut rates = defaults();
            change(&mut rates);
            !is_sound(&rates)
        };
        let units = |units| Decimal::from_units(units).unwrap();
        assert_eq!(rate_of(&defaults(), CNY), Some(10_000_000));
        assert_eq!(rate_of(&defaults(), "999"), None);
        assert!(refused(|rates| rates.swap(0, 1)));
        assert!(refused(|rates| rates[1] = rates[0].clone()));
        assert!(refused(|rates| rates[0].currency = "HKD".into()));
        assert!(refused(|rates| rates.retain(|rate| rate.currency != USD)));
        assert!(refused(|rates| rates[3].currency = CNY.into()));
        for (rate, is_fault) in [(0, true), (1, false), (RATE_UNITS_MAX, false)] {
            let mut rates = defaults();
            rates[0].cny_per_100 = units(rate);
            assert_eq!(!is_sound(&rates), is_fault, "{rate}");
        }
        let mut rates = defaults();
        rates[0].cny_per_100 = units(RATE_UNITS_MAX + 1);
        assert!(!is_sound(&rates));
    }
}
