//! Arithmetic that always answers: what has no place in a type becomes its bound.

use super::syntax::Calculation;
use kanhe_types::decimal::Decimal;

/// Hundred-thousandths of one.
const ONE: i128 = 100_000;

/// An int as a decimal.
#[inline]
pub(super) fn widen(int: i64) -> Decimal {
    Decimal::from_units_saturating(i128::from(int).saturating_mul(ONE))
}

/// A decimal without its fraction.
#[inline]
pub(super) fn narrow(decimal: Decimal) -> i64 {
    saturate(decimal.units().checked_div(ONE).unwrap_or_default())
}

/// The nearest int.
#[inline]
fn saturate(wide: i128) -> i64 {
    let bound = if wide < 0 { i64::MIN } else { i64::MAX };
    i64::try_from(wide).unwrap_or(bound)
}

#[inline]
pub(super) fn ints(calculation: Calculation, left: i64, right: i64) -> i64 {
    match calculation {
        Calculation::Add => left.saturating_add(right),
        Calculation::Subtract => left.saturating_sub(right),
        Calculation::Multiply => left.saturating_mul(right),
        Calculation::Least => left.min(right),
        Calculation::Greatest => left.max(right),
    }
}

#[inline]
pub(super) fn decimals(calculation: Calculation, left: Decimal, right: Decimal) -> Decimal {
    let (units, others) = (left.units(), right.units());
    match calculation {
        Calculation::Add => Decimal::from_units_saturating(units.saturating_add(others)),
        Calculation::Subtract => Decimal::from_units_saturating(units.saturating_sub(others)),
        Calculation::Multiply => left.checked_mul(right).unwrap_or({
            if left.is_negative() == right.is_negative() { Decimal::MAX } else { Decimal::MIN }
        }),
        Calculation::Least => left.min(right),
        Calculation::Greatest => left.max(right),
    }
}

#[inline]
pub(super) fn negate(decimal: Decimal) -> Decimal {
    Decimal::from_units_saturating(0i128.saturating_sub(decimal.units()))
}

#[inline]
pub(super) fn absolute(decimal: Decimal) -> Decimal {
    Decimal::from_units_saturating(decimal.units().saturating_abs())
}

/// The quotient, towards zero; none by 0.
#[inline]
pub(super) fn divide_ints(dividend: i64, divisor: i64) -> Option<i64> {
    // By another number only the least by -1 has no place.
    (divisor != 0).then(|| dividend.checked_div(divisor).unwrap_or(i64::MAX))
}

/// The quotient, rounded half away from zero at the fifth fraction digit; none by 0.
#[inline]
pub(super) fn divide_decimals(dividend: Decimal, divisor: Decimal) -> Option<Decimal> {
    let numerator = dividend.units().saturating_mul(ONE);
    let divisor = divisor.units();
    // At most 10^24 and 10^19: nothing saturates on the way.
    let half = divisor.saturating_abs().checked_div(2)?;
    let rounded =
        if numerator < 0 { numerator.checked_sub(half) } else { numerator.checked_add(half) };
    rounded?.checked_div(divisor).map(Decimal::from_units_saturating)
}

/// 100 × part / whole, towards zero; none of 0.
#[inline]
pub(super) fn percent_of_ints(part: i64, whole: i64) -> Option<i64> {
    i128::from(part).saturating_mul(100).checked_div(i128::from(whole)).map(saturate)
}

/// The same of decimals.
#[inline]
pub(super) fn percent_of_decimals(part: Decimal, whole: Decimal) -> Option<i64> {
    part.units().saturating_mul(100).checked_div(whole.units()).map(saturate)
}
