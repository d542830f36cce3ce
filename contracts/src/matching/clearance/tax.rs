//! M14: the tax that is stated is the one that follows from value and rates.

use super::super::report::{Comparison, Field, Pair, Report};
use super::super::{RuleId, Subject, Verdict};
use super::nothing;
use crate::case::ListFacts;
use crate::policy::Policy;
use kanhe_types::decimal::Decimal;

/// M14. What order and tax bill state is what rates and value give, within the policy's tolerance.
/// Says nothing of goods without a rate, or of a single piece beyond the limit, which is taxed in
/// full and with duty.
pub(in crate::matching) fn m14<R: Report>(subject: &Subject<'_>, report: &mut R) {
    let Some((list_meta, list)) = subject.list else { return report.missing(RuleId::M14) };
    let Some(due) = tax_of(list, subject.policy) else { return nothing(RuleId::M14, report) };
    let tolerance = subject.policy.tax_tolerance;
    let is_near =
        |stated: Decimal| due.distance(stated).is_some_and(|distance| distance <= tolerance);
    let mut is_open = false;
    if let Some((meta, order)) = subject.order {
        let mut pair = Pair::new(RuleId::M14, list_meta, meta, report);
        pair.compare(&Comparison {
            field: Field { line: None, name: "tax = taxTotal" },
            left: &due,
            right: &order.tax_total,
            is_equal: is_near(order.tax_total),
        });
        is_open |= !pair.is_equal();
    }
    if let Some(bill) = subject.case.clearance.bill() {
        let stated = bill.tax().unwrap_or(bill.value_added_tax);
        let mut pair = Pair::new(RuleId::M14, list_meta, &bill.meta, report);
        pair.compare(&Comparison {
            field: Field { line: None, name: "tax = customsTax + valueAddedTax + consumptionTax" },
            left: &due,
            right: &stated,
            is_equal: is_near(stated),
        });
        is_open |= !pair.is_equal();
    }
    if is_open {
        return;
    }
    let Some((meta, order)) = subject.order else { return report.missing(RuleId::M14) };
    report.say(RuleId::M14, Verdict::Pass, |finding| {
        finding.field("tax = taxTotal").left(list_meta, due).right(meta, order.tax_total)
    });
}

/// Hundred-thousandths of one.
const ONE: i128 = 100_000;

/// The tax that is due on a list: of the legal rates the policy's share, without duty.
///
/// The value that is taxed is that of the goods with their part of freight and insurance. To it
/// comes consumption tax as part of the price: `value × c / (1 − c)`; and on both value added tax.
pub(crate) fn tax_of(list: &ListFacts, policy: &Policy) -> Option<Decimal> {
    if policy.tax_rates.is_empty() || policy.single_limit < list.value()? {
        return None;
    }
    let goods = list.goods_value()?;
    let value = list.value()?.units();
    let mut sum: i128 = 0;
    for (line, own) in list.lines.iter().zip(&list.goods) {
        let rate = policy.tax_rate(&own.gcode)?;
        let total = line.total_price.units();
        let taxed = match goods.units() {
            // Gifts alone: freight and insurance have nothing to follow.
            0 => 0,
            goods => rounded(total.checked_mul(value)?, goods)?,
        };
        let (consumption, added) = (rate.consumption.units(), rate.value_added.units());
        let without = ONE.checked_sub(consumption).filter(|rest| 0 < *rest)?;
        let consumption = rounded(taxed.checked_mul(consumption)?, without)?;
        let added = rounded(taxed.checked_add(consumption)?.checked_mul(added)?, ONE)?;
        sum = sum.checked_add(consumption)?.checked_add(added)?;
    }
    Decimal::from_units(rounded(sum.checked_mul(policy.tax_share.units())?, ONE)?)
}

/// The quotient of two numbers that are not negative, rounded half up.
fn rounded(number: i128, divisor: i128) -> Option<i128> {
    number.checked_add(divisor.checked_div(2)?)?.checked_div(divisor)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Body;
    use crate::fixture::{self, Trade, decimal};
    use crate::policy::TaxRate;

    fn tax(value_added: &str, consumption: &str, share: &str) -> Option<String> {
        let policy = Policy {
            tax_rates: vec![TaxRate {
                first: "33049900".into(),
                last: "33049900".into(),
                value_added: decimal(value_added),
                consumption: decimal(consumption),
            }],
            tax_share: decimal(share),
            ..Policy::default()
        };
        let Body::InventoryList(list) = fixture::list(&Trade::new(1)).body else { unreachable!() };
        tax_of(&ListFacts::new(list, fixture::SCOPE), &policy).map(|tax| tax.to_string())
    }

    #[test]
    fn tax_is_a_share_of_consumption_and_value_added_tax() {
        // 110 CNY with freight: 13 % of it, and seventy hundredths of that.
        assert_eq!(tax("0.13", "0", "0.7"), Some("10.01".to_owned()));
        assert_eq!(tax("0.13", "0", "1"), Some("14.3".to_owned()));
        // 15 % of consumption tax: (c + v) / (1 - c), as the composite rate of 25.75 % has it.
        assert_eq!(tax("0.13", "0.15", "0.7"), Some("25.36471".to_owned()));
        assert_eq!(tax("0.13", "1", "0.7"), None);
    }
}
