//! Payment: field table of message 411; what divides a payment, and what goes back of it.

use super::{Faults, line_field};
use crate::document::{Payment, PaymentAllocation, PaymentRefund};
use crate::limits::PAYMENT_SHARES_MAX;
use crate::rejection::Rejection;
use kanhe_types::decimal::Decimal;
use std::collections::BTreeSet;

pub(super) fn check(payment: &Payment, faults: &mut Faults) {
    faults.text("payName", &payment.pay_name, 100);
    faults.number("payTransactionId", &payment.pay_transaction_id);
    faults.number("orderNo", &payment.order_no);
    faults.text("ebpName", &payment.ebp_name, 100);
    faults.id_type("payerIdType", &payment.payer_id_type);
    // Nought is possible: an order paid with vouchers only.
    faults.not_negative("amountPaid", payment.amount_paid);
    faults.currency("currency", &payment.currency);
}

pub(super) fn check_allocation(own: &PaymentAllocation, faults: &mut Faults) {
    faults.number("payTransactionId", &own.pay_transaction_id);
    faults.line_count(PAYMENT_SHARES_MAX, own.lines.len());
    let mut orders = BTreeSet::new();
    let mut sum = Some(Decimal::ZERO);
    for (index, share) in own.lines.iter().enumerate() {
        faults.number(line_field(index, "orderNo"), &share.order_no);
        if !orders.insert(share.order_no.as_str()) {
            let place = line_field(index, "orderNo");
            faults.add(Rejection::OrderRepeated, place, "another order", "an earlier line's");
        }
        faults.not_negative(line_field(index, "amount"), share.amount);
        sum = sum.and_then(|sum| sum.checked_add(share.amount));
    }
    if sum.is_none() {
        faults.add(Rejection::NumberTooLarge, "amount", "at most 19 digits in all", "more");
    }
}

pub(super) fn check_refund(own: &PaymentRefund, faults: &mut Faults) {
    faults.number("payTransactionId", &own.pay_transaction_id);
    faults.number("refundNo", &own.refund_no);
    faults.number("orderNo", &own.order_no);
    faults.positive("amount", own.amount);
    faults.currency("currency", &own.currency);
}
