//! M20, M21: payments that several orders share, and money that goes back.

mod sentence;

use super::clearance::{is_cancelled, judge_returns};
use super::report::Report;
use super::{Present, Reason, RuleId, Subject, Verdict};
use crate::capital::RefundFacts;
use crate::case::{Case, Entry, ListFacts, OrderFacts, PaymentFacts};
use crate::clearance::value_of;
use crate::document::DocumentKind;
use crate::limits::FINDINGS_PER_RULE_MAX;
use crate::policy::Policy;
use kanhe_types::decimal::Decimal;
use std::collections::BTreeMap;

/// Whether a refund was made before the list of its order was declared: then less was paid for
/// what is declared. Afterwards it belongs to a return. Both by what the documents say of their
/// times, and before there is a list, every refund is.
pub(crate) fn lowers_payment(case: &Case, refund: &RefundFacts) -> bool {
    let declared = case.list.as_ref().filter(|_| case.is_declared());
    declared.is_none_or(|list| refund.refund_time <= list.meta.app_time)
}

/// A case's refunds of its payment.
fn refunds_of<'a>(
    case: &'a Case,
    payment: &'a PaymentFacts,
) -> impl Iterator<Item = Present<'a, RefundFacts>> {
    present(&case.refunds).filter(move |(_, refund)| refund.is_of(payment))
}

fn present<F>(entries: &[Entry<F>]) -> impl Iterator<Item = Present<'_, F>> {
    entries.iter().filter_map(|entry| Some((&entry.meta, entry.facts.as_ref()?)))
}

fn sum<'a>(refunds: impl Iterator<Item = Present<'a, RefundFacts>>) -> Option<Decimal> {
    refunds.map(|(_, own)| own.amount).try_fold(Decimal::ZERO, Decimal::checked_add)
}

/// What was paid for what is declared: the payment, or the order's share of it, less what went back
/// before the declaration.
pub(super) fn paid(case: &Case, payment: &PaymentFacts) -> Decimal {
    if case.refunds.is_empty() {
        return payment.amount_paid;
    }
    let before = refunds_of(case, payment).filter(|(_, own)| lowers_payment(case, own));
    let left = sum(before).and_then(|sum| payment.amount_paid.checked_sub(sum));
    // More than was paid is what M20 finds.
    left.unwrap_or(Decimal::ZERO)
}

/// M20. What divides a payment divides exactly it, and no more goes back of an order's share than
/// was paid. Says nothing where nothing divides the payment or goes back.
pub(super) fn m20<R: Report>(subject: &Subject<'_>, report: &mut R) {
    let Some((meta, payment)) = subject.payment else { return };
    let case = subject.case;
    if payment.share.is_none() && case.refunds.is_empty() {
        return;
    }
    let mut is_open = false;
    if let Some(share) = &payment.share {
        let reason = match share.is_of_platform {
            false => Some(Reason::SharesOfAnotherPlatform),
            true => (share.allocated != share.paid).then_some(Reason::SharesNotPaid),
        };
        if let Some(reason) = reason {
            is_open = true;
            report.say(RuleId::M20, Verdict::Fail, |finding| {
                let field = match reason {
                    Reason::SharesNotPaid => "amount = amountPaid",
                    _ => "ebpCode",
                };
                let mut finding = finding.because(reason).field(field);
                finding.left_kind = Some(DocumentKind::PaymentAllocation);
                finding.left_document = Some(share.allocation);
                finding.left = share.allocated.to_string();
                finding.right(meta, share.paid)
            });
        }
    }
    let of_payment = || refunds_of(case, payment);
    let refunded = sum(of_payment());
    let first = of_payment().next();
    if let Some((refund, _)) = first
        && refunded.is_none_or(|refunded| payment.amount_paid < refunded)
    {
        is_open = true;
        report.say(RuleId::M20, Verdict::Fail, |finding| {
            let finding = finding.because(Reason::RefundedMore).field("amount <= amountPaid");
            finding.left(refund, shown(refunded)).right(meta, payment.amount_paid)
        });
    }
    if is_open {
        return;
    }
    match (&payment.share, first) {
        (Some(share), _) => report.say(RuleId::M20, Verdict::Pass, |finding| {
            let mut finding = finding.because(Reason::Shared).field(share.orders.to_string());
            finding.left_kind = Some(DocumentKind::PaymentAllocation);
            finding.left_document = Some(share.allocation);
            finding.left = payment.amount_paid.to_string();
            finding.right(meta, share.paid)
        }),
        (None, Some((refund, _))) => report.say(RuleId::M20, Verdict::Pass, |finding| {
            let finding = finding.because(Reason::RefundedLess).field("amount <= amountPaid");
            finding.left(refund, shown(refunded)).right(meta, payment.amount_paid)
        }),
        (None, None) => {}
    }
}

