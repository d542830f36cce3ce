//! M05, M06, M07: who ordered, who paid, who receives.

use super::{
    Comparison, Finding, Reason, RuleId, Subject, Verdict, compare, missing, scopes_differ,
};
use crate::case::{OrderFacts, PaymentFacts};
use crate::document::DocumentKind;

/// M05. The list declares the order's orderer, under the order's merchant.
pub(super) fn m05(subject: &Subject<'_>) -> Vec<Finding> {
    let (Some((list_meta, list)), Some((order_meta, order))) = (subject.list, subject.order) else {
        return missing(RuleId::M05);
    };
    let merchant = Comparison::equal("ebcCode", &list.ebc_code, &order.ebc_code);
    if list.pseudonyms != order.pseudonyms {
        let waiting = scopes_differ(RuleId::M05, list_meta, order_meta);
        if merchant.is_equal {
            return vec![waiting];
        }
        let mut findings = compare(RuleId::M05, list_meta, order_meta, vec![merchant]);
        findings.push(waiting);
        return findings;
    }
    let comparisons = vec![
        Comparison::equal("buyerIdNumber", &list.buyer_id_number, &order.buyer_id_number),
        Comparison::equal("buyerName", &list.buyer_name, &order.buyer_name),
        merchant,
    ];
    compare(RuleId::M05, list_meta, order_meta, comparisons)
}

/// Whether the payer can be seen to be the orderer.
pub(crate) fn is_payer_the_buyer(payment: &PaymentFacts, order: &OrderFacts) -> bool {
    payment.pseudonyms == order.pseudonyms
        && payment.payer_id_number == order.buyer_id_number
        && payment.payer_name == order.buyer_name
}

/// M06. The orderer's identity was attested by an agency or, where it was not, the orderer paid.
pub(super) fn m06(subject: &Subject<'_>) -> Vec<Finding> {
    let (Some((payment_meta, payment)), Some((order_meta, order))) =
        (subject.payment, subject.order)
    else {
        return missing(RuleId::M06);
    };
    if !is_payer_the_buyer(payment, order)
        && let Some(attestation) = subject.attestation
    {
        let mut finding = Finding::new(RuleId::M06, Verdict::Pass)
            .because(Reason::Attested)
            .field("buyerIdNumber, buyerName")
            .left(order_meta, order.buyer_id_number);
        finding.right_kind = Some(DocumentKind::IdentityAttestation);
        finding.right_document = Some(attestation);
        return vec![finding];
    }
    if payment.pseudonyms != order.pseudonyms {
        return vec![scopes_differ(RuleId::M06, payment_meta, order_meta)];
    }
    let comparisons = vec![
        Comparison::equal(
            "payerIdNumber = buyerIdNumber",
            &payment.payer_id_number,
            &order.buyer_id_number,
        ),
        Comparison::equal("payerName = buyerName", &payment.payer_name, &order.buyer_name),
    ];
    let mut findings = compare(RuleId::M06, payment_meta, order_meta, comparisons);
    for finding in &mut findings {
        if finding.verdict == Verdict::Pass {
            finding.reason = Some(Reason::PayerIsBuyer);
        }
    }
    findings
}

/// M07. The order's consignee is the waybill's, and the list's address the order's.
pub(super) fn m07(subject: &Subject<'_>) -> Vec<Finding> {
    let Some((order_meta, order)) = subject.order else {
        return missing(RuleId::M07);
    };
    let waybill = subject.waybill.map(|(waybill_meta, waybill)| {
        if order.pseudonyms != waybill.pseudonyms {
            return vec![scopes_differ(RuleId::M07, order_meta, waybill_meta)];
        }
        let comparisons = vec![
            Comparison::equal("consignee", &order.consignee, &waybill.consignee),
            Comparison::equal(
                "consigneeTelephone",
                &order.consignee_telephone,
                &waybill.consignee_telephone,
            ),
            Comparison::equal(
                "consigneeAddress",
                &order.consignee_address,
                &waybill.consignee_address,
            ),
        ];
        compare(RuleId::M07, order_meta, waybill_meta, comparisons)
    });
    let list = subject.list.map(|(list_meta, list)| {
        if order.pseudonyms != list.pseudonyms {
            return vec![scopes_differ(RuleId::M07, order_meta, list_meta)];
        }
        let address = Comparison::equal(
            "consigneeAddress",
            &order.consignee_address,
            &list.consignee_address,
        );
        compare(RuleId::M07, order_meta, list_meta, vec![address])
    });
    let is_waiting = waybill.is_none() || list.is_none();
    let findings: Vec<Finding> = waybill.into_iter().chain(list).flatten().collect();
    merge(RuleId::M07, findings, is_waiting)
}

/// One answer of a rule with two parts: its differences, or what it waits for, or one pass.
fn merge(rule: RuleId, findings: Vec<Finding>, is_waiting: bool) -> Vec<Finding> {
    let (passed, mut open): (Vec<Finding>, Vec<Finding>) =
        findings.into_iter().partition(|finding| finding.verdict == Verdict::Pass);
    if is_waiting {
        open.extend(missing(rule));
    }
    if !open.is_empty() {
        return open;
    }
    // The first part compares every field of the second.
    passed.into_iter().take(1).collect()
}
