//! M02, M03, M04: what was paid.

use super::{Comparison, Finding, Reason, RuleId, Subject, Verdict, compare, missing};

/// M02. An order that breaks it is refused, so that an order that is there keeps it.
pub(super) fn m02(subject: &Subject<'_>) -> Vec<Finding> {
    let Some((meta, order)) = subject.order else {
        return missing(RuleId::M02);
    };
    let finding = Finding::new(RuleId::M02, Verdict::Pass)
        .because(Reason::CheckedOnArrival)
        .field("acturalPaid")
        .left(meta, order.actural_paid);
    vec![finding]
}

/// M03. The payment is what the order says was paid, within the policy's tolerance.
pub(super) fn m03(subject: &Subject<'_>) -> Vec<Finding> {
    let (Some((order_meta, order)), Some((payment_meta, payment))) =
        (subject.order, subject.payment)
    else {
        return missing(RuleId::M03);
    };
    let distance = order.actural_paid.distance(payment.amount_paid);
    let amount = Comparison {
        field: "acturalPaid = amountPaid".to_owned(),
        left: order.actural_paid.to_string(),
        right: payment.amount_paid.to_string(),
        is_equal: distance.is_some_and(|distance| distance <= subject.policy.amount_tolerance),
    };
    let currency = Comparison::equal("currency", &order.currency, &payment.currency);
    // A pass shows the amounts; the currency shows only when it differs.
    let comparisons = if currency.is_equal { vec![amount] } else { vec![amount, currency] };
    compare(RuleId::M03, order_meta, payment_meta, comparisons)
}

/// M04. As with M02, an order that is there keeps it.
pub(super) fn m04(subject: &Subject<'_>) -> Vec<Finding> {
    let Some((meta, order)) = subject.order else {
        return missing(RuleId::M04);
    };
    let finding = Finding::new(RuleId::M04, Verdict::Pass)
        .because(Reason::CheckedOnArrival)
        .field("goodsValue")
        .left(meta, order.goods_value);
    vec![finding]
}
