//! Decimals with five fraction digits, as customs writes amounts, quantities and weights
//! (schema type: 19 digits in all, 5 of them fraction). Never a float.

use crate::codec::{Decode, Encode};
use std::fmt;
use std::str::FromStr;

/// A decimal number with five fraction digits, held as an integer of hundred-thousandths.
///
/// The unit (a currency, a unit of measure) is the field's: see the document it stands in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[bincode(crate = "crate::codec::bincode")]
pub struct Decimal(i128);

/// Hundred-thousandths of one.
const ONE: i128 = 100_000;
/// The first number of hundred-thousandths that has more than 19 digits.
const END: i128 = 10_000_000_000_000_000_000;

/// A text is not a decimal of customs' form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a number of at most 19 digits, 5 of them after the point, found {found:?}")]
pub struct ParseDecimalError {
    found: String,
}

impl Decimal {
    /// Nought.
    pub const ZERO: Self = Self(0);
    /// The greatest that 19 digits hold,
    pub const MAX: Self = Self(END - 1);
    /// and the least.
    pub const MIN: Self = Self(1 - END);

    /// The decimal of this many hundred-thousandths, if it has at most 19 digits.
    pub fn from_units(units: i128) -> Option<Self> {
        (-END < units && units < END).then_some(Self(units))
    }

    /// The decimal of this many hundred-thousandths, or the bound that is next to it.
    pub fn from_units_saturating(units: i128) -> Self {
        Self(units.clamp(Self::MIN.0, Self::MAX.0))
    }

    /// A whole number.
    pub fn from_integer(integer: i64) -> Option<Self> {
        i128::from(integer).checked_mul(ONE).and_then(Self::from_units)
    }

    /// The number of hundred-thousandths.
    pub fn units(self) -> i128 {
        self.0
    }

    /// The sum, if it has at most 19 digits.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).and_then(Self::from_units)
    }

    /// The difference, if it has at most 19 digits.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).and_then(Self::from_units)
    }

    /// The product, rounded half away from zero at the fifth fraction digit.
    pub fn checked_mul(self, other: Self) -> Option<Self> {
        let product = self.0.checked_mul(other.0)?;
        let half = if product < 0 { -ONE / 2 } else { ONE / 2 };
        Self::from_units(product.checked_add(half)?.checked_div(ONE)?)
    }

    /// The distance between two numbers, if it has at most 19 digits.
    pub fn distance(self, other: Self) -> Option<Self> {
        self.checked_sub(other).map(|difference| Self(difference.0.abs()))
    }

    /// Whether the number is below nought.
    pub fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// Whether the number is above nought.
    pub fn is_positive(self) -> bool {
        0 < self.0
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const ONE_UNSIGNED: u128 = ONE.unsigned_abs();
        let magnitude = self.0.unsigned_abs();
        let (whole, rest) = (magnitude / ONE_UNSIGNED, magnitude % ONE_UNSIGNED);
        let sign = if self.0 < 0 { "-" } else { "" };
        let fraction = format!("{rest:05}");
        let fraction = fraction.trim_end_matches('0');
        let point = if fraction.is_empty() { "" } else { "." };
        write!(f, "{sign}{whole}{point}{fraction}")
    }
}

impl FromStr for Decimal {
    type Err = ParseDecimalError;

    /// Reads digits with an optional minus and an optional point. No exponent, no plus, no blanks;
    /// fraction digits beyond the fifth must be noughts.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || ParseDecimalError { found: text.chars().take(40).collect() };
        if 48 < text.len() {
            return Err(error());
        }
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        let (kept, beyond) = fraction.split_at(fraction.len().min(5));
        if !all_digits(whole) || !all_digits(fraction) || beyond.bytes().any(|b| b != b'0') {
            return Err(error());
        }
        let whole = whole.trim_start_matches('0');
        let joined = format!("{whole}{kept:0<5}");
        let units = joined.parse::<i128>().map_err(|_| error())?;
        Self::from_units(if negative { 0i128.checked_sub(units).ok_or_else(error)? } else { units })
            .ok_or_else(error)
    }
}

impl serde::Serialize for Decimal {
    /// As text, under its name, so that writers that know it can do without quotes.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct("Decimal", &format_args!("{self}"))
    }
}

impl<'de> serde::Deserialize<'de> for Decimal {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <String as serde::Deserialize>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn nineteen_digits_fit_and_twenty_do_not() {
        assert_eq!(decimal("99999999999999.99999").units(), END - 1);
        assert!("100000000000000".parse::<Decimal>().is_err());
        assert_eq!(Decimal::MAX.units(), END - 1);
        assert_eq!(decimal("-99999999999999.99999"), Decimal::MIN);
    }

    #[test]
    fn what_does_not_fit_becomes_the_bound() {
        assert_eq!(Decimal::from_units_saturating(END), Decimal::MAX);
        assert_eq!(Decimal::from_units_saturating(END - 2).units(), END - 2);
        assert_eq!(Decimal::from_units_saturating(-END), Decimal::MIN);
        assert_eq!(Decimal::from_units_saturating(i128::MIN), Decimal::MIN);
    }

    #[test]
    fn only_plain_digits_are_read() {
        for text in ["", ".", "1.", ".5", "+1", "1e3", " 1", "1,5", "0x1", "1.000001", "--1", "１"]
        {
            assert!(text.parse::<Decimal>().is_err(), "{text:?}");
        }
        assert_eq!(decimal("1.500000").to_string(), "1.5");
        assert_eq!(decimal("-0.00001").units(), -1);
        assert_eq!(decimal("007").to_string(), "7");
    }

    #[test]
    fn products_are_rounded_half_away_from_zero() {
        assert_eq!(decimal("0.00001").checked_mul(decimal("0.5")), Some(decimal("0.00001")));
        assert_eq!(decimal("-0.00001").checked_mul(decimal("0.5")), Some(decimal("-0.00001")));
        assert_eq!(decimal("0.00001").checked_mul(decimal("0.4")), Some(Decimal::ZERO));
        assert_eq!(decimal("99999999999999").checked_mul(decimal("2")), None);
    }

    proptest! {
        #[test]
        fn every_decimal_comes_back_from_its_text(units in (-END + 1)..END) {
            let value = Decimal::from_units(units).unwrap();
            prop_assert_eq!(decimal(&value.to_string()), value);
        }
    }
}
