//! M02, M03, M04: what was paid.

use super::capital::paid;
use super::report::{Comparison, Field, Pair, Report};
use super::{Reason, RuleId, Subject, Verdict};

/// M02. An order that breaks it is refused, so that an order that is there keeps it.
pub(super) fn m02<R: Report>(subject: &Subject<'_>, report: &mut R) {
    let Some((meta, order)) = subject.order else {
        return report.missing(RuleId::M02);
    };
    report.say(RuleId::M02, Verdict::Pass, |finding| {
        let finding = finding.because(Reason::CheckedOnArrival).field("acturalPaid");
        finding.left(meta, order.actural_paid)
    });
}

/// M03. The payment, or the order's share of it, less what went back before the declaration, is
/// what the order says was paid, within the policy's tolerance.
pub(super) fn m03<R: Report>(subject: &Subject<'_>, report: &mut R) {
    let (Some((order_meta, order)), Some((payment_meta, payment))) =
        (subject.order, subject.payment)
    else {
        return report.missing(RuleId::M03);
    };
    let paid = paid(subject.case, payment);
    let distance = order.actural_paid.distance(paid);
    let name = match paid == payment.amount_paid {
        true => "acturalPaid = amountPaid",
        false => "acturalPaid = amountPaid - refunds",
    };
    let amount = Comparison {
        field: Field { line: None, name },
        left: &order.actural_paid,
        right: &paid,
        is_equal: distance.is_some_and(|distance| distance <= subject.policy.amount_tolerance),
    };
    let mut pair = Pair::new(RuleId::M03, order_meta, payment_meta, report);
    pair.compare(&amount);
    pair.compare(&Comparison::equal("currency", &order.currency, &payment.currency));
    // A pass shows the amounts; the currency shows only when it differs.
    if pair.is_equal() {
        pair.agree(&[amount], |finding| finding);
    }
}

/// M04. As with M02, an order that is there keeps it.
pub(super) fn m04<R: Report>(subject: &Subject<'_>, report: &mut R) {
    let Some((meta, order)) = subject.order else {
        return report.missing(RuleId::M04);
    };
    report.say(RuleId::M04, Verdict::Pass, |finding| {
        let finding = finding.because(Reason::CheckedOnArrival).field("goodsValue");
        finding.left(meta, order.goods_value)
    });
}
