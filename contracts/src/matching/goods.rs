//! M08, M09, M10: what was sold, what was declared, what was carried.

use super::report::{Comparison, Field, Pair, Report};
use super::{Reason, RuleId, Standing, Subject, Verdict};
use crate::case::{LineFacts, ListFacts, OrderFacts};
use kanhe_types::decimal::Decimal;
use std::cmp::Ordering;

/// M08. The list's lines are the order's, number by number, and add up to the goods' value.
pub(super) fn m08<R: Report>(subject: &Subject<'_>, report: &mut R) {
    let (Some((list_meta, list)), Some((order_meta, order))) = (subject.list, subject.order) else {
        return report.missing(RuleId::M08);
    };
    let mut pair = Pair::new(RuleId::M08, list_meta, order_meta, report);
    sum(list, order, &mut pair);
    lines(&list.lines, &order.lines, &mut pair);
    // One pass names the rule's fields, not every line's.
    if pair.is_equal() {
        report.say(RuleId::M08, Verdict::Pass, |finding| {
            finding
                .field("gname, qty, price, totalPrice, goodsValue")
                .left(list_meta, "")
                .right(order_meta, "")
        });
    }
}

fn sum<R: Report>(list: &ListFacts, order: &OrderFacts, pair: &mut Pair<'_, R>) {
    let sum =
        list.lines.iter().try_fold(Decimal::ZERO, |sum, line| sum.checked_add(line.total_price));
    let (left, is_equal): (&dyn std::fmt::Display, bool) = match &sum {
        Some(sum) => (sum, *sum == order.goods_value),
        None => (&"more than 19 digits", false),
    };
    let field = Field { line: None, name: "sum of totalPrice = goodsValue" };
    pair.compare(&Comparison { field, left, right: &order.goods_value, is_equal });
}

/// Walks both lists of lines by number; documents are accepted only with ascending numbers.
pub(super) fn lines<R: Report>(declared: &[LineFacts], sold: &[LineFacts], pair: &mut Pair<'_, R>) {
    let (mut declared, mut sold) = (declared.iter().peekable(), sold.iter().peekable());
    loop {
        let order = match (declared.peek(), sold.peek()) {
            (Some(declared), Some(sold)) => declared.gnum.cmp(&sold.gnum),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => return,
        };
        let declared = if order == Ordering::Greater { None } else { declared.next() };
        let sold = if order == Ordering::Less { None } else { sold.next() };
        match (declared, sold) {
            (Some(declared), Some(sold)) => line(declared, sold, pair),
            (Some(line), None) => alone(line, "present", "absent", pair),
            (None, Some(line)) => alone(line, "absent", "present", pair),
            (None, None) => return,
        }
    }
}

fn alone<R: Report>(
    line: &LineFacts,
    declared: &'static str,
    sold: &'static str,
    pair: &mut Pair<'_, R>,
) {
    let field = Field { line: Some(line.gnum), name: "" };
    pair.compare(&Comparison { field, left: &declared, right: &sold, is_equal: false });
}

fn line<R: Report>(declared: &LineFacts, sold: &LineFacts, pair: &mut Pair<'_, R>) {
    let number = declared.gnum;
    let total = (&declared.total_price, &sold.total_price);
    pair.compare(&Comparison::line(number, "gname = itemName", &declared.name, &sold.name));
    pair.compare(&Comparison::line(number, "qty", &declared.qty, &sold.qty));
    pair.compare(&Comparison::line(number, "price", &declared.price, &sold.price));
    pair.compare(&Comparison::line(number, "totalPrice", total.0, total.1));
}

/// M09. The list's gross weight is the waybill's, within the policy's tolerance.
pub(super) fn m09<R: Report>(subject: &Subject<'_>, report: &mut R) {
    let (Some((list_meta, list)), Some((waybill_meta, waybill))) = (subject.list, subject.waybill)
    else {
        return waybill_missing(subject, RuleId::M09, report);
    };
    let distance = list.gross_weight.distance(waybill.weight);
    let weight = Comparison {
        field: Field { line: None, name: "grossWeight = weight" },
        left: &list.gross_weight,
        right: &waybill.weight,
        is_equal: distance.is_some_and(|distance| distance <= subject.policy.weight_tolerance_kg),
    };
    Pair::new(RuleId::M09, list_meta, waybill_meta, report).compare_all(&[weight]);
}

/// M10. The list's freight is the waybill's, within the policy's tolerance. A warning only.
pub(super) fn m10<R: Report>(subject: &Subject<'_>, report: &mut R) {
    let (Some((list_meta, list)), Some((waybill_meta, waybill))) = (subject.list, subject.waybill)
    else {
        return waybill_missing(subject, RuleId::M10, report);
    };
    let Some(stated) = &waybill.freight else {
        return report.say(RuleId::M10, Verdict::NotApplicable, |finding| {
            finding
                .because(Reason::NotStated)
                .field("freight")
                .left(list_meta, list.freight)
                .right(waybill_meta, "")
        });
    };
    let distance = list.freight.distance(*stated);
    let freight = Comparison {
        field: Field { line: None, name: "freight" },
        left: &list.freight,
        right: stated,
        is_equal: distance.is_some_and(|distance| distance <= subject.policy.freight_tolerance),
    };
    Pair::new(RuleId::M10, list_meta, waybill_meta, report).compare_all(&[freight]);
}

/// A rule over the waybill waits for it, and says so when it belongs to another case.
fn waybill_missing(subject: &Subject<'_>, rule: RuleId, report: &mut impl Report) {
    let reason = match subject.standing {
        Standing::Taken => Reason::WaybillTaken,
        Standing::OfAnotherOrder => Reason::WaybillOfAnotherOrder,
        _ => Reason::DocumentMissing,
    };
    report.say(rule, Verdict::Pending, |finding| finding.because(reason));
}
