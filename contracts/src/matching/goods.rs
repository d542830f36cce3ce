//! M08, M09, M10: what was sold, what was declared, what was carried.

use super::{Comparison, Finding, Reason, RuleId, Standing, Subject, Verdict, compare, missing};
use crate::case::{LineFacts, ListFacts, OrderFacts};
use kanhe_types::decimal::Decimal;
use std::collections::BTreeMap;

/// M08. The list's lines are the order's, number by number, and add up to the goods' value.
pub(super) fn m08(subject: &Subject<'_>) -> Vec<Finding> {
    let (Some((list_meta, list)), Some((order_meta, order))) = (subject.list, subject.order) else {
        return missing(RuleId::M08);
    };
    let mut comparisons = vec![sum(list, order)];
    let sold: BTreeMap<u32, &LineFacts> = order.lines.iter().map(|l| (l.gnum, l)).collect();
    let declared: BTreeMap<u32, &LineFacts> = list.lines.iter().map(|l| (l.gnum, l)).collect();
    let mut numbers: Vec<u32> = sold.keys().chain(declared.keys()).copied().collect();
    numbers.sort_unstable();
    numbers.dedup();
    for number in numbers {
        line(number, declared.get(&number), sold.get(&number), &mut comparisons);
    }
    // One pass names the rule's fields, not every line's.
    if comparisons.iter().all(|comparison| comparison.is_equal) {
        let finding = Finding::new(RuleId::M08, Verdict::Pass)
            .field("gname, qty, price, totalPrice, goodsValue")
            .left(list_meta, "")
            .right(order_meta, "");
        return vec![finding];
    }
    compare(RuleId::M08, list_meta, order_meta, comparisons)
}

fn sum(list: &ListFacts, order: &OrderFacts) -> Comparison {
    let sum =
        list.lines.iter().try_fold(Decimal::ZERO, |sum, line| sum.checked_add(line.total_price));
    Comparison {
        field: "sum of totalPrice = goodsValue".to_owned(),
        left: sum.map_or_else(|| "more than 19 digits".to_owned(), |sum| sum.to_string()),
        right: order.goods_value.to_string(),
        is_equal: sum == Some(order.goods_value),
    }
}

fn line(
    number: u32,
    declared: Option<&&LineFacts>,
    sold: Option<&&LineFacts>,
    comparisons: &mut Vec<Comparison>,
) {
    let (Some(declared), Some(sold)) = (declared, sold) else {
        let count = |line: Option<&&LineFacts>| if line.is_some() { "present" } else { "absent" };
        comparisons.push(Comparison {
            field: format!("line {number}"),
            left: count(declared).to_owned(),
            right: count(sold).to_owned(),
            is_equal: false,
        });
        return;
    };
    let field = |name: &str| format!("line {number} {name}");
    comparisons.push(Comparison::equal(&field("gname = itemName"), &declared.name, &sold.name));
    comparisons.push(Comparison::equal(&field("qty"), &declared.qty, &sold.qty));
    comparisons.push(Comparison::equal(&field("price"), &declared.price, &sold.price));
    let total = Comparison::equal(&field("totalPrice"), &declared.total_price, &sold.total_price);
    comparisons.push(total);
}

/// M09. The list's gross weight is the waybill's, within the policy's tolerance.
pub(super) fn m09(subject: &Subject<'_>) -> Vec<Finding> {
    let (Some((list_meta, list)), Some((waybill_meta, waybill))) = (subject.list, subject.waybill)
    else {
        return waybill_missing(subject, RuleId::M09);
    };
    let distance = list.gross_weight.distance(waybill.weight);
    let weight = Comparison {
        field: "grossWeight = weight".to_owned(),
        left: list.gross_weight.to_string(),
        right: waybill.weight.to_string(),
        is_equal: distance.is_some_and(|distance| distance <= subject.policy.weight_tolerance_kg),
    };
    compare(RuleId::M09, list_meta, waybill_meta, vec![weight])
}

/// M10. The list's freight is the waybill's, within the policy's tolerance. A warning only.
pub(super) fn m10(subject: &Subject<'_>) -> Vec<Finding> {
    let (Some((list_meta, list)), Some((waybill_meta, waybill))) = (subject.list, subject.waybill)
    else {
        return waybill_missing(subject, RuleId::M10);
    };
    let Some(stated) = waybill.freight else {
        let finding = Finding::new(RuleId::M10, Verdict::NotApplicable)
            .because(Reason::NotStated)
            .field("freight")
            .left(list_meta, list.freight)
            .right(waybill_meta, "");
        return vec![finding];
    };
    let distance = list.freight.distance(stated);
    let freight = Comparison {
        field: "freight".to_owned(),
        left: list.freight.to_string(),
        right: stated.to_string(),
        is_equal: distance.is_some_and(|distance| distance <= subject.policy.freight_tolerance),
    };
    compare(RuleId::M10, list_meta, waybill_meta, vec![freight])
}

/// A rule over the waybill waits for it, and says so when it belongs to another case.
fn waybill_missing(subject: &Subject<'_>, rule: RuleId) -> Vec<Finding> {
    let reason = match subject.standing {
        Standing::Taken => Reason::WaybillTaken,
        Standing::OfAnotherOrder => Reason::WaybillOfAnotherOrder,
        _ => Reason::DocumentMissing,
    };
    vec![Finding::new(rule, Verdict::Pending).because(reason)]
}
