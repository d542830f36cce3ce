//! M08, M09, M10, X10: what was sold, what is declared, what is carried.

use super::super::goods::lines;
use super::super::report::{Comparison, Field, Pair, Report};
use super::super::{Reason, RuleId, Standing, Verdict};
use super::Subject;
use crate::export::ExportListFacts;
use kanhe_types::decimal::Decimal;

/// M08. The list's lines are the order's, number by number, in its currency.
pub(super) fn m08<R: Report>(subject: &Subject<'_>, report: &mut R) {
    let (Some((list_meta, list)), Some((order_meta, order))) = (subject.list, subject.order) else {
        return report.missing(RuleId::M08);
    };
    let mut pair = Pair::new(RuleId::M08, list_meta, order_meta, report);
    pair.compare(&Comparison::equal("currency", &list.currency, &order.currency));
    lines(&list.lines, &order.lines, &mut pair);
    if pair.is_equal() {
        report.say(RuleId::M08, Verdict::Pass, |finding| {
            finding
                .field("itemName, qty, price, totalPrice, currency")
                .left(list_meta, "")
                .right(order_meta, "")
        });
    }
}

/// M09. Weight and number of parcels of the list are the waybill's.
pub(super) fn m09<R: Report>(subject: &Subject<'_>, report: &mut R) {
    let (Some((list_meta, list)), Some((waybill_meta, waybill))) = (subject.list, subject.waybill)
    else {
        return waybill_missing(subject, RuleId::M09, report);
    };
    let distance = list.gross_weight.distance(waybill.gross_weight);
    let weight = Comparison {
        field: Field { line: None, name: "grossWeight" },
        left: &list.gross_weight,
        right: &waybill.gross_weight,
        is_equal: distance.is_some_and(|distance| distance <= subject.policy.weight_tolerance_kg),
    };
    let parcels = Comparison::equal("packNo", &list.pack_no, &waybill.pack_no);
    Pair::new(RuleId::M09, list_meta, waybill_meta, report).compare_all(&[weight, parcels]);
}

/// M10. The list's freight is the waybill's, where both are in one currency. A warning only.
pub(super) fn m10<R: Report>(subject: &Subject<'_>, report: &mut R) {
    let (Some((list_meta, list)), Some((waybill_meta, waybill))) = (subject.list, subject.waybill)
    else {
        return waybill_missing(subject, RuleId::M10, report);
    };
    if list.f_currency != waybill.currency {
        return report.say(RuleId::M10, Verdict::NotApplicable, |finding| {
            finding
                .because(Reason::CurrenciesDiffer)
                .field("freight")
                .left(list_meta, "")
                .right(waybill_meta, "")
        });
    }
    let distance = list.freight.distance(waybill.freight);
    let freight = Comparison {
        field: Field { line: None, name: "freight" },
        left: &list.freight,
        right: &waybill.freight,
        is_equal: distance.is_some_and(|distance| distance <= subject.policy.freight_tolerance),
    };
    Pair::new(RuleId::M10, list_meta, waybill_meta, report).compare_all(&[freight]);
}

/// X10. The list's value is within the mode's limit, where there is one in its currency. A warning
/// only.
pub(super) fn x10<R: Report>(subject: &Subject<'_>, report: &mut R) {
    let Some((meta, list)) = subject.list else { return report.missing(RuleId::X10) };
    let limit = subject.mode.and_then(|mode| mode.value_max.as_ref());
    let Some(limit) = limit.filter(|limit| limit.currency == list.currency) else {
        return report.say(RuleId::X10, Verdict::NotApplicable, |finding| {
            finding.because(Reason::NothingToCompare)
        });
    };
    let value = value_of(list);
    let shown = value.map_or("more than 19 digits".to_owned(), |value| value.to_string());
    let is_within = value.is_some_and(|value| value <= limit.amount);
    let verdict = if is_within { Verdict::Pass } else { Verdict::Fail };
    report.say(RuleId::X10, verdict, |finding| {
        let mut finding = finding.field("sum of totalPrice").left(meta, shown);
        finding.right = limit.amount.to_string();
        finding
    });
}

fn value_of(list: &ExportListFacts) -> Option<Decimal> {
    list.lines.iter().try_fold(Decimal::ZERO, |sum, line| sum.checked_add(line.total_price))
}

/// A rule over the waybill waits for it, and says so when it belongs to another case.
fn waybill_missing<R: Report>(subject: &Subject<'_>, rule: RuleId, report: &mut R) {
    let reason = match subject.case.standing {
        Standing::Taken => Reason::WaybillTaken,
        Standing::OfAnotherOrder => Reason::ConsignorDiffers,
        Standing::Unnamed | Standing::Awaited | Standing::Held => Reason::DocumentMissing,
    };
    report.say(rule, Verdict::Pending, |finding| finding.because(reason));
}
