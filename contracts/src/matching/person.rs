//! M05, M06, M07: who ordered, who paid, who receives.

use super::report::{Comparison, Pair, Report};
use super::{Reason, RuleId, Subject, Verdict};
use crate::case::{OrderFacts, PaymentFacts};
use crate::document::DocumentKind;

/// M05. The list declares the order's orderer, under the order's merchant.
pub(super) fn m05<R: Report>(subject: &Subject<'_>, report: &mut R) {
    let (Some((list_meta, list)), Some((order_meta, order))) = (subject.list, subject.order) else {
        return report.missing(RuleId::M05);
    };
    let mut pair = Pair::new(RuleId::M05, list_meta, order_meta, report);
    let merchant = Comparison::equal("ebcCode", &list.ebc_code, &order.ebc_code);
    if list.pseudonyms != order.pseudonyms {
        pair.compare(&merchant);
        return report.scopes_differ(RuleId::M05, list_meta, order_meta);
    }
    pair.compare_all(&[
        Comparison::equal("buyerIdNumber", &list.buyer_id_number, &order.buyer_id_number),
        Comparison::equal("buyerName", &list.buyer_name, &order.buyer_name),
        merchant,
    ]);
}

/// Whether the payer can be seen to be the orderer.
pub(crate) fn is_payer_the_buyer(payment: &PaymentFacts, order: &OrderFacts) -> bool {
    payment.pseudonyms == order.pseudonyms
        && payment.payer_id_number == order.buyer_id_number
        && payment.payer_name == order.buyer_name
}

/// M06. The orderer's identity was attested by an agency or, where it was not, the orderer paid.
pub(super) fn m06<R: Report>(subject: &Subject<'_>, report: &mut R) {
    let (Some((payment_meta, payment)), Some((order_meta, order))) =
        (subject.payment, subject.order)
    else {
        return report.missing(RuleId::M06);
    };
    if !is_payer_the_buyer(payment, order)
        && let Some(attestation) = subject.attestation
    {
        return report.say(RuleId::M06, Verdict::Pass, |finding| {
            let finding = finding.because(Reason::Attested).field("buyerIdNumber, buyerName");
            let mut finding = finding.left(order_meta, order.buyer_id_number);
            finding.right_kind = Some(DocumentKind::IdentityAttestation);
            finding.right_document = Some(attestation);
            finding
        });
    }
    if payment.pseudonyms != order.pseudonyms {
        return report.scopes_differ(RuleId::M06, payment_meta, order_meta);
    }
    let (number, name) = ("payerIdNumber = buyerIdNumber", "payerName = buyerName");
    let comparisons = [
        Comparison::equal(number, &payment.payer_id_number, &order.buyer_id_number),
        Comparison::equal(name, &payment.payer_name, &order.buyer_name),
    ];
    let mut pair = Pair::new(RuleId::M06, payment_meta, order_meta, report);
    for comparison in &comparisons {
        pair.compare(comparison);
    }
    if pair.is_equal() {
        pair.agree(&comparisons, |finding| finding.because(Reason::PayerIsBuyer));
    }
}

/// M07. The order's consignee is the waybill's, and the list's address the order's.
///
/// One answer of two parts: their differences, or what they wait for, or one pass. The pass is the
/// waybill's, which compares every field of the list's.
pub(super) fn m07<R: Report>(subject: &Subject<'_>, report: &mut R) {
    let Some((order_meta, order)) = subject.order else {
        return report.missing(RuleId::M07);
    };
    let mut is_open = subject.waybill.is_none() || subject.list.is_none();
    let is_waiting = is_open;
    if let Some((waybill_meta, waybill)) = subject.waybill {
        let is_comparable = order.pseudonyms == waybill.pseudonyms;
        if is_comparable {
            let mut pair = Pair::new(RuleId::M07, order_meta, waybill_meta, report);
            for comparison in &consignee(order, waybill) {
                pair.compare(comparison);
            }
            is_open |= !pair.is_equal();
        } else {
            report.scopes_differ(RuleId::M07, order_meta, waybill_meta);
            is_open = true;
        }
    }
    if let Some((list_meta, list)) = subject.list {
        if order.pseudonyms == list.pseudonyms {
            let mut pair = Pair::new(RuleId::M07, order_meta, list_meta, report);
            let (left, right) = (&order.consignee_address, &list.consignee_address);
            pair.compare(&Comparison::equal("consigneeAddress", left, right));
            is_open |= !pair.is_equal();
        } else {
            report.scopes_differ(RuleId::M07, order_meta, list_meta);
            is_open = true;
        }
    }
    if is_waiting {
        return report.missing(RuleId::M07);
    }
    if let (Some((waybill_meta, waybill)), false) = (subject.waybill, is_open) {
        let pair = Pair::new(RuleId::M07, order_meta, waybill_meta, report);
        pair.agree(&consignee(order, waybill), |finding| finding);
    }
}

fn consignee<'a>(
    order: &'a OrderFacts,
    waybill: &'a crate::case::WaybillFacts,
) -> [Comparison<'a>; 3] {
    let telephone = (&order.consignee_telephone, &waybill.consignee_telephone);
    let address = (&order.consignee_address, &waybill.consignee_address);
    [
        Comparison::equal("consignee", &order.consignee, &waybill.consignee),
        Comparison::equal("consigneeTelephone", telephone.0, telephone.1),
        Comparison::equal("consigneeAddress", address.0, address.1),
    ]
}