/// M21. What goes back after the declaration goes back for goods that do: a cancellation or returns
/// cover it. A refund of a payment that the order does not have waits for that.
pub(super) fn m21<R: Report>(subject: &Subject<'_>, report: &mut R) {
    let case = subject.case;
    if case.refunds.is_empty() {
        return;
    }
    let payments: Vec<Present<'_, PaymentFacts>> =
        present(case.payment.as_slice()).chain(present(&case.extra_payments)).collect();
    let is_paid = |refund: &RefundFacts| payments.iter().any(|(_, own)| refund.is_of(own));
    let waiting = present(&case.refunds).filter(|(_, refund)| !is_paid(refund));
    let mut is_waiting = false;
    // One finding is left for the others together.
    for (meta, refund) in waiting.take(FINDINGS_PER_RULE_MAX.saturating_sub(1)) {
        is_waiting = true;
        report.say(RuleId::M21, Verdict::Pending, |finding| {
            let finding = finding.because(Reason::PaymentAwaited).field("payTransactionId");
            finding.left(meta, &refund.pay_transaction_id)
        });
    }
    let after = || {
        let paid = present(&case.refunds).filter(|(_, refund)| is_paid(refund));
        paid.filter(|(_, refund)| !lowers_payment(case, refund))
    };
    let Some((meta, _)) = after().next() else {
        if !is_waiting {
            report.say(RuleId::M21, Verdict::Pass, |finding| {
                finding.because(Reason::RefundedBefore).field("refundTime")
            });
        }
        return;
    };
    let refunded = sum(after());
    let cover = cover(subject);
    let is_covered = refunded.is_some_and(|refunded| refunded <= cover);
    let (verdict, reason) = match is_covered {
        true => (Verdict::Pass, Reason::RefundCovered),
        false => (Verdict::Fail, Reason::RefundUncovered),
    };
    report.say(RuleId::M21, verdict, |finding| {
        let mut finding = finding.because(reason).field("amount").left(meta, shown(refunded));
        finding.right = cover.to_string();
        finding
    });
}

/// What may go back after the declaration: everything that was paid when the list is cancelled, its
/// goods were shipped back, or all come back by valid returns; else the price of what comes back,
/// with its part of the tax.
fn cover(subject: &Subject<'_>) -> Decimal {
    let case = subject.case;
    let (Some((_, order)), Some((_, list))) = (subject.order, subject.list) else {
        return Decimal::ZERO;
    };
    if is_cancelled(case) || case.clearance.is_shipped_back() {
        return order.actural_paid;
    }
    let back = applied_for(case, subject.policy);
    if list.lines.iter().all(|line| back.get(&line.gnum) == Some(&line.qty)) {
        return order.actural_paid;
    }
    price_and_tax(order, list, &back).unwrap_or(Decimal::ZERO).min(order.actural_paid)
}

/// The quantities of valid applications for return, by the list's lines.
fn applied_for(case: &Case, policy: &Policy) -> BTreeMap<u32, Decimal> {
    let mut back = BTreeMap::new();
    for judged in judge_returns(case, policy).into_iter().filter(|judged| judged.is_valid()) {
        for line in &judged.facts.lines {
            let before = back.get(&line.gnum).copied().unwrap_or(Decimal::ZERO);
            back.insert(line.gnum, before.checked_add(line.qty).unwrap_or(before));
        }
    }
    back
}

fn price_and_tax(
    order: &OrderFacts,
    list: &ListFacts,
    back: &BTreeMap<u32, Decimal>,
) -> Option<Decimal> {
    let price = value_of(list, back)?;
    let goods = list.goods_value()?.units();
    if goods == 0 {
        return Some(Decimal::ZERO);
    }
    let tax = order.tax_total.units().checked_mul(price.units())?;
    // Rounded up: a last digit is nobody's fault.
    let tax = tax.checked_add(goods.checked_sub(1)?)?.checked_div(goods)?;
    price.checked_add(Decimal::from_units(tax)?)
}

fn shown(sum: Option<Decimal>) -> String {
    sum.map_or_else(|| "more than 19 digits".to_owned(), |sum| sum.to_string())
}
