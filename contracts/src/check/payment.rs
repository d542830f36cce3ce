//! Payment: field table of message 411.

use super::Faults;
use crate::document::Payment;

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
